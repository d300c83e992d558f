"""Lesson 10 · Where it fails: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, is_number, run

REASONS = {
    "least_improved": {
        "a": "It is smoother than the noise of the training, so most of it stays; a little is removed.",
        "b": "Blocks are smooth inside and have clean edges. The network keeps them like a picture.",
        "c": "Strong noise of a known kind: there the network gains most of all.",
    },
    "stage_of_the_camera": {
        "a": "Gamma makes the noise stronger in the shadows. Stronger noise leaves more to gain.",
        "b": "JPEG takes much of what is left. But most was lost before.",
        "c": "Neighbours now share their noise, and the network knows only noise that they do not share.",
    },
    "same_strength_control": {
        "a": "Every error is as large as before, and the gain is back: what counts is the resemblance.",
        "b": "That would be so if the size of the errors alone counted.",
        "c": "The resemblance of neighbours counts for more than that in this camera.",
    },
    "remedy": {
        "a": "What the network took for picture once, it takes for picture again.",
        "b": "It helps a little. But the smeared noise stays correlated, and the network keeps much of it.",
        "c": "Pixels that lie apart share less of their noise, and such noise the network can remove.",
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
    if not 0 < sigma < 1:
        return "sigma is on the scale from 0 to 1 and above 0. Divide a value in grey values by 255."
    gain = gain_at(sigma)
    if gain > 0.5:
        return f"At {sigma:g} it still gains {gain:.2f} dB: go lower."
    if gain < -0.5:
        return f"At {sigma:g} it already loses {-gain:.2f} dB: go higher."
    return Found(f"A sigma of {sigma:.4f} is about {255 * sigma:.1f} grey values of 255.")


def _right_neighbour(error):
    error = error - error.mean()
    return float((error[:, 1:] * error[:, :-1]).mean() / (error**2).mean())


@exercise("what do two shots of one scene have in common, and how do you get rid of it?",
          "So noise can be studied with a tripod and two shots, without any clean picture.")
def correlation_of_two_shots(correlation, scene, smeared):
    """Check the correlation of neighbouring errors, from two noisy shots of one scene.

    Parameters
    ----------
    correlation : callable
        ``correlation(first, second)``: a number.
    scene : ndarray of float, shape (H, W, 3)
        Clean, in [0, 1].
    smeared : callable
        ``smeared(image, rng, blur=...)`` adds noise that is the smoother the larger blur is.
    """
    scene = 0.3 + 0.4 * scene  # so that nothing is clipped
    for blur in (1.0, 0.3):
        shots = [smeared(scene, np.random.default_rng(seed), sigma=0.05, blur=blur) for seed in (7, 8)]
        found, wanted = run(correlation, *shots), _right_neighbour(shots[0] - scene)
        if np.size(found) != 1 or not is_number(np.asarray(found).item()):
            return "One number is wanted: of all pixels and channels together."
        if abs(found - wanted) < 0.05:
            continue
        if any(abs(found - _right_neighbour(shot)) < 0.03 for shot in (shots[0], np.mean(shots, axis=0))):
            return f"{found:.2f} is high because the *scene* has similar neighbours. Remove the scene first."
        if abs(found - np.corrcoef(shots[0].ravel(), shots[1].ravel())[0, 1]) < 0.03:
            return "That compares the first shot with the second. Wanted is a pixel and its right neighbour."
        if abs(found) < 0.05:
            return "The errors of *different* shots have nothing in common. Stay within one picture."
        if not -1 <= found <= 1:
            return f"{found:.3g} is no correlation: divide by the mean square of the errors."
        return f"For one pair of shots {wanted:.2f} is right, and yours says {found:.2f}."
    return None
