"use strict";
// Presenter's mode: full screen, and a walk through INSTRUCTORS' live part, the question first.
// Each step of `data.live` is a question, then its moves one by one, then what is seen.

const presenter = (() => {
  const stage = byId("stage"), SECONDS = 1.5;
  const scenes = data.live.flatMap(({ minutes, ask, seen, moves }, step) => [
    { step, minutes, head: "Ask the room", text: ask, state: {}, large: true },
    ...moves.map(([name, state]) => ({ step, minutes, head: ask, text: name, state })),
    { step, minutes, head: ask, text: seen, state: moves.length ? moves.at(-1)[1] : {} },
  ]);
  let at = 0, moving = 0;

  const count = make("span", { className: "count" }), head = make("p", { className: "head" }), text = make("p", { className: "said" });
  const back = make("button", { textContent: "Back", onclick: () => turn(-1) });
  const next = make("button", { textContent: "Next", onclick: () => turn(1) });
  const leave = make("button", { textContent: "Leave", onclick: stop });
  text.setAttribute("aria-live", "polite");
  stage.setAttribute("role", "region");
  stage.setAttribute("aria-label", "The lecture, step by step");
  stage.append(make("div", { className: "words" }, head, text), make("div", { className: "turn" }, count, back, next, leave));

  /** Take the strength slowly to where it has to be, so that the room can follow; anything else at once. */
  function move(state) {
    cancelAnimationFrame(moving);
    const to = { ...START, ...state }, from = page.state.strength, begin = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || from === to.strength;
    const go = (now) => {
      const share = still ? 1 : Math.min((now - begin) / 1000 / SECONDS, 1);
      page.go({ ...to, strength: share < 1 ? Math.max(0, Math.min(1, from + share * (to.strength - from))) : to.strength });
      if (share < 1) moving = requestAnimationFrame(go);
    };
    go(begin);
  }

  function show() {
    const scene = scenes[at];
    count.textContent = `Step ${scene.step + 1} of ${data.live.length}, ${scene.minutes} min`;
    head.textContent = scene.head;
    text.textContent = scene.text;
    text.classList.toggle("large", Boolean(scene.large));
    back.disabled = at === 0;
    next.disabled = at === scenes.length - 1;
    move(scene.state);
  }

  function turn(by) {
    at = Math.min(Math.max(at + by, 0), scenes.length - 1);
    show();
  }

  function start() {
    document.body.classList.add("presenting");
    stage.hidden = false;
    page.open("panel");
    show();
    next.focus();
    document.documentElement.requestFullscreen?.().catch(() => {});  // a page inside another one may not
  }

  function stop() {
    cancelAnimationFrame(moving);
    document.body.classList.remove("presenting");
    stage.hidden = true;
    if (document.fullscreenElement) document.exitFullscreen();
    byId("present").focus();
  }

  // A clicker sends Page Up and Page Down, also while a slider has the focus.
  addEventListener("keydown", (event) => {
    if (stage.hidden) return;
    const by = { PageDown: 1, PageUp: -1, n: 1, p: -1 }[event.key];
    if (event.key === "Escape") stop();
    else if (by) turn(by);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && !stage.hidden) stop();
  });
  byId("present").addEventListener("click", start);
  return { scenes, start, stop, turn };
})();
