"""Classical filters to compare a network with: scikit-image's own, tuned on validation images."""

from typing import Callable, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import fft, ndimage
from skimage import restoration

from helpers.images import check_images
from helpers.metrics import psnr


class Filter(NamedTuple):
    """A filter with one knob: ``apply(image, setting)``, and the settings worth trying."""

    apply: Callable
    settings: tuple


def _wavelet(image, sigma):
    return restoration.denoise_wavelet(
        image, sigma=sigma, method="BayesShrink", mode="soft", rescale_sigma=True,
        convert2ycbcr=True, channel_axis=-1,
    )


def _non_local_means(image, h, patch_size=3, sigma=0.0):
    return restoration.denoise_nl_means(image, patch_size, patch_distance=6, h=h, sigma=sigma, channel_axis=-1)


def _sliding_dct(image, threshold, size=5):
    """Small coefficients of each patch (with its colours) to 0; then the weighted mean of all patches."""
    rim, axes = size // 2, (-3, -2, -1)
    image = np.pad(np.asarray(image, np.float32), ((rim, rim), (rim, rim), (0, 0)), mode="symmetric")
    parts = fft.dctn(sliding_window_view(image, (size, size), axis=(0, 1)), axes=axes, norm="ortho")
    parts[np.abs(parts) < threshold] = 0
    weight = 1 / (1 + np.count_nonzero(parts, axis=axes)).astype(np.float32)[..., None]
    patches = fft.idctn(parts, axes=axes, norm="ortho") * weight[..., None, None]
    total, weights = np.zeros_like(image), np.zeros_like(image)
    height, width = patches.shape[:2]
    for i, j in np.ndindex(size, size):
        total[i : i + height, j : j + width] += patches[..., i, j]
        weights[i : i + height, j : j + width] += weight
    return (total / weights)[rim:-rim, rim:-rim]


# What the knob is: blur, its sigma in pixels; median, the side of the window in pixels; total
# variation, the weight; wavelet, the noise's sigma; non-local means, h; non-local means 5×5, the noise's
# sigma; sliding DCT, below which a coefficient is set to 0 (the last four on the [0, 1] scale).
FILTERS = {
    "Gaussian blur": Filter(
        lambda image, s: ndimage.gaussian_filter(image, (s, s, 0)),
        (0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.3, 1.7),
    ),
    "median": Filter(lambda image, n: ndimage.median_filter(image, (n, n, 1)), (1, 3, 5)),
    "total variation": Filter(
        lambda image, w: restoration.denoise_tv_chambolle(image, weight=w, channel_axis=-1),
        (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7),
    ),
    "wavelet": Filter(_wavelet, (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7)),
    "non-local means": Filter(_non_local_means, (0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.45)),
    "non-local means 5×5": Filter(
        lambda image, sigma: non_local_means(image, sigma, 0.5), (0.02, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25)
    ),
    "sliding DCT": Filter(_sliding_dct, (0.05, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.7)),
}


def apply_filter(name, noisy, setting):
    """Apply a classical filter to every image of a batch.

    Parameters
    ----------
    name : str
        A key of `FILTERS`.
    noisy : ndarray of float, shape (N, H, W, C)
        In [0, 1].
    setting : float
        The filter's knob; `FILTERS` says what it is.

    Returns
    -------
    denoised : ndarray of float32, same shape
        In [0, 1].

    Raises
    ------
    KeyError
        If there is no filter of that name; the message lists the names.
    """
    if name not in FILTERS:
        raise KeyError(f"There is no filter {name!r}; there are {', '.join(FILTERS)}.")
    noisy = check_images(noisy, "noisy")
    filtered = np.stack([FILTERS[name].apply(image, setting) for image in noisy])
    return np.clip(filtered, 0, 1).astype(np.float32)


def tune_filter(name, noisy, clean):
    """The setting of a classical filter with the highest mean PSNR.

    Parameters
    ----------
    name : str
        A key of `FILTERS`.
    noisy, clean : ndarray of float, shape (N, H, W, C)
        Pairs to tune on, in [0, 1]: take them from the validation part.

    Returns
    -------
    setting : float
        One of ``FILTERS[name].settings``.
    """
    def score(setting):
        return psnr(clean, apply_filter(name, noisy, setting)).mean()

    return max(FILTERS[name].settings, key=score)


STRENGTHS = 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0  # of non_local_means: h, in multiples of sigma


def non_local_means(noisy, sigma, strength):
    """Non-local means as it is used on photographs: larger patches than in `FILTERS`, and told sigma.

    Parameters
    ----------
    noisy : ndarray of float, shape (H, W, 3)
        In [0, 1].
    sigma : float
        Standard deviation of the noise; what it adds to the distance of two patches is taken off.
    strength : float
        h, in multiples of `sigma`; `tune_non_local_means` finds it.

    Returns
    -------
    denoised : ndarray of float32, same shape
        In [0, 1].

    References
    ----------
    .. [1] A. Buades, B. Coll and J.-M. Morel, "A Non-Local Algorithm for Image Denoising", CVPR 2005,
       doi:10.1109/CVPR.2005.38; computed by ``skimage.restoration.denoise_nl_means``.
    """
    filtered = _non_local_means(check_images(noisy), strength * sigma, patch_size=5, sigma=sigma)
    return np.clip(filtered, 0, 1).astype(np.float32)


def tune_non_local_means(noisy, clean, sigma):
    """The strength of `non_local_means` with the highest PSNR.

    Parameters
    ----------
    noisy, clean : ndarray of float, shape (H, W, 3)
        A photo to tune on: another one than that which is reported.
    sigma : float

    Returns
    -------
    strength : float
        One of `STRENGTHS`.
    """
    return max(STRENGTHS, key=lambda strength: psnr(clean, non_local_means(noisy, sigma, strength)))
