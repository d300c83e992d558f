"use strict";
// The panel: what the controls say, the pictures and numbers that follow from it, and the address that keeps both.
// `page` is what the other tabs share.

const data = JSON.parse(document.getElementById("data").textContent);
const convolver = new Convolver(bytesOf(data.wasm));
const networks = buildNetworks(data, convolver);
const COLUMNS = ["noisy", "without skips", "with skips", "clean"], ROWS = 3, HIGHEST_DB = 50;
const START = { strength: 1, on: true, off: [], kind: data.kinds[0].name, level: 0.1, handful: 0, draw: 0 };
const byId = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ------------------------------------------------------------------ pictures and noise

const SIDE = data.side;
const clean = (() => {
  const bytes = bytesOf(data.pictures), size = 3 * SIDE * SIDE;
  return data.shown.map((_, i) => newMaps(SIDE, SIDE, 3, Float32Array.from(bytes.subarray(i * size, (i + 1) * size), (v) => v / 255)));
})();

/** Numbers from 0 to 1 that a seed repeats: xoshiro128** of Blackman and Vigna (2018), seeded by splitmix32. */
function randomNumbers(...seeds) {
  const rotate = (x, k) => (x << k) | (x >>> (32 - k));
  let hash = seeds.reduce((sum, seed) => Math.imul(sum ^ (seed + 0x9e3779b9), 0x85ebca6b), 1);
  const s = Int32Array.from({ length: 4 }, () => {
    hash = (hash + 0x9e3779b9) | 0;
    let t = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
    return t ^ (t >>> 15);
  });
  return () => {
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0, t = s[1] << 9;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotate(s[3], 11);
    return result / 2 ** 32;
  };
}

/** Normal numbers by the transform of Box and Muller (1958). */
function normalNumbers(random) {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const clip = (value) => Math.min(Math.max(value, 0), 1);

/** Noise functions as those of notebooks 02 and 07, where a new kind is added as well: from a picture, a level and random numbers to a noisy picture. */
const NOISE = {
  "Gaussian": (image, level, random) => {
    const normal = normalNumbers(random);
    return image.data.map((value) => clip(value + level * normal()));
  },
  "salt-and-pepper": (image, level, random) => {
    const noisy = image.data.slice();
    for (let i = 0; i < noisy.length; i += 3) {
      const draw = random();
      if (draw < level / 2) noisy.fill(0, i, i + 3);
      else if (draw >= 1 - level / 2) noisy.fill(1, i, i + 3);
    }
    return noisy;
  },
  "striped": (image, level, random) => {
    const normal = normalNumbers(random), line = 3 * image.width;
    const offsets = Array.from({ length: image.height }, () => level * normal());
    return image.data.map((value, i) => clip(value + offsets[Math.floor(i / line)]));
  },
};

function addNoise(kind, image, level, ...seeds) {
  return newMaps(image.height, image.width, 3, NOISE[kind](image, level, randomNumbers(...seeds)));
}

// ------------------------------------------------------------------ numbers

function psnr(a, b) {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return -10 * Math.log10(sum / a.data.length);
}

const WINDOW = (() => {
  const bell = Float64Array.from({ length: 11 }, (_, i) => Math.exp(-0.5 * ((i - 5) / 1.5) ** 2)), sum = bell.reduce((a, b) => a + b);
  return bell.map((value) => value / sum);
})();

/** Weighted means over 11x11 pixels of one channel, where the window fits in. */
function blur(plane, height, width) {
  const rows = new Float64Array(height * (width - 10)), result = new Float64Array((height - 10) * (width - 10));
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width - 10; x++, to++) {
      let sum = 0;
      for (let k = 0, from = y * width + x; k < 11; k++) sum += WINDOW[k] * plane[from + k];
      rows[to] = sum;
    }
  for (let to = 0; to < result.length; to++) {
    let sum = 0;
    for (let k = 0, from = to; k < 11; k++, from += width - 10) sum += WINDOW[k] * rows[from];
    result[to] = sum;
  }
  return result;
}

