"""Lesson 6 · Evaluation: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, is_number, run

REASONS = {
    "network_and_filter": {
        "a": "The filter is tuned to the level, and the network is told nothing. The network was ahead all "
             "the same.",
        "b": "Its lead is {lead:.1f} dB. It gains {gain:.1f} dB in all, and the best filter gains {best:.1f} "
             "dB with one knob.",
        "c": "Many images help, but not without limit: some detail cannot be told from noise by any method.",
    },
    "certain_lead": {
        "a": "The spread says how much images differ. A blue sky is easy and fur is hard, for all methods "
             "alike.",
        "b": "Another seed makes another network. That is a question about the recipe, not about this network.",
        "c": "Image by image the difference varies less: the network is better on {better} of {images} images. "
             "{scope}",
    },
    "smallest_lead": {
        "a": "At sigma 0.02 it is {lead:+.1f} dB, and a minus means that a filter is ahead. Why the network is "
             "weak there, this run does not show.",
        "b": "The filters are tuned again at every level, so no level favours them by their defaults.",
        "c": "The level is new, but not the kind of noise. A little beyond its training the network still "
             "works.",
    },
    "smooth_noise": {
        "a": "PSNR counts how large the errors are. How much can be removed also depends on what they "
             "look like.",
        "b": "It gains {network:+.1f} dB. A linear filter that is told the smooth noise gains {smooth:+.1f} "
             "dB, and {white:+.1f} dB on white noise. So smooth noise is harder for that filter even when it "
             "is known, and the network did not know it.",
        "c": "The errors are as large as before. Smooth noise has blotches, and those are as large as "
             "real details.",
    },
    "three_minutes": {
        "a": "DnCNN gains {dncnn:+.1f} dB over the noisy image, and both others gain {others:+.1f} dB or more. "
             "It has seen only {images:,} images, because an image takes it longest.",
        "b": "Three minutes are not nothing: both others gain {others:+.1f} dB or more over the noisy image.",
        "c": "The table shows where a full training ends. It does not show how fast a network gets there.",
    },
}


@exercise("the standard error is the standard deviation divided by the square root of the number.",
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
        return "Almost: np.std divides by N by default; the error above was computed with ddof=1."
    if abs(count - spread / goal) <= 1:
        return "Almost: that is the square root of the right number. Square it."
    if abs(count - len(values) * spread / np.sqrt(len(values)) / goal) <= 0.03 * count + 1:
        return ("The standard error falls with the square root of the number: half the error needs four "
                "times as many.")
    if abs(count + len(values) - exact) < 1:
        return f"That is how many more. The question is how many in all, with the {len(values)} that there are."
    if abs(count / exact - 1) < 0.03:  # from the digits that are printed
        return None
    if count <= 0:
        return "At least one image is needed."
    reached = f"With {count:,.0f} images the standard error would be {spread / np.sqrt(count):.4f} dB"
    return f"{reached}, " + (f"still above {goal}." if count < exact else f"less than {goal}: fewer will do.")


@exercise("subtract neighbouring pixels: the picture nearly cancels, the noise does not. How large is "
          "what is left?",
          "The level can be seen in the noisy picture alone. On the scoreboard some filters are told it.")
def sigma_seen(estimate, images):
    """Check an estimate of the noise level from noisy pictures alone, to within a quarter (weak noise: 40%).

    Parameters
    ----------
    estimate : callable
        ``estimate(noisy)``: from a batch in [0, 1] to one number, the standard deviation of the noise.
    images : ndarray of float, shape (N, H, W, C)
        Clean images, to which noise of known levels is added.
    """
    from helpers.noise import add_gaussian

    told, bare = {}, []
    for sigma, allowed in ((0.1, 0.25), (0.2, 0.25), (0.05, 0.4)):
        noisy = add_gaussian(images, sigma, np.random.default_rng(8))
        answer = np.asarray(run(estimate, noisy))
        if answer.ndim or not np.issubdtype(answer.dtype, np.number):
            return (f"One number for the whole batch is wanted, not {_kind(answer)}. A mean or a median "
                    "makes one.")
        told[sigma] = float(answer)
        if abs(answer / sigma - 1) > allowed:
            return _sigma_mistake(float(answer), sigma, noisy, told)
        medians = [np.median(np.abs(np.diff(noisy, axis=axis))) for axis in (1, 2)]
        bare.append(any(np.isclose(answer, median, rtol=1e-3) for median in (*medians, np.mean(medians))))
    if all(bare):
        return Found("But by luck: two factors are missing, and they nearly cancel. The median of the sizes is "
                     "0.6745 standard deviations, and a difference has sigma times the root of 2. Together "
                     "that is 0.954.")
    return None


def _kind(answer):
    return f"an array of shape {answer.shape}" if answer.ndim else repr(answer.item())


def _sigma_mistake(answer, sigma, noisy, told):
    """A hint for an estimate of the noise level that is off by more than a quarter."""
    across = np.diff(noisy, axis=2)
    if len(told) > 1 and np.ptp(list(told.values())) < 0.01:
        return "Weak noise and strong noise get nearly the same number. It has to come from the pictures."
    for hint, known in (
        ("That is the standard deviation of the whole pictures: it contains their contrast.", [
            noisy.std(), noisy.std(axis=(1, 2, 3)).mean(), noisy.std(axis=(1, 2)).mean()]),
        ("A difference of two pixels holds two errors: its standard deviation is sigma times the root of 2.", [
            np.median(np.abs(d)) / 0.6745 for d in (across, np.diff(noisy, axis=1))] + [
            np.median(np.abs(d - np.median(d))) / 0.6745 for d in (across, np.diff(noisy, axis=1))]),
        ("That is near the square of sigma, the variance. Take its root.", [sigma**2, across.var() / 2]),
        ("Pictures here go from 0 to 1, and so does sigma; yours is in grey values.", [255 * sigma]),
    ):
        near = 0.2 if "square" in hint or "grey" in hint else 0.02
        if any(abs(answer / number - 1) < near for number in known):
            return hint
    said = f"At sigma = {sigma} you say {answer:.3g}"
    if answer > sigma:
        return (f"{said}: too much. Something of the picture is still in it: edges, texture or colours. "
                "Subtract direct neighbours of one colour, and let a median ignore the few large values.")
    return (f"{said}: too little. Which factor leads from your number to a standard deviation? And do you look "
            "at all places, or at the calmest only?")


@exercise("call duel with an amount of your choice. Who is ahead, and should the next amount be larger or "
          "smaller?",
          "Below that amount, sorting nine numbers beats a trained network.")
def overtaken(amount, duel):
    """Check the amount of noise at which the second of two methods overtakes the first, to within 0.02.

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
        return f"{amount} is not a share of the pixels. Give a number from 0 to 1; 10% is 0.1."
    median, network = duel(max(amount - 0.021, 0))
    if median < network:
        return f"The network is ahead well before {amount:g}: look further left."
    median, network = duel(min(amount + 0.021, 1))
    if median > network:
        return f"The median filter is still ahead well past {amount:g}: look further right."
    return None
