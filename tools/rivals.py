"""The networks that the scoreboard compares the shipped pair with; cards and weights lie in tools/rivals/.

`tools/on_gpu.py` trains DnCNN to the end, and `tools/curves.py` all of these for some processor minutes.
"""

import json
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
from keras import layers

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
