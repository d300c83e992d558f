"""Lesson 2 · Noise models: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "noise_on_black": {
        "a": "It is drawn with 0.1. But a pixel cannot be darker than black: the negative half is clipped.",
        "b": "Half of the errors are positive, and they do make the pixels brighter.",
        "c": "The negative half is clipped to 0, and the positive half remains.",
    },
    "mean_of_many": {
        "a": "Near black and white clipping cuts off one side of the errors. What is left does not "
             "average to zero.",
        "b": "Random errors average out if their mean is zero. Near black and white clipping removes one "
             "side of them.",
        "c": "The spread of the mean is only a twentieth of sigma. What does not average out is an error "
             "that always points the same way.",
    },
    "gaussian_or_specks": {
        "a": "It does, each value by a little. But errors are squared: one of 0.5 counts as much as 25 of 0.1.",
        "b": "A hit pixel is wrong by up to 1, and errors are squared before the mean is taken.",
        "c": "With absolute errors even the order would be the other way round. But errors are squared "
             "before the mean is taken, and then large ones count most.",
    },
    "formula_and_clipping": {
        "a": "It is not only black and white that are clipped: at a large sigma dark and light grey are, too.",
        "b": "They have. But at so small a sigma few values leave the range from 0 to 1.",
        "c": "Many values leave the range by then. Clipping moves them towards the clean value: more "
             "PSNR, never less.",
    },
    "poisson_in_the_dark": {
        "a": "Four times the photons have only twice the noise, and values are proportional to photons here. "
             "At brightness 0.1 the ratio is {dark:.1f}, at 0.5 it is {middle:.1f}.",
        "b": "There is more noise, but the brightness grows faster: four times the photons have twice the "
             "noise.",
        "c": "They grow together, but not equally. In speckle they would; Poisson noise grows with the "
             "square root.",
    },
}


def _noisy(add, *arguments):
    """What the reader's function returns; where shapes do not fit, the error also says what to do."""
    try:
        return np.asarray(run(add, *arguments))
    except ValueError as error:
        if "broadcast" not in str(error):
            raise
        told = ValueError(f"{error}. End the shape of the draw with (1,): then one draw serves three channels")
        raise told.with_traceback(error.__traceback__) from None


@exercise("how many random numbers from 0 to 1 does an image of 32×32 pixels need? Which of them mean black?",
          "The three channels of a pixel share one draw.")
def salt_and_pepper(add):
    """Check salt-and-pepper noise: whole pixels turn black or white, with probability `amount`.

    Parameters
    ----------
    add : callable
        ``add(images, amount, rng)``: the noisy images, in a new array.
    """
    amount = 0.4
    clean = np.random.default_rng(9).uniform(0.2, 0.8, (60, 24, 32, 3)).astype(np.float32)
    noisy = _noisy(add, clean, amount, np.random.default_rng(0))
    if noisy.shape != clean.shape:
        return f"The result has shape {noisy.shape}; the images that it was given have {clean.shape}."
    if not np.issubdtype(noisy.dtype, np.floating):
        return (f"The result holds {noisy.dtype}, and not floats: between 0 and 1 there is no whole number, so "
                "pixels that were not hit have changed, too.")
    changed = np.abs(noisy - clean) > 1e-6
    hit = changed.any(axis=-1)
    if not hit.any():
        return "No pixel has changed."
    if not np.isin(noisy[changed], (0, 1)).all():
        return "A pixel that is hit becomes 0 or 1. Some of yours have other values."
    if (hit != changed.all(axis=-1)).any():
        return "In some pixels only one or two channels are hit: coloured specks. Draw once a pixel."
    if (np.ptp(noisy[hit], axis=-1) > 0).any():
        return "Some pixels are white in one channel and black in another. Let the channels share their draw."
    white = (noisy[hit] == 1).mean()
    if white in (0, 1):
        return f"There is only {'salt' if white else 'pepper'}: half of the hit pixels turn the other way."
    if hit.all():
        return f"With amount = {amount} you hit every pixel. Which draws should leave a pixel as it is?"
    if np.array_equal(hit, np.broadcast_to(hit[:1], hit.shape)):
        return "All images have their specks in the same places. Each needs draws of its own."
    again, other = (np.asarray(add(clean, amount, np.random.default_rng(seed))) for seed in (0, 1))
    if not np.array_equal(noisy, again):
        return "The same seed gave other noise: some draws do not come from the rng that was passed in."
    if np.array_equal(noisy, other):
        return ("Another rng gave the same noise: you make one of your own, and do not use the one that "
                "was passed in.")
    return _fault_of_share(hit, white, (np.abs(other - clean) > 1e-6).any(axis=-1), amount)


