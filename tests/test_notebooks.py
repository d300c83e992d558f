"""What every notebook promises, and that the net which catches broken ones has no holes."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers import models, noise, tiles, training
from helpers.data import load_images, split
from helpers.metrics import psnr, ssim
from tools.usage import ONE_THREAD

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
EVERY = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def read(notebook):
    return nbformat.read(notebook, as_version=4)


def opening_of(notebook):
    """The title with its picture, and below it what the lesson promises."""
    return "\n".join(cell.source for cell in read(notebook).cells[:2] if cell.cell_type == "markdown")


def find(number):
    (notebook,) = [path for path in NOTEBOOKS if path.stem.startswith(f"{number:02d}_")]
    return notebook


def definitions(number, *names):
    """Run the imports of a notebook, and its cells that define `names` down to the definition."""
    space = {}
    for cell in read(find(number)).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        wanted = [i for i, node in enumerate(body) if getattr(node, "name", None) in names]
        for i, node in enumerate(body):
            if isinstance(node, (ast.Import, ast.ImportFrom)) or (wanted and i <= wanted[-1]):
                exec(compile(ast.Module([node], []), "<lesson>", "exec"), space)
    plt.close("all")
    assert set(names) <= set(space)
    return space


# ---------------------------------------------------------------- form


@EVERY
def test_notebook_is_valid_without_outputs_and_names_its_kernel(notebook):
    book = read(notebook)
    nbformat.validate(book)
    assert book.metadata.kernelspec.name == "python3"
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
    assert "widgets" not in book.metadata


@EVERY
def test_opening_says_what_how_long_and_what_is_needed(notebook):
    opening = opening_of(notebook)
    assert opening.startswith(f"# {int(notebook.stem[:2])} · ")
    for promise in ("**You will**", "**You need**", "**Time**"):
        assert promise in opening


@EVERY
def test_opening_promises_three_to_five_things_and_leads_back_and_forth(notebook):
    cells = [c.source for c in read(notebook).cells if c.cell_type == "markdown"]
    opening = opening_of(notebook) + "\n"
    promises = re.search(r"\*\*You will\*\*.*?\n((?:- .*\n|  .*\n)+)", opening)
    assert promises and 3 <= len(re.findall(r"^- ", promises[1], re.M)) <= 5
    place = NOTEBOOKS.index(notebook)
    for neighbour in NOTEBOOKS[max(place - 1, 0) : place] + NOTEBOOKS[place + 1 : place + 2]:
        assert neighbour.name in opening and neighbour.name in cells[-1]


@EVERY
def test_close_has_a_picture_to_remember_oral_questions_and_sources(notebook):
    text = "\n".join(c.source for c in read(notebook).cells if c.cell_type == "markdown")
    close = text.split("## Summary")[1]
    assert "**The one picture to remember**" in close
    oral = close.split("### For the oral exam")[1].split("### Further reading")[0]
    assert re.findall(r"^(\d)\. .*", oral, re.M) == ["1", "2", "3"]
    sources = [item for item in close.split("### Further reading")[1].split("\n- ")[1:]]
    assert len(sources) >= 2
    for source in sources:
        assert re.search(r"(19|20)\d\d", source) and re.search(r"doi:10\.|arXiv:\d{4}\.|https://", source), source


@EVERY
def test_every_cell_has_its_place_on_the_slides(notebook):
    cells = read(notebook).cells
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in cells]
    assert set(kinds) <= {"slide", "subslide", "fragment", "skip", "notes"} and kinds[0] == "slide"
    assert 6 <= kinds.count("slide") + kinds.count("subslide") <= 30
    notes = [cell for cell, kind in zip(cells, kinds) if kind == "notes"]
    assert len(notes) >= 3
    for cell in notes:  # JupyterLab opens a text cell that was folded as a cell as soon as it is run
        folded = r"<details><summary>For the speaker · \d+ min</summary>\n\n.+\n</details>"
        assert re.fullmatch(folded, cell.source, re.S) and "jupyter" not in cell.metadata
    for cell, kind in zip(cells, kinds):
        if cell.cell_type == "markdown" and kind in ("slide", "subslide", "fragment"):
            words = re.sub(r"!\[.*?\]\(.*?\)|^\|.*$|<[^>]+>", "", cell.source, flags=re.M).split()
            assert len(words) <= 90, f"{len(words)} words on a slide: {cell.source[:60]}"


@EVERY
def test_each_prediction_is_asked_made_and_answered(notebook):
    """A question with choices, a cell that takes one of them, and later `reveal`, which has a reason for each."""
    reasons = importlib.import_module(f"helpers.check.lesson_{notebook.stem}").REASONS
    open_choices, made, answered = None, False, []
    for cell in read(notebook).cells:
        if cell.cell_type == "markdown" and "**Predict first.**" in cell.source:
            assert open_choices is None, "the last prediction was never answered"
            open_choices = re.findall(r"^- \*\*(.+?)\*\*", cell.source.split("**Predict first.**")[1], re.M)
            assert len(open_choices) >= 2
        elif "prediction" in cell.metadata.get("tags", []):
            quoted = re.findall(r'"(.+?)"', cell.source)
            assert re.match(r"my_guess = None  # ← ", cell.source) and quoted == open_choices
            made = True
        elif "check.reveal(" in cell.source:
            name, guess, right, numbers = call_of_reveal(cell)
            assert made and guess == "my_guess" and list(reasons[name]) == open_choices
            placeholders = {field for reason in reasons[name].values() for _, field, *_ in Formatter().parse(reason)}
            assert numbers == placeholders - {None}
            open_choices, made = None, False
            answered.append(name)
    assert open_choices is None and len(answered) >= 2
    assert answered == list(reasons), "each reason belongs to a prediction, in the order of the lesson"


@EVERY
def test_the_form_of_a_choice_does_not_tell_whether_it_is_right(notebook):
    """Either each choice gives its reason, after a colon, or none does: else the one without a reason is the right one."""
    for cell in read(notebook).cells:
        if "**Predict first.**" in cell.source and cell.cell_type == "markdown":
            choices = re.findall(r"^- \*\*\w\*\* (.+?)(?=^- \*\*|\Z)", cell.source, re.M | re.S)
            with_reason = [":" in choice for choice in choices]
            assert all(with_reason) or not any(with_reason), cell.source
            lengths = [len(choice.split()) for choice in choices]
            assert max(lengths) <= 2.5 * min(lengths), cell.source


def call_of_reveal(cell):
    """The name of a prediction, the guess, the choice that the run has shown, and the names of numbers."""
    (statement,) = ast.parse(cell.source).body
    call = statement.value
    name, guess, right = call.args
    return name.value, guess.id, right, {keyword.arg for keyword in call.keywords}


@EVERY
def test_the_answer_to_a_prediction_comes_from_the_run_and_is_not_read_before_it(notebook):
    """VS Code, Colab and GitHub fold nothing, and JupyterLab shows the first line of a folded cell."""
    for cell in read(notebook).cells:
        if cell.cell_type == "code" and "check.reveal(" in cell.source:
            _, _, right, _ = call_of_reveal(cell)
            assert any(isinstance(node, ast.Name) for node in ast.walk(right)), "a choice that no run has shown"
            assert right.lineno == 2 and len(cell.source.splitlines()) <= 3 and cell.metadata.jupyter.source_hidden


@EVERY
def test_cells_that_only_draw_are_folded_away(notebook):
    for cell in read(notebook).cells:
        if cell.cell_type == "code" and "plt.subplots(" in cell.source and "def " not in cell.source:
            assert cell.metadata.get("jupyter", {}).get("source_hidden") and "hide-input" in cell.metadata.tags


@EVERY
def test_text_in_figures_is_large_enough_to_read(notebook):
    code = "\n".join(c.source for c in read(notebook).cells if c.cell_type == "code")
    assert all(float(size) >= 11 for size in re.findall(r"(?:fontsize|labelsize)=([\d.]+)", code))
    assert not re.search(r"size=[\"'](xx?-)?small", code)


@EVERY
def test_cells_are_short(notebook):
    lengths = sorted(len(c.source.splitlines()) for c in read(notebook).cells if c.cell_type == "code")
    assert lengths[-1] <= 25 and lengths[len(lengths) // 2] <= 10, lengths[-5:]


@EVERY
def test_opening_shows_the_one_picture_that_the_notebook_draws(notebook):
    book = read(notebook)
    ((alt, target),) = re.findall(r"!\[(.*?)\]\((.*?)\)", book.cells[0].source)
    assert target == f"images/{notebook.stem}.png" and len(alt) > 40
    picture = notebook.parent / target
    assert picture.stat().st_size <= 60_000
    assert Image.open(picture).width >= 640
    tagged = [cell for cell in book.cells if "picture" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1 and re.search(r"\bshow(_\w+)?\(", tagged[0].source)


@EVERY
def test_links_lead_somewhere(notebook):
    for cell in read(notebook).cells:
        for target in re.findall(r"\]\(([^)#]+)\)", cell.source) if cell.cell_type == "markdown" else []:
            assert target.startswith("https://") or (notebook.parent / target).exists(), target


@EVERY
def test_headings_are_in_order(notebook):
    text = "\n".join(c.source for c in read(notebook).cells if c.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    assert "## Your turn" in text and "## Summary" in text


@EVERY
def test_no_notebook_depends_on_another_or_on_its_place(notebook):
    code = "\n".join(c.source for c in read(notebook).cells if c.cell_type == "code")
    assert not re.search(r"\bopen\(|np\.load\(|np\.save|\.save\(|chdir|%cd|__file__|sys\.path", code)


@EVERY
def test_only_the_evaluation_opens_the_test_part(notebook):
    if notebook.stem[:2] in ("01", "06"):
        return  # 01 shows what goes wrong with a leak, 06 reports
    code = "\n".join(c.source for c in read(notebook).cells if c.cell_type == "code")
    splits = re.findall(r"^(.*) = split\(", code, re.M)
    assert all(line.split(", ")[2] == "_" for line in splits), splits


@EVERY
def test_minutes_fit_what_there_is_to_read_and_to_do(notebook):
    """200 words or 20 lines of code a minute, five minutes an exercise and one a prediction, give or take a quarter."""
    cells = [c for c in read(notebook).cells if c.metadata["slideshow"]["slide_type"] != "notes"]
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    shown = [c for c in cells if c.cell_type == "code" and not c.metadata.get("jupyter")]
    lines = sum(len(c.source.splitlines()) for c in shown)
    exercises, predictions = (
        sum(kind in c.metadata.get("tags", []) for c in shown) for kind in ("exercise", "prediction")
    )
    minutes = int(re.search(r"\*\*Time\*\* (\d+) minutes", cells[1].source)[1])
    assert 0.75 < minutes / (words / 200 + lines / 20 + 5 * exercises + predictions) < 1.25


def test_readme_lists_every_notebook_with_its_minutes():
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    for notebook in NOTEBOOKS:
        opening = opening_of(notebook)
        title = re.match(r"# (.*)", opening)[1]
        minutes = re.search(r"\*\*Time\*\* (\d+) minutes", " ".join(opening.split()))[1]
        assert f"[{title}](notebooks/{notebook.name}) | {minutes} |" in readme
        assert f"notebooks/images/{notebook.stem}.png" in readme


# ---------------------------------------------------------------- what is taught is what is used


def test_noise_of_the_lesson_is_noise_of_the_helpers(pictures):
    lesson = definitions(2, "add_gaussian", "add_salt_and_pepper")
    for name in ("add_gaussian", "add_salt_and_pepper"):
        theirs = getattr(noise, name)(pictures, 0.2, np.random.default_rng(3))
        np.testing.assert_array_equal(lesson[name](pictures, 0.2, np.random.default_rng(3)), theirs)


def test_split_of_the_lesson_shares_out_like_the_helper(capsys):
    photos = load_images("photos")
    photos = photos._replace(regions=np.arange(5000))  # as with CIFAR-10, where each image is a region
    lesson = definitions(1, "stratified_split")["stratified_split"](photos.labels, seed=0)
    for positions, part in zip(lesson, split(photos, seed=0)):
        np.testing.assert_array_equal(np.bincount(photos.labels[positions]), np.bincount(part.labels))


def test_autoencoder_of_the_lesson_is_that_of_the_helpers(capsys):
    space = {}
    for cell in read(find(3)).cells:
        if cell.cell_type == "code" and "load_images" not in cell.source:
            exec(cell.source, space)
            if "autoencoder = " in cell.source:
                break
        elif cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if re.match(r"(from|import) ", line)]
            exec("\n".join(lines), space)
    helper = models.build_autoencoder(skips=False)
    for half in ("encoder", "decoder"):
        ours = [(type(x).__name__, x.output.shape) for x in helper.get_layer(half).layers]
        lesson = [(type(x).__name__, x.output.shape) for x in space[half].layers]
        assert lesson == ours
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, w.shape) for w in helper.get_weights()]
    helper.set_weights(weights)
    space["autoencoder"].set_weights(weights)
    images = rng.random((2, 32, 32, 3), dtype=np.float32)
    np.testing.assert_allclose(space["autoencoder"](images), helper(images), atol=1e-5)


def test_decoder_with_skips_of_the_lesson_is_that_of_the_helpers(pictures):
    space = definitions(4)
    latent, *features = models.build_encoder()(pictures)
    space["features"] = features
    (cell,) = [c for c in read(find(4)).cells if "def decoder(" in c.source]
    exec(cell.source, space)
    lesson, helper = space["decoder"](), models.build_decoder(skips=True)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, w.shape) for w in helper.get_weights()]
    helper.set_weights(weights)
    lesson.set_weights(weights)
    np.testing.assert_allclose(lesson([latent, *features]), helper([latent, *features]), atol=1e-5)


def test_batches_of_the_lesson_are_those_of_the_helpers(pictures):
    lesson = definitions(5, "NoisyBatches")

    def add_noise(images, rng):
        return noise.add_gaussian(images, 0.1, rng)

    theirs = lesson["NoisyBatches"](pictures, add_noise, 3, seed=2)
    ours = training.NoisyBatches(pictures, add_noise, 3, seed=2)
    for _ in range(2):
        for batch in range(len(ours)):
            np.testing.assert_array_equal(theirs[batch][0], ours[batch][0])
        theirs.on_epoch_end(), ours.on_epoch_end()


def test_the_twin_without_normalization_differs_in_nothing_else(pictures):
    lesson = definitions(5, "ScaleAndShift", "without_normalization")
    network = models.build_autoencoder()
    twin = lesson["without_normalization"](network)
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, w.shape) for w in network.get_weights()]
    for name, w in zip([w.path for w in network.weights], weights):
        if name.endswith("moving_mean"):
            w[:] = 0
        elif name.endswith("moving_variance"):
            w[:] = 1 - 0.001  # with these, normalization changes nothing
    network.set_weights(weights), twin.set_weights(weights)
    np.testing.assert_allclose(twin(pictures, training=True), network(pictures, training=False), atol=1e-4)


def test_psnr_of_the_lesson_is_that_of_the_helpers(pictures, rng):
    noisy = noise.add_gaussian(pictures, 0.1, rng)
    lesson = definitions(6, "my_psnr")["my_psnr"]
    np.testing.assert_allclose(lesson(pictures, noisy), psnr(pictures, noisy), atol=1e-3)


def test_the_factors_of_the_lesson_multiply_to_ssim(pictures, rng):
    factors = definitions(8, "ssim_factors")["ssim_factors"]
    noisy = noise.add_gaussian(pictures, 0.1, rng)
    product = [np.prod(list(factors(a, b).values()), axis=0)[5:-5, 5:-5].mean() for a, b in zip(pictures, noisy)]
    np.testing.assert_allclose(product, ssim(pictures, noisy), atol=1e-4)


def test_the_loss_with_ssim_of_the_lesson_is_that_of_the_helpers(pictures, rng):
    noisy = noise.add_gaussian(pictures, 0.1, rng)
    lesson = definitions(8, "mse_plus", "reflected", "mse_plus_padded")
    np.testing.assert_allclose(lesson["mse_plus"](1)(pictures, noisy), training.mse_ssim(pictures, noisy), rtol=1e-5)
    wide = [np.pad(x, [(0, 0), (5, 5), (5, 5), (0, 0)], mode="reflect") for x in (pictures, noisy)]
    squared = np.mean((pictures - noisy) ** 2, axis=(1, 2, 3))
    np.testing.assert_allclose(lesson["mse_plus_padded"](pictures, noisy), squared + 1 - ssim(*wide), atol=1e-4)


class Nothing:
    """A network that changes nothing."""

    def predict_on_batch(self, noisy):
        return noisy


@pytest.mark.parametrize("shape", [(20, 25, 3), (32, 32, 3), (33, 90, 3), (96, 64, 3)])
def test_tiles_of_the_lesson_leave_a_photo_whole_when_nothing_is_denoised(rng, shape):
    lesson = definitions(9, "starts", "denoise_photo")
    lesson["tile"] = 32
    photo, window = rng.random(shape, dtype=np.float32), rng.uniform(0.1, 1, 32).astype("float32")
    for stride in (16, 24, 32):
        np.testing.assert_allclose(lesson["denoise_photo"](Nothing(), photo, stride, window), photo, atol=1e-5)
        np.testing.assert_allclose(tiles.denoise_photo(Nothing(), photo, stride, window), photo, atol=1e-5)


def test_tiles_of_the_lesson_are_those_of_the_helpers(rng):
    class Rim(Nothing):
        def predict_on_batch(self, noisy):
            return noisy * np.linspace(0, 1, 32, dtype="float32")[:, None]  # so that every place of a tile is told apart

    lesson = definitions(9, "starts", "denoise_photo")
    lesson["tile"] = 32
    bell = np.sin(np.pi * (np.arange(32) + 0.5) / 32).astype("float32") ** 2  # as in the lesson's cell
    assert any("bell = np.sin(np.pi * (np.arange(tile) + 0.5) / tile)" in c.source for c in read(find(9)).cells)
    photo = rng.random((75, 50, 3), dtype=np.float32)
    theirs = lesson["denoise_photo"](Rim(), photo, 16, bell)
    np.testing.assert_allclose(theirs, tiles.denoise_photo(Rim(), photo), atol=1e-6)


# ---------------------------------------------------------------- the net has no holes


def run_nbval(folder, *options):
    command = [sys.executable, "-m", "pytest", "-c", TOP / "pyproject.toml", f"--rootdir={folder}", *options, folder]
    outside = {k: value for k, value in os.environ.items() if not k.startswith("PYTEST") and k not in ONE_THREAD}
    environment = outside | {"PYTHONPATH": str(TOP), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")


def write_copy(file, *first, keep=0):
    """A notebook of some code cells, and the first ones of notebook 2."""
    cells = [c for c in read(find(2)).cells if c.cell_type == "code"][:keep]
    nbformat.write(nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, first), *cells]), file)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What the net says of a notebook that is whole, one that is broken, and one that wants the network."""
    folder = tmp_path_factory.mktemp("net")
    one_thread = f"import os; assert all(os.environ[name] == '1' for name in {list(ONE_THREAD)})"
    write_copy(folder / "whole.ipynb", one_thread, keep=4)
    write_copy(folder / "broken.ipynb", "def double(sigma):\n    return 2 * simga", "double(1)")
    write_copy(folder / "curious.ipynb", "import urllib.request; urllib.request.urlopen('https://www.cs.toronto.edu')")
    return run_nbval(folder, "-n2", "-rA")


