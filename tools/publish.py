"""Build the decks and the book from executed notebooks: `make slides`, `make book`.

A notebook is executed in a process of its own, which is ended with its kernel when its time is up. Outputs are
kept in .cache/executed until code, helpers or images change: where only words change, nothing is run again.
Nothing is fetched. With DENOISING_CIFAR10_DIR the images are CIFAR-10, else the embedded photographs.
"""

import argparse
import hashlib
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

TOP = Path(__file__).resolve().parents[1]
NOTEBOOKS, CACHE, TOOLS = TOP / "notebooks", TOP / ".cache", TOP / "tools"
PAGE = NOTEBOOKS / "panel.html"
SECONDS = 600  # for one notebook, on a slow and busy machine
WIDGET, STATE = (f"application/vnd.jupyter.widget-{part}+json" for part in ("view", "state"))
REVEAL = "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "dist/theme/white.css", "plugin/notes/notes.js"
NOWHERE = "http://127.0.0.1:9"  # the discard port: whoever tries the network is refused at once


def surroundings():
    """The variables of a kernel: images that are here, and never the network."""
    folder = os.environ.get("DENOISING_CIFAR10_DIR")
    images = {"DENOISING_DATA": "cifar10" if folder else "photos"} | os.environ
    images |= {"DENOISING_CIFAR10_DIR": str(Path(folder).resolve())} if folder else {}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE)
    proxies |= dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1")
    return images | proxies | {"PYTHONPATH": str(TOP)}


def execute(notebook, target):
    """Run all cells, say which one it is, and note what it took: the work of the process of its own."""
    from nbclient import NotebookClient

    from tools.usage import usage

    def tell(cell, cell_index):
        print(f"cell {cell_index + 1} ({cell.source.strip().splitlines()[0]})", flush=True)

    def note(cell, **_):
        processor, memory = usage(client.km.provisioner.pid)
        used = {"seconds": time.monotonic() - start, "processor_seconds": processor, "peak_memory": memory}
        book.metadata["used"] = used
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            book.metadata.setdefault("used_for_first_picture", used)

    book, start = nbformat.read(notebook, as_version=4), time.monotonic()
    client = NotebookClient(
        book, timeout=None, coalesce_streams=True, resources={"metadata": {"path": str(Path(notebook).parent)}},
        on_cell_execute=tell, on_cell_executed=note,
    )
    client.execute()
    nbformat.write(book, target)


def run(notebook, target, seconds, **variables):
    """Execute a notebook within so many seconds, or say where it stopped; after a time-out, try once more."""
    import psutil

    log, part = target.with_suffix(".log"), target.with_suffix(".part")
    for attempt in ("first", "second"):
        with log.open("w", encoding="utf-8") as lines, tempfile.TemporaryDirectory() as scratch:
            own = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)  # a killed kernel leaves a file there
            own["PYTHONIOENCODING"] = "utf-8"
            child = psutil.Popen(
                [sys.executable, "-m", "tools.publish", "execute", str(notebook), str(part)],
                stdout=lines, stderr=lines, stdin=subprocess.DEVNULL, env=surroundings() | own | variables,
            )
            try:
                code = child.wait(seconds)
            except psutil.TimeoutExpired:
                code = None
            finally:
                if child.is_running():
                    for process in (*child.children(recursive=True), child):
                        process.kill()
                    child.wait()
        said = re.sub(r"\x1b\[[\d;]*m", "", log.read_text(encoding="utf-8"))
        where = f"{notebook.stem}, {['its start', *re.findall(r'^cell .*', said, re.M)][-1]}"
        if code == 0:
            return part.replace(target)
        if code is not None:
            sys.exit(f"{where} failed:\n{said[-2000:]}")
        print(f"{where} was not through after {seconds} s, {attempt} attempt.", flush=True)
    sys.exit(f"{where} was not through after {seconds} s, twice.")


