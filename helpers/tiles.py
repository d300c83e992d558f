"""A photo of any size through a network of small pictures, as notebook 09 builds it: in tiles."""

import sys

import numpy as np
from tqdm import tqdm

from helpers.images import check_images
from helpers.training import denoise

TILE = 32
BELL = np.sin(np.pi * (np.arange(TILE) + 0.5) / TILE).astype("float32") ** 2


def _starts(length, stride):
    return [*range(0, length - TILE, stride), length - TILE]


def _total_weight(begins, window):
    total = np.zeros(begins[-1] + TILE, dtype="float32")
    for begin in begins:
        total[begin : begin + TILE] += window
    return total


def denoise_photo(network, photo, stride=16, window=BELL, bar=False):
    """Denoise a photo of any size in overlapping tiles of 32x32 pixels.

    Parameters
    ----------
    network : keras.Model
        For images (N, 32, 32, 3).
    photo : ndarray of float, shape (H, W, 3)
        In [0, 1]. One smaller than a tile is extended by its mirror image.
    stride : int
        From one tile to the next, in pixels.
    window : ndarray of float32, shape (32,)
        How much each pixel of a tile counts along a side, above 0.
    bar : bool
        Show the progress, if it takes longer than three seconds.

    Returns
    -------
    denoised : ndarray of float32, same shape
        In [0, 1].
    """
    photo = check_images(photo, "photo")
    missing = [(0, max(0, TILE - side)) for side in photo.shape[:2]]
    padded = np.pad(photo, [*missing, (0, 0)], mode="symmetric")
    weight = np.outer(window, window)[:, :, None]
    rows, columns = (_starts(side, stride) for side in padded.shape[:2])
    result = np.zeros_like(padded)
    for y in tqdm(rows, file=sys.stdout, delay=3, disable=not bar):
        tiles = np.stack([padded[y : y + TILE, x : x + TILE] for x in columns])
        for x, denoised in zip(columns, denoise(network, tiles)):
            result[y : y + TILE, x : x + TILE] += weight * denoised
    result /= _total_weight(rows, window)[:, None, None]
    result /= _total_weight(columns, window)[:, None]
    return result.clip(0, 1, out=result)[: photo.shape[0], : photo.shape[1]]
