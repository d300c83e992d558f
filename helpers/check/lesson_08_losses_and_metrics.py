"""Lesson 8 · Losses and metrics: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, run

REASONS = {
    "factor_lowered_by_noise": {
        "a": "Brightness is the mean of a window, and the noise averages to zero in it.",
        "b": "It reacts, too. But what noise destroys above all is which pixel is brighter than its neighbour.",
        "c": "Noise goes up and down on its own, and so the pixels no longer do it together.",
    },
    "loss_for_psnr": {
        "a": "Its loss is the metric, but for a logarithm. Yet in a short training a few "
             "hard pixels can lead it.",
        "b": "It counts a large error less than MSE does, so that a few hard pixels do not decide for all.",
        "c": "The goals are much alike, the ways there are not, and a short training ends on the way.",
    },
    "equal_mse": {
        "a": "Every value is wrong by the same amount, so contrast and structure stay, and "
             "brightness forgives a lot.",
        "b": "Nothing was added, but contrast and structure were taken away, and they make "
             "two of the three factors.",
        "c": "Most windows are perfect, but those that touch the stain are bad, and windows "
             "are 11 pixels wide.",
    },
    "moved_by_a_pixel": {
        "a": "No noise, but at every edge bright now stands where dark was.",
        "b": "At every edge bright now stands where dark was, and both metrics compare place with place.",
        "c": "Equal for you, not place by place.",
    },
    "four_black_pictures": {
        "a": "Few pictures, but large errors: squared, and before the logarithm, they outweigh all the others.",
        "b": "Its mean comes before the logarithm, and there a black picture weighs as much "
             "as dozens of good ones.",
        "c": "A black picture still has some decibels, and is one of 200. In the pot its "
             "squares drown the others.",
    },
}


@exercise("how far can two values of such a picture be apart, at most?",
          "Errors and range are both twice as large as yours, and so the PSNR is the same.")
def thesis_range(data_range, clean, other):
    """Check the `data_range` of pictures from -1 to 1.

    Parameters
    ----------
    data_range : float
        The reader's answer.
    clean, other : ndarray of float, shape (N, H, W, C)
        The pictures of the thesis, from -1 to 1.
    """
    from skimage.metrics import peak_signal_noise_ratio

    if np.size(data_range) != 1:
        return "One number is wanted: not the two ends, but how far they are apart."
    if isinstance(data_range, str) or not np.isfinite(data_range) or data_range <= 0:
        return f"A number above 0 is wanted, not {data_range!r}."
    if np.isclose(data_range, 2, atol=0.01):
        return None
    known = {
        1: "That is what it did pass. The largest possible difference is not the largest value.",
        4: "The squared error grows fourfold; data_range itself is squared in the formula.",
        255: "That would be for bytes.",
    }
    scores = [peak_signal_noise_ratio(a, b, data_range=float(data_range)) for a, b in zip(clean, other)]
    return known.get(data_range, f"With that it would be {np.mean(scores):.2f} dB, which is not yours.")


@exercise("first one mean over everything, then one logarithm.",
          "Four black pictures of 200, and this mean looks mainly at them.")
def pooled_psnr(pooled, clean, other):
    """Check a function that gives one PSNR for a whole batch, from the mean of all squared errors.

    Parameters
    ----------
    pooled : callable
        ``pooled(clean, other)``: a number, in dB.
    clean, other : ndarray of float, shape (N, H, W, C)
        In [0, 1].
    """
    from skimage.metrics import peak_signal_noise_ratio

    result = np.asarray(run(pooled, clean, other))
    if result.size != 1:
        return f"One number is wanted; yours has shape {result.shape}. Take the mean over all axes."
    right = peak_signal_noise_ratio(clean, other, data_range=1)
    mse = np.mean((clean - other) ** 2)
    each = 10 * np.log10(1 / np.maximum(np.mean((clean - other) ** 2, axis=(1, 2, 3)), 1e-12))
    known = {
        right: None,
        np.mean(each): "That is the mean of images: the logarithm comes last.",
        mse: "That is the MSE. Decibels are 10 times the logarithm of 1 / MSE.",
        -right: "The sign: it is 1 / MSE, not MSE.",
        2 * right: "Twice too much: 20 goes with the root of the MSE, 10 with the MSE.",
        right / 2: "Half of it: 10 goes with the MSE, 20 with its root.",
        right * np.log(10): "np.log is the natural logarithm; decibels take np.log10.",
        right + 20 * np.log10(255): "The values go from 0 to 1: no 255.",
        -20 * np.log10(np.mean(np.abs(clean - other))): "Square the differences: it is the mean of squares.",
    }
    for value, hint in known.items():
        if np.isclose(float(result.squeeze()), value, rtol=0, atol=0.01):
            if hint is None:  # for the negatives the answer is the same, unless it looks at other pictures
                negatives = np.mean(run(pooled, 1 - clean, 1 - other))
                if not np.isclose(negatives, right, rtol=0, atol=0.01):
                    return ("Right for these pictures, wrong for others: it compares with the notebook's "
                            "`clean`, not with the one that it was given.")
            return hint
    return f"It gives {float(result.squeeze()):.2f} dB; right is {right:.2f} dB. First mean, then logarithm."


@exercise(".mean() and .var() of each, and the mean of (a - a.mean()) * (b - b.mean()).",
          "Move the window over a picture, take the mean, and you have SSIM (but for the bell).")
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
