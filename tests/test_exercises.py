"""Every exercise: its stub says "not yet", right answers are accepted, usual mistakes get their own hint.

The solution stands folded below the exercise, in the notebook; other answers, right and wrong, stand in
tests/answers/. No lesson is run for them, only the statements that the names in an exercise depend on
(tests/needed.py). Where those take long, GIVEN beside the answers has something quick to stand in for them.
"""

import ast
import contextlib
import io
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from helpers import check
from helpers.check.common import exercise, run
from tests import needed

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
EVERY = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def exercises(notebook):
    """(index of the cell, name of its check, the line that calls it, the solution), for each exercise."""
    cells = nbformat.read(notebook, as_version=4).cells
    for i, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            call = re.search(r"^check\.(\w+)\(.*", cell.source, re.M | re.S)
            below = next((c.source for c in cells[i + 1 :] if c.cell_type == "markdown"), "")
            solution = re.match(r"\s*<details><summary>Solution</summary>\n\n```python\n(.*?)```", below, re.S)
            assert call, f"cell {i} is tagged as an exercise and calls no check.something(...)"
            assert solution, f"below the exercise {call[1]} stands no folded solution"
            yield i, call[1], call[0], solution[1]


def answers(notebook):
    """What is tried in each exercise, and the expressions that stand in for names of the lesson."""
    beside = runpy.run_path(str(TOP / "tests" / "answers" / f"{notebook.stem}.py"))
    return beside["ANSWERS"], beside.get("GIVEN", {})


