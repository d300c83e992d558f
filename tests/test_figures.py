"""The main figures that INSTRUCTORS lists: how they are laid side by side, and that no lesson is left out."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from tools import figures

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9]*.ipynb"))


def test_figures_of_both_sets_share_a_line_where_only_they_differ():
    assert figures.side_by_side(["Noisy 20.8 dB, blur 23.4 dB."], ["Noisy 20.3 dB, blur 23.4 dB."]) == [
        "Noisy **20.8 / 20.3** dB, blur 23.4 dB."
    ]
    assert figures.side_by_side(["+0.2 dB, -1 at 5,000"], ["-0.3 dB, -1 at 60,000"]) == [
        "**+0.2 / -0.3** dB, -1 at **5,000 / 60,000**"
    ]
    assert figures.side_by_side(["best: blur 2"], ["best: median 3"]) == ["photographs: best: blur 2", "CIFAR-10: best: median 3"]


def test_a_summary_that_prints_more_lines_on_one_set_is_an_error():
    with pytest.raises(ValueError):
        figures.side_by_side(["one"], ["one", "two"])


def printed(source):
    """The fixed parts of all that a cell prints."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "print":
            for part in call.args:
                yield from (x.value for x in getattr(part, "values", [part]) if isinstance(x, ast.Constant))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_instructors_lists_what_each_lesson_prints_in_its_summary(notebook):
    text = figures.TARGET.read_text(encoding="utf-8")
    block = re.search(f"{figures.BEGIN}(.*?){figures.END}", text, re.S)[1]
    book = nbformat.read(notebook, as_version=4)
    (row,) = re.findall(rf"^\| {re.escape(book.cells[0].source.splitlines()[0][2:])} \| (.*) \|$", block, re.M)
    words = {word for text in printed(figures.summary_cell(book).source) for word in re.findall(r"[A-Za-z]{4,}", text)}
    assert words and words <= set(re.findall(r"[A-Za-z]{4,}", row)), words - set(re.findall(r"[A-Za-z]{4,}", row))


@pytest.mark.parametrize("images", ["photos", "cifar10"])
def test_no_letter_is_right_more_often_than_chance_would_have_it(images):
    """The runs of the notebooks compare their letters with this record: tests/plugin.py."""
    right = json.loads(figures.LETTERS.read_text(encoding="utf-8"))[images]
    assert list(right) == [notebook.stem for notebook in NOTEBOOKS]
    letters = Counter(letter for lesson in right.values() for letter in lesson.values())
    total = sum(letters.values())
    assert all(0.25 * total <= letters[letter] <= 0.42 * total for letter in "abc"), letters
    for stem, lesson in right.items():
        assert max(Counter(lesson.values()).values()) <= (len(lesson) + 1) / 2, f"{stem}: {lesson}"


def test_the_right_choice_is_not_known_by_its_length():
    right = json.loads(figures.LETTERS.read_text(encoding="utf-8"))["photos"]
    places = Counter()
    for notebook in NOTEBOOKS:
        cells = nbformat.read(notebook, as_version=4).cells
        asked = [c.source for c in cells if c.cell_type == "markdown" and "**Predict first.**" in c.source]
        for question, letter in zip(asked, right[notebook.stem].values(), strict=True):
            choices = dict(re.findall(r"^- \*\*(\w)\*\* (.+?)(?=^- \*\*|\Z)", question, re.M | re.S))
            lengths = sorted(choices, key=lambda choice: len(choices[choice].split()))
            places[lengths.index(letter)] += 1
    assert max(places.values()) <= 0.5 * places.total(), places


def test_the_letter_that_a_run_has_shown_is_read_from_its_output():
    def cell(name, letter):
        said = nbformat.v4.new_output("stream", text=f"You made no prediction. It is {letter}: Because it is a bird.\n")
        return nbformat.v4.new_code_cell(f'check.reveal("{name}", my_guess,\n             right)', outputs=[said])

    cells = [cell("first", "c"), nbformat.v4.new_code_cell("x = 1"), cell("second", "a")]
    assert figures.letters(nbformat.v4.new_notebook(cells=cells)) == {"first": "c", "second": "a"}
