"""Lesson 0 · Start here: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "bright_byte": {
        "a": "Some image programs stop at 255. NumPy does not: it keeps the last eight bits.",
        "b": "A plain Python number would grow. But an array keeps its type, and a byte has no room for 260.",
        "c": "Nearly white has become nearly black, without any error message.",
    },
    "doubled_sigma": {
        "a": "Twice the error is four times the squared error, and 10 log₁₀ 4 is about 6.",
        "b": "Decibels are a logarithm. Before clipping, a factor in the error is a difference in dB, "
             "the same one wherever you start.",
        "c": "That would be right for twice the squared error. Twice the error is four times the squared one.",
    },
    "smooth_or_noisy": {
        "a": "The noise is gone, but nearly all else except the colours is gone, too. The PSNR counts both "
             "as errors.",
        "b": "The PSNR counts every error. After so short a training lost detail costs more than the noise.",
        "c": "Noise and lost detail are both errors to the PSNR. Here they are not equally large.",
    },
}


@exercise("try 0.1 first: it is too much.", "Half of it would leave 6 dB more.")
def first_sigma(sigma):
    """Check the `sigma` that leaves a mid-grey image with 30 dB, half a decibel up or down.

    Parameters
    ----------
    sigma : float
        The reader's answer.
    """
    from helpers.metrics import psnr
    from helpers.noise import add_gaussian

    if not is_number(sigma):
        return f"A number is wanted, not {sigma!r}."
    if not sigma > 0:
        return f"sigma says how large the errors are: a number above 0, not {sigma}."
    if sigma > 2:
        return "sigma is on the scale from 0 to 1. A level in grey values has to be divided by 255."
    grey = np.full((100, 32, 32, 3), 0.5, dtype=np.float32)
    got = psnr(grey, add_gaussian(grey, sigma, np.random.default_rng(0))).mean()
    if 29.5 <= got <= 30.5:
        return None
    if abs(np.sqrt(sigma) - 10 ** (-30 / 20)) < 0.003:
        return f"That is sigma², the mean squared error. With sigma = {sigma:.3g} the PSNR is {got:.1f} dB."
    return f"sigma = {sigma:.3g} leaves {got:.1f} dB: {'less' if got < 30 else 'more'} noise is needed."


@exercise("what is the largest value that a byte can have, and what should it become?",
          "Every notebook begins like this.")
def bytes_to_floats(to_float):
    """Check a function that brings bytes onto the scale from 0 to 1, as `skimage.util.img_as_float` does.

    Parameters
    ----------
    to_float : callable
        ``to_float(images)``: from uint8, (N, H, W, 3), to floats of the same shape.
    """
    from skimage.util import img_as_float

    images = np.arange(20, 212, dtype=np.uint8).reshape(2, 4, 8, 3)  # neither black nor white
    try:
        result = run(to_float, images)
    except TypeError as error:
        if "Cannot cast ufunc" in str(error):
            return "images /= 255 would write fractions back into the bytes; images / 255 makes a new array."
        raise
    if isinstance(result, (list, tuple)):
        return (f"That is a {type(result).__name__}, and one array is wanted. NumPy calculates with a whole "
                "array at once; no loop is needed.")
    result = np.asarray(result)
    if result.shape != images.shape:
        return f"The result has shape {result.shape}; wanted is that of the images, {images.shape}."
    if not np.issubdtype(result.dtype, np.floating):
        return (f"The result holds {result.dtype}, and not floats: between 0 and 1 there is no whole "
                "number. (// throws away what comes after the decimal point, and so does astype('uint8').)")
    right = img_as_float(images)
    if np.allclose(result, right, rtol=0, atol=1e-6):
        return None
    numbers, lowest, highest = images.astype(float), float(images.min()), float(images.max())
    own_lowest, own_highest = (f(numbers, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    for hint, known in (
        ("Those are floats, but still from 0 to 255.", numbers),
        ("Nearly: white would become 255/256, a little less than 1.", numbers / 256),
        ("You divide by the brightest value of these images, so a dark picture would become a bright one. "
         "Divide by the largest byte, whether it occurs or not: 255.", numbers / highest),
        ("You divide each image by its own brightest value, so every dark picture would become a bright one. "
         "Divide by the largest byte, whether it occurs or not: 255.", numbers / own_highest),
        ("You stretch each image to the whole range, from its own darkest to its own brightest value. A grey "
         "picture has to stay grey.", (numbers - own_lowest) / (own_highest - own_lowest)),
        ("That stretches every image to the whole range: its darkest value to 0, its brightest to 1. A grey "
         "picture has to stay grey.", (numbers - lowest) / (highest - lowest)),
        ("That is the scale from -1 to 1, which some networks use; here black is 0.", numbers / 127.5 - 1),
    ):
        if np.allclose(result, known, atol=6e-4):
            return hint
    off = np.abs(result - right)
    worst = 51 - 20 if off.flat[51 - 20] > 1e-3 else off.argmax()
    hint = (f"The byte {images.flat[worst]} should become {right.flat[worst]:.6g}; "
            f"yours becomes {result.flat[worst]:.6g}.")
    rounded = any(np.allclose(result, np.round(right, digits), rtol=0, atol=1e-6) for digits in (1, 2, 3, 4, 5))
    return hint + " Do not round: what is lost here never comes back." * (rounded or result.dtype == np.float16)
