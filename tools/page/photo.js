"use strict";
// A photo of one's own, denoised in overlapping tiles as helpers/tiles.py does it: by workers, in this browser alone.

whenShown(() => {
  const TILE = data.side, STRIDE = TILE / 2, SIZES = [300, 600, 1000], PIECE = "piece";
  const AT_ONCE = 8;  // tiles that a worker is given: few, so that a stop is soon and the result grows steadily
  const SEED = 0;  // of the noise: the same photo gets the same noise again, whichever network denoises it
  const BELL = Float32Array.from({ length: TILE }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / TILE) ** 2);
  const READABLE = "Wanted is a photo as JPEG, PNG, WebP, GIF, AVIF or BMP.";
  const wanted = { kind: "Gaussian", level: 0.1, network: "with skips", size: SIZES[0], left: "noisy", zoom: "fit" };
  const own = page.photo = { wanted, photo: null, job: null, turn: 0, sized: false, dismiss };  // sized: by the reader
  page.photoTimes = [];  // of the last jobs that ran through

  // ------------------------------------------------------------------ from a file to pixels

  /** Read a file; the photo before it stays until that has gone well. The newest file wins. */
  async function take(file, remark = "") {
    const turn = ++own.turn;
    complain(readsBack() ? "" : ALTERED);
    if (!ui.wrong.hidden) return;
    assemble();
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
      if (turn !== own.turn) return;
      const { width, height } = bitmap, canvas = shrunk(bitmap, SIZES.at(-1)), piece = middle(bitmap, SIZES[0]);
      own.photo = { name: file.name || "picture", width, height, remark, canvas, piece };
    } catch {
      const sentence = await complaintOf(file);
      if (turn === own.turn) complain(sentence);
      return;
    } finally {
      bitmap?.close();
      handOut();
    }
    start();
  }

  const ALTERED = "This browser alters the pixels that a page reads, to protect you from being tracked. " +
    "So no photo can be denoised here. Allow this page to read canvas data, " +
    "or open it in another browser; then choose the photo again.";

  /** Whether a canvas gives back the pixels that it got; a last bit that changed does no harm. */
  function readsBack() {
    const side = 16, given = new ImageData(side, side), context = make("canvas", { width: side, height: side }).getContext("2d");
    given.data.forEach((_, i) => { given.data[i] = i % 4 === 3 ? 255 : (37 * i) % 256; });
    context.putImageData(given, 0, 0);
    return context.getImageData(0, 0, side, side).data.every((value, i) => Math.abs(value - given.data[i]) <= 1);
  }

  const SORTS = {  // of files that cannot be read: what they are, and what to do
    heic: ["is a HEIC photo, which this browser cannot read.",
      "On the phone, share or save it as JPEG; or make a screenshot of it."],
    empty: ["is empty.", "Copy the file again from where it comes, or choose another one."],
    other: ["is not a photo.", "Choose another file, or make a screenshot of what it shows."],
    broken: ["cannot be read as a picture.", "It may be damaged, too large, or of a kind that this browser does not know. " +
      "Open it in a picture viewer and save it as JPEG; or make a screenshot of it."],
  };

  async function sortOf(file) {
    if (!file.size) return "empty";
    const head = new TextDecoder("latin1").decode(await file.slice(0, 12).arrayBuffer().catch(() => new ArrayBuffer(0)));
    if (/hei[cf]$/i.test(file.type) || /\.hei[cf]$/i.test(file.name) || /^.{4}ftyp(he|mif1|msf1)/s.test(head)) return "heic";
    return file.type && !file.type.startsWith("image/") ? "other" : "broken";
  }

  /** What was given, what is wanted, and what to do. */
  async function complaintOf(file) {
    const [what, remedy] = SORTS[await sortOf(file)], kept = own.photo ? ` Your photo "${own.photo.name}" stays.` : "";
    return `The file "${file.name}" (type: ${file.type || "unknown"}) ${what} ${READABLE} ${remedy}${kept}`;
  }

  /** A canvas with a picture whose longer side has at most so many pixels; never enlarged.
   *  A step halves at most, but for sides above 8192. */
  function shrunk(source, longest) {
    const scale = Math.min(1, longest / Math.max(source.width, source.height));
    const width = Math.max(1, Math.round(scale * source.width)), height = Math.max(1, Math.round(scale * source.height));
    const step = (side, last) => Math.max(last, Math.min(Math.ceil(side / 2), 4096));  // phones have no larger canvas
    let result = source;
    do {
      const canvas = make("canvas", { width: step(result.width, width), height: step(result.height, height) });
      const context = canvas.getContext("2d");
      context.imageSmoothingQuality = "high";
      context.drawImage(result, 0, 0, canvas.width, canvas.height);
      result = canvas;
    } while (result.width > width || result.height > height);
    return result;
  }

  /** A canvas with the middle of a picture, not shrunk. */
  function middle(source, longest) {
    const width = Math.min(source.width, longest), height = Math.min(source.height, longest);
    const canvas = make("canvas", { width, height }), half = (side) => Math.floor(side / 2);
    canvas.getContext("2d").drawImage(source, -half(source.width - width), -half(source.height - height));
    return canvas;
  }

  /** The pixels of a canvas, laid on white where they are transparent. */
  function pixelsOf(canvas) {
    const { width, height } = canvas, bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
    const maps = newMaps(height, width, 3);
    let transparent = false;
    for (let i = 0; i < width * height; i++) {
      const alpha = bytes[4 * i + 3] / 255;
      transparent ||= alpha < 1;
      for (let c = 0; c < 3; c++) maps.data[3 * i + c] = 1 - alpha + (alpha * bytes[4 * i + c]) / 255;
    }
    return { maps, transparent };
  }

  // ------------------------------------------------------------------ tiles

  function starts(length) {
    const found = [];
    for (let at = 0; at < length - TILE; at += STRIDE) found.push(at);
    return [...found, length - TILE];
  }

  /** A picture smaller than a tile is extended by its mirror image. */
  function extended(maps) {
    const { height, width } = maps;
    if (height >= TILE && width >= TILE) return maps;
    const result = newMaps(Math.max(height, TILE), Math.max(width, TILE), 3);
    const mirror = (i, length) => (i % (2 * length) < length ? i % length : length - 1 - (i % length));
    for (let y = 0, to = 0; y < result.height; y++)
      for (let x = 0; x < result.width; x++)
        for (let c = 0; c < 3; c++) result.data[to++] = maps.data[3 * (mirror(y, height) * width + mirror(x, width)) + c];
    return result;
  }

  function newJob(clean, noisy) {
    const padded = extended(noisy), columns = starts(padded.width), size = padded.height * padded.width, pieces = [];
    for (const y of starts(padded.height))
      for (let i = 0; i < columns.length; i += AT_ONCE) pieces.push({ y, columns: columns.slice(i, i + AT_ONCE) });
    return {
      ...wanted, clean, noisy, padded, pieces, next: 0, done: 0, tiles: starts(padded.height).length * columns.length,
      sum: new Float32Array(3 * size), weight: new Float32Array(size), stopped: false, denoised: null,
      before: clean && psnr(clean, noisy), begun: performance.now(),
    };
  }

  /** The tiles of a piece, one after the other. */
  function cut({ padded }, { y, columns }) {
    const tiles = new Float32Array(columns.length * TILE * TILE * 3);
    let to = 0;
    for (const x of columns)
      for (let row = 0; row < TILE; row++, to += 3 * TILE) {
        const from = 3 * ((y + row) * padded.width + x);
        tiles.set(padded.data.subarray(from, from + 3 * TILE), to);
      }
    return tiles;
  }

  /** Add denoised tiles to the sum; each pixel counts the more, the nearer it is to the middle of its tile. */
  function lay({ padded, sum, weight }, { y, columns }, tiles) {
    let from = 0;
    for (const x of columns)
      for (let row = 0; row < TILE; row++)
        for (let column = 0, at = (y + row) * padded.width + x; column < TILE; column++, at++) {
          const counts = BELL[row] * BELL[column];
          weight[at] += counts;
          for (let c = 0; c < 3; c++) sum[3 * at + c] += counts * tiles[from++];
        }
  }

  /** The denoised picture, as large as the photo. */
  function resultOf({ padded, noisy, sum, weight }) {
    const result = newMaps(noisy.height, noisy.width, 3);
    for (let y = 0, to = 0; y < noisy.height; y++)
      for (let i = 3 * y * padded.width, end = i + 3 * noisy.width; i < end; i++)
        result.data[to++] = clip(sum[i] / weight[Math.floor(i / 3)]);
    return result;
  }

  // ------------------------------------------------------------------ who computes: workers, or the page itself

  function denoiseTiles(network, tiles, side) {
    for (let at = 0; at < tiles.length; at += 3 * side * side) {
      const tile = tiles.subarray(at, at + 3 * side * side);
      network.denoise(newMaps(side, side, 3, tile)).data.forEach((value, i) => { tile[i] = Math.min(Math.max(value, 0), 1); });
    }
  }

  /** What a worker runs besides the engine: it is told the networks once, then gets tiles and gives them back denoised. */
  function serveTiles() {
    let networks;
    self.onmessage = ({ data: { setup, network, tiles, side } }) => {
      if (setup) networks = buildNetworks(setup, new Convolver(setup.wasm));
      else {
        denoiseTiles(networks[network], tiles, side);
        self.postMessage(tiles, [tiles.buffer]);
      }
    };
  }

  /** Has the two methods of a worker, but computes in the page, a tile at a time; for browsers that give no worker. */
  class Stand {
    async postMessage({ network, tiles, side }) {
      for (let at = 0; at < tiles.length && !this.ended; at += 3 * side * side) {
        await new Promise((done) => setTimeout(done));
        denoiseTiles(networks[network], tiles.subarray(at, at + 3 * side * side), side);
      }
      if (!this.ended) this.onmessage({ data: tiles });
    }
    terminate() {
      this.ended = true;
    }
  }

  // members: {worker, task}; when all are idle for so many milliseconds, they go home
  const crew = own.crew = { members: [], inPage: false, idle: 60_000 };

  function join(worker) {
    const member = { worker, task: null };
    worker.onmessage = (event) => receive(member, event.data);
    crew.members.push(member);
  }

  /** One worker for each core, at most 8, which stay for the next job. */
  function assemble() {
    clearTimeout(crew.leaving);
    if (crew.members.length) return;
    try {
      if (crew.inPage) throw new Error("This browser gives no workers.");
      crew.text ||= URL.createObjectURL(new Blob([byId("engine").textContent, "\n", denoiseTiles, `\n(${serveTiles})();`]));
      const setup = { networks: data.networks, weights: data.weights, wasm: bytesOf(data.wasm) };
      for (let i = 0; i < Math.min(navigator.hardwareConcurrency || 2, 8); i++) {
        const worker = new Worker(crew.text);
        worker.onerror = () => crew.inPage || workInPage();
        worker.postMessage({ setup });
        join(worker);
      }
    } catch {
      workInPage();
    }
  }

  function dismiss() {
    clearTimeout(crew.leaving);
    for (const { worker } of crew.members) worker.terminate();
    crew.members = [];
  }

  function workInPage() {
    const lost = crew.members.filter(({ task }) => task?.job === own.job).map(({ task }) => task.piece);
    dismiss();
    crew.inPage = true;
    join(new Stand());
    own.job?.pieces.push(...lost);
    handOut();
  }

  /** Give each idle member the next piece of the newest job. */
  function handOut() {
    const { job } = own;
    for (const member of crew.members) {
      if (member.task || !job || job.stopped || own.waiting || job.next === job.pieces.length) continue;
      const piece = job.pieces[job.next++], tiles = cut(job, piece);
      member.task = { job, piece };
      member.worker.postMessage({ network: job.network, tiles, side: TILE }, [tiles.buffer]);
    }
    clearTimeout(crew.leaving);
    if (crew.members.every(({ task }) => !task)) crew.leaving = setTimeout(dismiss, crew.idle);
  }

  function receive(member, tiles) {
    const { job, piece } = member.task;
    member.task = null;
    if (job === own.job) {
      lay(job, piece, tiles);
      job.done += piece.columns.length;
      paintPiece(job, piece);
      if (job.done === job.tiles) finish(job);
      tell();
    }
    handOut();
  }

  // ------------------------------------------------------------------ a job, from its start to its end

  /** Begin anew with what is wanted now, or stand ready for it; what ran before is forgotten. */
  function start(stopped = false) {
    clearTimeout(own.waiting);
    own.waiting = null;
    const { photo } = own;
    if (!photo) return;
    const { maps, transparent } = pixelsOf(wanted.size === PIECE ? photo.piece : shrunk(photo.canvas, wanted.size));
    const noisy = wanted.kind === "none" ? maps : addNoise(wanted.kind, maps, wanted.level, SEED);
    own.job = newJob(wanted.kind === "none" ? null : maps, noisy);
    Object.assign(own.job, { transparent, stopped, rested: stopped });
    paint(ui.after, noisy);
    ui.compare.style.setProperty("--aspect", noisy.width / noisy.height);
    ui.compare.style.setProperty("--pixels", noisy.width);
    showLeft();
    tell();
    assemble();
    handOut();
    fitIn();
  }

  /** Begin anew soon; a slider that still moves begins nothing yet. */
  function startSoon() {
    complain("");
    clearTimeout(own.waiting);
    own.waiting = setTimeout(start, 100);
    if (own.job) tell();
  }

  function finish(job) {
    const milliseconds = performance.now() - job.begun, { height, width } = job.noisy;
    job.denoised = resultOf(job);
    job.after = job.clean && psnr(job.clean, job.denoised);
    paint(ui.after, job.denoised);
    if (job.rested) return;
    job.seconds = milliseconds / 1000;
    const { tiles, network } = job, workers = crew.inPage ? 0 : crew.members.length;
    page.photoTimes.push({ width, height, tiles, network, workers, milliseconds });
    page.photoTimes.splice(0, page.photoTimes.length - 20);
  }

  function stopOrGoOn() {
    const { job } = own;
    if (own.waiting) return start(!job.stopped || Boolean(job.denoised));  // a control has just changed: its job stops
    job.stopped = !job.stopped;
    job.rested = true;
    tell();
    assemble();
    handOut();
  }

  function save() {
    const name = own.photo.name.replace(/\.\w+$/, "") + "-denoised.png";
    ui.after.toBlob((blob) => {
      const link = make("a", { href: URL.createObjectURL(blob), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  }

  // ------------------------------------------------------------------ what one sees

  /** Draw what is known so far where a piece was laid. */
  function paintPiece({ padded, sum, weight }, { y, columns }) {
    const left = columns[0], width = columns.at(-1) + TILE - left, pixels = new ImageData(width, TILE);
    for (let i = 0; i < width * TILE; i++) {
      const at = (y + Math.floor(i / width)) * padded.width + left + (i % width);
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = Math.round((255 * sum[3 * at + c]) / weight[at]);
      pixels.data[4 * i + 3] = 255;
    }
    ui.after.getContext("2d").putImageData(pixels, left, y);
  }

  function showLeft() {
    const { clean, noisy } = own.job, isClean = clean && wanted.left === "clean";
    paint(ui.before, isClean ? clean : noisy);
    ui.left.disabled = !clean;
    ui.left.value = isClean ? "clean" : "noisy";
  }

  const decibels = (value) => (Number.isFinite(value) ? `${value.toFixed(1)} dB` : "no difference");
  const counted = (tiles) => (tiles === 1 ? "1 tile" : `${tiles} tiles`);
  const stage = (job) => (!job || job.denoised ? "denoised" : job.stopped ? "denoised so far" : "denoising");

  /** Say what was done, how far it is, and what was measured. */
  function tell() {
    const { job, photo } = own, { clean, noisy, denoised, network } = job;
    const percent = Math.floor((100 * job.done) / job.tiles), size = `${noisy.width} × ${noisy.height}`;
    const { before, after } = job, stopped = job.stopped && !denoised;
    ui.photo.hidden = ui.choose.hidden = false;
    ui.drop.hidden = true;
    ui.done.value = percent;
    ui.count.textContent = `${job.done} of ${counted(job.tiles)}`;
    ui.stop.disabled = Boolean(denoised && !own.waiting);
    ui.stop.textContent = stopped ? "Go on" : "Stop";
    ui.save.disabled = !denoised;
    const left = ui.left.value, given = clean ? "noisy" : "as given";
    if (left === "clean") head(ui.leftHead, left, "", data.colours.clean);
    else head(ui.leftHead, given, clean ? decibels(before) : "", data.colours.noisy);
    const now = `${stage(job)} ${network}${denoised || stopped ? "" : " …"}`;
    head(ui.rightHead, now, clean && denoised ? decibels(after) : "", data.colours[network]);
    const whole = photo.width === noisy.width && photo.height === noisy.height, full = `${photo.width} × ${photo.height} pixels`;
    const was = whole ? `${full}.` : job.size === PIECE ? `${full}; the middle ${size} is used, not shrunk.`
      : `${full}, shrunk to ${size}. Shrinking averages some of the photo's noise away.`;
    const white = job.transparent ? " Transparent pixels are laid on white." : "";
    ui.what.textContent = `${photo.name}: ${was}${white}${photo.remark}`;
    const noise = clean ? added(job) : "No noise was added. There is no clean photo to compare with, so no PSNR is shown.";
    const text = `${noise} ${denoised ? measured(job) : stopped ? halted(job) : `Denoising ${network} …`}`.trim();
    if (ui.text.textContent !== text) ui.text.textContent = text;
    moveLine();
  }

  function added({ kind, level }) {
    return `${kind[0].toUpperCase()}${kind.slice(1)} noise of level ${level.toFixed(2)} was added.` +
      ` ${neverSeen({ kind, level })}`.trimEnd();
  }

  function halted({ done, tiles }) {
    return `Stopped after ${done} of ${counted(tiles)} (${Math.floor((100 * done) / tiles)} %). The rest is shown as before.`;
  }

  function measured({ clean, network, before, after, tiles, seconds }) {
    const gain = after?.toFixed(1) - before?.toFixed(1);  // of the numbers that are shown
    const change = Number.isFinite(gain) ? ` (${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(1)} dB)` : "";
    return (clean ? `PSNR against the photo: noisy ${decibels(before)}, denoised ${network} ${decibels(after)}${change}.` : "") +
      (seconds ? ` ${counted(tiles)} took ${seconds.toFixed(1)} s.` : "");
  }

  function head(element, name, value, colour) {
    element.replaceChildren(make("span", { textContent: name }), make("b", { textContent: value }));
    element.style.setProperty("--colour", colour);
  }

  function complain(sentence) {
    ui.wrong.textContent = sentence;
    ui.wrong.hidden = !sentence;
  }

  function moveLine() {
    ui.compare.style.setProperty("--at", ui.range.value / 100);
    const left = ui.left.value === "clean" ? "clean" : wanted.kind === "none" ? "the photo as given" : "noisy";
    ui.range.setAttribute("aria-valuetext", `${ui.range.value} %: ${left} on the left, ${stage(own.job)} on the right`);
  }

  /** Pixels are shown as squares where they are enlarged; a picture larger than its frame is moved by scrolling. */
  function fitIn() {
    const { compare, frame, photo } = ui;
    compare.classList.toggle("enlarged", compare.clientWidth >= ui.before.width);
    const moves = wanted.zoom !== "fit" && (compare.clientWidth > photo.clientWidth || compare.clientHeight > frame.clientHeight);
    frame.classList.toggle("moves", moves);
    ui.hint.hidden = !moves;
  }

  function zoom() {
    wanted.zoom = ui.zoom.value;
    ui.compare.classList.toggle("fit", wanted.zoom === "fit");
    ui.frame.tabIndex = wanted.zoom === "fit" ? -1 : 0;  // what scrolls can be reached by keys
    ui.compare.style.setProperty("--zoom", parseFloat(wanted.zoom) || 1);
    fitIn();
    ui.frame.scrollLeft = (ui.compare.clientWidth * ui.range.value) / 100 - ui.frame.clientWidth / 2;  // the line is in sight
  }

  // ------------------------------------------------------------------ the controls

  const ui = {};  // the elements, by what they are for

  function labelled(name, text, control, ...more) {
    ui[name] = Object.assign(control, { id: `photo-${name}` });
    return make("p", {}, make("label", { htmlFor: control.id, textContent: text }), " ", ...(more.length ? more : [control]));
  }

  function choice(options) {
    return make("select", {}, ...options.map(([value, textContent = value]) => make("option", { value, textContent })));
  }

  function buildControls() {
    const level = make("input", { type: "range", min: 0, max: 0.4, step: 0.01, value: wanted.level });
    ui.levelSays = make("output", { textContent: wanted.level.toFixed(2) });
    ui.levelSays.htmlFor.add("photo-level");
    ui.file = make("input", { type: "file", accept: "image/*", id: "photo-file", hidden: true });
    ui.choose = make("button", { textContent: "Choose another photo", hidden: true });
    ui.stop = make("button", { textContent: "Stop", disabled: true });
    ui.save = make("button", { textContent: "Save the result", disabled: true });
    ui.hint = make("p", { textContent: "Scroll to move the picture; drag the line.", hidden: true });
    const side = make("div", { className: "side" },
      make("p", { className: "actions" }, ui.choose, ui.file),
      labelled("kind", "Add noise", choice([["none", "none (the photo is noisy already)"],
        ...data.kinds.map(({ name }) => [name])])),
      labelled("level", "Noise level", level, make("span", { className: "slider" }, level, ui.levelSays)),
      labelled("network", "Network", choice(Object.keys(data.networks).map((name) => [name]))),
      labelled("size", "Size", choice([[PIECE, `the middle ${SIZES[0]} × ${SIZES[0]}, not shrunk`],
        ...SIZES.map((size) => [size, `at most ${size} pixels${size === SIZES.at(-1) ? " (slow)" : ""}`])])),
      make("p", { className: "actions" }, ui.stop, ui.save),
      labelled("left", "Left of the line", choice([["noisy", "before"], ["clean", "clean photo"]])),
      labelled("zoom", "Zoom", choice([["fit", "as large as fits"], ["1", "1 ×"], ["2", "2 ×"], ["4", "4 ×"]])),
      ui.hint,
      make("p", { className: "note" }, make("b", { textContent: "Your photo stays on this machine." }),
        " It is read and denoised in this browser. ",
        "The page has no code that sends anything, and its security policy blocks requests."),
      make("p", { className: "note" },
        "PSNR takes the photo as the truth: removing the photo's own noise or JPEG blocks costs dB."),
      make("p", { className: "note" }, `A network sees ${TILE}×${TILE} pixels at once. `,
        "The photo is cut into tiles that overlap by half or more; where they overlap, a weighted mean is taken. ",
        "The dB include this mean, so they are not those of the panel. The network with skips has them at full strength."));
    side.setAttribute("role", "group");
    side.setAttribute("aria-label", "Controls of your photo");
    for (const name of ["kind", "network", "size"]) ui[name].value = wanted[name];
    ui.left.disabled = true;
    return side;
  }

  function buildView() {
    ui.wrong = make("p", { className: "wrong", hidden: true });
    ui.wrong.setAttribute("role", "alert");
    ui.drop = make("button", { className: "drop" }, make("b", { textContent: "Choose a photo" }),
      make("span", { textContent: "or drop one here, or paste one." }),
      make("span", { textContent: "It stays on this machine." }));
    [ui.before, ui.after] = ["before", "after"].map((className) => make("canvas", { className }));
    ui.range = make("input", { type: "range", min: 0, max: 100, value: 50 });
    ui.range.setAttribute("aria-label", "Line between before and after");
    ui.frame = make("div", { className: "frame" });
    ui.frame.setAttribute("role", "group");
    ui.frame.setAttribute("aria-label", "The photo, before and after");
    ui.compare = make("div", { className: "compare fit" }, ui.before, ui.after, ui.range);
    ui.frame.append(ui.compare);
    [ui.leftHead, ui.rightHead] = [0, 1].map(() => make("h2"));
    ui.done = make("progress", { max: 100, value: 0 });
    ui.done.setAttribute("aria-label", "Denoised so far");
    [ui.count, ui.what, ui.text] = ["count", "what", "text"].map((className) => make("p", { className }));
    ui.text.setAttribute("role", "status");
    ui.photo = make("div", { hidden: true },
      make("div", { className: "heads" }, ui.leftHead, ui.rightHead), ui.frame,
      make("div", { className: "far" }, ui.done, ui.count), ui.what, ui.text);
    return make("div", { className: "work" }, ui.wrong, ui.drop, ui.photo);
  }

  /** The first picture of what was dropped or pasted, or a sentence. */
  function takeFirst(files, verb) {
    const file = [...files].find(({ type }) => type.startsWith("image/")) || files[0];
    if (file) take(file, files.length > 1 ? ` ${files.length} files were ${verb}; this one is shown.` : "");
    else complain(`What was ${verb} is no file. ${READABLE} Save the picture first, then choose the saved file.`);
  }

  function wireFiles() {
    ui.choose.addEventListener("click", () => ui.file.click());
    ui.drop.addEventListener("click", () => ui.file.click());
    ui.file.addEventListener("change", () => {
      if (ui.file.files.length) take(ui.file.files[0]);
      ui.file.value = "";  // the same file may be chosen again
    });
    addEventListener("paste", ({ clipboardData }) => page.view === "photo" && takeFirst(clipboardData.files, "pasted"));
    const ours = (event) => page.view === "photo" || event.dataTransfer?.types.includes("Files");
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"])
      addEventListener(kind, (event) => {
        if (!ours(event)) return;
        event.preventDefault();  // or the browser would leave the page for the file
        byId("photo").classList.toggle("over", kind === "dragenter" || kind === "dragover");
        if (kind !== "drop") return;
        page.open("photo");
        takeFirst(event.dataTransfer.files, "dropped");
      });
  }

  function wirePhoto() {
    const change = (name, value) => {
      wanted[name] = value;
      startSoon();
    };
    ui.kind.addEventListener("change", () => {
      ui.level.disabled = ui.kind.value === "none";
      if (!own.sized) wanted.size = ui.size.value = ui.level.disabled ? PIECE : SIZES[0];  // shrinking would remove noise
      change("kind", ui.kind.value);
    });
    ui.level.addEventListener("input", () => {
      ui.levelSays.textContent = Number(ui.level.value).toFixed(2);
      change("level", Number(ui.level.value));
    });
    ui.network.addEventListener("change", () => change("network", ui.network.value));
    ui.size.addEventListener("change", () => {
      own.sized = true;
      change("size", ui.size.value === PIECE ? PIECE : Number(ui.size.value));
    });
    ui.left.addEventListener("change", () => {
      wanted.left = ui.left.value;
      showLeft();
      tell();
    });
    ui.zoom.addEventListener("change", zoom);
    ui.range.addEventListener("input", moveLine);
    ui.stop.addEventListener("click", stopOrGoOn);
    ui.save.addEventListener("click", save);
    const watch = new ResizeObserver(fitIn);
    for (const element of [ui.compare, ui.photo]) watch.observe(element);
  }

  byId("photo").append(buildControls(), buildView());
  wireFiles();
  wirePhoto();
  moveLine();
});
