"""`make slides` and `make book`: what tools/publish.py builds needs no network to be read, and faults are told."""

import base64
import html.parser
import importlib.util
import os
import re
import sys

import nbformat
import pytest

from tests.browser import Visit
from tools import publish

LESSON, SMALL = "02_noise_models", "42_small"
ALT = 'A grey square, "small" & plain'
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
CELLS = [
    ("markdown", "slide", "# 42 · A small lesson\n\nThe idea. **Time** 5 minutes\n\n[Noise](02_noise_models.ipynb)"),
    ("markdown", "skip", "## Where skip connections hide\n\n<details><summary>Solution</summary>\n\nFolded.\n</details>"),
    ("code", "fragment", "from ipywidgets import Button, HTML, Image, VBox\nfrom IPython.display import display"),
    ("code", "fragment", f"from helpers.plotting import Picture\ndisplay(Picture({PNG!r}, {ALT!r}))", "hide-input"),
    ("markdown", "notes", "<details><summary>For the speaker · 3 min</summary>\n\nWhispered words.\n</details>"),
    ("code", "subslide", 'print("half a li\\rthe whole line")\nfrom tqdm import tqdm\nlist(tqdm("abc"))'),
    ("code", "fragment", f"panel = VBox([HTML('words'), Image(value={PNG!r})])\n"
                         "display(panel._repr_mimebundle_() | {'text/plain': '<b>20.1 dB</b> of it'}, raw=True)"),
    ("code", "fragment", "from helpers.plotting import show_table\n"
                         "show_table(['', 'PSNR (dB)'], [['noisy', '20.12']])", "hide-input"),
    ("code", "fragment", "display(Button(description='Press me'))"),
    ("markdown", "slide", "## The end"),
    ("markdown", "subslide", "\n\n".join(f"Line {i} of far too many" for i in range(40))),
    ("markdown", "notes", "<details><summary>For the speaker · 1 min</summary>\n\nClosing words.\n</details>"),
    ("code", "fragment", "print('one thing more')"),
    ("markdown", "notes", "<details><summary>For the speaker · 1 min</summary>\n\nLast words.\n</details>"),
]


@pytest.fixture(scope="module", autouse=True)
def packages():
    """Without the packages nothing can be built; continuous integration has them."""
    missing = [name for name in ("sphinx", "myst_nb", "furo", "sphinx_revealjs") if not importlib.util.find_spec(name)]
    if missing and os.environ.get("DENOISING_CI"):
        pytest.fail(f"{missing} not installed; continuous integration needs them.")
    if missing:
        pytest.skip(f"{missing} not installed: pip install -e '.[publish]'")


def write(path, cells):
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    cells = [
        new[kind](source, metadata={"slideshow": {"slide_type": slide}, "tags": tags})
        for kind, slide, source, *tags in cells
    ]
    python = {"language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=python), path)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Deck and book of a small notebook and of number 2; of the others without their code, for it takes long."""
    folder = tmp_path_factory.mktemp("publish")
    for notebook in publish.NOTEBOOKS.glob("[0-9]*.ipynb"):
        lesson = nbformat.read(notebook, as_version=4)
        if notebook.stem != LESSON:
            lesson.cells = [cell for cell in lesson.cells if cell.cell_type == "markdown"]
        nbformat.write(lesson, folder / notebook.name)
    write(folder / f"{SMALL}.ipynb", CELLS)
    notebooks = sorted(folder.glob("*.ipynb"))
    publish.slides(notebooks, folder / "slides", cache=folder / "cache")
    publish.book(notebooks, folder / "book", cache=folder / "cache")
    return folder


class Resources(html.parser.HTMLParser):
    """What a page loads by itself: its addresses, its styles and scripts, and the alt texts of its images."""

    def __init__(self, page):
        super().__init__()
        self.addresses, self.alts, self.inside = [], [], None
        self.texts = {"style": "", "script": ""}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.inside = tag if tag in self.texts else None
        self.addresses += [attributes[name] for name in ("src", "srcset", "poster", "data") if attributes.get(name)]
        self.addresses += [attributes["href"]] if tag == "link" else []
        self.texts["style"] += attributes.get("style") or ""
        if tag == "img":
            self.alts.append(attributes.get("alt"))

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside] += data


