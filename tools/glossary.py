"""Write notebooks/GLOSSARY.md from the sentences that define the terms: `make glossary`.

A lesson defines a term in a sentence of its own, in which the term stands in bold. Here it is only said which
terms those are. A test holds lessons, list and page together.
"""

import re
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PAGE = NOTEBOOKS / "GLOSSARY.md"
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)*_]*\s+(?=[\"“‘(*_\[`A-Z0-9])")
TERMS = {  # of each lesson, in its order, as they stand there between the asterisks
    "00": (
        "autoencoder", "Sigma", "MSE", "PSNR", "clipped", "bottleneck", "Skip connections", "epoch",
        "validation loss",
    ),
    "01": (
        "region", "training part", "validation part", "test part", "stratified", "leak",
        "nearest neighbour", "baseline", "Generalisation", "hyperparameter",
    ),
    "02": (
        "Gaussian noise", "generator", "seed", "white noise", "Bias", "Salt-and-pepper noise", "amount",
        "Poisson noise", "Speckle", "signal-to-noise ratio",
    ),
    "03": (
        "encoder", "code", "decoder", "Principal components", "projection", "Wiener filter", "prior",
        "posterior mean",
    ),
    "04": ("Concatenation", "residual connection", "U-Net", "ablation", "receptive field"),
    "05": (
        "loss", "batch", "Noise2Noise", "learning rate", "schedule", "Batch normalization", "Overfitting",
        "Early stopping", "Regularisation",
    ),
    "06": ("blind", "Non-local means", "standard error", "BM3D"),
    "08": ("SSIM", "L1", "rim", "perception-distortion tradeoff", "data range", "Pooled PSNR"),
    "09": ("tile", "seam", "cycle spinning", "scale"),
    "10": ("domain shift", "correlated noise", "Bayer mosaic", "gamma", "hallucination"),
}


def paragraphs(book):
    """The paragraphs and list items of a notebook's text, each on one line."""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```|</?details>|<summary>.*?</summary>", "\n\n", cell.source, flags=re.S)
            for block in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d\.)\s", f"\n{text}"):
                yield " ".join(re.sub(r"^\s*(?:[-*]|\d\.)\s", "", block).split())


def definition(term, book):
    """The one sentence of a notebook in which a term stands in bold.

    Parameters
    ----------
    term : str
    book : nbformat.NotebookNode

    Returns
    -------
    sentence : str

    Raises
    ------
    ValueError
        If no sentence has it, or more than one.
    """
    bold = re.compile(rf"\*\*{re.escape(term)}\*\*", re.I)
    found = [s for block in paragraphs(book) for s in SENTENCE_END.split(block) if bold.search(s)]
    if len(found) != 1:
        raise ValueError(
            f"{book.cells[0].source.splitlines()[0]} has {len(found)} sentences with **{term}** in bold. "
            f"It needs one, which defines the term; TERMS in tools/glossary.py lists the terms of each lesson."
        )
    return found[0]


def page():
    """The text of GLOSSARY.md: every term in alphabetical order, its sentence, and the lesson that has it."""
    lines = {}
    for notebook in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        book = nbformat.read(notebook, as_version=4)
        title = book.cells[0].source.splitlines()[0].removeprefix("# ")
        for term in TERMS.get(notebook.stem[:2], ()):
            name = term[0].upper() + term[1:]
            lines[name.lower()] = f"- **{name}.** {definition(term, book)} ([{title}]({notebook.name}))"
    text = "\n".join(lines[name] for name in sorted(lines))
    return (
        "# Glossary\n\nThe terms of the series, each in the words of the lesson that defines it. "
        f"`make glossary` writes this page from the notebooks.\n\n{text}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {sum(map(len, TERMS.values()))} terms")
