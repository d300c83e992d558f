"""The plans add up, and the marking key answers the questions that the notebooks ask."""

import re
from pathlib import Path

import nbformat
import pytest

from helpers.models import build_encoder

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
TEXT = (TOP / "notebooks" / "INSTRUCTORS.md").read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)[1]


@pytest.mark.parametrize("title, minutes", [("One lecture of 50 minutes", 50), ("A lab of three hours", 180)])
def test_the_minutes_of_a_plan_add_up(title, minutes):
    plan = section(title).split("\n### ")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", plan, re.M))) == minutes


def rows(text):
    """The cells of each row of a plan that begins with its minutes."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \d+ \|", line)]


def test_the_sections_to_show_in_a_lecture_stand_in_its_decks():
    plan, _ = section("One lecture of 50 minutes").split("\n### ")
    for _, _, where, show, *_ in rows(plan):
        names = re.findall(r"\((\d\w+\.ipynb)\)", where)
        decks = [nbformat.read(TOP / "notebooks" / name, as_version=4) for name in names]
        titles = re.findall(r"^## (.*)", "\n".join(cell.source for deck in decks for cell in deck.cells), re.M)
        named = re.findall(r'"([^"]+)"', show)
        assert named and set(named) <= set(titles), set(named) - set(titles)


def test_the_live_part_fills_its_row_and_names_what_is_on_the_panel():
    plan, live = section("One lecture of 50 minutes").split("\n### ")
    (slot,) = [row for row in rows(plan) if "live" in row[2]]
    assert sum(int(row[0]) for row in rows(live)) == int(slot[0])
    cells = nbformat.read(TOP / "notebooks" / "07_residual_slider.ipynb", as_version=4).cells
    on_it = "".join(c.source for c in cells if "widget" in c.metadata.get("tags", []))
    on_it += (TOP / "helpers" / "panel.py").read_text("utf-8")
    on_it += "".join(f"{maps.shape[1]}×{maps.shape[2]} maps " for maps in build_encoder().outputs[2:])
    named = [name for row in rows(live) for name in re.findall(r'"([^"]+)"', row[1])]
    assert len(named) >= 6 and all(name in on_it for name in named)


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("https://") or (TOP / "notebooks" / target).exists(), target


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_key_answers_each_oral_question_of_a_notebook_in_its_own_words(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    asked = text.split("### For the oral exam")[1].split("###")[0]
    asked = [" ".join(q.split()) for q in re.findall(r"^\d\. (.*?)(?=^\d\. |\Z)", asked, re.M | re.S)]
    title = re.match(r"# (.*)", cells[0].source)[1]
    key = section("Marking key").split(f"### {title}\n")[1].split("\n### ")[0]
    answered = re.findall(r"^\d\. \*(.*?)\* (.*)$", key, re.M)
    assert [question for question, _ in answered] == asked
    assert all(len(answer.split()) >= 20 for _, answer in answered)
