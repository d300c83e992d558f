"""Training, as notebook 05 builds it: fresh noise every epoch, validation loss watched."""

import sys
import time

import helpers.quiet  # noqa: F401  before Keras
import keras
import numpy as np
from keras import ops
from tqdm import tqdm
from tqdm.keras import TqdmCallback

from helpers.images import check_images

# Images that a network gets at once where it does not learn. A last batch of another size would have to be
# traced anew, and 100 divides the sizes that the lessons use; larger ones take more memory and no less time.
AT_ONCE = 100


class NoisyBatches(keras.utils.PyDataset):
    """Pairs (noisy, clean) in batches, shuffled and with fresh noise every epoch.

    Parameters
    ----------
    clean : ndarray of float32, shape (N, H, W, C)
        Clean training images in [0, 1].
    add_noise : callable
        ``add_noise(images, rng)`` returns noisy images; for example
        ``lambda images, rng: add_gaussian(images, 0.1, rng)``.
    batch_size : int
    seed : int
        Fixes the order and the noise of every epoch; epochs differ from one another.
    epoch : int
        The epoch to start from, for a training that goes on.
    """

    def __init__(self, clean, add_noise, batch_size=8, seed=0, epoch=0):
        super().__init__()
        self.clean, self.add_noise = clean, add_noise
        self.batch_size, self.seed = batch_size, seed
        self._start(epoch)

    def _start(self, epoch):
        self.epoch = epoch
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.clean))

    def on_epoch_end(self):
        self._start(self.epoch + 1)

    def __len__(self):
        return -(-len(self.clean) // self.batch_size)

    def __getitem__(self, batch):
        chosen = self.order[batch * self.batch_size : (batch + 1) * self.batch_size]
        clean = self.clean[chosen]
        rng = np.random.default_rng([self.seed, self.epoch, batch])
        return self.add_noise(clean, rng), clean


def ssim_of_tensors(clean, other):
    """SSIM of each image as a Keras tensor, so that a network can be trained with it.

    Parameters
    ----------
    clean, other : tensor or ndarray of float, shape (N, H, W, C)
        On the [0, 1] scale; at least 11 pixels high and wide. A network's output may leave it.

    Returns
    -------
    ssim : tensor of shape (N,)

    Notes
    -----
    Same window and constants as `helpers.metrics.ssim`. Rounding can make a variance of a flat
    patch slightly negative; it is held at zero there, and no root is taken, so the gradient is
    finite everywhere.

    References
    ----------
    .. [1] Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural
       Similarity", IEEE Trans. Image Processing 13(4), 2004, doi:10.1109/TIP.2003.819861.
    """
    clean, other = ops.convert_to_tensor(clean), ops.convert_to_tensor(other)
    bell = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    column = np.tile((bell / bell.sum())[:, None, None, None], (1, 1, clean.shape[-1], 1)).astype("float32")
    row = column.transpose(1, 0, 2, 3)

    def local_mean(x):  # the window is column times row: 22 products a pixel instead of 121
        for part in (column, row):
            x = ops.depthwise_conv(x, part, padding="valid", data_format="channels_last")
        return x

    mean_c, mean_o = local_mean(clean), local_mean(other)
    var_c = ops.maximum(local_mean(clean * clean) - mean_c * mean_c, 0.0)
    var_o = ops.maximum(local_mean(other * other) - mean_o * mean_o, 0.0)
    covariance = local_mean(clean * other) - mean_c * mean_o
    c1, c2 = 0.01**2, 0.03**2
    brightness = (2 * mean_c * mean_o + c1) / (mean_c**2 + mean_o**2 + c1)
    structure = (2 * covariance + c2) / (var_c + var_o + c2)
    return ops.mean(brightness * structure, axis=(1, 2, 3))


def mse_ssim(clean, denoised):
    """The loss MSE + (1 - SSIM), one value an image; arguments in the order Keras passes them.

    Parameters
    ----------
    clean, denoised : tensor of float, shape (N, H, W, C)
        On the [0, 1] scale.

    Returns
    -------
    loss : tensor of shape (N,)
    """
    squared_error = ops.mean(ops.square(clean - denoised), axis=(1, 2, 3))
    return squared_error + 1 - ssim_of_tensors(clean, denoised)


def compile_denoiser(model, steps, learning_rate, loss):
    """Make a network ready for training: Adam, with a learning rate that falls to zero along a cosine.

    Parameters
    ----------
    model : keras.Model
        Changed in place.
    steps : int
        Batches of the whole training.
    learning_rate : float
        Where Adam starts.
    loss : str or callable
        Any Keras loss.
    """
    decay = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    model.compile(keras.optimizers.Adam(decay), loss=loss)
    model.optimizer.build(model.trainable_variables)  # else Keras traces the first step twice: a second


def progress_bar(title, done=0, columns=90):
    """A callback that shows the epochs as one line of text.

    Parameters
    ----------
    title : str
        What stands before the bar.
    done : int
        Epochs that were run before.
    columns : int
        Width of the line, in characters.

    Returns
    -------
    bar : keras.callbacks.Callback
    """
    return TqdmCallback(
        verbose=0, tqdm_class=tqdm, file=sys.stdout, desc=title, initial=done, ncols=columns, mininterval=1
    )


def train(
    model, clean, validation, add_noise, *,
    epochs=100, batch_size=8, learning_rate=2e-3, loss="mse", seed=0, title=None,
):
    """Train a denoiser with Adam, watch the validation loss, and keep the best weights.

    For a training of hours there is `helpers.train`, which can be interrupted.

    Parameters
    ----------
    model : keras.Model
        From noisy to denoised images; changed in place.
    clean : ndarray of float32, shape (N, H, W, C)
        Clean training images in [0, 1]; they get fresh noise every epoch.
    validation : tuple of two ndarrays (noisy, clean)
        Fixed pairs of the same format as `clean`.
    add_noise : callable
        ``add_noise(images, rng)`` returns noisy images.
    epochs : int
        Passes over `clean`; 100 is the full recipe.
    batch_size : int
        Small batches mean more steps an epoch, at no cost on a CPU.
    learning_rate : float
        Where Adam starts; it falls to zero along a cosine over all steps.
    loss : str or callable
        ``"mse"``, `mse_ssim`, or any Keras loss.
    seed : int
        Fixes order and noise. The initial weights are the model's own: call
        ``keras.utils.set_random_seed`` before building it.
    title : str, optional
        Stands before the progress bar; by default the name of the model.

    Returns
    -------
    history : dict
        Lists ``"loss"`` and ``"val_loss"`` with one value an epoch, ``"best_epoch"`` (counted
        from 1: the epoch whose weights `model` now has), ``"seconds"`` and
        ``"processor_seconds"`` (of all cores together).

    Raises
    ------
    TypeError, ValueError
        If images are not float32 in [0, 1], or `add_noise` returns another shape.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}; at least one pass over the images is needed.")
    clean = check_images(clean, "clean")
    validation = tuple(check_images(part, f"validation[{i}]") for i, part in enumerate(validation))
    got = np.shape(add_noise(clean[:1], np.random.default_rng(seed)))
    if got != clean[:1].shape:
        raise ValueError(
            f"add_noise returned an array of shape {got} for images of shape {clean[:1].shape}; "
            f"it has to return images of the same shape."
        )
    batches = NoisyBatches(clean, add_noise, batch_size, seed)
    compile_denoiser(model, epochs * len(batches), learning_rate, loss)
    start, start_cpu = time.perf_counter(), time.process_time()
    log = model.fit(
        batches, epochs=epochs, validation_data=validation, validation_batch_size=AT_ONCE, verbose=0,
        shuffle=False,  # NoisyBatches does; Keras would shuffle the batches again, by another seed
        callbacks=[
            keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True),
            progress_bar(title or model.name.replace("_", " ")),
        ],
    ).history
    model.train_function = model.test_function = None  # the traced steps: 20 MB for each network that is kept
    return {
        "loss": log["loss"],
        "val_loss": log["val_loss"],
        "best_epoch": int(np.argmin(log["val_loss"])) + 1,
        "seconds": time.perf_counter() - start,
        "processor_seconds": time.process_time() - start_cpu,
    }


def denoise(model, noisy):
    """Run a network over noisy images and clip the result to [0, 1].

    Parameters
    ----------
    model : keras.Model
    noisy : ndarray of float, shape (N, H, W, C)
        In [0, 1].

    Returns
    -------
    denoised : ndarray of float32, same shape
        In [0, 1].
    """
    noisy = check_images(noisy, "noisy")
    batches = (noisy[first : first + AT_ONCE] for first in range(0, len(noisy), AT_ONCE))
    return np.clip(np.concatenate([model.predict_on_batch(batch) for batch in batches]), 0, 1)