def said(source, space):
    """What a cell prints that is run in a copy of the names of `space`."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(source, "<cell>", "exec"), dict(space))
    return printed.getvalue()


@EVERY
def test_each_notebook_has_exercises_with_answers_to_try(notebook):
    found = [name for _, name, _, _ in exercises(notebook)]
    assert 2 <= len(found) <= 4
    tried, _ = answers(notebook)
    assert sorted(tried) == sorted(found)
    for name, answer in tried.items():
        assert len(answer["wrong"]) >= 2, f"{name}: two typical wrong answers at least"
        hints = [hint for _, hint in answer["wrong"]]
        assert len(set(hints)) >= 2, f"{name}: different mistakes deserve different hints"


@EVERY
def test_each_check_belongs_to_an_exercise_of_its_lesson(notebook):
    (lesson,) = [module for module in check.LESSONS if module.__name__.endswith(f".lesson_{notebook.stem}")]
    assert sorted(check._checks(lesson)) == sorted(name for _, name, _, _ in exercises(notebook))


def test_each_lesson_of_checks_has_a_notebook():
    assert len(check.LESSONS) == len(NOTEBOOKS)


@EVERY
def test_answers_right_and_wrong(notebook, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    tried, given = answers(notebook)
    cells = nbformat.read(notebook, as_version=4).cells
    lesson, wanted, tries = needed.statements(cells, given), set(), {}
    for i, name, call, solution in exercises(notebook):
        right, wrong = tried[name].get("right", []), tried[name]["wrong"]
        tries[i] = [(cells[i].source, "✗ Not yet. Hint: ")]
        tries[i] += [(f"{answer}\n{call}", "✓ Correct.") for answer in (solution, *right)]
        tries[i] += [(f"{answer}\n{call}", hint) for answer, hint in wrong]
        names = set().union(*(needed.names_used(source) for source, _ in tries[i]))
        wanted |= needed.needed(lesson, names, before=i)
    space, faults, steps = {}, [], [lesson[k] for k in sorted(wanted)]
    assert set(given) <= set().union(*(step.binds for step in steps)), "GIVEN stands in for what no exercise needs"
    for i, sources in tries.items():
        while steps and steps[0].cell < i:
            exec(compile(ast.Module([steps.pop(0).node], []), "<lesson>", "exec"), space)
        for source, words in sources:
            printed = said(source, space)
            sort = "✓" if words.startswith("✓") else "✗"
            if not (printed.startswith(sort) and words in printed):
                faults.append(f"{source}\nsaid:   {printed}wanted: {words}")
    assert not faults, "\n\n".join(faults)


def test_a_prediction_is_answered_by_what_was_chosen(capsys, monkeypatch):
    why = {"a": "Noise is small.", "b": "Noise averages out over {count} pictures."}
    monkeypatch.setitem(check.REASONS, "mean", why)

    def reveal(guess, right="b"):
        check.reveal("mean", guess, right, count=400)
        return capsys.readouterr().out

    assert reveal(None) == "You made no prediction. It is b: Noise averages out over 400 pictures.\n"
    assert reveal("b") == "✓ You predicted it: b. Noise averages out over 400 pictures.\n"
    assert reveal(" B") == reveal("b")
    assert reveal("a") == "✗ Your prediction was a: Noise is small. It is b: Noise averages out over 400 pictures.\n"
    for odd in ("d", 7, ["a"]):
        assert "wanted is one of: 'a', 'b'" in reveal(odd) and "averages" not in reveal(odd)
    with pytest.raises(ValueError, match="none of the choices: a, b"):
        reveal("a", right="c")
    with pytest.raises(ValueError, match="no prediction 'maen'.*REASONS"):
        check.reveal("maen", "a", "b")


def test_two_lessons_cannot_have_a_check_or_a_prediction_of_one_name():
    def lesson(name, *reasons):
        return SimpleNamespace(__name__=name, REASONS=dict.fromkeys(reasons, {}))

    lessons = lesson("lesson_1", "first", "second"), lesson("lesson_2", "third", "first")
    assert list(check._under_one_roof(lessons[:1], lambda lesson: lesson.REASONS)) == ["first", "second"]
    with pytest.raises(ValueError, match="lesson_1 and lesson_2 both define 'first'"):
        check._under_one_roof(lessons, lambda lesson: lesson.REASONS)


def test_an_answer_that_stops_or_changes_its_input_is_told_so(capsys):
    @exercise("begin.")
    def doubled(answer):
        return None if run(answer, np.ones(2)).sum() == 4 else "not the double"

    doubled(lambda x: 2 * x)
    assert capsys.readouterr().out == "✓ Correct.\n"
    doubled(lambda x: x)
    assert capsys.readouterr().out == "✗ not the double\n"
    doubled(lambda x: x / nothing)  # noqa: F821
    assert "stops with NameError" in capsys.readouterr().out
    doubled(lambda x: x.__imul__(2))
    assert "Work on a copy" in capsys.readouterr().out
    doubled(lambda x: None)
    assert capsys.readouterr().out == "✗ Not yet. Hint: begin.\n"


def test_helpers_do_not_load_keras_for_a_check_of_numbers():
    code = "import sys, helpers.check; assert 'keras' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---------------------------------------------------------------- what an exercise depends on


def chosen(names, *cells, given=None):
    """The statements that are needed for some names, as one source."""
    cells = [SimpleNamespace(cell_type="code", source=source) for source in cells]
    lesson = needed.statements(cells, given)
    found = needed.needed(lesson, names.split(), before=len(cells))
    return "; ".join(ast.unparse(lesson[k].node) for k in sorted(found))


@pytest.mark.parametrize("needs, source", [
    ("x = 1; y = x", "x = 1; z = 3; y = x"),
    ("x = 2; y = x", "x = 1; x = 2; y = x"),
    ("x = 1; x += 1; y = x", "x = 1; x += 1; y = x"),
    ("x = {}; x |= z; y = x", "x = {}; x |= z; y = x"),
    ("x = []; x.append(1); y = x", "x = []; x.append(1); print(x); y = x"),
    ("x = {}; x[0] = 1; y = x", "x = {}; x[0] = 1; y = x"),
    ("x = f(); g(x)[0] = 1; y = x", "x = f(); g(x)[0] = 1; y = x"),
    ("x = f(); h = train(x, z); y = x", "x = f(); h = train(x, z); y = x"),
    ("x = f(); h = x.fit(z); y = x", "x = f(); h = x.fit(z); g = x.mean(); y = x"),
    ("rng = f(); y = rng.normal()", "rng = f(); y = rng.normal(); z = noise(rng)"),
    ("rng = f(); z = noise(rng); y = rng.normal()", "rng = f(); z = noise(rng); y = rng.normal()"),
    ("import numpy as np; y = np.ones(2)", "import numpy as np; np.random.seed(0); y = np.ones(2)"),
])  # fmt: skip
def test_a_name_needs_what_binds_and_what_changes_it(needs, source):
    assert chosen("y", source) == needs


def test_a_name_needs_loops_that_change_it_and_what_functions_need_when_they_are_called():
    loop = "for name, network in networks.items():\n    train(network, images)"
    assert chosen("networks", "networks = {}", loop, "print(networks)") == f"networks = {{}}; {loop}"
    drawn = "for ax, name in zip(axes, networks):\n    draw(ax, name)"
    assert chosen("networks", "networks = {}", drawn) == "networks = {}"
    function = "def f():\n    kept.append(scale)"
    assert chosen("f", function, "scale = 2", "kept = []") == f"{function}; scale = 2; kept = []"
    assert chosen("kept", "kept = []", function, "scale = 2", "f()", "x = 1").endswith("scale = 2; f()")


def test_what_is_given_stands_in_for_what_takes_long():
    cells = "size = 3", "network = build(size)", "history = train(network, images)", "y = network"
    assert chosen("y", *cells, given={"network": "'quick' * size"}) == "size = 3; network = 'quick' * size; y = network"
    with pytest.raises(AssertionError, match="netwrok, which the notebook does not have"):
        chosen("y", *cells, given={"netwrok": "1"})
