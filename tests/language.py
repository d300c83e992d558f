"""The prose of the project, sentence by sentence."""

import ast
import re

import nbformat

from tools.glossary import SENTENCE_END


def cells_of(notebook):
    """The text cells of a notebook, without the list of sources."""
    texts = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "markdown"]
    return [re.sub(r"### Further reading.*?(?=\n\[←|\n\*\*Next|\Z)", "", text, flags=re.S) for text in texts]


def strings_of(module):
    """What a lesson's checks say: every string of a module that is no docstring, with X for a value."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield re.sub(r"\{[^}]*\}", "X", node.value)


def sentences(text):
    """The sentences of some Markdown, without code, tables, pictures and headings; X stands for a name in code."""
    text = re.sub(r"```.*?```|<!--.*?-->", "\n\n", text, flags=re.S)
    text = re.sub(r"^\s*\|.*$|^#+ .*$|!\[.*?\]\(.*?\)|<[^>\n]+>", "\n\n", text, flags=re.M)
    text = re.sub(r"`[^`]*`", "X", re.sub(r"\]\([^)]*\)", "]", text))
    text = re.sub(r"\b(et al|e\.g|i\.e|vs|cf)\.", r"\1", text)
    for block in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d\.)\s", text):
        for sentence in SENTENCE_END.split(" ".join(block.split())):
            if re.search(r"\w\w", sentence):
                yield sentence


def words(sentence):
    """How many words a sentence has."""
    return len(re.findall(r"[\w’'.,/×-]*\w[\w’'/×-]*", sentence))
