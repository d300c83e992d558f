"""How fast the panel answers, in real JupyterLab in headless Chromium: a part of `make bench`.

Six images, beside a bare echo slider, which swaps ready-made PNGs of the same size: what the echo takes belongs
to Jupyter and the browser, the rest to us. Needs Playwright, a Chromium, and a machine that does nothing else.
"""

import json
import time

import nbformat

from helpers import present
from tests.browser import IMAGE, Visit, browser, serve_lab, serve_voila

PRESSES = 60  # of a key, on each of the two sliders
SETUP = """
import json, time
import ipywidgets as widgets
six = ResidualPanel(networks, clean, kinds, rows=6)
seconds = []
for position in [*range(51), *range(50, -1, -1)]:
    start = time.perf_counter()
    six.controls["strength"].value = position / 50
    seconds.append(time.perf_counter() - start)
print("kernel", json.dumps(seconds))
ready = []
for position in range(51):
    six.controls["strength"].value = position / 50
    ready.append(bytes(six.image.value))
echo = widgets.FloatSlider(1, min=0, max=1, step=0.02, description="Echo")
picture = widgets.Image(value=ready[-1])
echo.observe(lambda change: setattr(picture, "value", ready[round(50 * change.new)]), "value")
for part, name in ((echo, "bench-slider"), (picture, "bench-echo")):
    part.add_class(name)
six.box.add_class("bench-panel")
display(widgets.VBox([widgets.HBox([echo, picture]), six.box]))
"""
IMAGES = {"echo": ".bench-echo", "panel": ".bench-panel .residual-view img"}
HANDLES = {"echo": ".bench-slider [role=slider]", "panel": ".bench-panel [role=slider]"}
WATCH = """([images, handles]) => {
  window.seen = {};
  for (const name of Object.keys(images)) {
    window.seen[name] = [];
    const handle = document.querySelector(handles[name]);
    handle.addEventListener("keydown", (event) => { window.acted = event.timeStamp; });
    document.querySelector(images[name]).addEventListener("load", () => requestAnimationFrame(
      () => requestAnimationFrame((now) => window.seen[name].push(now - window.acted))));
  }
  window.addEventListener("mousemove", (event) => { window.acted = event.timeStamp; });
}"""


def write_notebook(folder):
    book = nbformat.read(present.write_panel(folder), as_version=4)
    lines = [cell.source.removeprefix("%%capture\n") for cell in book.cells]
    book.cells = [nbformat.v4.new_code_cell("\n".join([*lines[:-1], "# the panel", SETUP]))]
    (folder / "images").mkdir()
    nbformat.write(book, folder / "bench.ipynb")
    return folder / "bench.ipynb"


def press(page, name, key):
    """Milliseconds from a key press to new pixels: the picture is there, and a frame has been drawn since."""
    count = page.evaluate("name => window.seen[name].length", name)
    page.keyboard.press(key)
    page.wait_for_function("([name, count]) => window.seen[name].length > count", arg=[name, count])
    page.wait_for_timeout(60)
    return page.evaluate("name => window.seen[name].at(-1)", name)


def measure(folder):
    """All figures, in milliseconds, and the first panel in seconds."""
    found = {"echo": [], "panel": []}
    with browser(folder / "browser") as running:
        with serve_lab(folder / "lab", write_notebook(folder / "notebook")) as address:
            page = Visit(running, f"{address}/lab/tree/bench.ipynb", width=1600, height=1000).page
            page.locator(".jp-Notebook .jp-Cell").first.wait_for()
            page.wait_for_timeout(5000)
            page.locator(".jp-Notebook .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
            page.locator(IMAGES["panel"]).wait_for()
            page.wait_for_timeout(2000)
            printed = page.locator(".jp-OutputArea-output", has_text="kernel [").first.inner_text()
            found["kernel"] = [1000 * s for s in json.loads(printed.split("kernel ")[1].splitlines()[0])]
            page.evaluate(WATCH, [IMAGES, HANDLES])
            for key in ["ArrowLeft", "ArrowRight"] * (PRESSES // 20):  # in turns
                for name, handle in HANDLES.items():
                    page.locator(handle).first.focus()
                    found[name] += [press(page, name, key) for _ in range(10)]
            found["drag"] = [drag(page, HANDLES["panel"]) for _ in range(3)]
            page.close()
        with serve_voila(folder / "voila") as address:
            start = time.perf_counter()
            page = Visit(running, address).page
            page.wait_for_function(f"document.querySelector('{IMAGE}')?.naturalWidth > 0", polling=50)
            found["first"] = time.perf_counter() - start
            page.close()
    return found


def drag(page, handle):
    """Milliseconds from the last of 40 mouse moves in a second to the last new picture."""
    handle = page.locator(handle).first
    handle.focus()
    page.keyboard.press("End")
    page.wait_for_timeout(1000)
    knob = handle.bounding_box()
    way = page.locator(".bench-panel .noUi-base").first.bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    start = time.perf_counter()
    for step in range(1, 41):
        page.mouse.move(x - way["width"] * step / 40, y)
        time.sleep(max(0, start + step / 40 - time.perf_counter()))
    page.mouse.up()
    page.wait_for_timeout(3000)
    assert "strength 0.00" in page.locator(".bench-panel .residual-text").inner_text()
    return page.evaluate("window.seen.panel.at(-1)")
