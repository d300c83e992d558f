"use strict";
// The two trained networks without Keras: what each layer computes, for one picture at a time.
// Maps are {height, width, channels, data}; data is a Float32Array, channels last, as in Keras.
// This text runs in the page, and once more in each worker of the photo.

function newMaps(height, width, channels, data) {
  return { height, width, channels, data: data || new Float32Array(height * width * channels) };
}

function bytesOf(base64) {
  const letters = atob(base64), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** Numbers of 16 bits (IEEE 754 half precision), as NumPy's float16 writes them. */
function halvesOf(bytes) {
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2), numbers = new Float32Array(halves.length);
  const table = Float32Array.from({ length: 1 << 16 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, fraction = half & 1023;
    return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -24 * fraction;
  });
  for (let i = 0; i < numbers.length; i++) numbers[i] = table[halves[i]];
  return numbers;
}

// ------------------------------------------------------------------ the convolution

/** As convolve of layers.c, number for number; for browsers that run no WebAssembly. `all` holds maps, kernel and out. */
function convolveSlowly(all, maps, kernel, out, height, width, channels, filters, rows, span, line) {
  for (let f = 0; f < filters; f += 4) {
    const first = kernel + (f - (f % 8)) * rows * span + (f % 8);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x += 2) {
        let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0, weight = first;
        for (let row = 0; row < rows; row++) {
          let at = maps + (y + row) * line + x * channels;
          for (const end = at + span; at < end; at++, weight += 8) {
            const a = all[at], b = all[at + channels];
            const w0 = all[weight], w1 = all[weight + 1], w2 = all[weight + 2], w3 = all[weight + 3];
            a0 += a * w0; a1 += a * w1; a2 += a * w2; a3 += a * w3;
            b0 += b * w0; b1 += b * w1; b2 += b * w2; b3 += b * w3;
          }
        }
        const to = out + (y * width + x) * filters + f;
        all[to] = a0; all[to + 1] = a1; all[to + 2] = a2; all[to + 3] = a3;
        all[to + filters] = b0; all[to + filters + 1] = b1; all[to + filters + 2] = b2; all[to + filters + 3] = b3;
      }
    }
  }
}

/** Convolutions of 3x3 with zeros around the maps, by WebAssembly where it is given and can be had. */
class Convolver {
  constructor(wasm) {
    const pages = 512;  // of 64 kB
    this.used = 0;
    try {
      const memory = new WebAssembly.Memory({ initial: pages });
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
      this.all = new Float32Array(memory.buffer);
      this.sweep = (...given) => exports.convolve(...given.map((n, i) => (i < 3 ? 4 * n : n)));
      this.kind = "WebAssembly";
    } catch {
      this.all = new Float32Array(pages * 16384);
      this.sweep = (...given) => convolveSlowly(this.all, ...given);
      this.kind = "JavaScript";
    }
    this.maps = this.reserve(1 << 19);  // enough for 34 x 34 maps of 453 channels
    this.out = this.reserve(1 << 19);
  }

  /** So many numbers, the first of which stands at the returned place. */
  reserve(count) {
    this.used += count;
    if (this.used > this.all.length) throw new Error("The networks are larger than the page's memory.");
    return this.used - count;
  }

  /** Lay a kernel (rows, columns, channels, filters) into memory: [filters / 8][rows][columns * channels][8]. */
  pack(kernel, rows, columns, channels, filters) {
    const span = columns * channels, wide = Math.ceil(filters / 8) * 8, place = this.reserve(wide * rows * span);
    for (let f = 0; f < filters; f++) {
      const block = place + (f - (f % 8)) * rows * span + (f % 8);
      for (let i = 0; i < rows * span; i++) this.all[block + 8 * i] = kernel[i * filters + f];
    }
    return { place, rows, span, channels, filters, wide };
  }

  /** Copy maps into memory, with one row and column of zeros around them. */
  load({ height, width, channels, data }) {
    const line = (width + 2) * channels;
    if ((height + 2) * line > 1 << 19) throw new Error(`Maps of ${height}x${width}x${channels} are too large for this page.`);
    this.all.fill(0, this.maps, this.maps + (height + 2) * line);
    for (let y = 0; y < height; y++) {
      const row = data.subarray(y * width * channels, (y + 1) * width * channels);
      this.all.set(row, this.maps + (y + 1) * line + channels);
    }
    return line;
  }

