"""Lesson 7 · The residual slider: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, is_number, run

REASONS = {
    "skips_removed": {
        "a": "The network trained without skips had to draw from its code. This one never had to, and "
             "never learnt to.",
        "b": "This network learnt to correct what arrives by the skips. It never had to draw a picture "
             "from its code.",
        "c": "The noisy image arrives by a skip, too, and is removed with the others.",
    },
    "maps_removed": {
        "a": "The brightness comes through the noisy image, and the image was not removed.",
        "b": "The code of this network never had to draw a picture, so it does not draw a blurred one "
             "either.",
        "c": "The picture itself is one of the skips. If it stays, only the correction is gone.",
    },
    "most_missed_map": {
        "a": "Noise is found by comparing a pixel with its neighbours. In this decoder, only these maps keep "
             "them separate.",
        "b": "The maps in the middle carry a part of the correction, and not the largest.",
        "c": "What the picture shows matters for recognising things. Noise is in the single pixels, which "
             "are lost here.",
    },
    "code_of_another": {
        "a": "What is to be seen comes through the skips. The decoder does not ask the code for it.",
        "b": "In the network without skips it does. Here the skips bring the picture, and the code is "
             "free.",
        "c": "The code hardly says what is shown. It says what noise there is: see the two codes from other "
             "levels.",
    },
    "stripes_without_skips": {
        "a": "It does lose detail. But at this level the stripes cost more than the detail does.",
        "b": "A part of each stripe does not get through, and that is worth more here than the lost detail.",
        "c": "Broad stripes get through its bottleneck, and are drawn. From pictures without stripes it does "
             "better: see below.",
    },
}


@exercise("call faded(0.6), faded(0.7), faded(0.8), and compare with doing_nothing.",
          "With more noise it is easier to do better than the noisy picture.")
def breaks_even(strength, faded, doing_nothing):
    """Check the skip strength at which the network is as good as doing nothing, to within 0.02.

    Parameters
    ----------
    strength : float
        The reader's answer.
    faded : callable
        ``faded(strength)``: mean PSNR in dB, rising with the strength.
    doing_nothing : float
        Mean PSNR of the noisy images, in dB.
    """
    if not is_number(strength):
        return f"One number is wanted, not {strength!r}."
    if not 0 <= strength <= 1:
        return f"{strength} is no strength: a number from 0 to 1 is wanted."
    below, above = max(strength - 0.021, 0), min(strength + 0.021, 1)
    if faded(below) > doing_nothing:
        return (f"You say {strength:g}; but already at {below:.2f} the network is better than doing nothing: "
                "look further left.")
    if faded(above) < doing_nothing:
        return (f"You say {strength:g}; but even at {above:.2f} the network is still worse than doing nothing: "
                "look further right.")
    return None


@exercise("with_strength takes four numbers, in the order of names; the first is the noisy image.",
          "Compare with the table: a map that costs something if removed may bring nothing on its own.")
def brings_alone(gain, with_strength, mean_psnr, names):
    """Check what one skip brings on its own, beside the noisy image.

    Parameters
    ----------
    gain : callable
        ``gain(name)``: in dB, for one of ``names[1:]``.
    with_strength : callable
        ``with_strength(strengths)``: images, for one strength for each of `names`.
    mean_psnr : callable
        ``mean_psnr(images)``: in dB.
    names : tuple of str
        The skips; the first is the noisy image itself.
    """
    def score(*on):
        return mean_psnr(with_strength([name in on for name in names]))

    image, *maps = names
    nothing, results, rights, known = score(image), [], [], {}
    for name in maps:
        result = run(gain, name)
        if np.size(result) != 1:
            return f"One number is wanted for {name}, not an array of shape {np.shape(result)}."
        results.append(np.asarray(result).item())
        rights.append(score(image, name) - nothing)
        off = score(*(other for other in names if other != name))
        for hint, number in {
            "The noisy image itself has to stay on, at 1; without it there is no picture to correct.":
                score(name) - nothing,
            "The noisy image itself has to stay on, at 1, in both; you compare two dark pictures.":
                score(name) - score(),
            "That is the PSNR reached. Subtract what the noisy image alone has, all maps at 0.":
                rights[-1] + nothing,
            "That is what is lost if it is removed. Here it stays, and the two other maps are removed.":
                score(*names) - off,
            "Here the others stay and this one is removed; it has to be the other way round.": off - nothing,
            "The sign is the other way round: what it brings is positive.": -rights[-1],
        }.items():
            known.setdefault(hint, []).append(number)

    def fits(numbers):  # the noisy image as it came differs a little from all maps at 0
        return np.abs(np.subtract(results, numbers)).max() <= 0.05

    if fits(rights):
        brings = (f"{name} {round(right, 1) + 0:+.1f} dB" for name, right in zip(maps, rights))
        return Found(f"On their own: {', '.join(brings)}.")
    hints = [hint for hint, numbers in known.items() if fits(numbers)]
    worst = int(np.argmax(np.abs(np.subtract(results, rights))))
    right, result = rights[worst], results[worst]
    return (hints or [f"For {maps[worst]} it is {right:.2f} dB, and you say {result:.2f} dB."])[0]


@exercise("np.clip(images + level * offsets, 0, 1), with random offsets that neighbouring pixels share.",
          "Now see what the two networks make of it.")
def new_noise(add_noise, images):
    """Check a noise with similar errors in neighbouring pixels, which is not the notebook's own stripes.

    Parameters
    ----------
    add_noise : callable
        ``add_noise(images, level, rng)``: images in [0, 1], of the same shape and type.
    images : ndarray of float32, shape (N, H, W, 3)
    """
    def add(clean, level, seed=0):
        return np.asarray(run(add_noise, clean, level, np.random.default_rng(seed)))

    result = add(images, 0.2)
    if result.shape != images.shape:
        return f"The result has shape {result.shape}; wanted is that of images, {images.shape}."
    if result.dtype != np.float32:
        return f"The result is {result.dtype}; wanted is float32: .astype('float32')."
    if not np.isfinite(result).all() or result.min() < 0 or result.max() > 1:
        return "Values leave [0, 1]: np.clip(..., 0, 1) is missing."
    if np.abs(add(images, 0.0) - images).max() > 1e-6:
        return "At level 0 the images have to stay as they are: multiply the noise by level."
    if not np.array_equal(result, add(images, 0.2)):
        return "The same generator twice, and not the same noise: draw from rng alone, not from np.random."
    if np.abs(result - images).max() < 1e-6:
        return "At level 0.2 nothing has changed."
    if all(np.array_equal(result, add(images, 0.2, seed)) for seed in (1, 2, 3, 4)):
        return "Another generator, and the same result: nothing is random here. Draw the noise from rng."
    darker, brighter = (add(np.full_like(images, grey), 0.05) - np.float32(grey) for grey in (0.35, 0.65))
    if _is_white(darker) and _is_white(brighter) and abs(darker.std() / brighter.std() - 1) < 0.05:
        return "That is white Gaussian noise, which both have seen. Give neighbouring pixels similar errors."
    if _is_salt_and_pepper(images, result):
        return "That is salt and pepper, which both have seen."
    if all(max(_together(noise)[:2]) < 0.1 for noise in (darker, brighter)):
        return ("The error of every pixel is drawn alone, as in training: the networks remove much of that. "
                "Give neighbouring pixels similar errors.")
    lines = all(np.ptp(noise, axis=(2, 3)).max() < 1e-6 for noise in (darker, brighter))
    if lines and max(_together(darker)[0], _together(brighter)[0]) < 0.1:
        return "Those are the notebook's own stripes. Turn them, widen them, or take another noise of your own."
    return None


def _together(noise):
    """How similar the errors are to those of the next row, column and channel: 0 not at all, 1 equal."""
    x = noise - noise.mean()
    if x.std() < 1e-6:  # all pixels alike
        return [1.0, 1.0, 1.0]
    neighbours = ((x[:, 1:], x[:, :-1]), (x[:, :, 1:], x[:, :, :-1]), (x[..., 1:], x[..., :-1]))
    return [abs(np.mean(a * b)) / np.mean(x**2) for a, b in neighbours]


def _is_white(noise):
    """Whether noise on grey images is normal, and differs from pixel to pixel and from channel to channel."""
    if noise.std() == 0:
        return False
    x = (noise - noise.mean()) / noise.std()
    return abs(np.mean(x**4) - 3) < 0.3 and max(_together(noise)) < 0.05


def _is_salt_and_pepper(images, result):
    """Whether single pixels, each on its own, have become black or white, about as many of either."""
    hit = np.abs(result - images).max(axis=-1) > 0
    specks = result[hit]
    if not np.isin(specks, (0, 1)).all() or np.ptp(specks, axis=-1).any() or not 0.3 < specks.mean() < 0.7:
        return False
    chance = hit.mean() ** 2
    pairs = ((hit[:, 1:], hit[:, :-1]), (hit[:, :, 1:], hit[:, :, :-1]))
    return all(np.mean(a & b) < 1.3 * chance for a, b in pairs)
