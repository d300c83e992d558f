"""Lesson 4 · Skip connections: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import Found, exercise, is_number, run

REASONS = {
    "which_line": {
        "a": "It has to find only the noise. But its decoder sees the picture through 256 numbers only, "
             "and little of the noise fits into them.",
        "b": "The maps need no help to get above the noisy picture. With the image they get much further.",
        "c": "With the maps the decoder has the detail, so it can clean it. With the image alone it can "
             "add only something coarse.",
    },
    "no_bottleneck": {
        "a": "Without it, the network has to learn to copy the picture first. With it, the work begins with "
             "the noise.",
        "b": "Above, the correction had to come through 256 numbers. Here it is made at full size, and is "
             "worth adding.",
        "c": "It does add the noise. But the network sees the same noise at full size, and can take it away "
             "again.",
    },
    "lower_level": {
        "a": "At weak noise few neighbours may do. At this strength the mean of a few neighbours is itself "
             "too noisy.",
        "b": "Ahead it is. Whether the wider field is the reason, the next experiment asks.",
        "c": "Pooling loses the place. But the maps of full size are concatenated afterwards, and the "
             "image is added.",
    },
    "hardly_any_noise": {
        "a": "It takes away less than at sigma 0.1, but still more than there is. The rest is detail "
             "({change} dB).",
        "b": "Weak noise is easier for a network that has met it. This one has met no other level than 0.1.",
        "c": "It does correct less if there is less noise. But it corrects by far too much: see the table "
             "below.",
    },
    "one_zero": {
        "a": "A long training may correct it. This one has few steps.",
        "b": "More than a little: it does not even come back to the noisy picture in this time.",
        "c": "It begins below the noisy picture, with a random picture added. Zeros begin at the noisy "
             "picture.",
    },
}


@exercise("which two maps are laid side by side there, and how many channels has each?",
          "The block after it has to find out which of them to believe.")
def joined_channels(channels):
    """Check the number of channels of the decoder's 16×16 map after `Concatenate`.

    Parameters
    ----------
    channels : int
        The reader's answer.
    """
    from helpers.models import build_decoder

    joined = [x for x in build_decoder(skips=True).layers if type(x).__name__ == "Concatenate"]
    sizes = {layer.output.shape[1]: layer.output.shape[3] for layer in joined}
    own, seen = (tensor.shape[3] for tensor in joined[1].input)
    if not is_number(channels):
        return f"A whole number is wanted, not {channels!r}."
    if channels == sizes[16]:
        return None
    for size, there in sizes.items():
        if channels == there:
            return f"{there} is right at {size}×{size}. Wanted is the level of 16×16."
    return {
        own: f"{own} come up from the level below. What does the encoder's map add?",
        seen: f"{seen} is what the encoder's map brings, and also what the block makes of both. And before it?",
        own * seen: "Side by side: the channels are counted together, not multiplied.",
        4 * own + seen: "Doubling changes height and width; the channels stay as many as they were.",
        own // 4 + seen: "Doubling changes height and width; the channels stay as many as they were.",
    }.get(channels, "Not that. Channels that come up from 8×8, and channels that the encoder had at 16×16.")


@exercise("begin with a width of 1. What does a convolution add at full size, and what after one pooling?",
          "Pooling makes each later layer reach further, at no cost in weights.")
def receptive_field(field):
    """Check a function for the width of the receptive field of 3x3 convolutions and 2x2 poolings.

    Parameters
    ----------
    field : callable
        ``field(layers)``: an int, for a list of "conv" and "pool".
    """
    def width(layers):
        total, step = 1, 1
        for layer in layers:
            total += 2 * step if layer == "conv" else step
            step *= 1 if layer == "conv" else 2
        return total

    mixed = ["conv", "pool", "conv"], ["conv", "pool", "pool", "conv", "conv"]
    tries = ["conv"], ["conv"] * 5, ["pool"], *mixed, []
    for layers in tries:
        result, right = run(field, list(layers)), width(layers)
        if not is_number(result):
            return f"For {layers} a whole number is wanted, not {result!r}."
        if result == right:
            continue
        if layers == ["pool"] and result == 1:
            return "A pooling looks at two neighbours, so it widens the field as well, by one step."
        if result == 1 + 2 * layers.count("conv"):
            return "After pooling, neighbours in the map lie two pixels apart: later convolutions count double."
        if len(layers) > 1 and result in (3 * len(layers), 3 ** len(layers)):
            return ("Fields overlap, so widths are neither added nor multiplied. A convolution adds a step on "
                    "either side.")
        if result == right**2:
            return "That is the number of pixels. Wanted is the width."
        return f"For {layers} it is {right}, and you say {result}. Write down width and step, layer by layer."
    return None


@exercise("keras.Input((32, 32, 3)), a few layers.Conv2D, keras.Model; then train, with noise_to_learn.",
          "You have built and trained a denoiser from nothing.")
def own_denoiser(network, clean, noisy, target):
    """Check a trained denoiser of at most 10,000 weights, by what it does.

    Parameters
    ----------
    network : keras.Model
    clean, noisy : ndarray of float32, shape (N, 32, 32, 3)
    target : float
        Mean PSNR to reach, in dB.
    """
    import keras

    from helpers.metrics import psnr
    from helpers.training import denoise

    if not isinstance(network, keras.Model):
        if callable(network):
            return "my_network is a function. Call it, and train what it returns."
        return f"A Keras model is wanted, not {type(network).__name__}: keras.Model(image, denoised)."
    if network.count_params() > 10_000:
        return f"It has {network.count_params():,} weights; at most 10,000 are allowed. Fewer filters?"
    shape = network.predict(noisy[:1], verbose=0).shape
    if shape[1:] != noisy.shape[1:]:
        return f"From a picture {noisy.shape[1:]} it makes {shape[1:]}: padding='same', 3 filters at the end?"
    denoised = denoise(network, noisy)
    if not np.isfinite(denoised).all():
        return "It returns numbers that are not finite (NaN). Is the learning rate too large?"
    untouched, reached = psnr(clean, noisy).mean(), psnr(clean, denoised).mean()
    if np.abs(denoised - noisy).max() < 1e-6:
        return "It returns the noisy picture as it is. That is a good start: now train it."
    if reached < untouched:
        return (f"It reaches {reached:.1f} dB, less than the noisy picture ({untouched:.1f} dB). "
                "Is it trained? Is the image added, and does the last convolution start from zeros?")
    if reached < target:
        return (f"It reaches {reached:.1f} dB of the {target:.1f} dB that are wanted. More steps (epochs), "
                "more filters, or one more convolution?")
    return Found(f"{network.count_params():,} weights, {reached:.1f} dB; wanted were {target:.1f} dB.")
