"""Lesson 5 · Training: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "first_epoch": {
        "a": "It has seen each of them once, with noise that it will never meet again. What "
             "could it know by heart?",
        "b": "The training loss is a mean over the epoch, poor first steps included. The "
             "other is taken after it.",
        "c": "They are taken at different times: one while the network still learns, the other afterwards.",
    },
    "gap_after_long_training": {
        "a": "Look at the second half of the curves: both are nearly level, far apart.",
        "b": "Time narrows it a little; what the code cannot hold, no patience brings back.",
        "c": "The network without skips has more to learn, so it also has more to gain from time.",
    },
    "fixed_or_fresh_noise": {
        "a": "Easier, yes: 32 noise patterns can be recognised. But what one knows of these "
             "helps with no other.",
        "b": "The one learns 32 noise patterns, the other learns what noise is.",
        "c": "In training it has the harder task: what it meets there is new every time.",
    },
    "loss_with_ssim": {
        "a": "Closely, but not everywhere. Where it does not look, PSNR still does.",
        "b": "So it looks as if SSIM were paid for with PSNR. Before you believe it, ask where in the picture.",
        "c": "The loss contains 1 − SSIM, and that falls {times:.0f} times as fast as the "
             "MSE: it is made small, so SSIM gets better.",
    },
}


@exercise("how many batches are there in an epoch?", "Worth a line of arithmetic before one presses a button.")
def hours_of_training(hours, seconds_a_batch, batch_size):
    """Check the hours that 100 epochs over 48,000 images take.

    Parameters
    ----------
    hours : float
        The reader's answer.
    seconds_a_batch : float
    batch_size : int
    """
    if not is_number(hours):
        return f"A number is wanted, not {hours!r}."
    right = 100 * 48_000 / batch_size * seconds_a_batch / 3600
    hints = {
        1: None,
        3600: "That is in seconds.",
        60: "That is in minutes.",
        1 / 24: "24 times too small: days instead of hours?",
        0.01: "That is one epoch, not 100.",
        36: "That is one epoch, and in seconds.",
        batch_size: "The time is that of a batch, not of an image: divide by the batch size.",
        1 / batch_size: "Divide by the batch size once, not twice.",
        batch_size / 48_000: "That is one batch an epoch. How many are there?",
    }
    for factor, hint in hints.items():
        if abs(hours / right / factor - 1) < (0.1 if factor == 1 else 0.02):  # whole hours will do
            return hint
    if 1 / 100 < hours / right < 1 / 10:
        return f"{right / hours:.0f} times too small: the images of this lesson instead of 48,000?"
    return "Not quite: epochs × batches an epoch × seconds a batch ÷ 3600."


@exercise("go through the losses in order; remember the lowest so far, and the epoch it came from.",
          "That is what keras.callbacks.EarlyStopping does.")
def early_stopping(kept_epoch, recorded):
    """Check a function that says which epoch's weights early stopping keeps.

    Parameters
    ----------
    kept_epoch : callable
        ``kept_epoch(val_losses, patience)``: the epoch, counted from 1.
    recorded : sequence of float
        Validation losses of a real run, to try it on.
    """
    import keras

    def by_keras(losses, patience):
        watcher = keras.callbacks.EarlyStopping(patience=patience, mode="min", restore_best_weights=True)
        watcher.set_model(keras.Sequential())
        watcher.model.stop_training = False
        watcher.on_train_begin()
        for epoch, loss in enumerate(losses):
            watcher.on_epoch_end(epoch, {"val_loss": loss})
            if watcher.model.stop_training:
                break
        return watcher.best_epoch + 1, epoch + 1

    def by_neighbours(losses, patience):  # the usual mistake: a loss below the one before it counts as progress
        waited = 0
        for epoch in range(1, len(losses)):
            waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
            if waited == patience:
                break
        return int(np.argmin(losses[: epoch + 1])) + 1

    def by_total(losses, patience):  # bad epochs are counted, but not in a row
        bad = np.cumsum(np.array(losses) > np.minimum.accumulate(losses))
        stop = int(np.argmax(bad == patience)) + 1 if patience in bad else len(losses)
        return int(np.argmin(losses[:stop])) + 1

    tries = [([0.5, 0.3, 0.4, 0.35, 0.32, 0.28, 0.29, 0.3, 0.1], 2)]  # each mistake keeps another epoch
    tries += [([0.5, 0.3, 0.4, 0.4, 0.4, 0.1, 0.2], 2), ([0.5, 0.4, 0.45, 0.2, 0.3, 0.3, 0.3], 2)]
    tries += [([0.5, 0.4, 0.3], 5), ([0.4, 0.3, 0.3, 0.35, 0.36], 3), ([0.4, 0.3, 0.31, 0.2], 1)]
    tries += [([0.3, 0.4, 0.4, 0.2, 0.5], 3), ([0.5, 0.6, 0.4, 0.45, 0.3], 2)]
    tries += [(list(map(float, recorded)), 4)]
    for losses, patience in tries:
        right, stopped = by_keras(losses, patience)
        result = run(kept_epoch, list(losses), patience)
        if np.ndim(result) or not isinstance(result, (int, float, np.number)):
            return f"One number is wanted, not {result!r}."
        if result == right:
            continue
        case = f"For {losses}" if len(losses) < 10 else "On the run above"
        said = f"{case} and patience {patience} you keep epoch {result}"
        if result in losses:
            return f"{said}. That is a loss; wanted is the number of the epoch."
        return {
            by_total(losses, patience): f"{said}: start counting again after a new lowest.",
            by_neighbours(losses, patience):
                f"{said}: you count epochs worse than the one before. Count those without a new lowest.",
            right - 1: f"{said}: one too few. Python counts from 0, epochs are counted from 1.",
            int(np.argmin(losses)) + 1: f"{said}, the lowest of all. But it stops after epoch {stopped}.",
            stopped: f"{said}. There it stops; but the weights come from the best epoch until then.",
            by_keras(losses, patience + 1)[0]: f"{said}: too patient by an epoch.",
        }.get(result, f"{said}; wanted is {right}.")
    return None


@exercise("the mean squared error of an image, plus 1, minus its SSIM.",
          "Lowest for a perfect picture, and it has a gradient: fit to be trained with.")
def loss_that_looks(loss, clean, noisy):
    """Check the loss MSE + (1 - SSIM), one number an image or one for all.

    Parameters
    ----------
    loss : callable
        ``loss(clean, denoised)`` on tensors.
    clean, noisy : ndarray of float32, shape (N, 32, 32, 3)
    """
    import keras

    from helpers.metrics import ssim

    clean, noisy = clean[:8], noisy[:8]
    tensors = [keras.ops.convert_to_tensor(images) for images in (clean, noisy)]
    try:
        result = keras.ops.convert_to_numpy(run(loss, *tensors))
    except AttributeError as error:
        if "Tensor" not in str(error):
            raise
        return "There is no gradient through NumPy, and a tensor has no such method: ops.mean(x), not x.mean()."
    except Exception as error:
        if not any(word in str(error).lower() for word in ("incompatible", "broadcast")):
            raise
        return "The squared error still has a value for each pixel; take its mean over each image first."
    if result.shape not in ((), (8,)):
        return f"For 8 images the result has shape {result.shape}; wanted is a number an image, or one for all."
    squared, look = ((clean - noisy) ** 2).mean(axis=(1, 2, 3)), ssim(clean, noisy)
    known = {
        None: squared + 1 - look,
        "A perfect picture has SSIM 1, so here a high loss: training would avoid it. Take 1 − SSIM.":
            squared + look,
        "Trained with it, a network would learn the same; but a perfect picture should have loss 0: 1 − SSIM.":
            squared - look,
        "The MSE is missing.": 1 - look,
        "That is the MSE alone.": squared,
        "The squared error is summed over the pixels. Take the mean.": squared * clean[0].size + 1 - look,
        "That is the root of the MSE. Leave the square as it is.": np.sqrt(squared) + 1 - look,
        "The error is not squared.": np.abs(clean - noisy).mean(axis=(1, 2, 3)) + 1 - look,
    }
    near = {"rtol": 1e-3, "atol": 0.02 * squared.mean()}
    for hint, values in known.items():  # Keras takes the mean of the batch, so only that must agree
        if np.isclose(result.mean(), values.mean(), **near):
            break
    else:
        return "Not MSE + (1 − SSIM). Print both parts for the noisy images, and compare."
    if hint:
        return hint
    network = keras.Sequential([keras.Input(clean.shape[1:]), keras.layers.Conv2D(3, 3, padding="same")])
    network.compile("sgd", loss=loss)
    before = network.get_weights()[0]
    try:
        network.train_on_batch(noisy, clean)
    except Exception:
        return "The number is right, but Keras cannot train with it: no gradient through NumPy. Take keras.ops."
    if not 0 < np.abs(network.get_weights()[0] - before).max() < np.inf:
        return "The number is right, but its gradient is not: a step of training leads nowhere, or to NaN."
    return None


@exercise("build_autoencoder, as for `network`, with one argument more.",
          "One experiment, one change: that is how to learn what a change is worth. Run the next cell.")
def two_blocks(mine):
    """Check a network with skips and two full-size blocks, all else as in the lesson.

    Parameters
    ----------
    mine : keras.Model
    """
    import keras

    from helpers.models import build_autoencoder

    if not isinstance(mine, keras.Model) or "decoder" not in [layer.name for layer in mine.layers]:
        return "A network by build_autoencoder(...) is wanted."
    kinds = [type(layer).__name__ for layer in mine.get_layer("decoder").layers]
    if "Concatenate" not in kinds:
        return "That network has no skips: skips=True."
    if kinds.count("Conv2DTranspose") != 5:
        blocks = kinds.count("Conv2DTranspose") - 3
        return f"That network has {blocks} block(s) at full size: full_size_blocks=2 is wanted."
    if mine.count_params() != build_autoencoder(skips=True, full_size_blocks=2).count_params():
        return "Something else has changed, too. Then nobody can say which of the changes did it."
    return None
