"use strict";
// A look inside: the maps of every layer for one of the shown pictures, and the pixels that one pixel of the answer
// listens to. All in one function, so that no name meets one of the other scripts.

whenShown(() => {
  const MIDDLE = [SIDE / 2, SIDE / 2], WIDE = 4;  // the grid of maps is about four times as wide as high
  const ONES = data.skips.map(() => 1);
  const SIZES = [0.02, 0.1], DRAWS = 16, QUIET = 200;  // the test of the weights: its random changes, and ms without any news
  const layers = Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, layersOf(network)]));
  const first = layers["with skips"].find(({ name }) => name === `decoder ${networks["with skips"].encoder.length - 1}`);
  const start = () => ({ network: "with skips", layer: first.name, row: 0, map: null, own: false, pixel: MIDDLE });
  let chosen = start();

  /** The layers of a network that can be shown, with the name that the reader sees and the one in the address. */
  function layersOf({ encoder, blocks, parts, skips }) {
    const size = (halvings) => `${SIDE >> halvings}×${SIDE >> halvings} maps`, levels = encoder.length;
    const decoder = blocks.map((name, depth) => {
      const more = depth >= levels ? `, block ${depth - levels + 2}` : "";
      return { name, label: `Decoder, ${size(Math.max(levels - 1 - depth, 0))}${more}` };
    });
    return [
      ...encoder.map((name, level) => ({ name, label: `Encoder, ${size(level)}` })),
      { name: "latent", label: `The code, ${parts.latent.shape[1]} numbers`, signed: true, address: "code" },
      { name: "start", label: `Decoder, ${size(levels)} made of the code`, signed: true },
      ...decoder,
      ...(skips ? [{ name: "correction", label: "The correction", signed: true }] : []),
      { name: "denoised", label: "The answer", address: "answer" },
    ].map((layer) => ({ address: layer.name.replace(" ", ""), ...layer }));
  }

  const layerNow = () => layers[chosen.network].find(({ name }) => name === chosen.layer) || layers[chosen.network].at(-1);

  // ------------------------------------------------------------------ the way back: what a pixel listens to

  const turnedKernels = new WeakMap();  // part -> its kernel in the convolver's memory

  /** A convolution's gradient is a convolution: with the kernel turned by 180 degrees, channels and filters swapped. */
  function convolveBack(gradient, part) {
    if (!turnedKernels.has(part)) {
      const [, , channels, filters] = part.shape, turned = new Float32Array(part.kernel.length);
      for (let place = 0, from = 0; place < 9; place++)
        for (let c = 0; c < channels; c++)
          for (let f = 0; f < filters; f++) turned[((8 - place) * filters + f) * channels + c] = part.kernel[from++];
      turnedKernels.set(part, convolver.pack(turned, 3, 3, filters, channels));
    }
    return convolver.convolve(gradient, turnedKernels.get(part));
  }

  /** Where a ReLU gave zero, nothing comes back. */
  function reluBack(gradient, maps) {
    for (let i = 0; i < maps.data.length; i++) if (!(maps.data[i] > 0)) gradient.data[i] = 0;
    return gradient;
  }

  /** Of each 2x2 pixels the largest alone was handed on. */
  function poolBack(gradient, { height, width, channels, data }) {
    const result = newMaps(height, width, channels), line = width * channels;
    for (let y = 0, from = 0; y < height; y += 2)
      for (let x = 0; x < width; x += 2)
        for (let c = 0; c < channels; c++) {
          let winner = y * line + x * channels + c;
          for (const other of [winner + channels, winner + line, winner + line + channels])
            if (data[other] > data[winner]) winner = other;
          result.data[winner] = gradient.data[from++];
        }
    return result;
  }

  /** Each pixel was doubled to 2x2, which now add up. */
  function doubleBack({ height, width, channels, data }) {
    const result = newMaps(height / 2, width / 2, channels);
    for (let y = 0, from = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) result.data[((y >> 1) * result.width + (x >> 1)) * channels + c] += data[from++];
    return result;
  }

  function denseBack(gradient, { kernel, shape: [inputs, outputs] }) {
    return Float32Array.from({ length: inputs }, (_, i) => {
      let sum = 0;
      for (let j = 0, from = i * outputs; j < outputs; j++) sum += kernel[from + j] * gradient[j];
      return sum;
    });
  }

  function someChannels({ height, width, channels, data }, from, to) {
    const result = newMaps(height, width, to - from);
    for (let pixel = 0; pixel < height * width; pixel++)
      result.data.set(data.subarray(pixel * channels + from, pixel * channels + to), pixel * (to - from));
    return result;
  }

  /** How a pixel's brightness in the answer, before clipping, changes with each number of the noisy picture. */
  function gradientOf({ encoder, blocks, parts, skips }, seen, strengths, [x, y]) {
    const pixel = newMaps(SIDE, SIDE, 3), place = 3 * (y * SIDE + x), throughSkips = [];
    pixel.data.fill(1 / 3, place, place + 3);
    let gradient = convolveBack(pixel, parts.correction);
    for (let depth = blocks.length - 1; depth >= 0; depth--) {
      const part = parts[blocks[depth]], own = part.shape[2] - part.ofMaps;
      gradient = convolveBack(reluBack(gradient, seen.get(blocks[depth])), part);
      if (part.ofMaps) throughSkips[encoder.length - 1 - depth] = someChannels(gradient, own, gradient.channels);
      if (part.doubles) gradient = doubleBack(someChannels(gradient, 0, own));
    }
    const smallest = seen.get("start");
    const flat = denseBack(denseBack(gradient.data, parts.start), parts.latent);
    gradient = newMaps(smallest.height, smallest.width, smallest.channels, flat);
    for (let level = encoder.length - 1; level >= 0; level--) {
      const maps = seen.get(encoder[level]);
      gradient = poolBack(gradient, maps);
      if (skips) addPart(gradient, throughSkips[level], strengths[level + 1]);
      gradient = convolveBack(reluBack(gradient, maps), parts[encoder[level]]);
    }
    if (skips) addPart(gradient, pixel, strengths[0]);
    return gradient;
  }

  /** A gradient summed over the colours: a weight for each noisy pixel. */
  function weightsOf({ data }) {
    const weights = Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[3 * i] + data[3 * i + 1] + data[3 * i + 2]);
    return newMaps(SIDE, SIDE, 1, weights);
  }

  /** Their sum and norm, the pixel's own weight, the largest other one, and how far half of them reaches; sizes without signs. */
  function summary({ data }, [x, y]) {
    const far = Array.from(data, (weight, i) => [Math.hypot((i % SIDE) - x, Math.floor(i / SIDE) - y), Math.abs(weight)]);
    const total = far.reduce((sum, [, size]) => sum + size, 0);
    let left = total / 2;
    const [half] = far.sort((a, b) => a[0] - b[0]).find(([, size]) => (left -= size) <= 0);
    const most = far.reduce((most, [distance, size]) => (distance ? Math.max(most, size) : most), 0);
    return { sum: data.reduce((a, b) => a + b), own: data[y * SIDE + x], half, most, total, norm: Math.hypot(...data) };
  }

  // ------------------------------------------------------------------ what is computed, and kept

  const kept = new WeakMap();  // pictures of a handful -> what its rows gave, by network and row

  /** All maps of the chosen picture and network: now, and at full strength. Only what has changed is computed. */
  function compute() {
    const handful = handfulOf(page.state), network = networks[chosen.network], key = `${chosen.network} ${chosen.row}`;
    if (!kept.has(handful)) kept.set(handful, {});
    const found = (kept.get(handful)[key] ||= encode(network, handful.noisy[chosen.row]));
    const strengths = network.skips ? strengthsOf(page.state) : ONES;
    if (String(strengths) !== String(found.strengths)) {
      const seen = new Map(found.full);
      network.answer(found.prepared, strengths, seen);
      Object.assign(found, { strengths, seen, weights: null });
    }
    weigh(found, network, chosen.pixel);
    return found;
  }

  function encode(network, noisy) {
    const full = new Map(), prepared = network.prepare(network.encode(noisy, full), full);
    network.answer(prepared, ONES, full);
    return { noisy, prepared, full, seen: full, strengths: ONES };
  }

  /** The weights now, and a summary of those at full strength, which the colours keep to while the slider moves. */
  function weigh(found, network, pixel) {
    if (found.pixel !== pixel) {
      const gradient = gradientOf(network, found.full, ONES, pixel), atFull = summary(weightsOf(gradient), pixel);
      Object.assign(found, { pixel, atFull, weights: null });
      if (String(found.strengths) === String(ONES)) take(found, gradient);
    }
    if (!found.weights) take(found, gradientOf(network, found.seen, found.strengths, pixel));
  }

  const take = (found, gradient) => Object.assign(found, { gradient, weights: weightsOf(gradient), missed: null });

  /** The largest absolute value of each channel. */
  function largestOf({ channels, data }) {
    const most = new Float32Array(channels);
    data.forEach((value, i) => (most[i % channels] = Math.max(most[i % channels], Math.abs(value))));
    return most;
  }

  // ------------------------------------------------------------------ how far the weights hold

  let testing = 0;

  /** Once nothing has changed for a while: random changes of the picture, one after the other, and what they truly do. */
  function testWhenQuiet(found) {
    clearTimeout(testing);
    tellTest(found);
    if (found.missed) return;
    const network = networks[chosen.network], sums = SIZES.map(() => [0, 0]);
    let turn = 0;
    const step = () => {
      if (page.view !== "inside") return;
      const i = turn % SIZES.length, draw = Math.floor(turn / SIZES.length);
      tryOut(network, found, SIZES[i], draw).forEach((square, k) => (sums[i][k] += square));
      if (++turn < DRAWS * SIZES.length) testing = setTimeout(step);
      else tellTest(Object.assign(found, { missed: sums.map(([missed, all]) => Math.sqrt(missed / all)) }));
    };
    testing = setTimeout(step, QUIET);
  }

  /** The squares of what the weights miss, and of the whole change of the pixel. */
  function tryOut(network, { noisy, strengths, seen, gradient, pixel: [x, y] }, size, seed) {
    const normal = normalNumbers(randomNumbers(seed)), changes = noisy.data.map(() => size * normal());
    const moved = newMaps(SIDE, SIDE, 3, noisy.data.map((value, i) => value + changes[i]));
    const brightness = ({ data }) => mean([0, 1, 2].map((c) => data[3 * (y * SIDE + x) + c]));
    const answer = network.answer(network.prepare(network.encode(moved)), strengths);
    const truly = brightness(answer) - brightness(seen.get("denoised"));
    const foretold = changes.reduce((sum, change, i) => sum + gradient.data[i] * change, 0);
    return [(truly - foretold) ** 2, truly ** 2];
  }

  function tellTest({ missed }) {
    const share = (i) => `${Math.round(100 * missed[i])} %`;
    tested.textContent = "Tested with random changes of the noisy picture: " + (!missed ? "…"
      : missed.some(isNaN) ? "they change nothing here."
      : `of size ${SIZES[0]} the weights miss the change of this pixel by about ${share(0)}, ` +
        `of size ${SIZES[1]} by about ${share(1)}.`);
  }

  // ------------------------------------------------------------------ colours

  const rgb = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const [ORANGE, BLUE] = [rgb(data.colours["without skips"]), rgb(data.colours["with skips"])];

  /** 257 colours as numbers of 32 bits: of zero, the middle one. */
  const palette = (colour) => Uint32Array.from({ length: 257 }, (_, i) => {
    const [r, g, b] = colour((i - 128) / 128).map(Math.round);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
  const SIGNED = palette((v) => (v < 0 ? ORANGE : BLUE).map((end) => 255 + (end - 255) * Math.abs(v)));
  const GREY = palette((v) => Array(3).fill(255 * Math.max(v, 0)));

  /** One channel: grey from black at zero to white at the scale, or signed from orange over white to blue. */
  function paintChannel(canvas, { height, width, channels, data }, channel, scale, signed) {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer), colours = signed ? SIGNED : GREY;
    for (let i = 0; i < pixels.length; i++)
      pixels[i] = colours[128 + Math.round(128 * Math.min(Math.max(data[i * channels + channel] / scale, -1), 1))];
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // ------------------------------------------------------------------ the elements

  const choice = (label, control) => make("span", {}, make("label", { htmlFor: control.id, textContent: label }), " ", control);
  const network = make("select", { id: "network" }, ...Object.keys(networks).map((name) => make("option", { textContent: name })));
  const layer = make("select", { id: "layer" });
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    radio: make("input", { type: "radio", name: "row", value: row }), canvas: make("canvas"),
  }));
  const maps = make("div", { id: "maps" }), large = make("canvas"), number = make("figcaption"), scale = make("p", { id: "scale" });
  const own = make("input", { type: "checkbox", id: "own" });
  const said = make("p", { id: "listens" }), tested = make("p", { id: "tested" });
  const pictures = Object.fromEntries(["noisy", "answer", "weights"].map((name) => [name, pictureWithCross(name)]));

  function pictureWithCross(name) {
    const canvas = make("canvas", { width: SIDE, height: SIDE }), cross = make("i", { className: "cross" });
    const box = make("div", { className: "crossed", id: `crossed-${name}` }, canvas, cross);
    canvas.setAttribute("role", "img");
    const choose = ({ clientX, clientY }) => {
      pictures.answer.box.focus({ preventScroll: true });  // the arrow keys move the cross, whichever picture was clicked
      const { left, top, width, height } = box.getBoundingClientRect();
      moveTo([(clientX - left) / width, (clientY - top) / height].map((share) => Math.floor(share * SIDE)));
    };
    box.addEventListener("click", choose);
    box.addEventListener("pointermove", (event) => event.pointerType === "mouse" && event.buttons === 1 && choose(event));
    return { canvas, box, caption: make("figcaption") };
  }

  function build() {
    const thumbs = make("div", { className: "rows" }, "Picture");
    thumbs.append(...rows.map(({ radio, canvas }) => make("label", {}, radio, canvas)));
    thumbs.setAttribute("role", "radiogroup");
    thumbs.setAttribute("aria-label", "Picture");
    maps.setAttribute("role", "listbox");
    for (const canvas of [large, ...rows.map(({ canvas }) => canvas)]) canvas.setAttribute("role", "img");
    said.setAttribute("aria-live", "polite");
    pictures.answer.box.tabIndex = 0;
    pictures.answer.box.setAttribute("role", "application");
    const figures = Object.values(pictures).map(({ box, caption }) => make("figure", {}, box, caption));
    byId("inside").append(make("div", { className: "look" },
      make("div", { className: "choices" }, thumbs, choice("Network", network), choice("Layer", layer)),
      make("div", { className: "maps" },
        make("div", {}, maps, make("label", { className: "tick" }, own, " each map by its own scale"), scale),
        make("figure", { className: "large" }, large, number)),
      make("h2", { textContent: "Whom does a pixel listen to?" }),
      make("p", { className: "how", textContent: "Click a pixel, or move the cross with the arrow keys." }),
      make("div", { className: "listening" }, ...figures, make("div", {}, said, tested, ...explained()))));
  }

  /** What every reader needs, and behind a click what an expert asks. */
  function explained() {
    const plain = "Blue: a brighter noisy pixel there makes the answer at the cross brighter. Orange, a negative weight: darker. " +
      "A sum of 1: if the whole noisy picture gets slightly brighter, the answer at the cross gets as much brighter.";
    const exact = [
      "A weight is the derivative of the answer at the cross with respect to a noisy pixel, whose three colours change alike. " +
      "The answer is taken as the mean of its three colours, before it is clipped. " +
      "The weights of the three noisy colours are added up first, so they may cancel.",
      "Close to this noisy picture, the answer at the cross is a weighted sum of all noisy values plus a constant. " +
      "Another picture or other noise has other weights, because the network is not linear.",
      "Full colour is the largest weight, without its sign, of any other pixel, with all skips (if there are any) at full strength. " +
      "It stays the same while the slider moves.",
      `The test adds normal noise to each colour of each noisy pixel: ${DRAWS} draws for each size (standard deviation). ` +
      "The weights of the single colours foretell the change. What they miss is given as root mean square, " +
      "in per cent of that of the true change.",
      "Next to nothing: the root of the sum of all squared weights is less than 5 % of that at full strength.",
      "Rows and columns count from 0.",
    ];
    const paragraphs = exact.map((textContent) => make("p", { textContent }));
    return [make("p", { textContent: plain }), make("details", {}, make("summary", { textContent: "exactly" }), ...paragraphs)];
  }

  function wire() {
    network.addEventListener("change", () => choose({ network: network.value }));
    layer.addEventListener("change", () => choose({ layer: layer.value, map: null }));
    own.addEventListener("change", () => choose({ own: own.checked }));
    rows.forEach(({ radio }, row) => radio.addEventListener("change", () => choose({ row })));
    maps.addEventListener("click", ({ target }) => target.dataset.map && choose({ map: Number(target.dataset.map) }));
    maps.addEventListener("focusin", ({ target }) => target.dataset.map && choose({ map: Number(target.dataset.map) }));
    maps.addEventListener("keydown", moveMap);
    pictures.answer.box.addEventListener("keydown", moveCross);
    addEventListener("hashchange", read);
  }

  function choose(values) {
    Object.assign(chosen, values);
    later();
  }

  const moveTo = (pixel) => choose({ pixel: pixel.map((place) => Math.min(Math.max(place, 0), SIDE - 1)) });

  /** Arrow keys as steps to the right and down; nothing for other keys. */
  function stepOf(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      return step;
    }
  }

  function moveCross(event) {
    const step = stepOf(event);
    if (step) moveTo(chosen.pixel.map((place, i) => place + step[i]));
  }

  function moveMap(event) {
    const step = stepOf(event), { children } = maps;
    if (!step) return;
    const columns = getComputedStyle(maps).gridTemplateColumns.split(" ").length;
    children[Math.min(Math.max(chosen.map + step[0] + columns * step[1], 0), children.length - 1)].focus();
  }

  // ------------------------------------------------------------------ what one sees

  /** What is drawn of a layer: its channels; the code as a square; the answer in colours, too. */
  function tilesOf({ name }, found) {
    const titled = (_, channel) => ({ maps: found, channel, title: `Map ${channel + 1} of ${found.channels}` });
    const channels = Array.from({ length: found.channels }, titled);
    if (name === "latent") {
      let width = Math.ceil(Math.sqrt(found.channels));
      while (found.channels % width) width++;
      return [{ maps: newMaps(found.channels / width, width, 1, found.data), channel: 0, title: "The code" }];
    }
    if (found.channels !== 3 || !["correction", "denoised"].includes(name)) return channels;
    const colours = channels.map((tile, i) => ({ ...tile, title: ["Red", "Green", "Blue"][i] }));
    return name === "denoised" ? [{ maps: found, title: "In colours" }, ...colours] : colours;
  }

  /** A map that is zero everywhere stays empty, and the style sheet crosses it out. */
  function paintTile(canvas, { maps, channel, most, zero }, signed) {
    if (channel === undefined) paint(canvas, maps);
    else paintChannel(canvas, maps, channel, most, signed);
    if (zero) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    canvas.classList.toggle("zero", Boolean(zero));
  }

  const oneScale = ({ name }) => ["latent", "denoised"].includes(name);

  /** Give each tile its scale, with all skips at full strength, so that the slider's work is seen; and whether it is zero. */
  function measure(tiles, layer, found, whole) {
    const now = largestOf(found), full = largestOf(whole), all = layer.name === "denoised" ? 1 : Math.max(...full) || 1;
    for (const tile of tiles) {
      const { channel } = tile;
      tile.most = chosen.own && !oneScale(layer) ? full[channel] || now[channel] || 1 : all;
      tile.zero = !layer.signed && now[channel] === 0;
    }
    return all;
  }

  const usual = (tiles, whole) => (tiles.length > 4 ? brightest(whole) : 0);  // the map that is large before a choice

  let drawn = {};  // what the grid shows

  function drawMaps({ seen, full }) {
    const now = layerNow(), found = seen.get(now.name), whole = full.get(now.name), tiles = tilesOf(now, found);
    const all = measure(tiles, now, found, whole);
    chosen.map = tiles[chosen.map] ? chosen.map : usual(tiles, whole);
    if (maps.childElementCount !== tiles.length) fillGrid(tiles.length);
    if (drawn.found !== found || drawn.own !== chosen.own) {
      tiles.forEach((tile, i) => {
        paintTile(maps.children[i], tile, now.signed);
        maps.children[i].setAttribute("aria-label", tile.title + (tile.zero ? ", zero everywhere" : ""));
      });
      scale.textContent = scaleOf(now, all, found);
      maps.setAttribute("aria-label", `${now.label}, ${chosen.network}`);
    }
    drawn = { found, own: chosen.own, usual: usual(tiles, whole) };
    for (const [i, canvas] of [...maps.children].entries()) {
      canvas.setAttribute("aria-selected", i === chosen.map);
      canvas.tabIndex = i === chosen.map ? 0 : -1;
    }
    drawLarge(tiles[chosen.map], now.signed);
  }

  function fillGrid(count) {
    const columns = Math.max(WIDE, Math.ceil(Math.sqrt(WIDE * count)));
    maps.style.setProperty("--columns", columns);
    maps.style.setProperty("--few", Math.min(columns, 8));
    maps.replaceChildren(...Array.from({ length: count }, (_, i) => make("canvas")));
    for (const [i, canvas] of [...maps.children].entries()) {
      canvas.dataset.map = i;
      canvas.setAttribute("role", "option");
    }
  }

  function drawLarge(tile, signed) {
    paintTile(large, tile, signed);
    const { maps: { channels, data }, channel } = tile;
    const values = channel === undefined ? data : data.filter((_, i) => i % channels === channel);
    const range = tile.zero ? "zero everywhere" : `${brief(Math.min(...values))} to ${brief(Math.max(...values))}`;
    number.textContent = `${tile.title}:\n${range}`;
    large.setAttribute("aria-label", `${tile.title}: ${range}`);
  }

  /** Two decimals, and two digits of what is smaller. */
  const brief = (value) => (Math.abs(value) >= 0.1 || !value ? (value || 0).toFixed(2) : String(Number(value.toPrecision(2))));

  /** The channel with the largest sum: of many maps, the one to look at first. */
  function brightest({ channels, data }) {
    const sums = new Float64Array(channels);
    data.forEach((value, i) => (sums[i % channels] += value));
    return sums.indexOf(Math.max(...sums));
  }

  /** How many maps are zero everywhere. */
  function deadOf(found) {
    const dead = largestOf(found).filter((most) => !most).length, are = dead > 1 ? "are" : "is";
    return dead ? `${dead} of these ${found.channels} maps ${are} zero everywhere in this picture (crossed out). ` : "";
  }

  /** What the colours mean, and whether the slider matters. */
  function scaleOf(layer, most, found) {
    const { name, signed } = layer, { skips } = networks[chosen.network];
    const full = skips && /^(decoder|correction)/.test(name) ? " with all skips in full" : "";
    const alone = chosen.own && !oneScale(layer);
    const colours = name === "denoised" ? "Black is 0 or less, white is 1 or more."
      : signed ? "White is zero, blue is above it, orange is below. " + (alone
        ? `Full colour is the largest absolute value of each map itself${full}.`
        : `Full colour is ${brief(most)} or more, the largest absolute value here${full}.`)
      : alone ? `Black is zero, white is the largest value of each map itself${full}, or more: do not compare brightness between maps.`
      : `Black is zero, white is ${brief(most)} or more, the largest value of all these maps${full}.`;
    const before = skips && (/^encoder/.test(name) || ["latent", "start"].includes(name));
    const moved = !skips ? "This network has no skips: skip strength and switches do not change these maps."
      : before ? "This layer comes before any skip: skip strength and switches do not change these maps."
      : name === "correction" ? "The answer is this, plus the noisy picture times its strength." : "";
    return `${colours} ${deadOf(found)}${moved}`;
  }

  function drawListening({ noisy, seen, weights, atFull }) {
    const [x, y] = chosen.pixel, { sum, own, half, total, norm } = summary(weights, chosen.pixel);
    paint(pictures.noisy.canvas, noisy);
    paint(pictures.answer.canvas, seen.get("denoised"));
    paintChannel(pictures.weights.canvas, weights, 0, atFull.most || 1, true);
    for (const { box } of Object.values(pictures)) {
      box.style.setProperty("--x", x);
      box.style.setProperty("--y", y);
    }
    pictures.noisy.caption.textContent = "Noisy";
    pictures.answer.caption.textContent = `The answer, ${chosen.network}`;
    pictures.weights.caption.textContent = `Weights: blue above zero, orange below; full colour is ${brief(atFull.most)} or more`;
    for (const { canvas, caption } of Object.values(pictures)) canvas.setAttribute("aria-label", caption.textContent);
    pictures.answer.box.setAttribute("aria-label", `The answer. The cross is in row ${y}, column ${x}. Arrow keys move it.`);
    const where = half ? `within ${half.toFixed(1)} pixels of it` : "on the pixel itself";
    const little = norm < 0.05 * atFull.norm ? " Next to nothing comes through: less than 5 % of what comes at full strength." : "";
    said.textContent = `Pixel in row ${y}, column ${x}. ` + (total
      ? `The weights add up to ${brief(sum)}. Its own weight is ${brief(own)}. ` +
        `Half of all weight, without signs, lies ${where}.${little}`
      : "No noisy pixel has any weight: nothing comes through.");
  }

  function drawChoices() {
    network.value = chosen.network;
    if (layer.dataset.network !== chosen.network) {
      layer.replaceChildren(...layers[chosen.network].map(({ name, label }) => make("option", { value: name, textContent: label })));
      layer.dataset.network = chosen.network;
    }
    layer.value = layerNow().name;
    own.checked = chosen.own;
    own.disabled = oneScale(layerNow());
    const handful = handfulOf(page.state), names = page.rows();
    rows.forEach(({ radio, canvas }, row) => {
      radio.checked = row === chosen.row;
      radio.setAttribute("aria-label", `Row ${row + 1}: ${names[row]}`);
      canvas.setAttribute("aria-label", `noisy, row ${row + 1}`);
      paint(canvas, handful.noisy[row]);
    });
  }

  // ------------------------------------------------------------------ the address

  /** What the address says beyond the panel's state: only what is not as at the start. */
  function write(parts) {
    const { network, row, map, own, pixel } = chosen;
    if (network !== "with skips") parts.set("net", "without");
    if (layerNow().name !== first.name) parts.set("layer", layerNow().address);
    if (row) parts.set("row", row + 1);
    if (map !== drawn.usual) parts.set("map", map + 1);
    if (own) parts.set("scale", "own");
    if (String(pixel) !== String(MIDDLE)) parts.set("pixel", pixel.join());
  }

  /** What the address says wrongly is left at the start. */
  function read() {
    const parts = new URLSearchParams(location.hash.slice(1)), row = Number(parts.get("row")) - 1;
    if (chosen && parts.get("view") !== "inside") return;  // what was chosen stays, for the next look
    chosen = start();
    chosen.network = Object.keys(networks).find((name) => name === `${parts.get("net")} skips`) || chosen.network;
    chosen.layer = layers[chosen.network].find(({ address }) => address === parts.get("layer"))?.name || chosen.layer;
    if (rows[row]) chosen.row = row;
    chosen.map = Number(parts.get("map")) - 1;  // a map that is not there is not taken
    chosen.own = parts.get("scale") === "own";
    const [x, y] = /^(\d+),(\d+)$/.exec(parts.get("pixel"))?.slice(1).map(Number) || MIDDLE;
    if (x < SIDE && y < SIDE) chosen.pixel = [x, y];
    if (page.view === "inside") later();
  }

  build();
  wire();
  read();
  page.views.inside = {
    write, gradientOf,
    refresh() {
      const found = compute();
      drawChoices();
      drawMaps(found);
      drawListening(found);
      testWhenQuiet(found);
      Object.assign(this, { chosen, found });
    },
  };
});
