"use strict";
// Presenter's mode: full screen, and a walk through INSTRUCTORS' live part, the question first.
// Each step of `data.live` is a question, then its moves one by one, then what is seen.

const presenter = (() => {
  const stage = byId("stage"), SECONDS = 6;  // in which the strength is taken to where it has to be
  const sentence = (words) => (/[.?!]$/.test(words) ? words : `${words}.`);
  const scenes = data.live.flatMap(({ minutes, ask, seen, moves }, step) => [
    { head: "Ask the room", text: ask, state: {}, asks: true, unscored: !moves.length },
    ...moves.map(([name, state]) => ({ head: ask, text: name, state, fades: "strength" in state })),
    { head: ask, text: sentence(seen), state: moves.length ? moves.at(-1)[1] : {} },
  ].map((scene, part, parts) => ({ ...scene, count: `Step ${step + 1} of ${data.live.length}, part ${part + 1} of ${parts.length}; ${minutes} min` })));
  let at = 0, fading = 0, before = null;

  const count = make("span", { className: "count" }), head = make("p", { className: "head" }), text = make("p", { className: "said" });
  const back = make("button", { textContent: "Back", onclick: () => turn(-1) }), next = make("button", { onclick: () => turn(at === scenes.length - 1 ? -at : 1) });
  const leave = make("button", { textContent: "Leave", onclick: stop });
  text.setAttribute("aria-live", "polite");
  stage.setAttribute("role", "region");
  stage.setAttribute("aria-label", "The lecture, step by step");
  stage.append(make("div", { className: "words" }, head, text), make("div", { className: "turn" }, count, back, next, leave));

  /** Take the strength to a state's slowly, so that the room can follow. A hand on a control ends it. */
  function fade(state) {
    const to = state.strength, from = page.state.strength, begin = performance.now();
    let expected = JSON.stringify(page.state);
    const go = (now) => {
      if (JSON.stringify(page.state) !== expected) return (fading = 0);
      const share = Math.min((now - begin) / 1000 / SECONDS, 1);
      page.set({ strength: share < 1 ? Math.round(100 * (from + share * (to - from))) / 100 : to });
      expected = JSON.stringify(page.state);
      fading = share < 1 ? requestAnimationFrame(go) : 0;
    };
    fading = requestAnimationFrame(go);
  }

  function show() {
    const scene = scenes[at];
    if (page.view !== "panel") page.open("panel");  // whatever the button Back or a dropped photo has opened
    count.textContent = scene.count;
    head.textContent = scene.head;
    text.textContent = scene.text;
    text.classList.toggle("asks", Boolean(scene.asks));
    document.body.classList.toggle("unscored", Boolean(scene.unscored));  // or the bars would answer the question
    back.disabled = at === 0;
    next.textContent = at === scenes.length - 1 ? "Start again" : "Next";
    if (!scene.fades || matchMedia("(prefers-reduced-motion: reduce)").matches) return page.goSame(scene.state);
    page.goSame({ ...scene.state, strength: scenes[at - 1].state.strength ?? 1 });
    fade({ ...START, ...scene.state });
  }

  /** To another scene; while the strength is on its way, the first press takes it to its end. */
  function turn(by) {
    if (fading) {
      cancelAnimationFrame(fading);
      fading = 0;
      page.goSame(scenes[at].state);
      if (by > 0) return;
    }
    at = Math.min(Math.max(at + by, 0), scenes.length - 1);
    show();
  }

  function start() {
    before = { state: { ...page.state }, view: page.view };
    document.body.classList.add("presenting");
    stage.hidden = false;
    page.open("panel");
    show();
    next.focus();
    document.documentElement.requestFullscreen?.().then(
      () => stage.hidden && document.exitFullscreen(),
      () => {},  // a page inside another one may not
    );
  }

  /** Everything is again as it was before; the next start goes on at the same scene. */
  function stop() {
    cancelAnimationFrame(fading);
    fading = 0;
    document.body.classList.remove("presenting", "unscored");
    stage.hidden = true;
    if (document.fullscreenElement) document.exitFullscreen();
    page.set(before.state);
    page.open(before.view);
    byId("present").focus();
  }

  const embedded = window.parent !== window;  // as a slide of a deck

  /** A clicker sends Page Up and Page Down, also while a slider has the focus; some send F5 and a full stop. */
  function turnBy(event) {
    const typing = event.target.matches?.("input, select"), { key } = event;
    if (key === "PageDown" || (!typing && ["ArrowRight", "n"].includes(key))) return 1;
    if (key === "PageUp" || (!typing && ["ArrowLeft", "p"].includes(key))) return -1;
    return 0;
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = turnBy(event), { key } = event;
    if (stage.hidden) {
      if (!embedded || !["PageDown", "PageUp"].includes(key)) return;
      window.parent.postMessage(JSON.stringify({ method: by > 0 ? "next" : "prev" }), "*");  // reveal.js turns the slide
    } else if (key === "Escape") stop();
    else if (by && !event.repeat) turn(by);
    else if (!by && !["F5", "."].includes(key)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && !stage.hidden) stop();
  });
  byId("present").addEventListener("click", start);
  byId("present").hidden = !scenes.length;  // the questions are those of the shipped pair
  return { scenes, start, stop, turn };
})();