/** SSIM of Wang et al. (2004), as helpers.metrics.ssim. */
function ssim(a, b) {
  const { height, width } = a, planes = Array.from({ length: 5 }, () => new Float64Array(height * width));
  let sum = 0, count = 0;
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < height * width; i++) {
      const x = a.data[3 * i + c], y = b.data[3 * i + c];
      planes[0][i] = x; planes[1][i] = y; planes[2][i] = x * x; planes[3][i] = y * y; planes[4][i] = x * y;
    }
    const [mx, my, xx, yy, xy] = planes.map((plane) => blur(plane, height, width));
    for (let i = 0; i < mx.length; i++, count++) {
      const covariance = xy[i] - mx[i] * my[i], variances = xx[i] - mx[i] ** 2 + yy[i] - my[i] ** 2;
      sum += ((2 * mx[i] * my[i] + 1e-4) * (2 * covariance + 9e-4)) / ((mx[i] ** 2 + my[i] ** 2 + 1e-4) * (variances + 9e-4));
    }
  }
  return sum / count;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** PSNR as text; equal pictures have none. */
const decibels = (value) => (Number.isFinite(value) ? `${value.toFixed(1)} dB` : "no difference");

/** How much more than the noisy picture, both as they are written. */
function gainOver(noisy, value) {
  const gain = Math.round(10 * (value.toFixed(1) - noisy.toFixed(1))) / 10;
  return Number.isFinite(gain) ? `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(1)}\u00a0dB` : "";
}

/** A word for what one sees, as helpers.panel says it: of all rows together; nothing where nothing stands out. */
function look(truth, images) {
  const brightness = (pictures) => mean(pictures.map(({ data }) => mean(data)));
  const steps = (pictures, along) => mean(pictures.map(({ height, width, data }) => {
    let sum = 0, count = 0;
    for (let y = 0; y < height - !along; y++)
      for (let i = 3 * y * width, end = i + 3 * (width - along); i < end; i++, count++)
        sum += Math.abs(data[i + (along ? 3 : 3 * width)] - data[i]);
    return sum / count;
  }));
  const detail = [false, true].map((along) => steps(images, along) / steps(truth, along)).sort((a, b) => a - b);
  if (brightness(images) < 0.8 * brightness(truth)) return "dark";
  if (detail[0] < 0.75 && detail[1] < 2) return "blurred";
  return detail[1] > 1.2 ? "noisy" : "";
}

function score(truth, images) {
  return {
    psnr: images.map((image, row) => psnr(truth[row], image)),
    ssim: images.map((image, row) => ssim(truth[row], image)),
    look: look(truth, images),
  };
}

// ------------------------------------------------------------------ from the controls to what is shown

const clipped = (maps) => newMaps(maps.height, maps.width, maps.channels, maps.data.map(clip));

const handfuls = new Map();  // the last ones, by what the controls say

/** What no strength changes: the pictures of the rows, and what the networks prepare of them. */
function handfulOf({ kind, level, handful, draw }) {
  const key = [kind, level, handful, draw].join();
  if (!handfuls.has(key)) {
    const chosen = Array.from({ length: ROWS }, (_, row) => (handful * ROWS + row) % clean.length);
    const truth = chosen.map((i) => clean[i]);
    const noisy = truth.map((image, row) => addNoise(kind, image, level, handful, draw, row));
    const without = noisy.map((image) => clipped(networks["without skips"].denoise(image)));
    const prepared = noisy.map((image) => networks["with skips"].prepare(networks["with skips"].encode(image)));
    const full = mean(answers(prepared, data.skips.map(() => 1)).map((image, row) => psnr(truth[row], image)));
    const scores = { "noisy": score(truth, noisy), "without skips": score(truth, without), "clean": score(truth, truth) };
    handfuls.set(key, { chosen, truth, noisy, without, prepared, full, scores });
    if (handfuls.size > 4) handfuls.delete(handfuls.keys().next().value);
  }
  return handfuls.get(key);
}

function answers(prepared, strengths) {
  return prepared.map((given) => clipped(networks["with skips"].answer(given, strengths)));
}

function strengthsOf({ strength, on, off }) {
  return data.skips.map((skip) => (on && !off.includes(skip) ? strength : 0));
}

/** What is said of a noise that is stronger than all of its kind in training, or of a kind that was not there. */
function neverSeen({ kind, level }) {
  const { highest } = data.kinds.find(({ name }) => name === kind);
  return level > Math.max(highest, 0) ? `Neither network saw such ${highest > 0 ? "strong " : ""}noise in training.` : "";
}

