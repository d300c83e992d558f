"""The trained pair that comes with the package: it is there, it is what its card says, and it is good."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from helpers.data import load_images, split
from helpers.images import to_float
from helpers.metrics import psnr
from helpers.models import PRETRAINED, load_pretrained, load_prior, read_card
from helpers.noise import add_gaussian, add_mixed, add_salt_and_pepper
from helpers.training import denoise

BOTH = pytest.mark.parametrize("skips", [True, False], ids=["with skips", "without skips"])


@BOTH
def test_weights_are_small_and_those_of_the_card(skips):
    card = read_card(skips)
    file = PRETRAINED / card["weights"]
    assert file.stat().st_size <= 5_000_000
    assert hashlib.sha256(file.read_bytes()).hexdigest() == card["sha256"]


@BOTH
def test_the_card_tells_the_whole_training(skips):
    card = read_card(skips)
    assert card["data"] == {"source": "cifar10", "note": card["data"]["note"], "split": "80/10/10", "split_seed": 0}
    assert card["epochs_done"] == len(card["history"]["val_loss"]) == card["recipe"]["epochs"]
    assert card["recipe"]["images"] == 48_000 and card["recipe"]["noise"] == "mixed"
    assert card["recipe"]["skips"] is skips
    assert min(card["history"]["val_loss"]) == card["history"]["val_loss"][card["best_epoch"] - 1]
    assert card["seconds"] > 0 and card["processor_seconds"] > 0 and card["hardware"]
    assert {"python", "keras", "numpy"} < set(card["versions"])


def test_the_two_differ_in_the_skips_alone():
    one, other = (read_card(skips)["recipe"] for skips in (True, False))
    assert {name for name in one if one[name] != other[name]} == {"skips"}


def test_the_recorded_trainings_of_lesson_3_differ_in_their_width_alone():
    cards = [read_card(skips=False, folder=PRETRAINED / f"width_{width}") for width in (64, 256, 1024)]
    first, *others = (card["recipe"] for card in cards)
    assert [card["recipe"]["latent_dim"] for card in cards] == [64, 256, 1024]
    for other in others:
        assert {name for name in first if first[name] != other[name]} == {"latent_dim"}
    for card in cards:
        assert card["epochs_done"] == len(card["history"]["val_loss"]) == 16


@pytest.fixture(scope="module")
def clean():
    _, validation, _ = split(load_images("auto"), seed=0)
    return to_float(validation.images[::5][:100])


@pytest.fixture(scope="module")
def pair():
    return [load_pretrained(skips) for skips in (True, False)]


@pytest.mark.parametrize("level", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("add", [add_gaussian, add_salt_and_pepper])
def test_with_skips_helps_at_every_level_and_without_loses_the_detail(add, level, clean, pair):
    noisy = add(clean, level, np.random.default_rng(0))
    before, with_skips, without = (
        psnr(clean, x).mean() for x in (noisy, *(denoise(network, noisy) for network in pair))
    )
    assert with_skips > before + 2 and with_skips > without + 1  # the stronger the noise, the smaller the gap


def test_missing_or_changed_weights_say_what_to_do(tmp_path):
    shutil.copytree(PRETRAINED, tmp_path / "weights")
    file = tmp_path / "weights" / read_card(True)["weights"]
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match="sha256 begins with .*git checkout"):
        load_pretrained(True, tmp_path / "weights")
    file.unlink()
    with pytest.raises(FileNotFoundError, match="missing.*git checkout"):
        load_pretrained(True, tmp_path / "weights")


@pytest.mark.parametrize("sigma, gain", [(0.05, 5), (0.25, 10), (1.0, 15)])
def test_the_prior_denoises_noise_that_is_not_clipped(sigma, gain, clean):
    noisy = add_gaussian(clean, sigma, np.random.default_rng(0), clip=False)
    denoised = load_prior().predict_on_batch(noisy)
    before, after = (-10 * np.log10(np.square(x - clean).mean(axis=(1, 2, 3))).mean() for x in (noisy, denoised))
    assert after > before + gain


def test_the_card_of_the_prior_tells_its_training():
    card = read_card(folder=PRETRAINED / "prior")
    assert card["epochs_done"] == len(card["history"]["val_loss"]) == card["recipe"]["epochs"] == 100
    assert card["recipe"]["drawn"]["sigma"] == [0.01, 1.5]
    assert card["recipe"]["drawn"]["logarithmic"] and not card["recipe"]["drawn"]["clip"]


def test_changed_weights_of_the_prior_are_refused(tmp_path):
    folder = shutil.copytree(PRETRAINED / "prior", tmp_path / "prior")
    shutil.copy(PRETRAINED / "with_skips.weights.h5", folder)  # they fit, but they are others
    with pytest.raises(ValueError, match="sha256 begins with .*git checkout"):
        load_prior(folder)


ON_JAX = """
import sys
import keras
import numpy as np
from helpers.models import load_pretrained
assert keras.backend.backend() == "jax"
noisy = np.load(sys.argv[1])
np.save(sys.argv[2], np.stack([load_pretrained(skips).predict(noisy, verbose=0) for skips in (True, False)]))
"""


@pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed: pip install jax")
def test_the_shipped_weights_give_the_same_on_jax(tmp_path, clean, pair):
    noisy = add_mixed(clean, np.random.default_rng(0))
    np.save(tmp_path / "noisy.npy", noisy)
    subprocess.run(
        [sys.executable, "-c", ON_JAX, tmp_path / "noisy.npy", tmp_path / "jax.npy"],
        env=os.environ | {"KERAS_BACKEND": "jax"}, check=True, capture_output=True,
    )
    here = [network.predict(noisy, verbose=0) for network in pair]
    np.testing.assert_allclose(np.load(tmp_path / "jax.npy"), here, atol=1e-4)


def test_the_package_carries_weights_and_cards():
    """What is beside the modules is what a wheel takes along."""
    names = {path.relative_to(PRETRAINED).as_posix() for path in PRETRAINED.rglob("*")}
    networks = ("with_skips", "without_skips", "prior/with_skips")
    assert {f"{n}.{e}" for n in networks for e in ("weights.h5", "json")} <= names
    assert json.loads((PRETRAINED / "with_skips.json").read_text(encoding="utf-8"))["weights"] == "with_skips.weights.h5"
