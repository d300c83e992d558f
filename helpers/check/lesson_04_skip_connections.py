"""Lesson 4 · Skip connections: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "hardly_any_noise": {
        "a": "Easier for who knows how weak the noise is. It was never told, and has never seen any other.",
        "b": "It expects noise of one strength, and takes that much away: where there is no "
             "noise, it takes detail.",
        "c": "It cannot know that. It has learnt how much there is to correct, and corrects.",
    },
    "skips_removed": {
        "a": "That network had to do its best through the bottleneck. This one never had to, "
             "and never learnt to.",
        "b": "This network learnt to correct what arrives by the skips. It never had to draw "
             "a picture from its code.",
        "c": "The noisy image arrives by a skip, too, and is removed with the others.",
    },
    "most_missed_map": {
        "a": "What is shown matters for recognising things. Noise is in the single pixels, "
             "and here they are lost.",
        "b": "The maps in the middle are a compromise, and the network does not have to choose.",
        "c": "Noise is found by comparing a pixel with its neighbours, and only in these "
             "maps are they still apart.",
    },
    "before_training": {
        "a": "Only the correction is zero, and to it the noisy image is added.",
        "b": "The layers before it are random indeed, but their maps are multiplied by zero.",
        "c": "Image plus nothing: its PSNR is that of the noisy image, and there the training begins.",
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


@exercise("x is half as large as seen. What has to happen before the two can lie side by side?",
          "This line is the difference between the two networks.")
def skip_level(level):
    """Check a decoder level with a skip connection: double, lay the encoder's map beside, convolve.

    Parameters
    ----------
    level : callable
        ``level(x, seen, filters)``: from Keras tensors of shapes (N, H, W, C) and (N, 2H, 2W, D) to one
        of shape (N, 2H, 2W, filters).
    """
    import keras

    x, seen, filters = keras.Input((8, 8, 48)), keras.Input((16, 16, 24)), 32
    try:
        result = run(level, x, seen, filters)
    except ValueError as error:
        if "Concatenate" in str(error) and "(None, 8, 8" not in str(error):
            return "Side by side means along the channels: layers.Concatenate() without another axis."
        if "Concatenate" in str(error):
            return ("Concatenate wants two maps of equal size, and lays their channels side by side (axis=-1). "
                    f"(To try your function, this check has small maps of its own: x is {tuple(x.shape)[1:]}, "
                    f"seen is {tuple(seen.shape)[1:]}.) Double x first.")
        if "incompatible shapes" in str(error) or "broadcast" in str(error):
            return ("Adding needs maps of one shape, and here even the channels differ. Lay them side by side: "
                    "layers.Concatenate()([x, seen]).")
        raise
    shape = tuple(getattr(result, "shape", ()))[1:]
    hints = {
        (8, 8, filters): "The map still has 8×8 pixels. Double x, and leave seen as it is: we want its detail.",
        (16, 16, 48): "The map is doubled, and that is all. Now lay seen beside it.",
        (16, 16, 48 + 24): "Both lie side by side, and nothing has looked at them yet: the block comes last.",
        (16, 16, filters + 24): "The block comes first, and seen is laid beside it afterwards. It has to be "
                                "the other way round: no convolution of this level mixes the two.",
    }
    if shape != (16, 16, filters):
        wanted = (f"wanted is (16, 16, {filters}), for this check's own maps, x {tuple(x.shape)[1:]} and seen "
                  f"{tuple(seen.shape)[1:]}, and filters={filters}")
        return hints.get(shape, f"The result has shape {shape}; {wanted}.")
    rng = np.random.default_rng(0)
    maps, others = ([rng.normal(size=(1, *a.shape[1:])) for a in (x, seen)] for _ in range(2))
    network = keras.Model([x, seen], result)
    before = network.predict(maps, verbose=0)
    for name, changed in (("x", [others[0], maps[1]]), ("seen", [maps[0], others[1]])):
        difference = np.abs(before - network.predict(changed, verbose=0))
        if np.allclose(difference, 0):
            return f"The shape is right, but {name} has no effect on the result. Is seen laid beside x?"
        if (difference.max(axis=(0, 1, 2)) > 1e-6).mean() < 0.75:
            return f"Only some channels depend on {name}: the block comes after Concatenate, and sees both."
    swapped = maps[1].reshape(1, 8, 2, 8, 2, 24)[:, :, ::-1, :, ::-1].reshape(maps[1].shape)
    if np.allclose(before, network.predict([maps[0], swapped], verbose=0), atol=1e-5):
        return "The fine detail of seen is lost on the way: leave seen at its size, and double x."
    return None


@exercise("which initial weights make a convolution's output zero, whatever comes in?",
          "An untrained network that already does no harm.")
def residual_connection(build, noisy):
    """Check a model that returns its input plus a correction by one convolution, at first zero.

    Parameters
    ----------
    build : callable
        ``build()`` returns the Keras model.
    noisy : ndarray of float32, shape (N, 32, 32, 3)
    """
    import keras

    try:
        model = build if isinstance(build, keras.Model) else run(build)
    except ValueError as error:
        if "30" in str(error):
            return "The convolution takes a pixel off every side; so the two cannot be added. padding='same'?"
        raise
    if not isinstance(model, keras.Model):
        return "Return a model, not a tensor: keras.Model(image, denoised)."
    if tuple(model.output_shape) not in ((None, 32, 32, 3), (None, None, None, 3)):
        return f"The output has shape {model.output_shape[1:]}, not (32, 32, 3): 3 filters, padding same, Add?"
    if not model.trainable_weights:
        return "It returns an image, but there is nothing to train in it: where is the convolution?"
    kernels = [weights.shape for weights in model.get_weights() if weights.ndim == 4]
    if not kernels:
        return "It has weights, but no convolution: use layers.Conv2D."
    if kernels[-1][:2] != (3, 3):
        size = "×".join(map(str, kernels[-1][:2]))
        return f"The kernel is {size}; wanted is 3×3. Noise is told from detail by the neighbours."
    filters = [layer.filters for layer in model.layers if hasattr(layer, "filters")]
    if 3 not in kernels[-1][2:] or filters[-1:] not in ([], [3]):
        return "Wanted are 3 filters: a correction for each of the three colours."
    noisy = noisy[:4]
    start = model.predict(noisy, verbose=0)
    if np.abs(start).max() == 0:
        return "It starts from a black picture: is the image added?"
    if np.abs(start - 2 * noisy).max() < 1e-6:
        return "It starts from twice the image: the correction is made from the image, and is not the image."
    if np.abs(start - noisy).max() > 1e-6:
        return "It does not start from 'change nothing': is the image added, and the kernel_initializer zeros?"
    kept = model.get_weights()
    last = max(i for i, weights in enumerate(kept) if weights.ndim == 4)
    reached, lowest = [], 0
    for sign in (1, -1):
        model.set_weights([np.full_like(w, sign if i >= last else 1) for i, w in enumerate(kept)])
        denoised = model.predict(noisy, verbose=0)
        reached.append(np.mean(denoised - noisy))
        lowest = min(lowest, denoised.min())
    model.set_weights(kept)
    if max(map(abs, reached)) < 0.01:
        return "The convolution has no effect on the output: is it added?"
    if min(map(abs, reached)) < 0.01:
        return "The correction can go one way only: a ReLU keeps it from darkening a pixel. Leave it out."
    if lowest == 0:
        return "What comes out is no longer the sum: something after it, such as a ReLU, cuts it off at 0."
    return None