/** The pictures of all columns, their numbers, and the sentence below: all that the panel shows for a state. */
function compare(state) {
  const { truth, noisy, without, prepared, full, scores } = handfulOf(state);
  const denoised = answers(prepared, strengthsOf(state));
  const numbers = { ...scores, "with skips": score(truth, denoised) };
  const images = { "noisy": noisy, "without skips": without, "with skips": denoised, "clean": truth };
  const seen = Object.fromEntries(COLUMNS.map((name) => {
    const { psnr, look } = numbers[name];
    return [name, decibels(mean(psnr)) + (look && `, ${look}`)];
  }));
  const changes = [...(state.strength < 1 ? [`at strength ${state.strength.toFixed(2)}`] : []), ...state.off.map((skip) => `without the ${skip}`)];
  const now = changes.length || !state.on ? `, now ${state.on ? changes.join(", ") : "with every skip switched off"}` : "";
  const never = neverSeen(state);
  const text = `${ROWS} images with ${state.kind} noise of level ${state.level.toFixed(2)}: ${seen.noisy}. ` +
    (never ? `${never} ` : "") + `Trained without skips: ${seen["without skips"]}. ` +
    `Trained with skips${now}: ${seen["with skips"]}${now && ` (in full ${decibels(full)})`}.`;
  return { images, numbers, text };
}

// ------------------------------------------------------------------ what one sees

/** Draw maps with one or three channels into a canvas of the same size. */
function paint(canvas, { height, width, channels, data }, value = (v) => 255 * v) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = Math.round(value(data[i * channels + (channels === 3 ? c : 0)]));
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

const heads = {};  // column -> what it is now
const cells = {};  // column -> row -> {canvas, main, gain, small}
const bars = {};   // column -> {bar, value}

function buildView() {
  const grid = byId("pictures");
  for (const name of COLUMNS) {
    const now = make("small"), head = make("h2", { className: "column" }, make("span", { textContent: name }), now);
    head.style.setProperty("--colour", data.colours[name]);
    grid.append(head);
    heads[name] = now;
    cells[name] = [];
  }
  for (let row = 0; row < ROWS; row++)
    for (const name of COLUMNS) {
      const canvas = make("canvas", { width: SIDE, height: SIDE });
      canvas.setAttribute("role", "img");
      const main = make("b"), gain = make("i"), small = make("span");
      grid.append(make("figure", {}, canvas, make("figcaption", {}, main, " ", gain, small)));
      cells[name].push({ canvas, main, gain, small });
    }
  for (const name of COLUMNS.slice(0, 3)) {
    const value = make("b"), bar = make("i");
    bar.style.setProperty("--colour", data.colours[name]);
    byId("bars").append(make("div", {}, make("span", { className: "way" }, value, bar), make("small", { textContent: name })));
    bars[name] = { bar, value };
  }
  byId("bars").prepend(make("h2", { textContent: "mean PSNR (dB)" }));
}

/** What stands below the names of the columns, so that nobody takes faded skips for skips. */
function tellNow({ kind, level, strength, on, off }) {
  const removed = off.length > 1 ? `${off.length} skips off` : off.map((skip) => `${skip.split(" ").find((word) => word !== "noisy")} off`)[0];
  const faded = strength < 1 ? `at ${strength.toFixed(2)}` : "";
  heads.noisy.textContent = `${kind}, ${level.toFixed(2)}`;
  heads["without skips"].textContent = "trained without";
  heads["with skips"].textContent = on ? [faded, removed].filter(Boolean).join(", ") || "all in full" : "all switched off";
}

function show({ images, numbers, text }) {
  const told = [];
  for (const name of COLUMNS) {
    cells[name].forEach(({ canvas, main, gain, small }, row) => {
      paint(canvas, images[name][row]);
      const dB = numbers[name].psnr[row], similarity = numbers[name].ssim[row].toFixed(2);
      if (name !== "clean") {
        main.textContent = decibels(dB);
        gain.textContent = name === "noisy" ? "" : gainOver(numbers.noisy.psnr[row], dB);
        small.textContent = `SSIM ${similarity}`;
      }
      const said = name === "clean" ? page.rows()[row] : [main, gain, small].map(({ textContent }) => textContent).filter(Boolean).join(", ");
      canvas.setAttribute("aria-label", `${name}, row ${row + 1}: ${said}`);
    });
    if (bars[name]) {
      const value = mean(numbers[name].psnr);
      bars[name].bar.style.setProperty("--share", Math.min(value / HIGHEST_DB, 1));
      bars[name].bar.classList.toggle("endless", !Number.isFinite(value));
      bars[name].value.textContent = Number.isFinite(value) ? value.toFixed(1) : "–";
      told.push(`${name} ${decibels(value)}`);
    }
  }
  byId("bars").setAttribute("aria-label", `Mean PSNR: ${told.join(", ")}`);
  byId("text").textContent = text;
}

