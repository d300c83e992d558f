"""Lesson 0 · Start here: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "numbers_in_a_picture": {
        "a": "That would be a grey picture. A colour needs a red, a green and a blue value.",
        "b": "Height times width times channels. To a network a picture is nothing else.",
        "c": "The sides are multiplied, not added: an area, and then one for each colour.",
    },
    "doubled_sigma": {
        "a": "Decibels are a logarithm: before clipping, a factor in the error becomes a "
             "difference in dB, the same wherever you start.",
        "b": "Twice the error is four times the squared error, and 10 log₁₀ 4 is about 6.",
        "c": "So it would be for twice the squared error; twice the error is four times the squared one.",
    },
    "smooth_or_noisy": {
        "a": "The noise is gone, and all that is fine in the picture with it. The PSNR "
             "counts either as an error.",
        "b": "The PSNR counts every error: detail that is lost costs more here than noise that stays.",
        "c": "Noise and lost detail are both errors to the PSNR, and here they weigh the same.",
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
        return "sigma is wanted on the scale from 0 to 1; a level in grey values is divided by 255."
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
        result = np.asarray(run(to_float, images))
    except TypeError as error:
        if "Cannot cast ufunc" in str(error):
            return "images /= 255 would write fractions back into the bytes; images / 255 makes a new array."
        raise
    if result.shape != images.shape:
        return f"The result has shape {result.shape}; wanted is that of the images, {images.shape}."
    if not np.issubdtype(result.dtype, np.floating):
        return (f"The result holds {result.dtype}, and not floats: between 0 and 1 there is no whole "
                "number. (// throws away what comes after the point, and so does astype('uint8').)")
    right = img_as_float(images)
    if np.allclose(result, right, rtol=0, atol=1e-6):
        return None
    numbers, lowest, highest = images.astype(float), float(images.min()), float(images.max())
    for hint, known in (
        ("Those are floats, but still from 0 to 255.", numbers),
        ("Nearly: white would become 255/256, a little less than 1.", numbers / 256),
        ("You divide by the brightest value of these images, so that a dark picture would become a bright "
         "one. A byte reaches 255, whether it occurs or not.", numbers / highest),
        ("That stretches whatever is given to the whole range: darkest 0, brightest 1. A grey picture has "
         "to stay grey.", (numbers - lowest) / (highest - lowest)),
        ("That is the scale from -1 to 1, which some networks use; here black is 0.", numbers / 127.5 - 1),
    ):
        if np.allclose(result, known, atol=6e-4):
            return hint
    off = np.abs(result - right)
    worst = 51 - 20 if off.flat[51 - 20] > 1e-3 else off.argmax()
    hint = (f"The byte {images.flat[worst]} should become {right.flat[worst]:.6g}; "
            f"yours becomes {result.flat[worst]:.6g}.")
    rounded = any(np.allclose(result, np.round(right, digits), rtol=0, atol=1e-6) for digits in (1, 2, 3, 4, 5))
    return hint + " Do not round: what is lost here is lost for good." * (rounded or result.dtype == np.float16)