def executed(notebook, cache=CACHE / "executed", seconds=SECONDS):
    """A notebook with its outputs, from the cache where nothing that they depend on has changed."""
    book = nbformat.read(notebook, as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    if not code:
        return book
    parts = [*(cell.source.encode() for cell in code), surroundings()["DENOISING_DATA"].encode()]
    helpers = sorted(file for file in (TOP / "helpers").rglob("*") if file.suffix not in (".pyc", ""))
    parts += [file.read_bytes() for file in helpers]
    key = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]
    target = cache / f"{notebook.stem}-{key}.ipynb"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        print(f"{notebook.stem} ...", end=" ", flush=True)
        start = time.monotonic()
        run(notebook, target, seconds)
        print(f"{time.monotonic() - start:.0f} s")
        for old in set(cache.glob(f"{notebook.stem}-*")) - {target}:
            old.unlink()
    done = nbformat.read(target, as_version=4)
    state = done.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell, ran in zip(code, (cell for cell in done.cells if cell.cell_type == "code")):
        cell.execution_count = ran.execution_count
        cell.outputs = [still for output in ran.outputs if (still := for_paper(output, state))]
    return book


def for_paper(output, state):
    """An output without progress bars, a widget as its first picture; None where nothing is left."""
    data = output.get("data", {})
    if output.output_type == "stream":
        output.text = re.sub(r".*\d%\|.*\n?", "", output.text)
        return output if output.text.strip() else None
    if WIDGET not in data:
        return None if "application/javascript" in data else output
    waiting = [data[WIDGET]["model_id"]]
    while waiting:
        model = state.get(waiting.pop(0), {})
        if model.get("model_name") == "ImageModel":
            picture = model["buffers"][0]["data"]
            alt = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", data["text/plain"])).split())
            image = f'<img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}">'
            return nbformat.v4.new_output("display_data", {"text/html": image, "image/png": picture})
        waiting += re.findall(r"IPY_MODEL_(\w+)", str(model.get("state", {}).get("children", "")))
    return None


def with_page(cells, attribute):
    """The cells, and after the one with the panel's picture the panel itself, live, as one more screen."""
    frame = f'<iframe class="panel-page" {attribute}="{PAGE.name}" title="The panel, live"></iframe>'
    for cell in cells:
        yield cell
        if cell.cell_type == "markdown" and "](images/panel.png)" in cell.source:
            yield nbformat.v4.new_markdown_cell(frame, metadata={"slideshow": {"slide_type": "subslide"}})


