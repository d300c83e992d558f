"""Noise models, as notebook 02 builds them. The caller passes the random generator."""

import numpy as np

from helpers.images import check_images


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is {rng!r}, of type {type(rng).__name__}; a NumPy generator is wanted, so that "
            f"the noise can be repeated. Pass rng=np.random.default_rng(0)."
        )


def _level(value, images, name, highest):
    """`value` as float32, ready to broadcast: one number, or one for each image of a batch."""
    value = np.asarray(value, dtype=np.float32)
    if value.ndim and (images.ndim != 4 or value.shape != (len(images),)):
        raise ValueError(
            f"{name} has shape {value.shape} for images of shape {images.shape}; wanted is one "
            f"number, or one number an image."
        )
    if not np.all((value >= 0) & (value <= highest)):
        raise ValueError(
            f"{name} is {value}; wanted is a number from 0 to {highest:g} on the [0, 1] scale of "
            f"the images. A level given in grey values of 255 has to be divided by 255."
        )
    return value.reshape(value.shape + (1,) * 3) if value.ndim else value


def add_gaussian(images, sigma, rng, clip=True):
    """Add white Gaussian noise, and clip the sum to [0, 1] unless told otherwise.

    Parameters
    ----------
    images : ndarray of float, shape (N, H, W, C) or (H, W, C)
        Clean images in [0, 1]. They are not changed.
    sigma : float or ndarray of shape (N,)
        Standard deviation of the noise on the [0, 1] scale, before clipping; papers often give
        it in grey values, ``25 / 255``. An array holds one value an image. At most 10.
    rng : numpy.random.Generator
        Source of the draws: the same generator state gives the same noise.
    clip : bool
        False leaves the sum as it is: the usual model of papers, with noise of mean 0 and standard
        deviation `sigma` at every brightness. Such images are no input for `helpers.training.denoise`.

    Returns
    -------
    noisy : ndarray of float32, same shape as `images`
        Values in [0, 1], if clipped. Clipping cuts noise off near black and white, where the measured
        standard deviation is therefore smaller than `sigma`.

    Raises
    ------
    TypeError
        If `images` are not floats or `rng` is not a Generator.
    ValueError
        If `images` leave [0, 1], or `sigma` is negative or above 10.

    References
    ----------
    .. [1] K. Zhang et al., "Beyond a Gaussian Denoiser: Residual Learning of Deep CNN for Image
       Denoising", IEEE Trans. Image Processing 26(7), 2017, doi:10.1109/TIP.2017.2662206 (the
       model without clipping). ``skimage.util.random_noise(mode="gaussian")`` clips as we do.

    Examples
    --------
    >>> grey = np.full((100, 32, 32, 3), 0.5, dtype="float32")
    >>> noisy = add_gaussian(grey, sigma=0.1, rng=np.random.default_rng(0))
    >>> noisy.dtype, round(float(noisy.std()), 3)
    (dtype('float32'), 0.1)
    """
    images = check_images(images)
    _check_rng(rng)
    sigma = _level(sigma, images, "sigma", highest=10)
    noisy = rng.standard_normal(images.shape, dtype=np.float32)
    noisy *= sigma  # in place from here on: new arrays would cost a third of the time
    noisy += images
    return np.clip(noisy, 0, 1, out=noisy) if clip else noisy


def add_mixed(images, rng, sigma=0.25, amount=0.25, gaussian_share=0.5):
    """Give each image noise of a kind and a level of its own, to train a blind denoiser with.

    Parameters
    ----------
    images : ndarray of float, shape (N, H, W, C)
        Clean images in [0, 1]. They are not changed.
    rng : numpy.random.Generator
        Source of all draws.
    sigma, amount : float
        Highest levels: each image's own is drawn evenly from [0, sigma] or [0, amount].
    gaussian_share : float
        Probability from 0 to 1 that an image gets Gaussian noise; else it gets salt and pepper.

    Returns
    -------
    noisy : ndarray of float32, same shape as `images`
        Values in [0, 1].

    Raises
    ------
    TypeError, ValueError
        As `add_gaussian` and `add_salt_and_pepper`.
    """
    _check_rng(rng)
    images = check_images(images)
    gaussian = rng.random(len(images)) < gaussian_share
    level = rng.random(len(images))
    noisy = np.empty_like(images)
    for add, highest, chosen in ((add_gaussian, sigma, gaussian), (add_salt_and_pepper, amount, ~gaussian)):
        if chosen.any():
            noisy[chosen] = add(images[chosen], highest * level[chosen], rng)
    return noisy


def add_salt_and_pepper(images, amount, rng):
    """Turn a share of the pixels black or white, all their channels together.

    Parameters
    ----------
    images : ndarray of float, shape (N, H, W, C) or (H, W, C)
        Clean images in [0, 1]. They are not changed.
    amount : float or ndarray of shape (N,)
        Probability from 0 to 1 that a pixel is replaced: by black (pepper) or by white (salt),
        with equal chances. An array holds one value an image.
    rng : numpy.random.Generator
        Source of the draws: the same generator state gives the same noise.

    Returns
    -------
    noisy : ndarray of float32, same shape as `images`
        Pixels that were not hit are exactly those of `images`.

    Raises
    ------
    TypeError
        If `images` are not floats or `rng` is not a Generator.
    ValueError
        If `images` leave [0, 1], or `amount` does.

    Notes
    -----
    ``skimage.util.random_noise(mode="s&p")`` draws for every channel on its own, which colours
    the specks; given one channel it does the same as this function.

    References
    ----------
    .. [1] R. C. Gonzalez and R. E. Woods, "Digital Image Processing", 4th ed., Pearson, 2018,
       section 5.2 (impulse noise).
    """
    images = check_images(images)
    _check_rng(rng)
    amount = _level(amount, images, "amount", highest=1)
    draw = rng.random(images.shape[:-1] + (1,), dtype=np.float32)
    noisy = images.copy()
    pixels = noisy.reshape(-1, noisy.shape[-1])  # a view: four times as fast as a mask of pixels
    pixels[np.flatnonzero(draw < amount / 2)] = 0
    pixels[np.flatnonzero(draw >= 1 - amount / 2)] = 1
    return noisy
