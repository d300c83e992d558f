"""Train the networks that the scoreboard compares the shipped pair with: `tools/train-all`.

Each gets the same processor time, the same images, mixed noise, optimizer and schedule. Their weights
and cards go to tools/rivals/. "Processor time" adds up the seconds of all cores, so that it does not
matter what else the machine was doing.
"""

import argparse
import json
import math
import time
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
import numpy as np
from keras import layers

from helpers.data import load_images, split
from helpers.images import to_float
from helpers.models import BUILT_WITH, build_autoencoder, read_card
from helpers.noise import add_mixed
from helpers.train import score, write_card
from helpers.training import NoisyBatches, train

FOLDER = Path(__file__).parent / "rivals"


def build_dncnn(depth=17, filters=64, last="glorot_uniform", side=32):
    """DnCNN (Zhang et al. 2017, doi:10.1109/TIP.2017.2662206): all layers at full size, noise predicted."""
    noisy = keras.Input((side, side, 3), name="noisy")  # None: pictures of any size
    x = layers.ReLU()(layers.Conv2D(filters, 3, padding="same")(noisy))
    for _ in range(depth - 2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    noise = layers.Conv2D(3, 3, padding="same", kernel_initializer=last)(x)
    return keras.Model(noisy, layers.Subtract()([noisy, noise]), name="dncnn")


def build_keras_example():
    """The denoising example of Keras's documentation (keras.io/examples/vision/autoencoder), in colour."""
    noisy = keras.Input((32, 32, 3), name="noisy")
    x = noisy
    for _ in range(2):
        x = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu", padding="same")(x))
    for _ in range(2):
        x = layers.Conv2DTranspose(32, 3, strides=2, activation="relu", padding="same")(x)
    denoised = layers.Conv2D(3, 3, activation="sigmoid", padding="same")(x)
    return keras.Model(noisy, denoised, name="keras_example")


def build_ours():
    """The shape of the shipped network with skips."""
    recipe = read_card(skips=True)["recipe"]
    return build_autoencoder(**{name: recipe[name] for name in BUILT_WITH})


RIVALS = {  # how to build it, and where Adam starts: 1e-3 is what the sources of the last two use
    "short_with_skips": (build_ours, 2e-3),
    "dncnn": (build_dncnn, 1e-3),
    "keras_example": (build_keras_example, 1e-3),
}


def seconds_an_image(name, clean, add_noise, batch_size):
    """Processor seconds that training takes an image, measured on some steps of a network thrown away."""
    build, _ = RIVALS[name]
    model = build()
    model.compile("adam", loss="mse")
    batches = NoisyBatches(clean, add_noise, batch_size)
    for step in range(15):
        if step == 5:
            start = time.process_time()
        model.train_on_batch(*batches[step])
    return (time.process_time() - start) / (10 * batch_size)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RIVALS)
    parser.add_argument("--minutes", type=float, default=10, help="of processor time")
    chosen = parser.parse_args(arguments)
    build, learning_rate = RIVALS[chosen.name]
    batch_size = 32

    def add_noise(images, rng):
        return add_mixed(images, rng)

    images = load_images("cifar10")
    training, validation, _ = split(images, seed=0)
    clean, clean_val = to_float(training.images), to_float(validation.images[:2000])
    noisy_val = add_noise(clean_val, np.random.default_rng([0, 1]))
    affordable = 60 * chosen.minutes / seconds_an_image(chosen.name, clean, add_noise, batch_size)
    epochs = math.ceil(affordable / len(clean))
    clean = clean[: int(affordable / epochs)]

    keras.utils.set_random_seed(0)
    model = build()
    print(f"{chosen.name}: {model.count_params():,} weights, {epochs} epochs of {len(clean):,} images.")
    history = train(
        model, clean, (noisy_val, clean_val), add_noise,
        epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
    )
    FOLDER.mkdir(exist_ok=True)
    weights = FOLDER / f"{chosen.name}.weights.h5"
    finished = build()
    finished.set_weights(model.get_weights())
    finished.save_weights(weights)
    recipe = {
        "processor_minutes_wanted": chosen.minutes, "epochs": epochs, "batch_size": batch_size,
        "learning_rate": learning_rate, "seed": 0, "loss": "mse", "images": len(clean), "noise": "mixed",
    }
    result = score(finished, clean_val, seed=0)
    write_card(FOLDER / f"{chosen.name}.json", weights, recipe, history, images, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