def kind(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type", "skip")


def leads(cell):
    """Whether a cell begins a screen of a deck."""
    return kind(cell) in ("slide", "subslide")


def minutes(pattern, book):
    """The sum of the minutes that the text of a notebook names in a certain way."""
    text = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    return sum(map(int, re.findall(pattern, text, re.M)))


def slides(notebooks, target=CACHE / "slides", **options):
    """A deck of each notebook, and a page that lists them; reveal.js comes from sphinx-revealjs."""
    import jinja2
    import sphinx_revealjs
    from nbconvert import SlidesExporter
    from traitlets.config import Config

    books = {notebook: executed(notebook, **options) for notebook in notebooks}
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    reveal = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
    for file in (*REVEAL, *(f.relative_to(reveal) for f in reveal.glob("dist/theme/fonts/source-sans-pro/*"))):
        (target / "reveal" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(reveal / file, target / "reveal" / file)
    shutil.copy(TOOLS / "deck" / "deck.css", target)
    shutil.copytree(NOTEBOOKS / "images", target / "images")
    shutil.copy(PAGE, target)
    hidden = {"enabled": True, "remove_input_tags": {"hide-input"}}
    exporter = SlidesExporter(
        template_name="deck", extra_template_basedirs=[str(TOOLS)], exclude_input_prompt=True,
        exclude_output_prompt=True, config=Config(TagRemovePreprocessor=hidden),
    )
    decks = []
    for notebook, book in books.items():
        title = re.search(r"^# (.*)", book.cells[0].source, re.M)[1]
        lesson = minutes(r"\*\*Time\*\* (\d+) min", book)
        talk = minutes(r"^<details><summary>For the speaker\b.*?(\d+) min", book)
        shown, since = [], 0
        for cell in with_page(book.cells, "data-preload data-src"):  # loaded when the slide is near
            if kind(cell) == "notes" and shown:  # on every screen since the last one, to be read in time
                cell.source = re.sub(r"</?details>|<summary>.*</summary>", "", cell.source)
                heads = [i for i in range(since, len(shown)) if leads(shown[i])]
                for head in reversed(heads):
                    note = nbformat.v4.new_markdown_cell(cell.source, metadata=dict(cell.metadata))
                    shown.insert(head + 1, note)
                if not heads:  # the second note of a screen
                    last = [c for c in shown if kind(c) == "notes"][-1]
                    last.source += f"\n\n{cell.source}"
                since = len(shown)
            elif kind(cell) not in ("skip", "notes"):
                shown.append(cell)
        book.cells, book.metadata["title"] = shown, title
        page, _ = exporter.from_notebook_node(book)
        page = re.sub(r'href="(\w+)\.ipynb', r'href="\1.html', page)
        page = re.sub(r'<a href="[^":]*\.md">(.*?)</a>', r"\1", page)
        (target / f"{notebook.stem}.html").write_text(page, "utf-8")
        picture = f"images/{notebook.stem}.png"
        decks.append((notebook.stem, title, lesson, talk, picture if (target / picture).exists() else None))
    template = jinja2.Template((TOOLS / "deck" / "list.html.j2").read_text("utf-8"), autoescape=True)
    (target / "index.html").write_text(template.render(decks=decks), "utf-8")
    return target / "index.html"


def to_page(text):
    """Links to the panel's page as Sphinx leaves them alone: it is no document of its own."""
    return re.sub(rf"\[([^]]*)\]\(({PAGE.name}[^)]*)\)", r'<a href="\2">\1</a>', text)


def book(notebooks, target=CACHE / "book", **options):
    """All notebooks as a site with a search, by Sphinx; README.md is its front page."""
    books = {notebook: executed(notebook, **options) for notebook in notebooks}
    source = target.with_name(f"{target.name}-source")
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(NOTEBOOKS / "images", source / "images")
    pages = [notebook.stem for notebook in notebooks]
    for notebook, content in books.items():
        content.cells = [cell for cell in with_page(content.cells, "src") if kind(cell) != "notes"]
        for cell in content.cells:
            cell.source = to_page(cell.source.replace("](../README.md", "](index.md"))
        nbformat.write(content, source / notebook.name)
    front = re.sub(r'(\]\(|src=")notebooks/', r"\1", (TOP / "README.md").read_text("utf-8"))
    front = re.sub(r"\[([^]]*)\]\((?!\w+\.(ipynb|md|html)|https?:|#)[^)]*\)", r"\1", front)  # no sources
    for page in ("GLOSSARY.md", "SCOREBOARD.md", "INSTRUCTORS.md"):
        if (NOTEBOOKS / page).exists():
            (source / page).write_text(to_page((NOTEBOOKS / page).read_text("utf-8")), "utf-8")
            pages.append(page.removesuffix(".md"))
    contents = "\n".join(["```{toctree}", ":hidden:", "", *pages, "```"])
    (source / "index.md").write_text(f"{to_page(front)}\n\n{contents}\n", "utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", TOOLS / "book"]
    command += ["-d", source / "build" / "doctrees", source, source / "build" / "html"]
    if subprocess.run(command, env=surroundings()).returncode:
        sys.exit("The book has faults; the lines above name them.")
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(source / "build" / "html", target)
    shutil.copy(PAGE, target)
    return target / "index.html"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("slides", "book"))
    parser.add_argument("names", nargs="*", help="decks, as 02_noise_models; without names, all")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for one notebook (%(default)s)")
    wanted = parser.parse_args(arguments)
    notebooks = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    if wanted.names and wanted.what == "slides":  # a book with missing pages would have broken links
        notebooks = [NOTEBOOKS / f"{Path(name).stem}.ipynb" for name in wanted.names]
    page = {"slides": slides, "book": book}[wanted.what](notebooks, seconds=wanted.seconds)
    print(f"Open {page.resolve().as_uri()}")


if __name__ == "__main__":
    execute(*sys.argv[2:]) if sys.argv[1:2] == ["execute"] else main()
