"""One style and one palette for every figure, and figures that carry alt text."""

import base64
import html
import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator
from scipy.special import entr
from skimage.transform import resize_local_mean

from helpers.images import check_images
from helpers.metrics import psnr

# Okabe and Ito's palette for all kinds of colour vision (https://jfly.uni-koeln.de/color/);
# a thing keeps its colour through the whole series.
COLOURS = {
    "clean": "#000000",
    "noisy": "#999999",
    "with skips": "#0072B2",
    "without skips": "#D55E00",
    "Gaussian blur": "#009E73",
    "median": "#CC79A7",
    "total variation": "#E69F00",
    "wavelet": "#56B4E9",
    "non-local means": "#B8A800",
    "non-local means 5×5": "#B8A800",
    "sliding DCT": "#56B4E9",
    "your run": "#009E73",
}
STYLE = {
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 13,
    "axes.titlesize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 2.5,
    "axes.prop_cycle": plt.cycler(color=["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"]),
    "image.interpolation": "nearest",
    "image.cmap": "gray",
}
plt.rcParams.update(STYLE)


class Picture:
    """A finished figure: PNG bytes, and a description for readers who cannot see it.

    Jupyter shows it as an ``<img>`` with that description as alt text.
    """

    def __init__(self, png, alt):
        self.png, self.alt = png, alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = base64.b64encode(self.png).decode()
        image = f'<img src="data:image/png;base64,{data}" alt="{html.escape(self.alt, quote=True)}">'
        return {"image/png": data, "text/html": image, "text/plain": self.alt}


def show(figure, alt):
    """Display a Matplotlib figure below the cell, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, in a sentence or two, for a screen reader.

    Raises
    ------
    ValueError
        If `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the figure shows.")
    from IPython.display import display

    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight", pad_inches=0.05)
    plt.close(figure)
    display(Picture(stream.getvalue(), " ".join(alt.split())))


def show_images(panels, alt, size=1.9, columns=None):
    """Display titled images side by side, all on one brightness scale.

    Parameters
    ----------
    panels : dict of str to ndarray
        Title to image, (H, W, 3) or (H, W, 1), floats in [0, 1]; or title to a batch
        (N, H, W, C), which becomes a column of N images under that title.
    alt : str
        What the figure shows, for a screen reader.
    size : float
        Width of one image, in inches.
    columns : int, optional
        Break the row after so many panels; only for single images.
    """
    batches = {
        title: images if images.ndim == 4 else images[None]
        for title, images in ((t, check_images(i, repr(t))) for t, i in panels.items())
    }
    deep = max(len(images) for images in batches.values())
    columns = columns or len(batches)
    rows = -(-len(batches) // columns) * deep
    lines = max(title.count("\n") + 1 for title in batches)
    height = rows * size + rows / deep * lines * 0.24
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, height), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for i, (title, images) in enumerate(batches.items()):
        for j, image in enumerate(images):
            ax = axes[i // columns * deep + j, i % columns]
            ax.imshow(image, vmin=0, vmax=1)
            if j == 0:
                ax.set_title(title)
    show(figure, alt)


def scored_titles(results, clean, shown):
    """Panels for `show_images`: some images of each result, its mean PSNR over all in the title.

    Parameters
    ----------
    results : dict of str to ndarray
        Name to images (N, H, W, C) in [0, 1].
    clean : ndarray of float, shape (N, H, W, C)
        The truth; it becomes the last panel.
    shown : sequence of int
        Positions of the images to show.

    Returns
    -------
    panels : dict of str to ndarray
        Title to images (len(shown), H, W, C).
    """
    panels = {f"{n}\nmean {psnr(clean, x).mean():.1f} dB": x[shown] for n, x in results.items()}
    return panels | {"clean\n": clean[shown]}


def pick_examples(images, labels, count):
    """Positions of images worth looking at: one sees what they show, and they differ.

    Parameters
    ----------
    images : ndarray of float, shape (N, H, W, C)
        In [0, 1].
    labels : ndarray of int, shape (N,)
    count : int
        How many.

    Returns
    -------
    positions : ndarray of int, shape (count,)
        First the best image of each label, then those unlike all before, then the rest, each in the
        order of what there is to see.

    Notes
    -----
    A face, a car or a cup has many colours in as many places; fur or a wall has one all over. So images are
    ordered by the entropy of their colours: means over 8x8 blocks of the image, in eight steps a channel.
    """
    small = resize_local_mean(images, (len(images), 8, 8, images.shape[-1]))
    steps = np.minimum(8 * small, 7).astype(int)
    colours = steps @ 8 ** np.arange(images.shape[-1])  # a number for each
    entropy = [entr(np.unique(blocks, return_counts=True)[1] / blocks.size).sum() for blocks in colours]
    order = np.argsort(np.negative(entropy), kind="stable")
    _, first = np.unique(labels[order], return_index=True)
    chosen = list(order[np.sort(first)])
    for position in order:
        if np.abs(small[chosen] - small[position]).mean(axis=(1, 2, 3)).min() > 0.15:
            chosen.append(position)
    return np.concatenate([chosen, order[~np.isin(order, chosen)]])[:count]


def show_history(histories, noisy_level=None):
    """Display training and validation loss against the epoch, with the best epoch marked.

    Parameters
    ----------
    histories : dict of str to dict
        Name to what `helpers.training.train` returned.
    noisy_level : float, optional
        The loss of doing nothing (the noisy image against the clean one), as a dashed line.
    """
    figure, ax = plt.subplots(figsize=(8, 4.2))
    for name, history in histories.items():
        epochs = np.arange(1, len(history["loss"]) + 1)
        colour = COLOURS.get(name)
        (line,) = ax.plot(epochs, history["val_loss"], "o-", color=colour, label=f"{name}, validation")
        ax.plot(epochs, history["loss"], ":", color=line.get_color(), label=f"{name}, training")
        best = history["best_epoch"]
        ax.plot(best, history["val_loss"][best - 1], "*", ms=20, color=line.get_color(), mec="black")
    if noisy_level is not None:
        ax.axhline(noisy_level, ls="--", color=COLOURS["noisy"], label="noisy image, untouched")
    ax.set(xlabel="epoch", ylabel="loss", yscale="log", title="★ marks the weights that are kept")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(LogLocator(subs=(1.5, 2, 3, 5, 7)))  # labels that keep clear of one another
    ax.yaxis.set_minor_formatter("{x:g}")
    ax.legend(fontsize=11)
    summary = "; ".join(
        f"{name}: validation loss from {h['val_loss'][0]:.4f} to {min(h['val_loss']):.4f}, "
        f"best at epoch {h['best_epoch']}" for name, h in histories.items()
    )
    show(figure, f"Loss against epoch, logarithmic. {summary}.")


def show_table(header, rows):
    """Display a table; the first column is text, the others are shown as they come.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences
        Cells are put in as text: format numbers before, ``f"{value:.2f}"``.
    """
    from IPython.display import Markdown, display

    align = [":--"] + ["--:"] * (len(header) - 1)
    display(Markdown("\n".join(f"| {' | '.join(map(str, row))} |" for row in (header, align, *rows))))
