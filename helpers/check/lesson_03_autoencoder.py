"""Lesson 3 · The autoencoder: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "after_three_blocks": {
        "a": 'Pooling halves the map three times. Convolutions keep its size: padding="same" '
             'adds a border of zeros.',
        "b": "A block hands on what its own filters found, and nothing else. The last one has 64.",
        "c": 'So it would be without padding="same", which adds a border of zeros. Only '
             'pooling makes maps smaller.',
    },
    "numbers_for_20_db": {
        "a": "Neighbouring pixels are nearly equal, so most of the 3,072 numbers say nothing new.",
        "b": "That many it takes where the code was learnt from a few photographs "
             "and has to serve another one.",
        "c": "Neighbouring pixels are nearly equal, and a few large shapes make most of a small picture.",
    },
    "squeezing_weak_noise": {
        "a": "The noise is lost, but so is the fine detail, and that was worth more than so little noise.",
        "b": "What does not fit through is detail as well as noise, and here the detail was worth more.",
        "c": "Weak noise changes little; squeezing changes a lot.",
    },
    "alone_or_in_company": {
        "a": "So it does while it is trained: there a picture's result depends on its company.",
        "b": "A picture should not depend on its neighbours, so the layer uses running averages from training.",
        "c": "It has 1,024 pixels in each channel, and those have one.",
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


@exercise("which layer doubles a map in the decoder above, and which function follows it?",
          "Three such levels are the decoder.")
def decoder_level(level):
    """Check a decoder level: twice the height and width, transposed convolution, batch normalization, ReLU.

    Parameters
    ----------
    level : callable
        ``level(x, filters)``: from a Keras tensor of shape (N, H, W, C) to one of (N, 2H, 2W, filters).
    """
    import keras

    maps = keras.Input((8, 8, 64))
    result = run(level, maps, 32)
    if not hasattr(result, "shape"):
        kind = type(result).__name__
        article = "an" if kind[0] in "AEIOUaeiou" else "a"
        return f"That is {article} {kind}. Call each layer on the result of the one before: layer(x)."
    shape = tuple(result.shape)[1:]
    if shape == (8, 8, 32):
        return "The channels are right, the size is not: the map has to be doubled."
    if shape == (16, 16, 64):
        if level(keras.Input((8, 8, 48)), 32).shape[-1] == 64:
            return "The map is doubled, but always has 64 channels: use the argument `filters`."
        return "The map is doubled, but keeps the channels of the input; wanted are `filters` channels."
    if shape != (16, 16, 32):
        return f"From (8, 8, 64) with filters=32 the result has shape {shape}; wanted is (16, 16, 32)."
    other = tuple(level(keras.Input((4, 4, 48)), 20).shape)[1:]
    if other != (8, 8, 20):
        return (f"Right for filters=32; but from (4, 4, 48) with filters=20 the result has shape {other}, "
                "and not (8, 8, 20). Is a number written where x or filters should decide?")
    network = keras.Model(maps, result)
    used = list(_innermost(network))
    kinds = [type(layer).__name__ for layer in used]
    missing = [k for k in ("UpSampling2D", "Conv2DTranspose", "BatchNormalization") if k not in kinds]
    if missing == ["UpSampling2D"]:
        return "Strides double the map, too, but leave a checkerboard; here UpSampling2D is wanted."
    if missing:
        return f"The shape is right. Still missing: {', '.join(missing)}."
    doubled, convolved, normalized = (
        kinds.index(k) for k in ("UpSampling2D", "Conv2DTranspose", "BatchNormalization")
    )
    if convolved < doubled:
        return "The convolution comes before the doubling, so nothing is drawn into the new pixels."
    if normalized < convolved:
        return "The normalization comes before the convolution; wanted is the other order."
    if min(used[convolved].kernel_size) < 2:
        return "A 1×1 kernel sees no neighbours, so it cannot draw an edge into the doubled map. Take 3×3."
    kinked = getattr(used[convolved], "activation", None) is not keras.activations.linear
    if kinked or kinds[normalized - 1] != "Conv2DTranspose":
        return "ReLU comes before the normalization; wanted is the other order."
    if network.predict(np.random.default_rng(0).normal(size=(2, 8, 8, 64)), verbose=0).min() < 0:
        return "The shape is right, but values are negative: no ReLU at the end?"
    return None


def _innermost(model):
    """The layers of a Keras model, those of the models inside it included, without the inputs."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _innermost(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


@exercise("what is the mean PSNR of through(images, K) for K = 1? And which kind of loop goes on from there?",
          "The better the copy is to be, the dearer each further decibel.")
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
