"""How fast the page answers, opened from the disk in headless Chromium: a part of `make bench`.

Needs Playwright, a Chromium, and a machine that does nothing else.
"""

from PIL import Image

from helpers.data import photographs
from tests.browser import PAGE, PageVisit, browser

PRESSES, HANDFULS, OPENINGS, PHOTOS = 60, 20, 5, 3
FIRST = """window.first = new Promise((done) => {
  const look = () => requestAnimationFrame(() => {
    if (!document.getElementById("text")?.textContent) look();
    else requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  });
  look();
});"""
WATCH = """() => {
  window.seen = [];
  addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => requestAnimationFrame(
    () => seen.push(performance.now() - timeStamp))), true);
}"""


def press(visit, key):
    """Milliseconds from a key press to two animation frames later: by then the new pixels are drawn."""
    visit.evaluate("seen.length = 0")
    visit.page.keyboard.press(key)
    visit.wait_for("seen.length")
    visit.page.wait_for_timeout(60)
    return visit.evaluate("seen[0]")


def first(running):
    """Milliseconds from the opening of the page to two animation frames after its first pictures."""
    page = running.new_page()
    page.add_init_script(FIRST)
    page.goto(PAGE.as_uri())
    milliseconds = page.evaluate("window.first")
    page.close()
    return milliseconds


def photo(visit, file):
    """Milliseconds in which a photo is denoised."""
    visit.evaluate("page.photoTimes.length = 0")
    visit.page.locator("#photo-file").set_input_files(file)
    visit.wait_for("page.photoTimes.length")
    return visit.evaluate("page.photoTimes[0].milliseconds")


def measure(folder):
    """All figures, in milliseconds."""
    with browser(folder / "browser") as running:
        found = {"opened": [first(running) for _ in range(OPENINGS)]}
        visit = PageVisit(running)
        visit.evaluate(WATCH)
        visit.handle("Skip strength").focus()
        found["strength"] = [press(visit, key) for key in ["ArrowLeft", "ArrowRight"] * (PRESSES // 2)]
        visit.page.get_by_role("button", name="New noise", exact=True).focus()
        found["handful"] = [press(visit, "Enter") for _ in range(HANDFULS)]
        if visit.evaluate("Boolean(page.photoTimes)"):
            Image.fromarray(photographs()["cat"][:200, :300]).save(folder / "cat.png")
            visit.evaluate("page.open('photo')")
            found["photo"] = [photo(visit, folder / "cat.png") for _ in range(PHOTOS)]
        visit.page.close()
    return found