def _fault_of_share(hit, white, other, amount):
    """What is wrong with how many pixels were hit, in two runs, or None."""
    share = hit.mean()
    told = f"With amount = {amount} you hit {share:.1%} of the pixels"
    if share > 1.4 * amount:
        return f"{told}. amount is for both colours together: half of it for each."
    if share < 0.7 * amount:
        return f"{told}: too few. Half of amount for black AND half for white."
    if abs(share - amount) > 0.01:
        return f"{told}. Drawing for black and again for white hits some pixels twice. One draw will do."
    if hit.sum() == other.sum():
        return f"{told}, and never one more or less. amount is a probability: each pixel takes its own chance."
    if abs(white - 0.5) > 0.02:
        return f"{white:.0%} of the pixels that are hit are white; salt and pepper are equally likely."
    return None


@exercise("a hit pixel is wrong by 0.5. What is the mean of the squared error?",
          "A few large errors, or many small ones: the PSNR cannot tell.")
def amount_like_sigma(amount):
    """Check the `amount` that leaves a mid-grey image as many decibels as Gaussian noise of sigma 0.1.

    Parameters
    ----------
    amount : float
        The reader's answer.
    """
    from helpers.metrics import psnr
    from helpers.noise import add_gaussian, add_salt_and_pepper

    if not is_number(amount):
        return f"A number is wanted, not {amount!r}."
    if not 0 <= amount <= 1:
        return f"amount is a probability, from 0 to 1, and not {amount}."
    grey, rng = np.full((200, 32, 32, 3), 0.5, dtype=np.float32), np.random.default_rng(0)
    wanted = psnr(grey, add_gaussian(grey, 0.1, rng)).mean()
    if amount > 0:
        noisy = add_salt_and_pepper(grey, amount, rng).astype(np.float64)
        got = 10 * np.log10(1 / max(np.mean((noisy - 0.5) ** 2), 1e-9))
        if abs(got - wanted) < 0.2:
            return None
    for known, hint in (
        (0.01, "That is right for pixels that are wrong by 1; from mid-grey, black and white are 0.5 away."),
        (0.2, "The errors are squared before the mean is taken, and 0.5 squared is 0.25."),
        (0.02, "Salt and pepper are both wrong by 0.5; nothing has to be halved. (In the figure of the "
               "levels 0.02 comes nearer to it. But that picture is not mid-grey: a dark pixel that turns "
               "white is wrong by more than 0.5.)"),
    ):
        if abs(amount - known) < 0.001:
            return hint
    level = f": {got:.1f} dB" if amount > 0 else ""
    return f"Too {'much' if amount > 0.04 else 'little'}{level}, and sigma 0.1 leaves {wanted:.1f} dB."


@exercise("how many channels must the noise have, so that NumPy uses it for all three of the image?",
          "A film scanned in colour looks like this.")