// ------------------------------------------------------------------ the state, the controls, the address

const page = window.page = {
  data, networks, convolver, state: { ...START }, views: {}, view: "panel",
  /** What is shown in the rows. */
  rows: () => handfulOf(page.state).chosen.map((i) => data.shown[i]),
  /** Change the state; what is not named stays. */
  set(values) {
    Object.assign(page.state, values);
    later();
  },
  /** Change the state; what is not named goes back to the start. */
  go(values) {
    page.set({ ...START, ...values });
  },
  /** Change the state, but for the pictures and their noise: what is not named goes back to the start. */
  goSame(values) {
    const { handful, draw } = page.state;
    page.go({ handful, draw, ...values });
  },
  open(view) {
    page.view = view;
    const side = document.querySelector(".side"), section = byId(view);  // the same controls beside panel and a look inside
    if (view !== "photo" && side.parentNode !== section) section.prepend(side);
    for (const name of ["panel", "inside", "photo"]) {
      byId(name).hidden = name !== view;
      byId(`tab-${name}`).setAttribute("aria-selected", name === view);
    }
    later();
  },
};

let waiting = false;

/** Draw before the next frame, once, what the state is by then: the newest position wins, and nothing queues. */
function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    refresh();
  });
}

/** Do what the first picture does not need when it is on the page. */
function whenShown(act) {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(act)));
}

function refresh() {
  const { state } = page;
  byId("strength").value = state.strength;
  byId("level").value = state.level;
  for (const id of ["strength", "level"]) document.querySelector(`output[for=${id}]`).textContent = state[id].toFixed(2);
  byId("on").checked = state.on;
  for (const control of [byId("strength"), ...document.querySelectorAll(".switch")]) control.disabled = !state.on;
  for (const button of document.querySelectorAll(".preset")) button.setAttribute("aria-pressed", isPreset(state, data.presets[button.textContent]));
  tellNow(state);
  byId("kind").value = state.kind;
  for (const tick of document.querySelectorAll(".switch")) tick.checked = !state.off.includes(tick.value);
  if (page.view === "panel") show((page.shown = compare(state)));
  page.views[page.view]?.refresh();
  clearTimeout(page.writing);
  page.writing = setTimeout(() => writeAddress(), 300);
}

/** Whether the state is that of a preset, whatever the pictures. */
function isPreset(state, preset) {
  return Object.entries({ ...START, ...preset }).every(([name, value]) => ["handful", "draw"].includes(name) || String(state[name]) === String(value));
}

const short = (skip) => (skip === data.skips[0] ? "image" : skip.split(" ")[0].replace("×", "x"));

/** The state as the address says it: only what is not as at the start. */
function addressOf(state, view) {
  const parts = new URLSearchParams();
  if (view !== "panel") parts.set("view", view);
  if (state.strength !== 1) parts.set("strength", state.strength);
  if (!state.on) parts.set("on", 0);
  if (state.off.length) parts.set("off", state.off.map(short).join());
  for (const name of ["kind", "level", "handful", "draw"]) if (state[name] !== START[name]) parts.set(name, state[name]);
  page.views[view]?.write?.(parts);
  return parts.toString().replaceAll("%2C", ",");
}

