"""Lesson 9 · Your own photo: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, run

REASONS = {
    "whole_photo_at_once": {
        "a": "Right for the convolutions alone; but they are not alone.",
        "b": "Keras never resizes a picture by itself; better so, for the detail would be gone.",
        "c": "One layer has a weight for every position of a 32×32 picture.",
    },
    "mean_of_four_answers": {
        "a": "A blur averages different pixels. Here four estimates of the same pixel are averaged.",
        "b": "The same pixels, but seen from four places in the tile, with four different errors.",
        "c": "Four estimates with partly independent errors, and the worst of each, its rim, hardly counts.",
    },
    "smaller_photo": {
        "a": "The noise is the same, the pictures are not: neighbouring pixels of a large photo are alike.",
        "b": "The network learnt from whole scenes in 32 pixels, full of edges. The filter "
             "needs patches that repeat.",
        "c": "There is less to see for both. What counts is to whom the rest looks familiar.",
    },
    "least_improved": {
        "a": "Blocks are smooth inside and have clean edges. To the network that is picture, "
             "and picture it keeps.",
        "b": "It is smoother than the noise of the training, so most of it passes for "
             "picture; a little is removed.",
        "c": "Strong noise is known noise, only more of it: there the network gains most of all.",
    },
    "thirty_steps": {
        "a": "The start was noise; each step takes some of it away, and puts less back.",
        "b": "Grey is the mean of all pictures. But the noise of each step decides for one of them.",
        "c": "Faint ones (raise the contrast fivefold to see them): probable pictures are "
             "calm, and starts differ.",
        "d": "A diffusion model would: it has learnt all levels, up to noise that hides everything.",
    },
}


@exercise("how many tiles are there down, and how many across? `starts` knows both.",
          "Most pixels are in four of them, and so there is about four times as much to compute.")
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
    down, across = along(2400, 16), along(3600, 16)
    if count == down * across:
        return None
    known = {
        along(2400, 32) * along(3600, 32): "That is with stride 32, side by side.",
        2400 * 3600 // 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 / 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 // 16**2: "Close. But a tile is 32 wide: 16 pixels before the end no other one has room.",
        (down - 1) * (across - 1): "Close: the last tile of each side counts too.",
        down + across: "Each of those down has all of those across.",
    }
    return known.get(count, "Not quite. Along a side: len(starts(length, stride)); then multiply.")


@exercise("at sigma 0.1 the network gains a lot. Try smaller values with gain_at.",
          "Below that the network takes more detail than noise: leave such a picture alone.")
def break_even(sigma, gain_at):
    """Check the noise level at which the network neither gains nor loses, to within half a decibel.

    Parameters
    ----------
    sigma : float
        The reader's answer, on the [0, 1] scale.
    gain_at : callable
        ``gain_at(sigma)``: denoised minus noisy PSNR, in dB.
    """
    if np.size(sigma) != 1 or isinstance(sigma, str):
        return "One number is wanted."
    if not 0 < sigma < 1:
        return "sigma is on the scale from 0 to 1 and above 0; a value in grey values has to be divided by 255."
    gain = gain_at(sigma)
    if gain > 0.5:
        return f"At {sigma:g} it still gains {gain:.2f} dB: go lower."
    if gain < -0.5:
        return f"At {sigma:g} it already loses {-gain:.2f} dB: go higher."
    return Found(f"A sigma of {sigma:.4f} is about {255 * sigma:.1f} grey values of 255.")


@exercise("np.arange(length) counts the pixels; how far is each from the nearer end?",
          "Many windows will do: the rim has to count less than the middle, and need not count for nothing.")
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
        return "A weight is zero or negative. At the edge of the photo no other tile helps out: 0 / 0 there."
    if np.outer(weights, weights).astype(np.float32).min() <= 0:
        return "So narrow a window becomes 0 at the rim, where float32 ends: 0 / 0 there. Widen it."
    if np.shape(window(16)) != (16,):
        return "It should work for any length, not for 32 alone."
    if np.abs(np.diff(weights)).max() > 0.4 * weights.max():
        return "Your window jumps. That only moves the seams to where the jump is: let it rise step by step."
    if (left := seams(weights)) <= 1.1 * with_bell:
        return None
    if not np.allclose(weights, weights[::-1], rtol=0.05):
        return f"Seams: {left:.2f}. Your window prefers one side of the tile. Is its middle between two pixels?"
    if weights[16] < weights[0]:
        return f"Seams: {left:.2f}. Your window trusts the rim more than the middle."
    return f"Seams: {left:.2f}, with the bell {with_bell:.2f}. The rim counts too much: let it fall further."