  /** The convolution of maps with a packed 3x3 kernel, plus a bias. */
  convolve(maps, packed, bias = new Float32Array(packed.filters)) {
    const { height, width } = maps, line = this.load(maps), { filters, wide } = packed, { all } = this;
    const result = newMaps(height, width, filters), { data } = result;
    this.step(packed, height, width, line, 0);
    for (let pixel = 0, to = 0, from = this.out; pixel < height * width; pixel++, from += wide)
      for (let f = 0; f < filters; f++) data[to++] = all[from + f] + bias[f];
    return result;
  }

  /** Double height and width (each pixel becomes 2x2), then convolve: four convolutions of 2x2, and nothing doubled. */
  doubleAndConvolve(maps, phases, bias) {
    const { height, width } = maps, line = this.load(maps), { filters, wide } = phases[0], { all } = this;
    const result = newMaps(2 * height, 2 * width, filters), { data } = result;
    phases.forEach((packed, phase) => {
      const down = phase >> 1, right = phase & 1;
      this.step(packed, height, width, line, down * line + right * maps.channels);
      for (let y = 0, from = this.out; y < height; y++)
        for (let x = 0; x < width; x++, from += wide) {
          const to = ((2 * y + down) * 2 * width + 2 * x + right) * filters;
          for (let f = 0; f < filters; f++) data[to + f] = all[from + f] + bias[f];
        }
    });
    return result;
  }

  step({ place, rows, span, channels, wide }, height, width, line, shift) {
    const given = [this.maps + shift, place, this.out, height, width, channels, wide, rows, span, line];
    if (width % 4) convolveSlowly(this.all, ...given);
    else this.sweep(...given);
  }
}

/** Doubling before a 3x3 kernel: of three rows of doubled maps two are equal, so their weights are added. */
function foldDoubling(kernel, channels, filters) {
  return [0, 1, 2, 3].map((phase) => {
    const folded = new Float32Array(4 * channels * filters);
    for (let y = 0; y < 3; y++)
      for (let x = 0; x < 3; x++) {
        const row = (y + 1 - (phase >> 1)) >> 1, column = (x + 1 - (phase & 1)) >> 1;
        const from = (y * 3 + x) * channels * filters, to = (row * 2 + column) * channels * filters;
        for (let i = 0; i < channels * filters; i++) folded[to + i] += kernel[from + i];
      }
    return folded;
  });
}

// ------------------------------------------------------------------ the other layers

function relu(maps) {
  const { data } = maps;
  for (let i = 0; i < data.length; i++) if (data[i] < 0) data[i] = 0;
  return maps;
}

/** Add strength * part to the maps. */
function addPart({ data }, { data: part }, strength) {
  if (strength) for (let i = 0; i < data.length; i++) data[i] += strength * part[i];
}

/** The largest of each 2x2 pixels. */
function pool({ height, width, channels, data }) {
  const result = newMaps(height / 2, width / 2, channels), line = width * channels;
  for (let y = 0, to = 0; y < height; y += 2)
    for (let x = 0; x < width; x += 2)
      for (let c = 0; c < channels; c++) {
        const i = y * line + x * channels + c;
        result.data[to++] = Math.max(data[i], data[i + channels], data[i + line], data[i + line + channels]);
      }
  return result;
}

function dense(x, { kernel, bias }) {
  const result = Float32Array.from(bias), n = bias.length;
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    if (value) for (let j = 0, k = i * n; j < n; j++) result[j] += value * kernel[k + j];
  }
  return result;
}

// ------------------------------------------------------------------ a network