def test_a_whole_notebook_passes_and_the_table_says_what_it_took(ran):
    assert len(re.findall(r"PASSED whole\.ipynb", ran.stdout)) == 5, ran.stdout + ran.stderr
    assert "FAILED whole.ipynb" not in ran.stdout and ran.stdout.count("what each notebook took") == 1
    ((seconds, processor, memory, cells),) = re.findall(r"^whole +([\d.]+) +(\S+) +(\S+)(?: GB)? +(\d+)$", ran.stdout, re.M)
    assert float(seconds) > 0 and cells == "5"
    if sys.platform == "linux":
        assert float(processor) > 0.3 and 0.05 < float(memory) < 4


def test_a_broken_notebook_fails(ran):
    assert ran.returncode == 1
    assert "FAILED broken.ipynb" in ran.stdout and "NameError" in ran.stdout and "simga" in ran.stdout


def test_a_kernel_of_the_tests_cannot_reach_the_network(ran):
    assert "FAILED curious.ipynb" in ran.stdout and "Connection refused" in ran.stdout


def test_a_cell_that_hangs_fails_and_nothing_else_is_a_question_of_time(tmp_path):
    write_copy(tmp_path / "hangs.ipynb", "import time; time.sleep(1000)")
    done = run_nbval(tmp_path, "--nbval-cell-timeout=1")
    assert done.returncode == 1 and "KeyboardInterrupt" in done.stdout, done.stdout
    assert '"--nbval-cell-timeout=600"' in (TOP / "pyproject.toml").read_text(encoding="utf-8")