def grain(add):
    """Check Gaussian noise with one draw a pixel, the same in all channels.

    Parameters
    ----------
    add : callable
        ``add(images, sigma, rng)``: the noisy images, clipped to [0, 1], in a new array.
    """
    grey = np.full((50, 24, 32, 3), 0.5, dtype=np.float32)
    noisy = _noisy(add, grey, 0.1, np.random.default_rng(0))
    if noisy.shape != grey.shape:
        return f"The result has shape {noisy.shape}, the images have {grey.shape}."
    noise = noisy - grey
    if np.abs(noise).max() < 1e-6:
        return "The images come back without any noise."
    if np.ptp(noise, axis=-1).max() > 1e-5:
        return "The channels still differ: draw once a pixel, not once a value."
    if min(noise.std(axis=axis).mean() for axis in (0, 1, 2)) <= 0.8 * noise.std():
        return "Some pixels share their draw: every pixel of every image needs one of its own."
    if noisy.mean() < 0.1:
        return "That is the noise alone. It has to be added to the images."
    if abs(noise.std() - 0.01) < 0.002:
        return "The noise has standard deviation 0.01: was sigma squared? That would be the variance."
    if abs(noise.std() - 0.1) > 0.005 or abs(noise.mean()) > 0.005:
        return f"It is grey, with mean {noise.mean():.3f} and sigma {noise.std():.3f}; wanted are 0 and 0.1."
    weak = np.asarray(add(grey, 0.03, np.random.default_rng(0))) - grey
    if abs(weak.std() - 0.03) > 0.003:
        return f"Right for sigma = 0.1; but sigma = 0.03 gives {weak.std():.3f}. Is sigma used, or a number?"
    beyond = (np.abs(noise) > 0.2).mean()  # of a normal distribution: 4.6 %
    if abs(beyond - 0.0455) > 0.006:
        return (f"Mean and sigma are right, the shape is not: {beyond:.1%} of the errors are beyond 2 sigma; "
                "of a normal distribution 4.6% are.")
    wild = np.asarray(add(grey, 2.0, np.random.default_rng(0)))
    if wild.max() > 1 or wild.min() < 0:
        return "Almost: with a large sigma, values leave the range from 0 to 1. np.clip helps."
    hint = _fault_on_colours(add)
    if hint:
        return hint
    if not np.array_equal(noisy, add(grey, 0.1, np.random.default_rng(0))):
        return "The same seed gave other grain: draw from the rng that was passed in."
    if np.array_equal(noisy, add(grey, 0.1, np.random.default_rng(1))):
        return "Another rng gave the same grain: use the one that was passed in."
    return None


def _fault_on_colours(add):
    """What is wrong with the grain on a coloured picture of five brightnesses, or None."""
    colours = np.array([[0.3, 0.4, 0.5], [0.4, 0.3, 0.5], [0.5, 0.5, 0.5], [0.6, 0.7, 0.5], [0.7, 0.7, 0.7]])
    clean = np.tile(colours.astype(np.float32)[:, None, None], (1, 64, 64, 1))  # one image for each colour
    noise = np.asarray(run(add, clean, 0.05, np.random.default_rng(0))) - clean
    off = np.abs(noise.mean(axis=(1, 2)))
    if off.max() > 0.02:
        means = (noise + clean).mean(axis=(1, 2))  # of each channel of each image
        if np.ptp(means) < 0.02:
            return "A coloured picture comes back as plain grey. The noise has to be added to `images`."
        if np.ptp(means, axis=-1).max() < 0.01:
            return "A coloured picture comes back in black and white. Only the noise is grey: keep the colours."
        return f"On a coloured picture the mean changes, by up to {off.max():.2f}. The noise has mean 0."
    spread = noise.std(axis=(1, 2)).mean(axis=-1)
    if spread.max() > 1.2 * spread.min():
        return (f"On dark pictures your noise has sigma {spread[0]:.3f}, on bright ones {spread[-1]:.3f}: it "
                "depends on the brightness, as speckle does. Grain has the same sigma everywhere.")
    if np.ptp(noise, axis=-1).max() > 1e-5:
        return "On a coloured picture the channels get different noise. Draw once a pixel, for all three."
    return None
