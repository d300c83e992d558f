"""What the scoreboard compares the shipped pair with, where no library has it; weights lie in tools/rivals/.

`tools/on_gpu.py` trains DnCNN to the end, and `tools/curves.py` all of these for some processor minutes.
"""

import json
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
import numpy as np
from keras import layers
from scipy.stats import norm

from helpers.models import BUILT_WITH, build_autoencoder, conv_block
from helpers.models import read_card as read_card_of_the_pair

FOLDER = Path(__file__).parent / "rivals"


def build_dncnn(depth=17, filters=64, last="glorot_uniform", side=32):
    """DnCNN (Zhang et al. 2017, doi:10.1109/TIP.2017.2662206): all layers at full size, noise predicted."""
    noisy = keras.Input((side, side, 3), name="noisy")
    x = layers.ReLU()(layers.Conv2D(filters, 3, padding="same")(noisy))
    for _ in range(depth - 2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    noise = layers.Conv2D(3, 3, padding="same", kernel_initializer=last)(x)
    return keras.Model(noisy, layers.Subtract()([noisy, noise]), name="dncnn")


def build_plain():
    """Five convolutions and the noisy image added, as lesson 4 builds it."""
    noisy = x = keras.Input((32, 32, 3), name="noisy")
    for _ in range(4):
        x = conv_block(x, 16)
    x = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(x)
    return keras.Model(noisy, layers.Add()([noisy, x]), name="plain")


def build_ours():
    """The shape of the shipped network with skips."""
    recipe = read_card_of_the_pair(skips=True)["recipe"]
    return build_autoencoder(**{name: recipe[name] for name in BUILT_WITH})


def read_card(name="dncnn"):
    """The card of a network in tools/rivals/."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def mean_when_clipped(clean, sigma):
    """The expected value of clip(clean + sigma * noise, 0, 1), for Gaussian noise."""
    def area(u):  # under the distribution function, up to u
        return u * norm.cdf(u) + norm.pdf(u)

    return sigma * (area(clean / sigma) - area((clean - 1) / sigma))


def clipping_undone(denoised, sigma):
    """What a mean of clipped values says about the clean value.

    A method that averages noisy values comes near their expected value, which clipping moves towards grey.
    This is the inverse of `mean_when_clipped`.
    """
    clean = np.linspace(0, 1, 1001)
    return np.interp(denoised, mean_when_clipped(clean, sigma), clean).astype(np.float32)
