"""PSNR by its formula and SSIM by scikit-image, one value an image.

(Importing scikit-image's PSNR loads the whole of scipy.stats: half a second at the start of every notebook.)
"""

import numpy as np
from skimage.metrics import structural_similarity

from helpers.images import check_images


def _per_image(score, clean, other):
    clean, other = check_images(clean, "clean"), check_images(other, "other")
    if clean.shape != other.shape:
        raise ValueError(
            f"clean has shape {clean.shape} and other {other.shape}; images are compared one by "
            f"one, so both need the same shape."
        )
    if clean.ndim == 3:
        return float(score(clean[None], other[None])[0])
    starts = range(0, len(clean), 100)  # because SSIM needs ten times the memory of what it compares
    return np.concatenate([score(clean[n : n + 100], other[n : n + 100]) for n in starts])


def psnr(clean, other):
    """Peak signal-to-noise ratio of each image, in dB, for ``data_range=1``.

    Parameters
    ----------
    clean, other : ndarray of float, shape (N, H, W, C) or (H, W, C)
        The truth and what is compared with it, both in [0, 1] (clip a network's output first).

    Returns
    -------
    psnr : ndarray of float64, shape (N,), or float for a single image
        ``10 log10(1 / MSE)`` in dB; infinite where the two images are equal. The series reports
        the mean of these values, which is not the PSNR of the mean MSE.

    Raises
    ------
    TypeError
        If the images are not floats.
    ValueError
        If the shapes differ, or values leave [0, 1].

    References
    ----------
    .. [1] ``skimage.metrics.peak_signal_noise_ratio``, which gives the same.
    """

    def score(a, b):
        with np.errstate(divide="ignore"):  # equal images: infinity is the right answer
            return -10 * np.log10(np.square(a - b).mean(axis=(1, 2, 3), dtype=np.float64))

    return _per_image(score, clean, other)


def ssim(clean, other):
    """Structural similarity of each image, with the Gaussian window of the paper.

    Parameters
    ----------
    clean, other : ndarray of float, shape (N, H, W, C) or (H, W, C)
        The truth and what is compared with it, both in [0, 1]; at least 11 pixels high and wide.

    Returns
    -------
    ssim : ndarray of float64, shape (N,), or float for a single image
        At most 1, which equal images have. The same number as ``tf.image.ssim``.

    Raises
    ------
    TypeError
        If the images are not floats.
    ValueError
        If the shapes differ, values leave [0, 1], or the window does not fit into the image.

    References
    ----------
    .. [1] Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image Quality Assessment:
       From Error Visibility to Structural Similarity", IEEE Trans. Image Processing 13(4), 2004,
       doi:10.1109/TIP.2003.819861; computed by ``skimage.metrics.structural_similarity``.
    """

    def score(a, b):
        if min(a.shape[1:3]) < 11:
            raise ValueError(
                f"SSIM looks through a window of 11x11 pixels; an image of {a.shape[1]}x"
                f"{a.shape[2]} is too small for it."
            )
        # Laid below one another, so that one call does; no window that counts reaches into the next image.
        _, similarity = structural_similarity(
            *(x.reshape(-1, *x.shape[2:]) for x in (a, b)), full=True, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False, channel_axis=-1, data_range=1,
        )
        return similarity.reshape(a.shape)[:, 5:-5, 5:-5].mean(axis=(1, 2, 3), dtype=np.float64)

    return _per_image(score, clean, other)
