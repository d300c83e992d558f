"""The full recipe as a program: ``python -m helpers.train --help``."""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
import numpy as np

from helpers.checkpoints import Checkpoint
from helpers.data import SOURCES, load_images, split
from helpers.images import to_float
from helpers.metrics import psnr
from helpers.models import BUILT_WITH, build_autoencoder
from helpers.noise import add_gaussian, add_mixed, add_salt_and_pepper
from helpers.training import AT_ONCE, NoisyBatches, compile_denoiser, denoise, progress_bar

NOISES = {
    "mixed": lambda level, share=0.5: lambda images, rng: add_mixed(images, rng, level, level, share),
    "gaussian": lambda level, _=None: lambda images, rng: add_gaussian(images, level, rng),
    "salt-and-pepper": lambda level, _=None: lambda images, rng: add_salt_and_pepper(images, level, rng),
}
REPORTED = {  # the levels at which papers compare, on the 0-to-1 scale
    f"{noise} {level}/255" if noise == "gaussian" else f"{noise} {level}": NOISES[noise](value)
    for noise, level, value in (
        ("gaussian", 15, 15 / 255), ("gaussian", 25, 25 / 255), ("gaussian", 50, 50 / 255),
        ("salt-and-pepper", 0.05, 0.05), ("salt-and-pepper", 0.1, 0.1), ("salt-and-pepper", 0.2, 0.2),
    )
}


def options(arguments=None):
    """The command line, read.

    Parameters
    ----------
    arguments : list of str, optional
        By default those of the program.

    Returns
    -------
    chosen : argparse.Namespace
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.train", formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        description="Train the autoencoder by the full recipe. After every epoch all that is needed to go "
        "on is in the output folder: run the same command with --resume after an interruption.",
    )
    add = parser.add_argument
    add("--skips", action=argparse.BooleanOptionalAction, default=True, help="build the skip connections")
    add("--noise", choices=NOISES, default="mixed", help="mixed: a kind and a level for every image")
    add("--level", type=float, help="sigma or amount, on the 0-to-1 scale; for mixed the highest "
        "(default: 0.25 for mixed, else 0.1)")
    add("--gaussian-share", type=float, default=0.5, help="of the images in mixed noise; the others get salt "
        "and pepper")
    add("--epochs", type=int, default=100, help="passes over the training images")
    add("--images", type=int, help="use only so many training images (default: all)")
    add("--batch-size", type=int, default=32, help="images a step, over all devices together")
    add("--learning-rate", type=float, default=2e-3, help="where Adam starts; a cosine takes it to zero")
    add("--filters", type=int, nargs="+", default=[16, 32, 64], help="feature maps a level")
    add("--full-size-blocks", type=int, default=1, help="blocks of the decoder at full size")
    add("--latent-dim", type=int, default=256, help="numbers in the bottleneck")
    add("--seed", type=int, default=0, help="fixes weights, order and noise; the split is always seed 0")
    add("--precision", choices=("float32", "mixed_bfloat16"), default="float32", help="mixed_bfloat16 "
        "multiplies in 16 bits: faster where the processor can (AVX-512 BF16, AMX, a GPU), many times slower "
        "where it cannot; the weights are float32. It may change with --resume: the card names all")
    add("--data", choices=SOURCES, default="auto", help="where the images come from")
    add("--output", type=Path, help="folder (default: runs/with_skips or runs/without_skips)")
    add("--start-from", type=Path, help="begin with the weights in this file, written by a run of the "
        "same network, instead of random ones")
    add("--resume", action="store_true", help="go on with the training that the folder holds")
    chosen = parser.parse_args(arguments)
    if chosen.epochs < 1:
        parser.error(f"--epochs is {chosen.epochs}; at least one pass over the images is needed.")
    if chosen.level is None:
        chosen.level = 0.25 if chosen.noise == "mixed" else 0.1
    chosen.output = chosen.output or Path("runs") / ("with_skips" if chosen.skips else "without_skips")
    if (chosen.output / "state.json").exists() and not chosen.resume:
        parser.error(f"{chosen.output} holds a training already. Add --resume to go on with it, or name "
                     f"another folder with --output.")
    if chosen.resume and not (chosen.output / "state.json").exists():
        parser.error(f"{chosen.output} holds no training to go on with; leave --resume out.")
    if chosen.start_from and not chosen.start_from.is_file():
        parser.error(f"there is no file {chosen.start_from}; --start-from wants the .weights.h5 of a run.")
    return chosen


def all_devices():
    """Spread what is built and trained inside over all devices: Keras's own data parallelism.

    Returns
    -------
    scope : context manager
        Every device of the kind in use gets its share of each batch; with one device, nothing changes.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        if len(devices) > 1:
            print(f"{len(devices)} devices share each batch.")
            return tf.distribute.MirroredStrategy([device.name for device in devices]).scope()
    elif keras.backend.backend() == "jax" and len(keras.distribution.list_devices()) > 1:
        print(f"{len(keras.distribution.list_devices())} devices share each batch.")
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    return contextlib.nullcontext()


