"""Lesson 9 · Your own photo: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, run

REASONS = {
    "which_layers": {
        "a": "A convolution has a weight for each place in its 3×3 neighbourhood, and fits maps of any size.",
        "b": "Pooling and upsampling have no weights at all; any size that can be halved three times will do.",
        "c": "A Dense layer has a weight for every position of its map, so another size needs other weights.",
    },
    "mean_of_four_answers": {
        "a": "Each tile shows a pixel with other neighbours, so the errors differ, and rims count little.",
        "b": "The pixels are the same, but each tile shows them with other neighbours. So the errors differ.",
        "c": "A blur averages different pixels. Here four results for the same pixel are averaged.",
    },
    "six_photographs": {
        "a": "On the small pictures it does lead. A photograph is another kind of picture.",
        "b": "On these photographs, at weak noise. A ranking holds for the pictures on which it was measured.",
        "c": "Its averages keep less detail than BM3D, which filters each group of patches instead.",
    },
}


@exercise("how many rows of tiles are there, and how many columns? `starts` knows both.",
          "Most pixels are in four of them, so there is about four times as much to compute.")
def tile_count(count):
    """Check the number of tiles of a photo of 2400x3600 pixels, 32x32 pixels each, with stride 16.

    Parameters
    ----------
    count : int
        The reader's answer.
    """

    def along(length, stride):
        return len(range(0, length - 32, stride)) + 1

    if np.size(count) != 1 or isinstance(count, str):
        return "One number is wanted: the tiles of the whole photo."
    count = np.asarray(count).item()
    down, across = along(2400, 16), along(3600, 16)
    if count == down * across:
        return None
    known = {
        along(2400, 32) * along(3600, 32): "That is with stride 32, side by side.",
        2400 * 3600 // 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 / 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 // 16**2: "Close. But a tile is 32 wide, so none can begin 16 pixels before the end.",
        (down - 1) * (across - 1): "Close: the last tile of each side counts, too.",
        down + across: "Every row has all the columns: multiply.",
    }
    return known.get(count, "Not quite. Along a side: len(starts(length, stride)); then multiply.")


@exercise("np.arange(length) counts the pixels; how far is each from the nearer end?",
          "Many windows will do. The rim has to count less than the middle, but more than nothing.")
def blend_window(window, seams, with_bell):
    """Check a window for overlapping tiles: by the seams that it leaves.

    Parameters
    ----------
    window : callable
        ``window(length)``: one weight for each of `length` pixels in a row.
    seams : callable
        ``seams(weights)``: how strong the seams are when tiles of 32 pixels are blended with these weights.
    with_bell : float
        How strong they are with the notebook's bell.
    """
    weights = np.asarray(run(window, 32), dtype=float)
    if weights.shape != (32,):
        return f"Wanted is one weight for each pixel of a row, shape (32,); yours has {weights.shape}."
    if weights.min() <= 0:
        return "A weight is zero or negative. The edge of the photo has no other tile: 0 / 0 there."
    if np.outer(weights, weights).astype(np.float32).min() <= 0:
        return "The window is so narrow that it becomes 0 at the rim in float32: 0 / 0 there. Widen it."
    if np.shape(window(16)) != (16,):
        return "It should work for any length, not for 32 alone."
    if np.abs(np.diff(weights)).max() > 0.4 * weights.max():
        return "Your window jumps, and the seams move to where the jump is. Let it rise step by step."
    left = seams(weights)
    if weights[15:17].mean() < 0.9 * weights.max():
        if np.allclose(weights, weights[::-1], rtol=0.05) and weights[16] >= weights[0]:
            return f"Seams: {left:.2f}. Your window counts most beside the middle, not in it."
    elif left <= 1.05 * with_bell:
        return None
    if not np.allclose(weights, weights[::-1], rtol=0.05):
        return f"Seams: {left:.2f}. Your window prefers one side. Its middle should lie between two pixels."
    if weights[16] < weights[0]:
        return f"Seams: {left:.2f}. Your window trusts the rim more than the middle."
    return f"Seams: {left:.2f}, with the bell {with_bell:.2f}. The rim counts too much: let it fall further."


@exercise("how many pixels of a tile are kept? Let the kept parts of two neighbours touch.",
          "Away from the photo's edge, each pixel now comes from a tile that sees `margin` pixels around it.")
def cropping_window(crop):
    """Check a window that keeps the middle of a tile, and the largest stride that leaves no gap.

    Parameters
    ----------
    crop : callable
        ``crop(margin)``: 32 weights, and the stride.
    """
    for margin in (8, 3):
        answer = run(crop, margin)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            return "Two things are wanted: the window and the stride."
        if any(part is None for part in answer):
            return "One of the two is None: the window and the stride are wanted."
        if np.size(answer[0]) == 1 and np.size(answer[1]) > 1:
            return "The other way round: first the window, then the stride."
        window, stride = np.asarray(answer[0], dtype=float), answer[1]
        if np.size(stride) != 1:
            return "The stride is one number."
        if window.shape != (32,):
            return f"The window needs a weight for each of 32 pixels, shape (32,); yours has {window.shape}."
        if window.min() <= 0:
            return "A weight is zero or negative: at the edge of the photo that divides by zero. Take 1e-6."
        kept = np.flatnonzero(window > 0.5 * window.max())
        if len(kept) != 32 - 2 * margin or kept[0] != margin:
            return (f"With margin {margin}, pixels {margin} to {31 - margin} should be kept; "
                    f"yours keeps {kept[0]} to {kept[-1]}.")
        if window[:margin].max() > 1e-3 * window.max():
            return "The ignored pixels count too much: 1 against 1e-6."
        if stride > 32 - 2 * margin:
            return f"With stride {stride} and margin {margin} there are gaps: pixels that no tile keeps."
        if stride < 32 - 2 * margin:
            return f"Stride {stride} leaves no gap with margin {margin}, but a larger one leaves none either."
    return None
