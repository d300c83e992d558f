"""The plans add up, and the marking key answers the questions that the notebooks ask."""

import re
from pathlib import Path

import nbformat
import pytest

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
TEXT = (TOP / "notebooks" / "INSTRUCTORS.md").read_text()


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)[1]


@pytest.mark.parametrize("title, minutes", [("One lecture of 50 minutes", 50), ("A lab of three hours", 180)])
def test_the_minutes_of_a_plan_add_up(title, minutes):
    assert sum(map(int, re.findall(r"^\| (\d+) \|", section(title), re.M))) == minutes


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
