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
        "a": "If λ is right, a further number with its best weight lowers the error, or leaves it as it is.",
        "b": "The projection does that, because it keeps each number whole. These weights do not.",
        "c": "Weights far below 1 still bring detail when there are hundreds of them.",
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
    if np.ndim(sigma) or not is_number(np.asarray(sigma).item()) or sigma <= 0:
        return f"One positive number is wanted, not {sigma!r}."
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


@exercise("which two layers lead from the code to a map of 4×4? How many doublings from there to 16×16?",
          "The same decoder for 32×32 has one level more.")
def small_decoder(decoder):
    """Check a function that builds a decoder from 64 numbers to pictures of 16×16×3.

    Parameters
    ----------
    decoder : callable
        ``decoder()``: a Keras model from shape (N, 64) to shape (N, 16, 16, 3).
    """
    import keras

    model = run(decoder)
    if not isinstance(model, keras.Model):
        return f"Wanted is a Keras model, not {type(model).__name__}: keras.Model(code, picture)."
    kinds = [type(layer).__name__ for layer in _innermost(model)]
    if model.input_shape != (None, 64):
        return f"The model gets inputs of shape {model.input_shape}; wanted is (None, 64), the code."
    if model.output_shape != (None, 16, 16, 3):
        sizes = {32: "That is one doubling too many.", 8: "One doubling is missing."}
        hint = sizes.get(model.output_shape[1], "")
        return f"The output has shape {model.output_shape}; wanted is (None, 16, 16, 3). {hint}"
    if not any("Conv" in kind for kind in kinds):
        return "The shape is right. But no convolution draws into the doubled maps."
    images = np.asarray(model(np.random.default_rng(0).normal(0, 5, (8, 64))))
    if images.min() >= 0 and "ReLU" in kinds[-1]:
        return "The shape is right. But after a ReLU at the end no value is negative, as corrections may be."
    return None


def _innermost(model):
    """The layers of a Keras model, those of the models inside it included, without the inputs."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _innermost(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer
