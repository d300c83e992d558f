"""Lesson 8 · Losses and metrics: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, run

REASONS = {
    "factor_lowered_by_noise": {
        "a": "Noise goes up and down on its own, so the pixels of the two images no longer go together.",
        "b": "Contrast falls, too. But noise changes most which of two neighbours is the brighter one.",
        "c": "Brightness is the mean of a window, and the noise nearly averages to zero in it.",
    },
    "loss_with_ssim": {
        "a": "SSIM gets better. PSNR does not, so the new loss does not look at everything.",
        "b": "The loss contains 1 − SSIM, and that falls {times:.0f} times as fast as the MSE. So SSIM "
            "gets better.",
        "c": "It looks as if SSIM had cost PSNR. Before you believe it, ask where in the image.",
    },
    "equal_mse": {
        "a": "Most pixels are perfect. But windows are 11 pixels wide, so the stain reaches every one of them.",
        "b": "Every value is wrong by nearly the same amount, so contrast and structure stay.",
        "c": "Nothing was added, but contrast and structure were taken away: two of the three factors.",
    },
    "moved_by_a_pixel": {
        "a": "At every edge, bright pixels now stand where dark ones were. PSNR compares place with place.",
        "b": "Denoised images keep their edges in place. The moved one has a large error at every edge.",
        "c": "The pixels are still there, but one place further. PSNR compares place with place.",
    },
    "four_black_images": {
        "a": "They are few, but their squared errors are larger than those of all other images together.",
        "b": "In the mean of images a black one still adds a few decibels. In the pooled PSNR its squared "
            "error counts as much as that of dozens.",
        "c": "The squared errors are averaged before the logarithm. There a black image weighs as much as "
            "dozens of good ones.",
    },
}


@exercise("look at the row of images with equal MSE: which of them kept the highest SSIM?",
          "No metric is safe from an image that was made to fool it.")
def fooled_ssim(damage, image):
    """Check a damage with a PSNR of at most 15 dB and an SSIM of at least 0.8.

    Parameters
    ----------
    damage : callable
        ``damage(image)``: an image of the same shape, in [0, 1].
    image : ndarray of float, shape (H, W, C)
        In [0, 1].
    """
    from skimage.metrics import structural_similarity

    result = np.asarray(run(damage, image))
    if result.shape != image.shape:
        return f"The image has shape {image.shape}, your result {result.shape}; both should be equal."
    if not np.isfinite(result).all() or result.min() < 0 or result.max() > 1:
        return f"Your values go from {result.min():.2f} to {result.max():.2f}. They must stay between 0 and 1."
    a, b = image.astype(float), result.astype(float)
    decibels = -10 * np.log10(max(np.mean((a - b) ** 2), 1e-10))
    options = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=-1, data_range=1)
    similar = structural_similarity(a, b, **options)
    found = f"PSNR {decibels:.1f} dB, SSIM {similar:.2f}"
    if decibels <= 15 and similar >= 0.8:
        return Found(found + ".")
    if decibels > 40:
        return f"{found}: that is still the image itself, or nearly. Damage it."
    if similar >= 0.8:
        return f"{found}: SSIM is fooled, but PSNR is still too high. Do more of the same."
    factors = _factors(a, b)
    lowest = min(factors, key=factors.get)
    hint = ""
    if lowest == "brightness" and np.mean(b - a) < 0:
        hint = "In dark windows a little less light is a large ratio: try the other direction."
    elif lowest == "brightness":
        hint = "In dark windows much more light is a large ratio. " + (
            "PSNR may be up to 15 dB, so do less." if decibels < 15 else
            "Raise the dark windows less than the bright ones.")
    return f"{found}. Your damage lowers {lowest} most. " + {
        "brightness": hint,
        "contrast": "Keep the differences between neighbours as large as they are.",
        "structure": "Keep every pixel where it is, and the brighter one of two neighbours the brighter one.",
    }[lowest]


def _factors(a, b):
    """The three factors of SSIM, a mean over all windows."""
    from scipy.ndimage import gaussian_filter

    def local(x):
        return gaussian_filter(x, (1.5, 1.5, 0), truncate=3.5)

    mean_a, mean_b = local(a), local(b)
    var_a, var_b = (np.maximum(local(x * x) - local(x) ** 2, 0) for x in (a, b))
    spread = np.sqrt(var_a * var_b)
    return {
        "brightness": np.mean((2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4)),
        "contrast": np.mean((2 * spread + 9e-4) / (var_a + var_b + 9e-4)),
        "structure": np.mean((local(a * b) - mean_a * mean_b + 4.5e-4) / (spread + 4.5e-4)),
    }


@exercise("let A be very good on most images and bad on one; B is the same on all.",
          "The same eight numbers, and each of the two means names another winner.")
def two_judges(a, b=None):
    """Check two lists of MSEs: by the mean of images A wins, by the pooled PSNR B.

    Parameters
    ----------
    a, b : sequence of four floats
        The MSE of each image.
    """
    if b is None:
        return "my_b is still None."
    a, b = (np.asarray(x, dtype=float) for x in (a, b))
    if a.shape != (4,) or b.shape != (4,):
        return "Each method has four images: two lists of four numbers are wanted."
    if max(a.max(), b.max()) > 1:
        return "These look like decibels. Wanted is the MSE of each image, between 0.0001 and 0.1."
    if min(a.min(), b.min()) < 0.0001 or max(a.max(), b.max()) > 0.1:
        return "Each MSE should lie between 0.0001 and 0.1."
    images = [-10 * np.log10(x).mean() for x in (a, b)]
    pooled = [-10 * np.log10(x.mean()) for x in (a, b)]
    found = (f"Mean of images: A {images[0]:.2f} dB, B {images[1]:.2f} dB; "
             f"pooled: A {pooled[0]:.2f} dB, B {pooled[1]:.2f} dB.")
    if images[0] > images[1] and pooled[0] < pooled[1]:
        return Found(found)
    if images[0] < images[1] and pooled[0] > pooled[1]:
        return f"{found} The other way round: exchange the two."
    if images[0] == images[1] or pooled[0] == pooled[1]:
        which = "mean of images" if images[0] == images[1] else "pooled PSNR"
        return f"{found} By the {which} it is a draw: change one number."
    winner = "A" if images[0] > images[1] else "B"
    wanted = "make one of its images much worse" if winner == "A" else "make most of A's images much better"
    return f"{found} {winner} wins both: {wanted}."


@exercise("five numbers are enough: two means, two variances and a covariance. Begin with those.",
          "Move the window over a picture, take the mean, and you have SSIM, but for its Gaussian weights.")
def ssim_window(similarity, image):
    """Check the SSIM of one window, all pixels weighted alike.

    Parameters
    ----------
    similarity : callable
        ``similarity(a, b)`` for two arrays (11, 11) in [0, 1]: a number.
    image : ndarray of float, at least 19 pixels high and wide, shape (H, W, C)
        In [0, 1]; a window is cut from it.
    """
    from skimage.metrics import structural_similarity

    a = image[8:19, 8:19, 0].astype(float)
    noisy = np.clip(a + 0.1 * np.random.default_rng(0).standard_normal(a.shape), 0, 1)
    flat = np.full((11, 11), 0.5)
    options = dict(win_size=11, gaussian_weights=False, use_sample_covariance=False, data_range=1)
    pairs = [(a, noisy), (a, a), (a, 0.7 * a), (a, 1 - a), (flat, flat)]
    right = [structural_similarity(x, y, **options) for x, y in pairs]
    with np.errstate(all="ignore"):
        mine = [np.asarray(run(similarity, x, y)) for x, y in pairs]
    if any(value.size != 1 for value in mine):
        return f"One number is wanted; yours has shape {mine[0].shape}."
    mine = np.array([value.squeeze() for value in mine], dtype=float)
    if not np.isfinite(mine).all():
        return ("A flat window gives 0 / 0. What are c1 and c2 for? (np.corrcoef divides by zero there, "
                "whatever you add to it: use the covariance.)")
    uncentred = [(2 * np.mean(x * x) + 9e-4) / (2 * x.var() + 9e-4) for x in (a, flat)]
    if np.allclose(mine[[1, 4]], uncentred, rtol=1e-3):
        return "A covariance is about the means: subtract a.mean() and b.mean() before you multiply."
    if not np.isclose(mine[1], 1, atol=1e-4):
        return (f"Equal windows must give 1; yours give {mine[1]:.3f}. Is a 2 missing? Is it np.std where "
                "np.var is wanted? And np.cov divides by N - 1, np.var by N.")
    if np.allclose(mine, right, atol=2e-3):
        return None
    if np.isclose(mine[0], right[0], atol=0.02) and not np.isclose(mine[2], right[2], atol=2e-3):
        return "The noisy window is right, a dimmed one is not: is brightness in it?"
    brightness = [(2 * x.mean() * y.mean() + 1e-4) / (x.mean() ** 2 + y.mean() ** 2 + 1e-4) for x, y in pairs]
    if np.allclose(mine, brightness, atol=2e-3):
        return "That is brightness alone; contrast and structure are still missing."
    if mine[3] > 0 > right[3]:
        return "For a negative of the window yours is positive: the covariance has a sign."
    return f"A noisy window has {right[0]:.3f}, yours {mine[0]:.3f}. Is every square and every 2 in its place?"