/** The state that an address says; what it says wrongly is left at the start. */
function stateOf(address) {
  const parts = new URLSearchParams(address.replace(/^#/, "")), state = { ...START };
  const number = (name, lowest, highest, perOne) => {
    const value = parts.get(name) ? Number(parts.get(name).replace(",", ".")) : NaN;
    if (value >= lowest && value <= highest) state[name] = Math.round(value * perOne) / perOne;
  };
  number("strength", 0, 1, 100);
  number("level", 0, 0.4, 100);
  number("handful", 0, 1e6, 1);
  number("draw", 0, 1e6, 1);
  state.on = parts.get("on") !== "0";
  const off = (parts.get("off") || "").toLowerCase().replaceAll("×", "x").split(",");
  state.off = data.skips.filter((skip) => off.includes(short(skip)));
  state.kind = data.kinds.find(({ name }) => name.toLowerCase() === (parts.get("kind") || "").toLowerCase())?.name || START.kind;
  return [state, ["inside", "photo"].find((view) => view === parts.get("view")) || "panel"];
}

function writeAddress(how = "replaceState") {
  clearTimeout(page.writing);
  const address = addressOf(page.state, page.view);
  if (address !== location.hash.slice(1)) {
    try {
      history[how](null, "", `#${address}`);
    } catch {}  // a page inside another one may have no address of its own
  }
}

function readAddress() {
  const [state, view] = stateOf(location.hash);
  page.state = state;
  page.open(view);
}

function wire() {
  byId("strength").addEventListener("input", (event) => page.set({ strength: Number(event.target.value) }));
  byId("level").addEventListener("input", (event) => page.set({ level: Number(event.target.value) }));
  byId("on").addEventListener("change", (event) => page.set({ on: event.target.checked }));
  byId("kind").addEventListener("change", (event) => page.set({ kind: event.target.value }));
  for (const tick of document.querySelectorAll(".switch"))
    tick.addEventListener("change", () => page.set({ off: data.skips.filter((skip) => (skip === tick.value ? !tick.checked : page.state.off.includes(skip))) }));
  for (const button of document.querySelectorAll(".preset")) button.addEventListener("click", () => page.goSame(data.presets[button.textContent]));
  byId("other").addEventListener("click", () => page.set({ handful: page.state.handful + 1 }));
  byId("new").addEventListener("click", () => page.set({ draw: page.state.draw + 1 }));
  byId("reset").addEventListener("click", () => page.go({}));
  for (const name of ["panel", "inside", "photo"])
    byId(`tab-${name}`).addEventListener("click", () => {
      writeAddress();
      page.open(name);
      writeAddress("pushState");  // so that the browser's button Back goes to the tab before
    });
  addEventListener("hashchange", readAddress);
}

// ------------------------------------------------------------------ the page checks itself

/** What Keras stored against what this page computes: the largest difference of a layer, and of a PSNR. */
function check() {
  const { check } = data, bytes = bytesOf(check.noisy), size = 3 * SIDE * SIDE, layers = {};
  const noisy = [0, 1, 2].map((i) => newMaps(SIDE, SIDE, 3, Float32Array.from(bytes.subarray(i * size, (i + 1) * size), (v) => v / 255)));
  const decibels = [];
  for (const [name, network] of Object.entries(networks)) {
    noisy.forEach((image, row) => {
      const seen = new Map(), encoded = network.encode(image, seen);
      const answer = network.answer(network.prepare(encoded, seen), data.skips.map(() => 1), seen);
      decibels.push(Math.abs(psnr(clean[row], clipped(answer)) - check.psnr[name][row]));
      if (row === 0)
        for (const [layer, values] of Object.entries(check.layers[name])) {
          const { data: found } = seen.get(layer), count = values.length;
          layers[`${name}, ${layer}`] = Math.max(...values.map((value, i) => Math.abs(found[Math.floor((i * found.length) / count)] - value)));
        }
    });
  }
  return { layers, psnr: Math.max(...decibels) };
}

/** One digit, and not less. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return (Math.ceil(value / power) * power).toExponential(0);
}

function tellCheck() {
  const { layers, psnr } = (page.checked = check()), worst = Math.max(...Object.values(layers));
  const right = worst < 1e-3 && psnr < 0.01;
  byId("checked").textContent = right
    ? `Checked just now against numbers that Keras stored, for one picture with noise: samples of ${Object.keys(layers).length} layers agree within ${roundedUp(worst)}, the PSNR of three pictures within ${(Math.ceil(1000 * psnr) / 1000).toFixed(3)} dB. Computed by ${convolver.kind} in this browser.`
    : `This browser computes something else than Keras (layers differ by ${worst.toExponential(0)}, the PSNR by ${psnr.toFixed(3)} dB). Do not trust the numbers above; try another browser.`;
  byId("checked").classList.toggle("wrong", !right);
}

buildView();
wire();
readAddress();
whenShown(() => setTimeout(tellCheck, 100));
