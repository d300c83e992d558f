"""Lesson 10 · Where it fails: what is said to its predictions and to the answers of its exercises."""

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.check.common import Found, exercise, is_number, run

REASONS = {
    "grey_noise": {
        "a": "The strength is the same. But in the training the errors of the channels differed.",
        "b": "In the training the errors of the channels differed. What all three share, it takes for picture.",
        "c": "It has three channels to compare, and errors that all three share look like the picture.",
    },
    "mosaic_or_jpeg": {
        "a": "The mosaic takes most of the gain. But JPEG without the mosaic does so, too.",
        "b": "JPEG takes most of the gain. But the mosaic without JPEG does so, too.",
        "c": "Either is enough. So whichever is added second looks harmless.",
    },
    "two_coins": {
        "a": "The errors of the three channels are alike after JPEG. A coin a pixel turns them together.",
        "b": "A coin a pixel makes neighbours differ, but its three channels keep their resemblance.",
        "c": "That would be so if the size of the errors alone counted.",
    },
}


@exercise("at sigma 0.1 the network gains a lot. Try smaller values with gain_at.",
          "Below that the network takes more detail than noise: leave such a picture alone.")
def break_even(sigma, gain_at):
    """Check the noise level at which the network neither gains nor loses, to within half a decibel.

    Parameters
    ----------
    sigma : float
        The reader's answer, on the [0, 1] scale.
    gain_at : callable
        ``gain_at(sigma)``: denoised minus noisy PSNR, in dB.
    """
    if np.size(sigma) != 1 or isinstance(sigma, str):
        return "One number is wanted."
    sigma = float(np.asarray(sigma).item())
    if not 0 < sigma < 1:
        return "sigma is on the scale from 0 to 1 and above 0. Divide a value in grey values by 255."
    gain = gain_at(sigma)
    if gain > 0.5:
        return f"At {sigma:g} it still gains {gain:.2f} dB: go lower."
    if gain < -0.5:
        return f"At {sigma:g} it already loses {-gain:.2f} dB: go higher."
    return Found(f"A sigma of {sigma:.4f} is about {255 * sigma:.1f} grey values of 255.")


def _alike(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _two_shots(scene, blur):
    """Two shots whose errors are smeared over `blur` pixels, and partly the same in all channels."""
    def noise(seed):
        rng = np.random.default_rng(seed)
        mixed = rng.standard_normal(scene.shape) + 0.7 * rng.standard_normal((*scene.shape[:2], 1))
        mixed = gaussian_filter(mixed, (*blur, 0))
        return 0.05 * mixed / mixed.std()

    return [np.float32(scene + noise(seed)) for seed in (7, 8)]


@exercise("what do two shots of one scene have in common, and how do you get rid of it?",
          "So noise can be studied with a tripod and two shots, without any clean picture.")
def correlation_of_two_shots(correlation, scene):
    """Check the correlation of neighbouring errors, from two noisy shots of one scene.

    Parameters
    ----------
    correlation : callable
        ``correlation(first, second)``: a number.
    scene : ndarray of float, shape (H, W, 3)
        Clean, in [0, 1].
    """
    scene = 0.3 + 0.4 * scene  # so that nothing is clipped
    for blur in ((0.4, 1.0), (1.0, 0.4)):  # down, across
        first, second = _two_shots(scene, blur)
        found, error = run(correlation, first, second), first - second
        if np.size(found) != 1 or not is_number(np.asarray(found).item()):
            return "One number is wanted: of all pixels and channels together."
        wanted, flat = _alike(error[:, 1:], error[:, :-1]), error.ravel()
        if abs(found - wanted) < 0.03:
            continue
        product = float((error[:, 1:] * error[:, :-1]).mean())
        below, shots = _alike(error[1:], error[:-1]), (first, second, first + second)
        usual = [
            (below, "That is the neighbour *below*: axis 0 counts rows."),
            (_alike(flat[1:], flat[:-1]), "After `ravel` the next value is the next *colour*: shift before."),
            (wanted / 2, "That is half of it. A correlation does not change with the strength of the errors."),
            *((_alike(x[:, 1:], x[:, :-1]), "That is the *scene*: its neighbours are similar. Remove it.")
              for x in shots),
            (_alike(first, second), "That compares the first shot with the second, not neighbours."),
            (_alike(first[:, 1:], second[:, :-1]), "Both still show the *scene*. Remove it first."),
        ]
        for value, hint in usual:
            if abs(found - value) < 0.01:
                return hint
        if not -1 <= found <= 1 or any(np.isclose(found, k * product, rtol=0.1) for k in (1, 0.5, 0.25)):
            return f"{found:.3g} is no correlation: divide by the mean square of the errors."
        return f"For one pair of shots {wanted:.2f} is right, and yours says {found:.2f}."
    return None
