"""Lesson 6 · Evaluation: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "first_and_second": {
        "a": "Many images do not help a network that has to press each of them through its bottleneck.",
        "b": "What decides is not whether something was learnt, but whether the detail can "
             "get past the bottleneck.",
        "c": "Being told the level is an advantage, but knowing what pictures look like is a larger one.",
    },
    "certain_lead": {
        "a": "The spread says how much images differ: a blue sky is easy, fur is not, and "
             "for all methods alike.",
        "b": "Image by image the difference varies less. Over {images} images its mean "
             "lies {errors:.0f} standard errors from zero.",
        "c": "Another seed makes another network. That is a question about the recipe, not about this one.",
    },
    "blur_at_other_levels": {
        "a": "Where the noise is weak, a tuned blur does little harm; a bottleneck does as much as ever.",
        "b": "What its bottleneck loses, it loses at any noise: its curve is nearly level, "
             "and the blur's falls.",
        "c": "Then both would have to fall alike. But this one has lost detail before any noise was added.",
    },
    "smooth_noise": {
        "a": "PSNR counts how large the errors are. What can be removed depends on how they look.",
        "b": "Smooth is not gentle: its blotches are as large as the details, and look the worse for it.",
        "c": "It has learnt that noise changes from pixel to pixel and pictures do not; this "
             "noise does not, either.",
    },
}


@exercise("the standard error is the standard deviation divided by the root of the number.",
          "Half the error costs four times the images.")
def images_needed(count, values, goal):
    """Check how many images it takes until the standard error is at most `goal`.

    Parameters
    ----------
    count : int
        The reader's answer.
    values : ndarray of float, shape (N,)
        The difference of two methods in dB, one value an image.
    goal : float
        The standard error wanted, in dB.
    """
    if not is_number(count) or count != int(count):
        return f"A whole number is wanted, not {count!r}."
    spread = np.std(values, ddof=1)
    exact = (spread / goal) ** 2
    count = int(count)
    if abs(count - exact) < 1:  # rounded either way
        return None
    if abs(count - (np.std(values) / goal) ** 2) < 1:
        return "Almost: np.std divides by N unless it is told otherwise; the error above is with ddof=1."
    if abs(count - spread / goal) <= 1:
        return "Almost: that is the root of the number that is wanted. Square it."
    if abs(count - len(values) * spread / np.sqrt(len(values)) / goal) <= 0.03 * count + 1:
        return "The standard error falls with the root of the number: half the error needs four times as many."
    if abs(count + len(values) - exact) < 1:
        return f"That is how many more; wanted is in all, with the {len(values)} that there are."
    if abs(count / exact - 1) < 0.005:  # from the digits that are printed
        return None
    if count <= 0:
        return "At least one image is needed."
    reached = f"With {count:,.0f} images the standard error would be {spread / np.sqrt(count):.4f} dB"
    return f"{reached}, " + (f"still above {goal}." if count < exact else f"less than {goal}: fewer will do.")


@exercise("bytes to floats, the mean square of the difference for each image, then 10 log10(255² / MSE).",
          "The same values as scikit-image, and infinity where it belongs.")
def file_psnr(function, images):
    """Check PSNR for batches of bytes: one value an image, infinite for equal images, without a warning.

    Parameters
    ----------
    function : callable
        ``function(clean, other)``: two uint8 arrays (N, H, W, C) to values in dB, shape (N,).
    images : ndarray of uint8, shape (N, H, W, C)
    """
    import warnings

    from skimage.metrics import peak_signal_noise_ratio

    levels = np.linspace(5, 80, len(images)).reshape(-1, 1, 1, 1)  # errors above 181, too: see int16 below
    noisy = images + levels * np.random.default_rng(0).normal(size=images.shape)
    noisy = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    right = np.array([peak_signal_noise_ratio(a, b, data_range=255) for a, b in zip(images, noisy)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = np.asarray(run(function, images, noisy), dtype=float)
    hint = _psnr_mistake(result, right, images, noisy)
    if hint:
        return hint
    noisy[0] = images[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first = np.asarray(run(function, images, noisy), dtype=float)[0]
    if np.isnan(first):
        return "For two equal images the result is nan; wanted is infinity."
    if not (np.isinf(first) and first > 0):
        return f"For two equal images the result is {first:.1f} dB; without any error it has to be infinite."
    if caught:
        return f"Right, but equal images raise a warning ({caught[0].message}): np.errstate keeps it quiet."
    return None


def _psnr_mistake(result, right, clean, other):
    pooled = 10 * np.log10(255**2 / np.mean((clean.astype(float) - other) ** 2))
    if result.ndim == 0 or result.shape == (1,):
        right, result = np.full(1, pooled), result.reshape(1)
        if np.allclose(result, pooled, atol=0.01):
            return "One number for all images together; wanted is one for each: axis=(1, 2, 3)."
    if result.shape != right.shape:
        return f"The result has shape {result.shape}; wanted is one value an image, shape ({len(clean)},)."
    if np.allclose(result, right, atol=0.01):
        return None
    wrapped = [np.mean(x**2, axis=(1, 2, 3)) for x in (clean - other, (clean - other).astype(float))]
    known = {
        "That is the natural logarithm, np.log; decibels want np.log10.": right * np.log(10),
        "Files go up to 255, so data_range is 255, not 1.": right - 20 * np.log10(255),
        "255 has to be squared, like the error.": right - 10 * np.log10(255),
        "A factor of 10 is missing: decibels are tenths.": right / 10,
        "20 log10 goes with the root of the mean square error; with the MSE itself it is 10.": right * 2,
        "10 log10 goes with the MSE; with its root it is 20.": right / 2,
        "The fraction is upside down: the peak goes above, the error below.": -right,
    }
    for hint, numbers in known.items():
        if np.allclose(result, numbers, atol=0.01):
            return hint
    with np.errstate(all="ignore"):
        if any(np.allclose(result, 10 * np.log10(255**2 / mse), atol=0.01) for mse in wrapped):
            return "Bytes wrap around: as uint8, 3 - 5 is 254. Make floats of them first."
        worst = int(np.argmin(np.isclose(result, right, atol=0.01)))  # the first that differs
    said = f"Image {worst} has {right[worst]:.2f} dB, and you say {result[worst]:.2f} dB"
    short = np.mean((clean.astype(np.int16) - other) ** 2, axis=(1, 2, 3))
    if np.allclose(result, 10 * np.log10(255**2 / short), atol=0.01):
        return f"{said}: the square does not fit into int16. Make floats of them first."
    return f"{said}."


@exercise("call duel with an amount of your choice: who is ahead, and in which direction do you go on?",
          "Below it, a sort of nine numbers beats a trained network.")
def overtaken(amount, duel):
    """Check the amount of noise from which on the second of two methods is ahead, to within 0.02.

    Parameters
    ----------
    amount : float
        The reader's answer.
    duel : callable
        ``duel(amount)``: mean PSNR of the first method and of the second.
    """
    if not is_number(amount):
        return f"One number is wanted, not {amount!r}."
    if not 0 <= amount <= 1:
        return f"{amount} is no share of the pixels: a number from 0 to 1 is wanted, 0.1 for 10%."
    median, network = duel(max(amount - 0.021, 0))
    if median < network:
        return f"The network is ahead well before {amount:g}: look further left."
    median, network = duel(min(amount + 0.021, 1))
    if median > network:
        return f"The median filter is still ahead well past {amount:g}: look further right."
    return None