WEB = re.compile(r"""(@import\s*|url\(\s*|\bimport\(\s*)["']?\s*(https?:)?//""")


def test_the_check_for_the_web_finds_what_it_looks_for():
    page = Resources('<link href="//a.b/c.css"><script src="https://a.b">import("https://c")</script><style>@import "http://d";</style>')
    assert page.addresses == ["//a.b/c.css", "https://a.b"] and all(map(WEB.search, page.texts.values()))


@pytest.mark.parametrize("kind", ["slides", "book"])
def test_nothing_is_loaded_from_the_web(built, kind):
    pages = list((built / kind).rglob("*.html"))
    assert len(pages) >= 12
    for path in pages:
        page = Resources(path.read_text(encoding="utf-8"))
        assert not [a for a in page.addresses if re.match(r"(https?:)?//", a)], path.name
        assert not WEB.search("\n".join(page.texts.values())), path.name
        for address in page.addresses:
            if not address.startswith(("data:", "#")):
                assert (path.parent / re.sub(r"[?#].*", "", address)).is_file(), f"{path.name}: {address}"
    for path in (built / kind).rglob("*.css"):
        assert not WEB.search(path.read_text(encoding="utf-8")), path.name


def test_a_deck_holds_what_its_cells_say(built):
    deck = (built / "slides" / f"{SMALL}.html").read_text(encoding="utf-8")
    notes = re.findall(r'<aside class="notes">(.*?)</aside>', deck, re.S)
    assert "Whispered words." in notes[0] and deck.count("Whispered") == 1
    assert ["Closing words." in note for note in notes] == [False, True, True, True], "on each screen since the last note"
    assert "Last words." in notes[-1] and deck.count("Last words.") == 1
    assert "<details" not in notes[0] and "<summary" not in notes[0], "nobody unfolds them while speaking"
    assert deck.index("The idea") < deck.index("Whispered") < deck.index('class="fragment"')
    assert "skip connections hide" not in deck, "a skipped cell"
    assert "ipywidgets" in deck and "helpers" not in deck, "the sources that are shown, and those that are not"
    assert "the whole line" in deck and "<pre>half a li" not in deck and "100%" not in deck
    assert 'href="02_noise_models.html"' in deck and ".ipynb" not in deck
    assert deck.count("<section") == 2 + 4 and deck.count("</section>") == 6


