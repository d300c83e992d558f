"""The trainings on a GPU, tried on the processor: a process with JAX, because the others run on TensorFlow."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from helpers.models import build_autoencoder, read_card

TOP = Path(__file__).parents[1]
TRY = """
import json, sys
from functools import partial
from pathlib import Path
import jax
import numpy as np
from tools import curves, on_gpu

folder = Path(sys.argv[1])
shape = {"filters": [4], "latent_dim": 8, "full_size_blocks": 1}
build = partial(on_gpu.build_autoencoder, skips=True, **shape)
on_gpu.OURS, on_gpu.STEPS = shape, 2
data = on_gpu.Data("photos", images=160)
data.clean, data.scored = data.clean[:100], {name: noisy[:100] for name, noisy in data.scored.items()}
trainer = on_gpu.Trainer(build, data.images, data.validation("mixed"), data.scored, "float32", at_once=2)
for name, noise in (("with_skips", "mixed"), ("prior", "gaussian, not clipped")):
    on_gpu.run(name, (build, noise, 3, 40, 1e-2), data, trainer, folder)

found = {"untrained": float(trainer.val_loss(trainer.start(0)))}
grey = np.full((4000, 4, 4, 3), 0.5, dtype=np.float32)
for name, noise in on_gpu.NOISES.items():
    noisy, weight = on_gpu.make_noisy(grey, jax.random.key(0), jax.tree.map(np.float32, noise))
    found[name] = np.asarray((noisy - grey).std(axis=(1, 2, 3))).tolist(), np.asarray(weight).tolist()
    found[name + " specks"] = float(np.mean((noisy == 0) | (noisy == 1)))

curves.NETWORKS["small"] = build
curves.cost = lambda name, batch_size: 0.36  # seconds: 500 images in three minutes
search = curves.Search("small", data, folder / "curves.json")
search.trainer = trainer
trainer.at_once = 10
first = search.run(3, 16, 1e-3)
assert search.run(3, 16, 1e-3) is first and len(search.runs) == 1
found["curve"] = first
(folder / "found.json").write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not find_spec("jax"):
        pytest.skip("JAX is not installed: pip install jax")
    folder = tmp_path_factory.mktemp("on_gpu")
    env = os.environ | {"KERAS_BACKEND": "jax", "DENOISING_DATA": "photos"}
    done = subprocess.run([sys.executable, "-c", TRY, folder], env=env, cwd=TOP, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def found(folder):
    return json.loads((folder / "found.json").read_text(encoding="utf-8"))


def test_it_learns_and_leaves_weights_that_tensorflow_loads(folder, found):
    card = read_card(True, folder / "with_skips")
    assert card["epochs_done"] == len(card["history"]["val_loss"]) == 3
    assert min(card["history"]["val_loss"]) == card["history"]["val_loss"][card["best_epoch"] - 1]
    assert card["history"]["val_loss"][-1] < found["untrained"]
    assert card["recipe"]["noise"] == "mixed" and card["recipe"]["precision"] == "float32"
    network = build_autoencoder(filters=[4], latent_dim=8, full_size_blocks=1)
    network.load_weights(folder / "with_skips" / card["weights"])
    assert np.isfinite(network.predict(np.full((1, 32, 32, 3), 0.5), verbose=0)).all()


def test_the_card_of_another_noise_says_how_it_was_drawn(folder):
    drawn = read_card(True, folder / "prior")["recipe"]["drawn"]
    assert drawn["sigma"] == [0.01, 1.5] and drawn["logarithmic"] and not drawn["clip"]


def test_mixed_noise_is_that_of_add_mixed(found):
    spread, weight = map(np.array, found["mixed"])
    assert set(weight) == {1.0} and spread.max() < 0.5
    assert found["mixed specks"] == pytest.approx(0.4 * 0.125, abs=0.01)  # salt and pepper: 40% of the images


def test_sigma_of_the_prior_is_drawn_evenly_in_its_logarithm_and_weighs(found):
    spread, weight = map(np.array, found["gaussian, not clipped"])
    cuts = np.quantile(np.log(spread), (0.1, 0.5, 0.9))
    expected = np.log(0.01) + np.array((0.1, 0.5, 0.9)) * np.log(150)
    np.testing.assert_allclose(cuts, expected, atol=0.25)
    sigma = 1 / np.sqrt(weight - 16)
    assert np.corrcoef(np.log(sigma), np.log(spread))[0, 1] > 0.99


def test_a_budget_is_so_many_images(folder, found):
    assert found["curve"]["images"] == 480 and set(found["curve"]) >= {"val_loss", "psnr", "batch_size"}
    assert json.loads((folder / "curves.json").read_text(encoding="utf-8")) == [found["curve"]]
