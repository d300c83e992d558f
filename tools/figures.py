"""Write the main figures of every lesson, on both sets of images, into INSTRUCTORS: `make figures`.

A lesson prints its figures in its summary. All notebooks are executed twice, on the photographs and on the
CIFAR-10 that DENOISING_CIFAR10_DIR names, and what they print is laid side by side. Which choice was right in
each prediction goes into letters.json: tests compare it with what a run shows, and count the letters.
"""

import json
import os
import re
import sys
from pathlib import Path

import nbformat

from tools.publish import CACHE, NOTEBOOKS, executed

TARGET, LETTERS = NOTEBOOKS / "INSTRUCTORS.md", Path(__file__).with_name("letters.json")
BEGIN, END = "<!-- figures -->", "<!-- end of the figures -->"
NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.\d+)?%?")


def summary_cell(book):
    """The first code cell below the heading of the summary."""
    start = next(i for i, cell in enumerate(book.cells) if cell.source.startswith("## Summary"))
    return next(cell for cell in book.cells[start:] if cell.cell_type == "code")


def summary(book):
    """The lines that a lesson prints in its summary."""
    return "".join(output.get("text", "") for output in summary_cell(book).outputs).splitlines()


def letters(book):
    """The choice that a run has shown to be right in each prediction, by the name of the prediction."""
    found = {}
    for cell in book.cells:
        if cell.cell_type == "code" and (name := re.search(r'check\.reveal\("(\w+)"', cell.source)):
            said = "".join(output.get("text", "") for output in cell.outputs)
            found[name[1]] = re.match(r"You made no prediction\. It is (\w): ", said)[1]
    return found


def side_by_side(photos, cifar10):
    """One line for both sets where only the numbers differ, else a line for each.

    Parameters
    ----------
    photos, cifar10 : list of str
        What the same summary printed on the two sets.

    Returns
    -------
    lines : list of str
        With ``a / b`` where the photographs gave a, and CIFAR-10 b.
    """
    lines = []
    for one, other in zip(photos, cifar10, strict=True):
        if NUMBER.sub("#", one) == NUMBER.sub("#", other):
            second = iter(NUMBER.findall(other))
            lines.append(NUMBER.sub(lambda found: _both(found[0], next(second)), one))
        else:
            lines += [f"photographs: {one}", f"CIFAR-10: {other}"]
    return lines


def _both(one, other):
    return one if one == other else f"**{one} / {other}**"


def table(lessons):
    """The block of INSTRUCTORS.

    Parameters
    ----------
    lessons : dict of str to list of str
        Title of each lesson to its lines.

    Returns
    -------
    text : str
    """
    rows = [f"| {title} | {'<br>'.join(lines)} |" for title, lines in lessons.items()]
    return "\n".join([BEGIN, "| lesson | photographs / CIFAR-10 |", "|:--|:--|", *rows, END])


def main():
    found, right = {}, {}
    for source, cache in (("photos", CACHE / "executed"), ("cifar10", CACHE / "executed-cifar10")):
        os.environ["DENOISING_DATA"] = source
        for notebook in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
            book = executed(notebook, cache=cache)
            found.setdefault(notebook, []).append(summary(book))
            right.setdefault(source, {})[notebook.stem] = letters(book)
    lessons = {}
    for notebook, lines in found.items():
        title = nbformat.read(notebook, as_version=4).cells[0].source.splitlines()[0]
        lessons[title.removeprefix("# ")] = side_by_side(*lines)
    text = TARGET.read_text(encoding="utf-8")
    if BEGIN not in text:
        sys.exit(f"{TARGET} has no line {BEGIN}: the figures have no place.")
    block = re.compile(f"{BEGIN}.*?{END}", re.S)
    TARGET.write_text(block.sub(lambda _: table(lessons), text), encoding="utf-8")
    LETTERS.write_text(json.dumps(right, indent=1) + "\n", encoding="utf-8")
    print(f"{Path(TARGET).name}: figures of {len(lessons)} lessons")


if __name__ == "__main__":
    main()
