"""Every exercise: its stub says "not yet", right answers are accepted, usual mistakes get their own hint.

The solution stands folded below the exercise, in the notebook; other answers, right and wrong, stand in
tests/answers/. Each notebook runs once, and at an exercise all answers are tried, one after the other.
"""

import ast
import re
import runpy
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from helpers import check

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
EVERY = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
CELL_SECONDS = 180


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
    return runpy.run_path(str(TOP / "tests" / "answers" / f"{notebook.stem}.py"))["ANSWERS"]


class Kernel:
    """A kernel that runs a notebook's cells, and says what they print."""

    def __init__(self, folder):
        self.manager, self.client = start_new_kernel(cwd=str(folder))

    def run(self, source):
        printed = []

        def listen(message):
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            assert message["msg_type"] != "error", f"{source}\n\n" + "\n".join(content["traceback"])

        self.client.execute_interactive(source, timeout=CELL_SECONDS, output_hook=listen)
        return "".join(printed)

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path):
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.stop()


@EVERY
def test_each_notebook_has_exercises_with_answers_to_try(notebook):
    found = [name for _, name, _, _ in exercises(notebook)]
    assert 2 <= len(found) <= 4
    tried = answers(notebook)
    assert sorted(tried) == sorted(found)
    for name, answer in tried.items():
        assert len(answer["wrong"]) >= 2, f"{name}: two typical wrong answers at least"
        hints = [hint for _, hint in answer["wrong"]]
        assert len(set(hints)) >= 2, f"{name}: different mistakes deserve different hints"


def test_every_check_belongs_to_an_exercise():
    source = (TOP / "helpers" / "check.py").read_text()
    decorated = [
        node.name for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and any("exercise" in ast.dump(d) for d in node.decorator_list)
    ]
    assert sorted(decorated) == sorted(name for n in NOTEBOOKS for _, name, _, _ in exercises(n))


@EVERY
def test_answers_right_and_wrong(notebook, kernel):
    tried, faults = answers(notebook), []
    found = {i: rest for i, *rest in exercises(notebook)}
    cells = nbformat.read(notebook, as_version=4).cells
    for i, cell in enumerate(cells[: max(found) + 1]):
        if cell.cell_type != "code":
            continue
        if i not in found:
            kernel.run(cell.source)
            continue
        name, call, solution = found[i]
        expected = [(cell.source, "✗ Not yet. Hint: "), (f"{solution}\n{call}", "✓ Correct.")]
        expected += [(f"{answer}\n{call}", "✓ Correct.") for answer in tried[name].get("right", [])]
        expected += [(f"{answer}\n{call}", hint) for answer, hint in tried[name]["wrong"]]
        for source, words in expected:
            said = kernel.run(source)
            sort = "✓" if words.startswith("✓") else "✗"
            if not (said.startswith(sort) and words in said):
                faults.append(f"{name}\n{source}\nsaid:   {said}wanted: {words}")
        kernel.run(cell.source)
    assert not faults, "\n\n".join(faults)


def test_a_prediction_is_answered_by_what_was_chosen(capsys):
    why = {"a": "Noise is small.", "b": "Noise averages out."}
    check.reveal(None, "b", **why)
    assert "no prediction" in capsys.readouterr().out
    check.reveal("b", "b", **why)
    assert capsys.readouterr().out.startswith("✓ You predicted it: b.")
    check.reveal("a", "b", **why)
    assert capsys.readouterr().out == "✗ Your prediction was a: Noise is small. It is b: Noise averages out.\n"
    check.reveal(" B", "b", **why)
    assert capsys.readouterr().out.startswith("✓ You predicted it: b.")
    for odd in ("d", 7, ["a"]):
        check.reveal(odd, "b", **why)
        said = capsys.readouterr().out
        assert "wanted is one of: 'a', 'b'" in said and why["b"] not in said
    with pytest.raises(ValueError, match="none of the choices: a, b"):
        check.reveal("a", "c", **why)


def test_an_answer_that_stops_or_changes_its_input_is_told_so(capsys):
    import numpy as np

    @check.exercise("begin.")
    def doubled(answer):
        return None if check._run(answer, np.ones(2)).sum() == 4 else "not the double"

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
