"""What the tests of the panel and `make bench` share: a server, headless browsers, and hands on the panel."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from helpers import present

TOP = Path(__file__).parents[1]
NOTEBOOK = TOP / "notebooks" / "07_residual_slider.ipynb"
PAGE = TOP / "notebooks" / "panel.html"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-color-profile=srgb"
).split()
SECONDS = 240  # until a server or a notebook has to be ready, on a slow and busy machine
IMAGE = ".residual-view img"
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
PICTURE = "[...document.querySelectorAll('#pictures canvas')].map((canvas) => canvas.toDataURL()).join()"


def chromium():
    """The path of a Chromium that is installed, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def firefox():
    """The path of a Firefox that is installed, or None."""
    return next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)


def surroundings(folder):
    """Variables that keep all that servers, kernels and browsers write inside `folder`."""
    for name in ("home", "tmp", "jupyter"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    keras = os.environ.get("KERAS_HOME") or str(Path("~/.keras").expanduser())
    inside = {name: str(folder / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    inside |= {"TMPDIR": str(folder / "tmp"), "KERAS_HOME": keras, "PYTHONPATH": str(TOP)}
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        inside[f"JUPYTER_{name}"] = str(folder / "jupyter")
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        inside[name] = str(folder / "jupyter" / name.lower())
    return inside | {"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}


def free_port():
    """A port below those that systems hand out by themselves: no kernel beside us takes it before the server does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 30_000)  # not seeded by a test
        with contextlib.suppress(OSError), socket.socket() as door:
            door.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serve(command, port, folder, **variables):
    """Run a server until the block ends, with all its kernels; yield its address."""
    log = (folder / "server.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        command, cwd=folder, env=os.environ | surroundings(folder) | variables, stdout=log, stderr=log,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(4 * SECONDS):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            if server.poll() is not None:
                said = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"The server has stopped: {said[-2000:]}")
            time.sleep(0.25)
        yield address
    finally:
        stop(server)
        log.close()


def stop(process):
    """End a process that leads a session of its own, with all that it has started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def serve_lab(folder, notebook=NOTEBOOK):
    """JupyterLab with a copy of a notebook, on this machine alone and without a token."""
    port = free_port()
    shutil.copytree(notebook.parent / "images", folder / "work" / "images")
    shutil.copy(notebook, folder / "work")
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder / 'work'}", "--ServerApp.disable_check_xsrf=True",
    ]
    return serve(command, port, folder)


def serve_voila(folder):
    """The panel alone, as `make present` serves it."""
    port = free_port()
    command = present.command(folder / "present", "--no-browser", f"--port={port}")
    return serve(command, port, folder, JUPYTER_PATH=present.surroundings()["JUPYTER_PATH"])


@contextlib.contextmanager
def browser(folder):
    """A headless Chromium whose profile lies in `folder`."""
    from playwright.sync_api import sync_playwright

    before = dict(os.environ)
    os.environ.update(surroundings(folder))  # Playwright's own helper process reads them
    try:
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            yield running
            running.close()
    finally:
        os.environ.clear()
        os.environ.update(before)


class Visit:
    """A page, what its console complained of, and whom it asked outside this machine."""

    def __init__(self, running, address, width=1366, height=768, **options):
        self.page = running.new_page(viewport={"width": width, "height": height}, **options)
        self.page.set_default_timeout(SECONDS * 1000)
        self.errors, self.outside = [], []
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.goto(address)

    def _note(self, url):
        if not re.match(r"(https?|ws)://127\.0\.0\.1|data:|blob:|file:", url):
            self.outside.append(url)

    def run(self, what="Run All Cells", wait=True):
        """Choose from the menu Run, as a reader does it, and wait until all has run, or only until it runs."""
        page, idle = self.page, self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        for _ in range(10):  # a kernel that has just started may miss the first call
            idle.wait_for()
            page.wait_for_timeout(1000)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text(what, exact=True).click()
            page.wait_for_timeout(3000)
            if not idle.count() or page.locator(".jp-InputPrompt", has_text=re.compile(r"\[[*\d]")).count():
                break
        if wait:
            idle.wait_for()

    def wait_until(self, ready, what):
        """Look five times a second; a machine may be slow and busy."""
        for _ in range(5 * SECONDS):
            if ready():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"Waited in vain: {what}.")

    def find_panel(self):
        """Scroll until the panel is on the page."""
        self.scroll_to(self.page.locator(".residual-panel"), -400)
        self.page.locator(".residual-panel").evaluate("panel => panel.scrollIntoView({block: 'start'})")
        self.page.wait_for_function(f"document.querySelector('{IMAGE}')?.naturalWidth > 0")

    def scroll_to(self, place, step):
        """Turn the wheel, and back, until a place can be seen: JupyterLab may draw only the cells that are near."""
        self.page.locator(".jp-Notebook").first.hover()
        for turn in range(10 * SECONDS):
            if place.count() and place.first.is_visible():
                return
            self.page.mouse.wheel(0, -step if turn // 50 % 2 else step)
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{place} is not in the notebook.")

    @property
    def text(self):
        return self.page.locator(".residual-text").inner_text().strip()

    @property
    def psnr(self):
        """Mean PSNR of the network with skips, as the text says it."""
        return float(re.search(r"Trained with skips[^:]*: ([\d.]+) dB", self.text)[1])

    @property
    def picture(self):
        """What tells the PNG that is on the page from any other: its SHA-256."""
        return self.page.evaluate(
            "async (image) => String(new Uint8Array(await crypto.subtle.digest('SHA-256', "
            "await (await fetch(document.querySelector(image).src)).arrayBuffer())))", IMAGE,
        )

    def press(self, act):
        """Do something that has to bring a new picture, and wait for it."""
        before = self.page.locator(IMAGE).get_attribute("src")
        act()
        try:
            self.page.wait_for_function("([image, before]) => document.querySelector(image).src != before",
                                        arg=[IMAGE, before])
        except Exception as error:
            raise AssertionError(f"No new picture; the text says {self.text!r}.") from error
        self.settle()

    def settle(self, *wanted):
        """Wait until the text says what is wanted and nothing changes any more."""
        last = None
        for _ in range(10 * SECONDS):
            self.page.wait_for_timeout(100)
            now = self.text, self.page.locator(IMAGE).get_attribute("src")
            if now == last and all(words in now[0] for words in wanted):
                break
            last = now
        else:
            raise AssertionError(f"The text stays at {self.text!r}; wanted was {wanted!r}.")
        self.page.wait_for_function(f"document.querySelector('{IMAGE}').complete")

    def handle(self, name):
        return self.page.get_by_role("slider", name=name, exact=True)

    def drag(self, name, share, steps=10, pause=0):
        """Take a slider's handle with the mouse to a share of its way, with a pause in ms after each step."""
        handle = self.handle(name)
        handle.scroll_into_view_if_needed()
        slider = self.page.locator(".residual-panel .widget-slider", has=handle)
        knob, way = handle.bounding_box(), slider.locator(".noUi-base").bounding_box()
        x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for step in range(1, steps + 1):
            self.page.mouse.move(x + (way["x"] + share * way["width"] - x) * step / steps, y)
            self.page.wait_for_timeout(pause)
        self.page.mouse.up()


class PageVisit(Visit):
    """notebooks/panel.html from the disk, without a server; all else that it might ask for is noted and refused."""

    def __init__(self, running, address="", width=1366, height=768, page=PAGE, **options):
        super().__init__(running, f"{page.as_uri()}{address}", width, height, **options)
        self.wait_for("window.page?.checked")

    def wait_for(self, expression):
        """Wait until an expression is true (Playwright's own way to wait is refused by the page's policy)."""
        self.evaluate(f"""() => new Promise((done, fail) => {{
          const look = () => ({expression} ? done() : setTimeout(look, 20));
          setTimeout(() => fail(new Error("waited in vain")), {1000 * SECONDS});
          look();
        }})""")

    def evaluate(self, expression, argument=None):
        return self.page.evaluate(expression, argument)

    @property
    def text(self):
        return self.page.locator("#text").inner_text().strip()

    def go(self, **values):
        """Set the state, all else as at the start, and wait until it is drawn."""
        self.evaluate("values => page.go(values)", values)
        self.drawn()

    def drawn(self):
        """Wait until the newest state is on the page."""
        self.evaluate(DRAWN)

    @property
    def picture(self):
        """All pictures that are on the page, pixel by pixel, as one text."""
        return self.evaluate(PICTURE)

    def resize(self, width, height):
        self.page.set_viewport_size({"width": width, "height": height})
        self.drawn()

    def drag(self, name, share, steps=4, pause=0):
        """Take a slider's handle with the mouse to a share of its way, with a pause in ms after each step."""
        slider = self.handle(name)
        slider.scroll_into_view_if_needed()
        way, now = slider.bounding_box(), slider.evaluate("slider => (slider.value - slider.min) / (slider.max - slider.min)")
        start, end, y = way["x"] + 8 + now * (way["width"] - 16), way["x"] + share * way["width"], way["y"] + way["height"] / 2
        self.page.mouse.move(start, y)
        self.page.mouse.down()
        for step in range(1, steps + 1):
            self.page.mouse.move(start + (end - start) * step / steps, y)
            self.page.wait_for_timeout(pause)
        self.page.mouse.up()
        self.drawn()


class Firefox:
    """A headless Firefox with one page, by WebDriver BiDi: what Firefox speaks itself, over a web socket.

    (Playwright asks Firefox for commands that the one which Debian has does not know yet.)
    """

    def __init__(self, address):
        import websocket

        self.socket, self.number, self.events = websocket.create_connection(address, timeout=SECONDS, suppress_origin=True), 0, []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        (self.context,) = (tab["context"] for tab in self.send("browsingContext.getTree")["contexts"])

    def send(self, method, **params):
        """Give a command and wait for its result; what happens meanwhile is noted."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (said := json.loads(self.socket.recv())).get("id") != self.number:
            self.events.append(said)
        assert said["type"] == "success", said
        return said["result"]

    def open(self, address):
        self.send("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def evaluate(self, expression):
        """The value of an expression, a text or a number; a promise is waited for."""
        found = self.send("script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True)
        assert found["type"] == "success", found
        return found["result"].get("value")

    def press(self, key):
        keys = [{"type": way, "value": key} for way in ("keyDown", "keyUp")]
        self.send("input.performActions", context=self.context, actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    def noted(self, method):
        """What has happened: the parameters of all events of a kind."""
        return [event["params"] for event in self.events if event.get("method") == method]


@contextlib.contextmanager
def run_firefox(folder):
    """A headless Firefox whose profile lies in `folder`; all its processes have ended when the block ends."""
    profile = folder / "profile"
    profile.mkdir()
    command = [firefox(), "--headless", "--new-instance", "--profile", profile, "--remote-debugging-port=0"]
    with (folder / "firefox.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=os.environ | surroundings(folder), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        for _ in range(10 * SECONDS):  # Firefox takes a free port, and writes into its profile which
            time.sleep(0.1)
            with contextlib.suppress(OSError, ValueError):
                door = json.loads((profile / "WebDriverBiDiServer.json").read_text(encoding="utf-8"))
                break
            assert process.poll() is None, (folder / "firefox.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        running = Firefox(f"ws://{door['ws_host']}:{door['ws_port']}/session")
        yield running
        running.socket.close()
    finally:
        stop(process)


def stop_kernels(address):
    """End all kernels of a JupyterLab."""
    with urllib.request.urlopen(f"{address}/api/sessions", timeout=10) as answer:
        for session in json.load(answer):
            request = urllib.request.Request(f"{address}/api/sessions/{session['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=10).close()
