"""Lesson 3 · The autoencoder: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "after_three_blocks": {
        "a": "A block hands on what its own filters found, and nothing else. The last one has 64.",
        "b": 'Pooling halves the map three times. Convolutions keep its size: padding="same" '
             "adds a border of zeros.",
        "c": 'That would be right without padding="same", which adds a border of zeros. Only '
             "pooling makes maps smaller.",
    },
    "squeezing_weak_noise": {
        "a": "Most of the noise is gone, but so is the fine detail, which was worth more.",
        "b": "Weak noise changes little, but the projection itself changes a lot.",
        "c": "Detail is dropped as well as noise, and here the detail was worth more.",
    },
    "more_numbers": {
        "a": "A weight between 0 and 1 takes from each number as much as it brings, and never too much noise.",
        "b": "The projection does that, because it keeps each number whole. These weights do not.",
        "c": "Hundreds of small weights together still bring detail.",
    },
    "nearest_or_mean": {
        "a": "The most probable block is still improbable: many others fit nearly as well.",
        "b": "The mean of all blocks that fit has the smallest expected squared error.",
        "c": "That is nearly so for weak noise. At this sigma many blocks fit, and each gets its weight.",
    },
}


@exercise("count the weights of one Dense layer from m to n numbers: m times n, and n biases.",
          "And all of them fit pictures of 32×32 pixels only; another size needs other Dense layers.")
def dense_weights(latent_dim):
    """Check the largest `latent_dim` whose two Dense layers have at most 300,000 weights.

    Parameters
    ----------
    latent_dim : int
        The reader's answer.
    """
    if not is_number(latent_dim) or latent_dim != int(latent_dim):
        return f"A whole number is wanted, not {latent_dim!r}."
    latent_dim = int(latent_dim)
    size = 4 * 4 * 64
    weights = (size + 1) * latent_dim + (latent_dim + 1) * size
    if 2 * size * latent_dim <= 300_000 < weights:
        return f"Nearly. With the biases the two layers have {weights:,} weights."
    if (size + 1) * latent_dim <= 300_000 < weights:
        return f"One of the two layers fits, but both together have {weights:,} weights."
    if weights > 300_000:
        return f"With {latent_dim} the two layers have {weights:,} weights."
    if weights + 2 * size + 1 <= 300_000:
        return f"With {latent_dim} the two layers have only {weights:,} weights: there is room for more."
    return None


@exercise("at this sigma D(K) + sigma² · K/N equals sigma². K is 1,024 and N is 3,072.",
          "Below this sigma the projection harms, above it helps.")
def sigma_of_no_change(sigma, lost):
    """Check the noise level at which a projection onto 1,024 of 3,072 directions changes nothing.

    Parameters
    ----------
    sigma : float
        The reader's answer.
    lost : float
        D(1,024): the mean squared error of projected clean images.
    """
    if np.ndim(sigma) or not is_number(np.asarray(sigma).item()):
        return f"One number is wanted, not {sigma!r}."
    right = np.sqrt(1.5 * lost)
    usual = {
        np.sqrt(lost): "There the noise equals the lost detail. But the projected picture has noise, too: "
                       "the share K/N of it.",
        1.5 * lost: "That is sigma², the variance. Wanted is sigma.",
        np.sqrt(3 * lost): "There the noise let in equals the lost detail. Compare the sum of both with the "
                           "noisy picture.",
    }
    if np.isclose(sigma, right, rtol=0.01):
        return None
    for wrong, hint in usual.items():
        if np.isclose(sigma, wrong, rtol=0.01):
            return hint
    effect = "helps" if sigma > right else "harms"
    return (f"At sigma {sigma:.4f} the projected picture has the error {lost + sigma**2 / 3:.5f}, "
            f"the noisy one {sigma**2:.5f}: there the projection {effect}.")


@exercise("what is the mean PSNR of through(images, K) for K = 1? And which kind of loop goes on from there?",
          "The better the copy, the more numbers each further decibel costs.")
def code_size(size, images, through):
    """Check a function that finds the smallest K whose best linear code keeps a given mean PSNR.

    Parameters
    ----------
    size : callable
        ``size(images, decibels)``: the smallest such K.
    images : ndarray of float32, shape (N, 32, 32, 3)
    through : callable
        ``through(images, k)``: images squeezed into k numbers each, and rebuilt.
    """
    from helpers.metrics import psnr

    images = images[:40]  # not those of the notebook: a function should use what it is given

    def kept(k):
        """The mean PSNR of the images through k numbers, and the PSNR of their mean error."""
        each = psnr(images, through(images, k)) if k else np.full(len(images), -np.inf)
        return each.mean(), -10 * np.log10((10 ** (-each / 10)).mean())

    few, some, more = (round(float(kept(k)[0]), 1) for k in (10, 50, 90))  # a loop from 1 on is soon there
    for decibels in (some, few, more):
        try:
            answer = run(size, images, decibels)
        except ValueError as error:
            if "matmul" in str(error) or "broadcast together" in str(error):
                return ("Two shapes do not fit. Is images flat, (N, 3072)? Does the way back need .T? "
                        "Or let through(images, K) do both.")
            raise
        if not np.size(answer) == 1 or not is_number(answer) or answer != int(answer):
            told = np.array2string(np.asarray(answer), threshold=4)
            return f"A whole number is wanted, the K itself, and not {told}."
        answer = int(answer)
        told = f"For {decibels} dB, of the {len(images)} images given, you say {answer}"
        if answer < 1:
            return f"{told}; a code has one number at least."
        (fewer, fewer_pooled), (got, got_pooled) = kept(answer - 1), kept(answer)
        if fewer < decibels <= got:
            continue
        if run(size, images, few) == run(size, images, more):
            return f"{told}, and as many for other decibels. Use the argument `decibels`."
        if run(size, 0.15 + 0.7 * images, more) == run(size, images, more):
            return f"{told}, and as many for other images. Use the argument `images`."
        if got < decibels <= kept(answer + 1)[0]:
            return f"{told}: that is the last K that does not reach it. One more."
        if fewer_pooled < decibels <= got_pooled:
            return f"{told}: that is the PSNR of the mean error. Wanted is the mean of the images' PSNR."
        if got < decibels:
            return f"{told}. But with that many there are {got:.2f} dB: too few."
        return f"{told}. That is enough ({got:.2f} dB), but not the smallest K: fewer would do."
    return None