def train(model, clean, validation, add_noise, keep):
    """Train by the settings that `keep` holds, from where it stopped, to the same end as if it had not.

    Parameters
    ----------
    model, clean, validation, add_noise
        As in `helpers.training.train`.
    keep : Checkpoint
        Its settings hold ``epochs``, ``batch_size``, ``learning_rate``, ``loss`` and ``seed``, too.

    Returns
    -------
    history : dict
        As in `helpers.training.train`; all runs together, without the pauses and what was lost between them.
    """
    recipe = keep.settings
    batches = NoisyBatches(clean, add_noise, recipe["batch_size"], recipe["seed"], epoch=len(keep.history))
    compile_denoiser(model, recipe["epochs"] * len(batches), recipe["learning_rate"], recipe["loss"])
    done = keep.restore(model)
    if done < recipe["epochs"]:
        bar = progress_bar(model.name.replace("_", " "), done, columns=120)
        model.fit(
            batches, epochs=recipe["epochs"], initial_epoch=done, validation_data=validation,
            validation_batch_size=AT_ONCE, verbose=0, shuffle=False, callbacks=[keep, bar],
        )
    keep.restore_best(model)
    history = {name: [row[name] for row in keep.history] for name in ("loss", "val_loss")}
    history |= {name: sum(row[name] for row in keep.history) for name in ("seconds", "processor_seconds")}
    return history | {"best_epoch": keep.best}


def score(model, clean, seed):
    """Mean PSNR of a network at the noise levels of `REPORTED`.

    Parameters
    ----------
    model : keras.Model
    clean : ndarray of float32, shape (N, H, W, C)
        Validation images in [0, 1].
    seed : int
        Of the noise.

    Returns
    -------
    result : dict
        Name of the noise to ``{"noisy": dB, "denoised": dB}``.
    """
    result = {}
    for name, add in REPORTED.items():
        noisy = add(clean, np.random.default_rng([seed, 2]))
        pair = {"noisy": noisy, "denoised": denoise(model, noisy)}
        result[name] = {kind: round(psnr(clean, x).mean(), 3) for kind, x in pair.items()}
    return result


def write_card(file, weights, settings, history, images, result):
    """Write the model card: what these weights are, in JSON.

    Parameters
    ----------
    file, weights : pathlib.Path
        The card to write, and the finished weights that it describes.
    settings : dict
        The recipe.
    history : dict
        As `train` returns it.
    images : ImageSet
        The images before the split.
    result : dict
        As `score` returns it.
    """
    card = {
        "weights": weights.name,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "data": {"source": images.source, "note": images.note, "split": "80/10/10", "split_seed": 0},
        "recipe": settings | {"optimizer": "Adam", "schedule": "cosine from learning_rate to 0"},
        "epochs_done": len(history["loss"]),
        "best_epoch": history["best_epoch"],
        "seconds": round(history["seconds"], 1),
        "processor_seconds": round(history["processor_seconds"], 1),  # of all cores together
        "validation_psnr": result,
        "hardware": f"{platform.machine()}, {os.cpu_count()} CPU cores, Keras on {keras.backend.backend()}",
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("keras", "numpy", keras.backend.backend())},
        "history": {name: history[name] for name in ("loss", "val_loss")},
    }
    file.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def before(weights):
    """What the card of a new training says of the one that it starts from.

    Parameters
    ----------
    weights : pathlib.Path
        The weights to start from; their card is expected beside them.

    Returns
    -------
    settings : dict
        The sha256 of the weights; with a card also the epochs and processor seconds behind them.
    """
    found = {"started_from_sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
    card = weights.with_name(weights.name.replace(".weights.h5", ".json"))
    if card.exists():
        card = json.loads(card.read_text(encoding="utf-8"))
        for what, done in (("epochs", "epochs_done"), ("processor_seconds", "processor_seconds")):
            found[f"{what}_before"] = card[done] + card["recipe"].get(f"{what}_before", 0)
    return found


def main(arguments=None):
    """Train, keep everything in the output folder, and write weights and card when it is done.

    Parameters
    ----------
    arguments : list of str, optional
        By default those of the program.
    """
    chosen = options(arguments)
    images = load_images(chosen.data)
    training, validation, _ = split(images, seed=0)
    clean = to_float(training.images[: chosen.images])
    clean_val = to_float(validation.images[:2000])
    add_noise = NOISES[chosen.noise](chosen.level, chosen.gaussian_share)
    noisy_val = add_noise(clean_val, np.random.default_rng([chosen.seed, 1]))

    build = {name: getattr(chosen, name) for name in BUILT_WITH}
    settings = build | {"data": images.source, "images": len(clean), "loss": "mse"}
    for name in ("noise", "level", "gaussian_share", "epochs", "batch_size", "learning_rate", "seed"):
        settings[name] = getattr(chosen, name)
    if chosen.start_from:
        settings |= before(chosen.start_from)
    keep = Checkpoint(chosen.output, settings, precision=chosen.precision)
    keras.utils.set_random_seed(chosen.seed)
    with all_devices():
        keras.config.set_dtype_policy(chosen.precision)
        model = build_autoencoder(**build)
        keras.config.set_dtype_policy("float32")
        if chosen.start_from:
            model.load_weights(chosen.start_from)
        print(f"{model.name}: {model.count_params():,} weights, {len(clean):,} training images.")
        history = train(model, clean, (noisy_val, clean_val), add_noise, keep)

    finished = build_autoencoder(**build)  # without the optimizer, which nobody needs any more
    finished.set_weights(model.get_weights())
    weights = chosen.output / f"{finished.name}.weights.h5"
    finished.save_weights(weights)
    result = score(finished, clean_val, chosen.seed)
    recipe = settings | {"precision": ", ".join(dict.fromkeys(row["precision"] for row in keep.history))}
    write_card(chosen.output / f"{finished.name}.json", weights, recipe, history, images, result)
    print(f"{weights}: best epoch {history['best_epoch']} of {chosen.epochs}. PSNR on {len(clean_val):,} "
          f"validation images, in dB:")
    for name, pair in result.items():
        print(f"  {name:22} noisy {pair['noisy']:.2f}, denoised {pair['denoised']:.2f}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command with --resume to go on after the last whole epoch.")
