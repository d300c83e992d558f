"""Your photo, on the page from the disk: reading, noise, tiles, the line between before and after, and what goes wrong."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from tests.browser import PageVisit

LINE = "Line between before and after"
SENTENCE = "#photo .wrong"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)


ONCE_BEGUN = """() => {  // do something as soon as some tiles of the next job are denoised, and not all
    const bar = document.querySelector("#photo progress");
    const watch = new MutationObserver(() => {
        if (bar.value === 0 || bar.value === 100) return;
        watch.disconnect();
        %s
    });
    watch.observe(bar, { attributes: true, attributeFilter: ["value"] });
}"""


class PhotoVisit(PageVisit):
    """The page with the tab "Your photo" open."""

    def __init__(self, running, width=1366, height=768):
        super().__init__(running, "#view=photo", width, height)

    def give(self, content, name, kind="image/png"):
        self.page.set_input_files("#photo-file", {"name": name, "mimeType": kind, "buffer": content})

    def show(self, array, name, done=True):
        """Choose a photo; wait until its job has begun, or is done."""
        self.give(file_of(array), name)
        self.wait_until(lambda: self.evaluate("page.photo.photo?.name") == name, f"{name} read")
        if done:
            self.done()

    def done(self):
        self.wait_until(lambda: self.evaluate("Boolean(page.photo.job.denoised && !page.photo.waiting)"), "denoised")

    def want(self, **values):
        """Set the selects; wait until the job of these values has begun."""
        for name, value in values.items():
            self.page.select_option(f"#photo-{name}", str(value))
            self.wait_until(lambda: self.evaluate(
                "([name, value]) => String(page.photo.job[name]) === value && !page.photo.waiting", [name, str(value)]), f"{name} {value}")

    def level(self, level):
        self.page.locator("#photo-level").fill(str(level))
        self.wait_until(lambda: self.evaluate("level => page.photo.job.level === level && !page.photo.waiting", level), f"level {level}")

    def pixels(self, name):
        """Pixels of the newest job: clean, noisy or denoised."""
        height, width, text = self.evaluate("""name => {
            const { height, width, data } = page.photo.job[name], bytes = new Uint8Array(Float32Array.from(data).buffer);
            let letters = "";
            for (const byte of bytes) letters += String.fromCharCode(byte);
            return [height, width, btoa(letters)];
        }""", name)
        return np.frombuffer(base64.b64decode(text), "<f4").reshape(height, width, 3)

    @property
    def text(self):
        return self.page.locator("#photo .text").inner_text()

    @property
    def what(self):
        return self.page.locator("#photo .what").inner_text()


def file_of(array, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def scene(height, width):
    """Waves and an edge, in colours; uint8."""
    y, x = np.mgrid[:height, :width]
    waves = 127 + 60 * np.sin(x / 7)[:, :, None] + 50 * np.cos(y[:, :, None] / np.array([5, 9, 13]))
    waves[:, width // 2:] *= 0.6
    return np.uint8(waves.clip(0, 255))


@pytest.fixture(scope="module")
def visit(running):
    visit = PhotoVisit(running)
    yield visit
    visit.page.close()


@pytest.fixture(scope="module")
def networks():
    from helpers.models import load_pretrained

    return {name: load_pretrained(name == "with skips") for name in ("without skips", "with skips")}


# ---------------------------------------------------------------- what is computed


@pytest.mark.parametrize("height, width", [(50, 180), (20, 50), (70, 9)])
def test_tiles_as_keras_denoises_them(visit, networks, height, width):
    from helpers.metrics import psnr
    from helpers.tiles import denoise_photo

    photo = scene(height, width)
    visit.show(photo, f"{width}.png")
    assert visit.what == f"{width}.png: {width} × {height} pixels."
    for network in networks:
        visit.want(network=network)
        visit.done()
        clean, noisy, denoised = map(visit.pixels, ("clean", "noisy", "denoised"))
        np.testing.assert_allclose(clean, photo / 255, atol=1e-6)
        wanted = denoise_photo(networks[network], noisy)
        assert np.abs(denoised - wanted).max() < 2 / 255
        assert abs(psnr(clean, denoised) - psnr(clean, wanted)) < 0.02
        before, after = (float(psnr(clean, pixels)) for pixels in (noisy, denoised))
        gain = f"{round(after, 1) - round(before, 1):+.1f}".replace("-", "−")
        assert f"noisy {before:.1f} dB, denoised {network} {after:.1f} dB ({gain} dB)" in visit.text


def test_noise_is_as_strong_as_it_says(visit):
    grey = np.full((64, 200, 3), 128, "uint8")
    visit.show(grey, "grey.png", done=False)
    noise = visit.pixels("noisy") - np.float32(128 / 255)
    assert abs(noise.std() - 0.1) < 0.003 and abs(noise.mean()) < 0.003
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.05
    visit.want(kind="salt-and-pepper")
    visit.level(0.2)
    noisy = visit.pixels("noisy")
    for value, share in ((0, 0.1), (1, 0.1), (np.float32(128 / 255), 0.8)):
        assert abs((noisy == value).all(axis=-1).mean() - share) < 0.02
    visit.want(kind="striped")
    noise = visit.pixels("noisy") - np.float32(128 / 255)
    assert np.ptp(noise, axis=(1, 2)).max() < 1e-6 and 0.14 < noise[:, 0, 0].std() < 0.26
    assert "Neither network saw such noise in training." in visit.text
    visit.want(kind="none")
    visit.done()
    np.testing.assert_allclose(visit.pixels("noisy"), grey / 255, atol=1e-6)
    assert "no clean photo to compare with" in visit.text and "dB" not in visit.page.locator("#photo .work").inner_text()
    assert visit.page.locator("#photo-level").is_disabled() and visit.page.locator("#photo-left").is_disabled()
    visit.want(kind="Gaussian")
    visit.level(0.1)


# ---------------------------------------------------------------- what is read


def test_a_turned_photo_comes_upright(visit):
    stored = np.full((40, 64, 3), 30, "uint8")
    stored[20:, :32] = (250, 20, 20)  # bottom left; a phone that was held upright says: turn it by 90 degrees clockwise
    turn = Image.Exif()
    turn[0x0112] = 6
    visit.give(file_of(stored, "JPEG", exif=turn, quality=95), "turned.jpg", "image/jpeg")
    visit.wait_until(lambda: visit.evaluate("page.photo.photo.name") == "turned.jpg", "read")
    clean = visit.pixels("clean")
    assert clean.shape == (64, 40, 3) and visit.what.startswith("turned.jpg: 40 × 64 pixels")
    assert clean[8, 8, 0] > 0.9 and clean[[8, 56, 56], [32, 8, 32], 0].max() < 0.2


def test_a_large_photo_is_shrunk_without_false_patterns(visit):
    photo = np.zeros((700, 1400, 3), "uint8")
    photo[::2, ::2] = photo[1::2, 1::2] = 255  # a chequerboard is grey from afar
    photo[:, 700:] = (200, 100, 50)
    visit.show(photo, "large.png", done=False)
    assert visit.what == "large.png: 1400 × 700 pixels, shrunk to 300 × 150. Shrinking averages some of the photo's noise away."
    clean = visit.pixels("clean")
    np.testing.assert_allclose(clean[2:-2, 2:145], 0.5, atol=0.04)
    np.testing.assert_allclose(clean[2:-2, 155:-2], np.broadcast_to(np.array([200, 100, 50]) / 255, (146, 143, 3)), atol=0.01)
    visit.want(size=600)
    assert "shrunk to 600 × 300." in visit.what
    visit.want(size=300)


def test_a_noisy_photo_is_not_shrunk_unless_one_says_so(visit):
    photo = np.random.default_rng(0).integers(0, 256, (330, 400, 3), "uint8")
    visit.evaluate("page.photo.sized = false")  # as before one has chosen a size
    visit.show(photo, "grainy.png", done=False)
    visit.want(kind="none")
    np.testing.assert_allclose(visit.pixels("noisy"), photo[15:315, 50:350] / 255, atol=1e-6)
    assert visit.what == "grainy.png: 400 × 330 pixels; the middle 300 × 300 is used, not shrunk."
    visit.want(kind="Gaussian")
    assert visit.evaluate("page.photo.job.size") == 300
    visit.want(size=600)
    visit.want(kind="none")
    assert visit.evaluate("page.photo.job.size") == 600 and visit.what == "grainy.png: 400 × 330 pixels."
    visit.want(size=300)
    visit.want(kind="Gaussian")


def test_the_same_photo_gets_the_same_noise(visit):
    """After a file that cannot be read, and for both networks; what was wrong is forgotten when something new begins."""
    visit.show(scene(40, 50), "twice.png", done=False)
    noisy = visit.pixels("noisy")
    visit.give(b"nothing", "bad.jpg", "image/jpeg")
    visit.page.locator(SENTENCE).wait_for()
    visit.want(network="without skips")
    assert visit.page.locator(SENTENCE).is_hidden()
    np.testing.assert_array_equal(visit.pixels("noisy"), noisy)
    visit.want(network="with skips")
    visit.show(scene(33, 33), "other.png", done=False)
    visit.show(scene(40, 50), "twice.png", done=False)
    np.testing.assert_array_equal(visit.pixels("noisy"), noisy)


def test_a_browser_that_alters_pixels_is_found_out(visit):
    visit.show(scene(32, 40), "former.png")
    visit.evaluate("""() => {
        const { prototype } = CanvasRenderingContext2D, read = window.read = prototype.getImageData;
        prototype.getImageData = function (...where) {
            const pixels = read.apply(this, where);
            pixels.data.forEach((value, i) => { pixels.data[i] = i % 4 === 3 ? 255 : value ^ 64; });
            return pixels;
        };
    }""")
    try:
        visit.give(file_of(scene(32, 32)), "altered.png")
        visit.page.locator(SENTENCE).wait_for()
        assert "This browser alters the pixels" in visit.page.get_by_role("alert").inner_text()
        assert visit.what.startswith("former.png")
    finally:
        visit.evaluate("() => { CanvasRenderingContext2D.prototype.getImageData = read; }")


def test_transparent_pixels_are_laid_on_white(visit):
    photo = np.zeros((40, 40, 4), "uint8")
    photo[:20] = (255, 0, 0, 255)
    visit.show(photo, "logo.png", done=False)
    assert visit.what.endswith("Transparent pixels are laid on white.")
    assert (visit.pixels("clean")[:20] == [1, 0, 0]).all() and (visit.pixels("clean")[20:] == 1).all()


@pytest.mark.parametrize("content, name, kind, says", [
    (HEIC, "IMG_1.HEIC", "image/heic", "share or save it as JPEG"),
    (HEIC, "unnamed", "application/octet-stream", "share or save it as JPEG"),
    (b"Dear all, ", "notes.txt", "text/plain", "is not a photo."),
    (b"%PDF-1.7 ", "slides.pdf", "application/pdf", "screenshot"),
    (b"", "empty.png", "image/png", "is empty"),
    (b"\xff\xd8\xff\xe0" + b"broken" * 30, "broken.jpg", "image/jpeg", "may be damaged"),
])  # fmt: skip
def test_a_file_that_is_no_photo_gets_a_sentence(visit, content, name, kind, says):
    visit.show(scene(32, 40), "former.png")
    before = visit.text, visit.pixels("denoised")
    visit.give(content, name, kind)
    visit.page.locator(SENTENCE).wait_for()
    sentence = visit.page.get_by_role("alert").inner_text()
    assert f'The file "{name}" (type: {kind}) is' in sentence.replace("cannot", "is") and says in sentence
    assert "JPEG, PNG, WebP" in sentence and 'Your photo "former.png" stays.' in sentence
    assert (visit.text, visit.what[:10]) == (before[0], "former.png")
    np.testing.assert_array_equal(visit.pixels("denoised"), before[1])
    visit.show(scene(32, 32), "next.png", done=False)
    assert visit.page.locator(SENTENCE).is_hidden()


def test_drop_and_paste(visit):
    """A photo dropped on any tab opens this one."""
    give = """([kind, text, name]) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), given = new DataTransfer();
        if (name) given.items.add(new File([bytes], name, { type: "image/png" }));
        else given.setData("text/plain", "no file");
        const Kind = kind === "drop" ? DragEvent : ClipboardEvent, key = kind === "drop" ? "dataTransfer" : "clipboardData";
        return document.body.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, [key]: given }));
    }"""
    text = base64.b64encode(file_of(scene(33, 34))).decode()
    visit.page.get_by_role("tab", name="Panel").click()
    kept = visit.evaluate(give, ["drop", text, "dropped.png"])
    assert not kept, "The browser would have left the page for the file."
    visit.wait_until(lambda: visit.what.startswith("dropped.png: 34 × 33"), "dropped")
    assert visit.page.locator("#photo").is_visible()
    visit.evaluate(give, ["paste", text, "pasted.png"])
    visit.wait_until(lambda: visit.what.startswith("pasted.png: 34 × 33"), "pasted")
    visit.evaluate(give, ["paste", text, ""])
    assert "What was pasted is no file." in visit.page.get_by_role("alert").inner_text()
    assert visit.what.startswith("pasted.png")


# ---------------------------------------------------------------- jobs


def test_progress_stop_go_on_and_the_next_job(visit):
    idle = "page.photo.crew.members.every(({ task }) => !task)"
    visit.show(scene(32, 32), "short.png")
    visit.evaluate("""() => {
        const bar = document.querySelector("#photo progress"), head = document.querySelector("#photo .heads h2:last-child");
        window.shares = [];
        window.seenHeads = new Set();
        const note = () => {
            shares.push(bar.value);
            if (!page.photo.job.stopped) seenHeads.add(`${bar.value === 100}: ${head.firstChild.textContent}`);
        };
        new MutationObserver(note).observe(bar, { attributes: true, attributeFilter: ["value"] });
    }""")
    visit.evaluate(ONCE_BEGUN % "[...document.querySelectorAll('#photo button')].find((one) => one.textContent === 'Stop').click()")
    visit.show(scene(120, 300), "long.png", done=False)
    visit.page.get_by_role("button", name="Go on").wait_for()
    visit.wait_until(lambda: visit.evaluate(idle), "stopped")
    done, tiles = visit.evaluate("[page.photo.job.done, page.photo.job.tiles]")
    assert 0 < done < tiles == 7 * 18
    assert visit.page.locator("#photo .heads h2").last.inner_text().strip() == "denoised so far with skips"
    assert f"Stopped after {done} of {tiles} tiles ({100 * done // tiles} %)." in visit.text and "long.png" in visit.what
    assert visit.page.get_by_role("button", name="Save the result").is_disabled()
    visit.page.get_by_role("button", name="Go on").click()
    visit.done()
    shares = visit.evaluate("shares")
    assert shares == sorted(shares)
    assert shares[-1] == 100 == visit.evaluate("document.querySelector('#photo progress').value") and len(shares) > 8
    assert visit.evaluate("[...seenHeads].sort()") == ["false: denoising with skips …", "true: denoised with skips"]
    assert "denoised with skips" in visit.text
    visit.show(scene(40, 60), "after.png")
    assert "tiles took" in visit.text


def test_a_job_outlives_the_workers_that_went_home(visit):
    idle, gone = "page.photo.crew.members.every(({ task }) => !task)", "page.photo.crew.members.length === 0"
    stop = "[...document.querySelectorAll('#photo button')].find((one) => one.textContent === 'Stop').click();"
    visit.show(scene(32, 32), "first.png")
    try:
        visit.evaluate("page.photo.crew.idle = 30")
        visit.evaluate(ONCE_BEGUN % stop)
        visit.show(scene(64, 300), "stopped.png", done=False)
        visit.page.get_by_role("button", name="Go on").wait_for()
        visit.wait_until(lambda: visit.evaluate(gone), "gone home")
        visit.page.get_by_role("button", name="Go on").click()
        visit.done()
        visit.evaluate(ONCE_BEGUN % f"""{stop}
            const back = setInterval(() => {{
                if (!{idle}) return;
                clearInterval(back);
                [...document.querySelectorAll('#photo button')].find((one) => one.textContent === 'Go on').click();
            }}, 5);""")
        visit.show(scene(64, 300), "at once.png", done=False)
        visit.done()
        assert visit.evaluate("page.photo.job.rested")
    finally:
        visit.evaluate("page.photo.crew.idle = 60_000")


def test_stop_just_after_a_control_stops_the_new_job(visit):
    visit.show(scene(40, 150), "first.png", done=False)
    visit.evaluate("""() => {
        const level = document.getElementById("photo-level");
        level.value = 0.2;
        level.dispatchEvent(new Event("input"));
        [...document.querySelectorAll("#photo button")].find((one) => one.textContent === "Stop").click();
    }""")
    assert visit.evaluate("[page.photo.job.level, page.photo.job.stopped, page.photo.job.next]") == [0.2, True, 0]
    visit.page.get_by_role("button", name="Go on").click()
    visit.done()
    visit.level(0.1)


def test_the_newest_wish_wins(visit):
    """Controls that change during a job: one job runs through, that of the last wish; tabs may change meanwhile."""
    visit.evaluate(ONCE_BEGUN % """
        for (const [id, value] of [["kind", "striped"], ["kind", "salt-and-pepper"], ["level", 0.2], ["level", 0.3]]) {
            const control = document.getElementById(`photo-${id}`);
            control.value = value;
            control.dispatchEvent(new Event(id === "level" ? "input" : "change"));
        }
        page.photoTimes.length = 0;
        page.open("panel");""")
    visit.evaluate("page.photoTimes.length = 0")
    visit.give(file_of(scene(100, 300)), "newest.png")
    newest = "page.photoTimes.filter(({ height }) => height === 100)"  # the photo before may end while this one is read
    visit.wait_until(lambda: visit.evaluate(f"{newest}.length"), "done")
    visit.page.get_by_role("tab", name="Your photo").click()
    assert visit.text.startswith("Salt-and-pepper noise of level 0.30 was added.")
    assert visit.what.startswith("newest.png") and (visit.pixels("noisy") == 1).all(axis=-1).mean() > 0.1
    (times,) = visit.evaluate(newest)
    assert (times["height"], times["width"], times["tiles"]) == (100, 300, 6 * 18) and times["workers"] >= 1
    visit.want(kind="Gaussian")
    visit.level(0.1)


def test_without_workers_the_page_computes_the_same(visit):
    visit.show(scene(40, 60), "same.png")
    wanted = visit.pixels("denoised")
    visit.evaluate("page.photo.dismiss(); page.photo.crew.text = 'blob:null/nothing'")
    try:
        visit.want(network="without skips")
        visit.want(network="with skips")
        visit.done()
        assert visit.evaluate("page.photo.crew.inPage && page.photoTimes.at(-1).workers === 0")
        np.testing.assert_allclose(visit.pixels("denoised"), wanted, atol=1e-5)
    finally:
        visit.errors[:] = [error for error in visit.errors if "blob:null/nothing" not in error and "ERR_FILE_NOT_FOUND" not in error]
        visit.evaluate("page.photo.dismiss(); Object.assign(page.photo.crew, { inPage: false, text: null })")


# ---------------------------------------------------------------- what is shown


def test_the_line_moves_by_keys_and_by_mouse(visit):
    visit.show(scene(60, 90), "line.png")
    page, line = visit.page, visit.page.get_by_label(LINE)
    cut = "Number(getComputedStyle(document.querySelector('#photo .after')).clipPath.match(/([\\d.]+)%\\)/)?.[1] ?? 0)"
    line.focus()
    for key, at in (("Home", 0), ("ArrowRight", 1), ("PageUp", 11), ("ArrowLeft", 10), ("End", 100)):
        page.keyboard.press(key)
        assert visit.evaluate(cut) == pytest.approx(at) and line.get_attribute("aria-valuetext").startswith(f"{at} %")
    box = page.locator("#photo .before").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert visit.evaluate(cut) == pytest.approx(25, abs=1)
    seenHeads = page.locator("#photo .heads")
    assert re.match(r"noisy\s*\d+\.\d dB\s+denoised with skips\s*\d+\.\d dB", seenHeads.inner_text())
    page.select_option("#photo-left", "clean")
    assert re.match(r"clean\s+denoised", seenHeads.inner_text()) and line.get_attribute("aria-valuetext").startswith("25 %: clean")
    shown = visit.evaluate("[...document.querySelector('#photo .before').getContext('2d').getImageData(0, 0, 90, 60).data]")
    np.testing.assert_array_equal(np.reshape(shown, (60, 90, 4))[..., :3], scene(60, 90))
    page.select_option("#photo-left", "noisy")
    for zoom in (1, 2):
        page.select_option("#photo-zoom", str(zoom))
        assert page.locator("#photo .before").bounding_box()["width"] == pytest.approx(90 * zoom)
    hint = page.get_by_text("Scroll to move the picture")
    assert hint.is_hidden()
    visit.show(scene(20, 300), "wide.png", done=False)
    page.select_option("#photo-zoom", "4")
    hint.wait_for()
    frame, work = (page.locator(f"#photo {one}").bounding_box() for one in (".frame", ".work"))
    assert (frame["x"], frame["width"]) == (work["x"], work["width"])
    picture, at = page.locator("#photo .before").bounding_box(), int(line.input_value())
    x, y = picture["x"] + picture["width"] * at / 100, picture["y"] + 60
    assert frame["x"] < x < frame["x"] + frame["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + picture["width"] / 10, y)
    page.mouse.up()
    assert int(line.input_value()) == pytest.approx(at + 10, abs=1)
    page.mouse.click(x - picture["width"] / 10, y)  # moves nothing: this is where a finger moves the picture
    assert int(line.input_value()) == pytest.approx(at + 10, abs=1)
    page.select_option("#photo-zoom", "fit")


def test_the_saved_file_is_the_result(visit, tmp_path):
    visit.show(scene(45, 70), "holiday.jpeg.png")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Save the result").click()
    assert download.value.suggested_filename == "holiday.jpeg-denoised.png"
    download.value.save_as(tmp_path / "saved.png")
    saved = np.asarray(Image.open(tmp_path / "saved.png").convert("RGB"))
    assert np.abs(saved / 255 - visit.pixels("denoised")).max() < 0.51 / 255


def test_a_phone_cuts_nothing_off(running):
    visit = PhotoVisit(running, width=390, height=844)
    inside = """() => [...document.querySelectorAll("#photo *")].filter((one) => one.getClientRects().length && !one.matches(".compare *"))
        .map((one) => [one.outerHTML.slice(0, 60), one.getBoundingClientRect().left, one.getBoundingClientRect().right])
        .filter(([, left, right]) => left < -1 || right > 391)"""
    assert visit.page.get_by_role("button", name="Choose a photo").is_visible() and visit.evaluate(inside) == []
    for photo in (scene(90, 60), scene(60, 190)):
        visit.show(photo, f"phone{len(photo)}.png")
        assert visit.evaluate(inside) == [] and visit.evaluate("document.documentElement.scrollWidth") <= 390
        for canvas in (".before", ".after"):
            box = visit.page.locator(f"#photo {canvas}").bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert visit.errors == [] and visit.outside == []
    visit.page.close()


def test_nobody_was_asked_and_nothing_complained(visit):
    assert visit.errors == [] and visit.outside == []
    names = visit.evaluate("""() => [...document.querySelectorAll("#photo input:not([hidden]), #photo select")]
        .map((one) => one.ariaLabel || one.labels[0]?.textContent.trim() || "")""")
    assert len(names) == 7 and all(names)
