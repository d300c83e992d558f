import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from helpers import models, training
from helpers.models import build_autoencoder, build_encoder

BOTH = pytest.mark.parametrize("skips", [True, False])


def parts(autoencoder):
    return autoencoder.get_layer("encoder"), autoencoder.get_layer("decoder")


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@BOTH
@pytest.mark.parametrize("shape, filters", [((32, 32, 3), (16, 32, 64)), ((16, 64, 1), (4, 8))])
def test_output_has_the_shape_of_the_input(skips, shape, filters):
    autoencoder = build_autoencoder(skips, shape, filters, latent_dim=8)
    images = np.random.default_rng(0).random((2, *shape), dtype=np.float32)
    assert autoencoder(images).shape == images.shape


def test_the_network_has_the_parts_that_the_lesson_names():
    encoder, decoder = parts(build_autoencoder(skips=True))
    for layer in ("Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D"):
        assert kinds(encoder).count(layer) == 3
    for layer in ("UpSampling2D", "Concatenate", "BatchNormalization", "ReLU"):
        assert kinds(decoder).count(layer) == 3
    assert kinds(decoder).count("Conv2DTranspose") == 4
    assert kinds(encoder).count("Dense") == kinds(decoder).count("Dense") == kinds(decoder).count("Reshape") == 1


def test_skips_are_the_only_difference():
    with_skips, without = (parts(build_autoencoder(skips)) for skips in (True, False))
    assert kinds(with_skips[0]) == kinds(without[0])
    extra = {"InputLayer", "Concatenate", "Add"}
    assert [k for k in kinds(with_skips[1]) if k not in extra] == [k for k in kinds(without[1]) if k not in extra]
    assert not {"Concatenate", "Add"} & set(kinds(without[1]))


def test_everything_without_skips_passes_the_bottleneck():
    """The same code gives the same picture, whatever the image was."""
    encoder, decoder = parts(build_autoencoder(skips=False, latent_dim=32))
    assert [tuple(x.shape) for x in decoder.inputs] == [(None, 32)]
    assert encoder.outputs[0].shape == (None, 32)


def test_encoder_offers_the_image_and_every_level(pictures):
    latent, *features = build_encoder()(pictures)
    assert latent.shape == (8, 256)
    assert [tuple(f.shape[1:]) for f in features] == [(32, 32, 3), (32, 32, 16), (16, 16, 32), (8, 8, 64)]
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(features[0]), pictures)


def test_encoder_and_decoder_together_are_the_autoencoder(pictures):
    autoencoder = build_autoencoder(skips=True)
    encoder, decoder = parts(autoencoder)
    perturb(decoder)
    latent, *features = encoder(pictures)
    np.testing.assert_allclose(decoder([latent, *features]), autoencoder(pictures), atol=1e-5)


def perturb(model):
    """Give a fresh network weights as after some training, so that nothing is zero by accident."""
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.normal(0, 0.05, w.shape) for w in model.get_weights()])


@pytest.mark.parametrize("which", range(4))
def test_every_skip_reaches_the_output(which, pictures):
    encoder, decoder = parts(build_autoencoder(skips=True))
    perturb(decoder)
    latent, *features = encoder(pictures)
    full = np.asarray(decoder([latent, *features]))
    faded = [f * (0.0 if i == which else 1.0) for i, f in enumerate(features)]
    assert np.abs(np.asarray(decoder([latent, *faded])) - full).max() > 1e-3


def test_training_starts_from_change_nothing(pictures):
    np.testing.assert_array_equal(build_autoencoder(skips=True)(pictures), pictures)


def test_an_image_that_cannot_be_halved_is_refused_with_advice():
    with pytest.raises(ValueError, match="30x32 cannot be halved 3 times.*multiple of 8"):
        build_autoencoder(image_shape=(30, 32, 3))


def test_weights_can_be_saved_and_loaded_into_a_rebuilt_network(tmp_path, pictures):
    first, second = build_autoencoder(skips=True), build_autoencoder(skips=True)
    perturb(first)
    first.save_weights(tmp_path / "x.weights.h5")
    second.load_weights(tmp_path / "x.weights.h5")
    np.testing.assert_array_equal(first(pictures), second(pictures))


def test_no_layer_is_tied_to_a_backend():
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (models, training))
    assert "import tensorflow" not in source and "tf." not in source and "jax" not in source
    for part in parts(build_autoencoder()):
        assert all(isinstance(layer, layers.Layer) for layer in part.layers)


AT_THE_START = """
import helpers.quiet, gc, os, sys, keras
import helpers.check, helpers.data, helpers.panel, helpers.training
keras.layers.Conv2D(2, 3)(keras.ops.ones((1, 8, 8, 3)))
assert gc.isenabled() and gc.get_freeze_count() > 100_000
assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
assert "scipy.stats" not in sys.modules  # half a second, and nothing here needs it
"""


def test_starting_keras_and_helpers_writes_nothing_on_the_page_and_loads_no_more_than_it_needs():
    """Not even with oneDNN on, of which TensorFlow would tell; and garbage is still collected."""
    ours = {"TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS"}  # set in this process already
    fresh = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run([sys.executable, "-c", AT_THE_START], env=fresh, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