/** An autoencoder as helpers.models.build_autoencoder makes it, with batch normalization folded into the kernels. */
class Network {
  /** @param parts {name: {shape, kernel, bias}} in the order of the layers; kernels (3, 3, channels, filters). */
  constructor(convolver, parts, skips) {
    this.convolver = convolver;
    this.parts = parts;
    this.skips = skips;
    this.encoder = Object.keys(parts).filter((name) => name.startsWith("encoder"));
    this.blocks = Object.keys(parts).filter((name) => name.startsWith("decoder"));
    for (const name of [...this.encoder, ...this.blocks, "correction"]) {
      const part = parts[name], [, , channels, filters] = part.shape;
      const depth = this.blocks.indexOf(name), level = this.encoder.length - 1 - depth;
      part.doubles = depth >= 0 && level >= 0;
      part.ofMaps = part.doubles && skips ? parts[this.encoder[level]].shape[3] : 0;  // the last channels are a skip's
      const [own, ofMaps] = splitChannels(part, channels - part.ofMaps);
      if (part.doubles)
        part.phases = foldDoubling(own, channels - part.ofMaps, filters).map((kernel) =>
          convolver.pack(kernel, 2, 2, channels - part.ofMaps, filters));
      else part.packed = convolver.pack(own, 3, 3, channels, filters);
      if (part.ofMaps) part.packedOfMaps = convolver.pack(ofMaps, 3, 3, part.ofMaps, filters);
    }
  }

  layer(name, x) {
    const { convolver } = this, { doubles, phases, packed, bias } = this.parts[name];
    return doubles ? convolver.doubleAndConvolve(x, phases, bias) : convolver.convolve(x, packed, bias);
  }

  /** The code, and the features that skips may carry: the picture, then each level's maps before pooling. */
  encode(image, seen = new Map()) {
    const features = [image];
    let x = image;
    for (const name of this.encoder) {
      const maps = relu(this.layer(name, x));
      seen.set(name, maps);
      features.push(maps);
      x = pool(maps);
    }
    const code = dense(x.data, this.parts.latent);
    seen.set("latent", newMaps(1, 1, code.length, code));
    return { code, features, smallest: [x.height, x.width, x.channels] };
  }

  /** What all strengths have in common: a convolution is linear, so conv([x, s * maps]) = conv(x) + s * conv(maps). */
  prepare({ code, features, smallest }, seen = new Map()) {
    const start = newMaps(...smallest, dense(code, this.parts.start));
    seen.set("start", start);
    const ofMaps = this.blocks.map((name, depth) => {
      const { packedOfMaps } = this.parts[name];
      return packedOfMaps ? this.convolver.convolve(features.at(-1 - depth), packedOfMaps) : null;
    });
    return { image: features[0], first: this.layer(this.blocks[0], start), ofMaps };
  }

  /** The denoised picture, not clipped, with each skip multiplied by its strength: of the picture, then of the maps. */
  answer({ image, first, ofMaps }, strengths, seen = new Map()) {
    let x = null;
    this.blocks.forEach((name, depth) => {
      x = x ? this.layer(name, x) : newMaps(first.height, first.width, first.channels, first.data.slice());
      if (ofMaps[depth]) addPart(x, ofMaps[depth], strengths[this.encoder.length - depth]);
      seen.set(name, relu(x));
    });
    const result = this.layer("correction", x);
    seen.set("correction", newMaps(result.height, result.width, result.channels, result.data.slice()));
    if (this.skips) addPart(result, image, strengths[0]);
    seen.set("denoised", result);
    return result;
  }

  /** All at once, with every skip at full strength. */
  denoise(image) {
    return this.answer(this.prepare(this.encode(image)), [1, ...this.encoder.map(() => 1)]);
  }
}

function splitChannels({ shape, kernel }, first) {
  const [, , channels, filters] = shape;
  const parts = [first, channels - first].map((count) => new Float32Array(9 * count * filters));
  for (let place = 0; place < 9; place++)
    for (let c = 0; c < channels; c++) {
      const from = (place * channels + c) * filters, row = kernel.subarray(from, from + filters);
      if (c < first) parts[0].set(row, (place * first + c) * filters);
      else parts[1].set(row, (place * (channels - first) + c - first) * filters);
    }
  return parts;
}

/** Both networks of a page's data: {"with skips": Network, "without skips": Network}. */
function buildNetworks({ networks, weights }, convolver) {
  const numbers = halvesOf(bytesOf(weights));
  let used = 0;
  const take = (shape) => numbers.subarray(used, (used += shape.reduce((product, n) => product * n, 1)));
  return Object.fromEntries(Object.entries(networks).map(([name, { layers, skips }]) => {
    const parts = layers.map(({ name, shape }) => [name, { shape, kernel: take(shape), bias: take([shape.at(-1)]) }]);
    return [name, new Network(convolver, Object.fromEntries(parts), skips)];
  }));
}