def test_a_book_page_holds_all_but_the_notes(built):
    page = (built / "book" / f"{SMALL}.html").read_text(encoding="utf-8")
    assert "Whispered" not in page and "skip connections hide" in page
    assert re.search(r'<details class="[^"]*\bhide\b.*?helpers.*?</details>', page, re.S), "a folded source"
    assert 'href="02_noise_models.html"' in page and ".ipynb" not in page
    front = (built / "book" / "index.html").read_text(encoding="utf-8")
    assert "00_start_here.html" in front and "SCOREBOARD.html" in front
    assert re.search(r'href="index\.html"[^>]*>(<[^>]*>)*README', (built / "book" / "00_start_here.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", ["slides", "book"])
def test_pictures_keep_their_alt_text_and_widgets_become_pictures(built, kind):
    small = (built / kind / f"{SMALL}.html").read_text(encoding="utf-8")
    assert Resources(small).alts[-2:] == [ALT, "20.1 dB of it"]
    assert re.search(r"<td[^>]*>20\.12</td>", small.replace("<p>", "").replace("</p>", "")), "the table"
    assert "Button(" not in re.sub(r"<[^>]*>", "", small).replace("display(Button", "") and "widget-view" not in small
    lesson = nbformat.read(next((built / "cache").glob(f"{LESSON}-*.ipynb")), as_version=4)
    shown = [output.data["text/html"] for cell in lesson.cells if cell.cell_type == "code"
             for output in cell.outputs if "image/png" in output.get("data", {})]
    alts = [alt for output in shown for alt in Resources(output).alts]
    assert alts and all(alts)
    if kind == "book":
        assert set(alts) <= set(Resources((built / kind / f"{LESSON}.html").read_text(encoding="utf-8")).alts)


def test_the_list_of_decks_names_titles_and_minutes(built):
    page = (built / "slides" / "index.html").read_text(encoding="utf-8")
    row = re.search(f'href="{SMALL}.html".*?</tr>', page, re.S)[0]
    assert "42 · A small lesson" in row and "5 minutes as a lesson" in row and "5 minutes to present" in row


def test_a_second_build_executes_nothing_and_new_words_are_taken(built, monkeypatch, tmp_path):
    monkeypatch.setattr(publish, "run", lambda *arguments: pytest.fail("A notebook was executed again."))
    words = [("markdown", "slide", "# New words"), *CELLS[1:]]
    again = publish.executed(write(tmp_path / f"{SMALL}.ipynb", words), cache=built / "cache")
    assert again.cells[0].source == "# New words" and "the whole line" in str(again.cells[5].outputs)
    words[2] = ("code", "skip", "something_else = 1")
    with pytest.raises(pytest.fail.Exception, match="executed again"):
        publish.executed(write(tmp_path / f"{SMALL}.ipynb", words), cache=built / "cache")


def test_what_a_notebook_used_is_noted(built):
    small = nbformat.read(next((built / "cache").glob(f"{SMALL}-*.ipynb")), as_version=4).metadata
    assert 0 < small["used_for_first_picture"]["seconds"] < small["used"]["seconds"]
    if sys.platform == "linux":
        assert small["used"]["processor_seconds"] > 0.3 and 0.05 < small["used"]["peak_memory"] < 4


def test_a_cell_that_raises_ends_the_build_and_is_named(tmp_path):
    notebook = write(tmp_path / "07_bad.ipynb", [("markdown", "slide", "# Bad"), ("code", "skip", "half = 1 / 0")])
    with pytest.raises(SystemExit, match=r"(?s)^07_bad, cell 2 \(half = 1 / 0\) failed.*ZeroDivisionError"):
        publish.slides([notebook], tmp_path / "slides", cache=tmp_path)
    assert not (tmp_path / "slides").exists() and not list(tmp_path.glob("07_bad-*.ipynb"))


def test_a_cell_that_never_ends_is_killed_with_its_kernel(tmp_path, capsys):
    import psutil

    stubborn = "import os, pathlib, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" \
        f"pathlib.Path({str(tmp_path)!r}, str(os.getpid())).with_suffix('.pid').touch()\ntime.sleep(1000)"
    notebook = write(tmp_path / "08_long.ipynb", [("code", "skip", stubborn)])
    for seconds in (6, 20, 60):  # on a slow and busy machine the cell has not begun after six
        with pytest.raises(SystemExit, match=rf"^08_long, .* {seconds} s, twice") as stopped:
            publish.executed(notebook, cache=tmp_path, seconds=seconds)
        assert "first attempt" in capsys.readouterr().out
        kernels = [int(path.stem) for path in tmp_path.glob("*.pid")]
        if len(kernels) >= 2:
            break
    assert str(stopped.value).startswith("08_long, cell 1 (import os") and len(kernels) >= 2
    alive = [pid for pid in kernels if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
    assert not alive


@pytest.fixture
def visit(running, built):  # noqa: F811
    """A page from the disk, with the network cut."""
    visits = []

    def go(page):
        visit = Visit(running, (built / page).as_uri(), 1280, 720)
        visit.page.context.set_offline(True)
        visit.page.reload()
        visits.append(visit)
        return visit.page

    yield go
    for visit in visits:
        assert not visit.errors and not [url for url in visit.outside if not url.startswith("file:")]
        visit.page.close()


@pytest.mark.parametrize("name", [SMALL, LESSON])
def test_a_deck_can_be_gone_through_and_nothing_is_cut_off(visit, name):
    page = visit(f"slides/{name}.html")
    page.wait_for_function("Reveal.isReady()")
    total = page.evaluate("Reveal.getTotalSlides()")
    for number in range(1, total + 1):
        assert page.evaluate("Reveal.getSlidePastCount()") == number - 1
        while page.evaluate("Reveal.availableFragments().next"):
            page.keyboard.press("Space")
        box = page.evaluate("(() => { const box = Reveal.getCurrentSlide().getBoundingClientRect();"
                            "return [box.top, box.bottom, box.left, box.right, innerHeight, innerWidth] })()")
        top, bottom, left, right, height, width = box
        assert 0 <= top < bottom <= height and 0 <= left < right <= width, f"slide {number}: {box}"
        assert page.evaluate("Reveal.getCurrentSlide().innerText.trim() || Reveal.getCurrentSlide().querySelector('img')")
        page.keyboard.press("Space")
    assert page.evaluate("Reveal.isLastSlide()")


def test_the_speaker_sees_the_notes(visit):
    page = visit(f"slides/{SMALL}.html")
    page.wait_for_function("Reveal.isReady()")
    assert not page.get_by_text("Whispered words.").is_visible()
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    opened.value.locator(".speaker-controls-notes", has_text="Whispered words.").wait_for()
    opened.value.close()


def test_the_book_is_searched_and_unfolded(visit):
    page = visit("book/index.html")
    page.locator("input[name=q]").first.fill("skip connections")
    page.keyboard.press("Enter")
    page.locator("#search-results li a", has_text="Where skip connections hide").click()
    folded = page.get_by_text("Folded.")
    assert not folded.is_visible()
    page.locator("summary", has_text="Solution").click()
    assert folded.is_visible()


def move_the_slider(frame):
    """Take the strength to zero with the keys; the sentence below says what it was and what it is."""
    frame.locator("#text", has_text="Trained with skips: ").wait_for()
    frame.locator("#strength").focus()
    frame.locator("#strength").press("Home")
    frame.locator("#text", has_text="now at strength 0.00").wait_for()


def test_the_deck_of_lesson_7_holds_the_panel_live(visit):
    page = visit("slides/07_residual_slider.html")
    page.wait_for_function("Reveal.isReady()")
    assert page.locator("iframe[src]").count() == 0, "it is loaded when its slide is near"
    page.evaluate("() => { const i = Reveal.getIndices(Reveal.getSlides().find((s) => s.querySelector('iframe'))); Reveal.slide(i.h, i.v) }")
    frame = page.frame_locator("iframe.panel-page")
    move_the_slider(frame)
    page.keyboard.press("PageDown")  # the keys belong to the panel, and it hands on what a clicker sends
    page.wait_for_function("!Reveal.getCurrentSlide().querySelector('iframe')")
    page.keyboard.press("PageUp")
    page.wait_for_function("Reveal.getCurrentSlide().querySelector('iframe')")
    frame.locator("#text", has_text="now at strength 0.00").wait_for()
    box, window = page.locator("iframe.panel-page").bounding_box(), page.viewport_size
    assert box["height"] > 0.8 * window["height"] and box["y"] + box["height"] <= window["height"]


def test_the_book_holds_the_panel_live_and_links_to_it(visit):
    page = visit("book/07_residual_slider.html")
    page.locator("iframe.panel-page").scroll_into_view_if_needed()  # a frame that nobody sees draws nothing
    move_the_slider(page.frame_locator("iframe.panel-page"))
    for name in ("index", "INSTRUCTORS", "07_residual_slider"):
        page = visit(f"book/{name}.html")
        assert page.locator("a[href^='panel.html']").count() >= 1, name
    page.locator("a[href^='panel.html']").first.click()
    page.locator("#text", has_text="Trained with skips: ").wait_for()
