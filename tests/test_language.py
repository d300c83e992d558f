"""Plain English: short sentences, no words that a reader has to look up for no gain, and each term defined once."""

import re
from pathlib import Path
from statistics import median

import nbformat
import pytest

from tests.language import cells_of, sentences, strings_of, words
from tools import glossary

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
PAGES = [TOP / "README.md", TOP / "notebooks" / "INSTRUCTORS.md", glossary.PAGE]
CHECKS = sorted((TOP / "helpers" / "check").glob("*.py"))
QUAINT = re.compile(
    r"\b(whoever|whomever|afresh|anew|so it is(?=[.,;:])|as it were|err(s|ing)? (on|together)|from \S+ on(?! the)|learns? by heart|"
    r"the latter|the former|hence|thereby|whilst|albeit)\b", re.I,
)  # fmt: skip


def prose(path):
    """Every sentence of a notebook, a page, or what a module of checks says."""
    texts = {".ipynb": cells_of, ".py": strings_of}.get(path.suffix, lambda page: [page.read_text(encoding="utf-8")])
    return [sentence for text in texts(path) for sentence in sentences(text)]


@pytest.mark.parametrize("path", [*NOTEBOOKS, *CHECKS, *PAGES], ids=lambda path: path.stem)
def test_sentences_are_short_and_plain(path):
    found = prose(path)
    long = [s for s in found if words(s) > 30]
    assert not long, "\n".join([f"{len(long)} sentences over 30 words:", *long])
    quaint = [f"{match[0]}: {s}" for s in found if (match := QUAINT.search(s))]
    assert not quaint, "\n".join(quaint)
    if path.suffix == ".ipynb":
        assert median(map(words, found)) <= 12


def test_sentences_are_found_and_counted():
    text = "# Title\n\nOne two. `code` *three* (four five)? Six, seven\n- 8 items\n- nine: **ten**.\n\n| a table | no |\n"
    assert [words(s) for s in sentences(text)] == [2, 4, 2, 2, 2]
    assert QUAINT.search("Run it afresh.")[0] == "afresh" and not QUAINT.search("The refresh rate, so it is not part")


# ---------------------------------------------------------------- the glossary


def test_the_glossary_is_made_from_the_sentences_of_the_lessons():
    assert glossary.PAGE.read_text(encoding="utf-8") == glossary.page(), "make glossary writes it"


def test_the_words_of_the_field_are_defined():
    terms = {term.lower() for of_lesson in glossary.TERMS.values() for term in of_lesson}
    assert len(terms) == sum(map(len, glossary.TERMS.values())), "a term is defined in one lesson"
    assert terms >= {
        "overfitting", "receptive field", "posterior mean", "hyperparameter", "generalisation", "regularisation",
        "baseline", "domain shift", "hallucination", "wiener filter", "bottleneck", "skip connections", "psnr", "ssim",
        "epoch", "batch normalization", "early stopping",
    }  # fmt: skip


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_definition_stands_for_itself(notebook):
    book = nbformat.read(notebook, as_version=4)
    for term in glossary.TERMS.get(notebook.stem[:2], ()):
        sentence = glossary.definition(term, book)
        assert 6 <= words(sentence) <= 30 and sentence.endswith((".", ".)")), sentence
        assert not re.match(r"\W*(It|This|That|These|They|So|But|Here|Then)\b", sentence), sentence


def test_a_term_without_its_sentence_is_reported():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Lesson\n\nA **code** is a list. A **code**.")])
    for term, count in (("code", 2), ("prior", 0)):
        with pytest.raises(ValueError, match=f"Lesson has {count} sentences with"):
            glossary.definition(term, book)
