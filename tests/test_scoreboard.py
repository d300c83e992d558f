"""The scoreboard: its methods are right, its tables are those of the JSON, and its scores those of the weights."""

import hashlib
import importlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from helpers.data import load_images, split
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import PRETRAINED, load_pretrained, read_card
from helpers.noise import add_gaussian, add_salt_and_pepper
from helpers.train import REPORTED
from helpers.training import denoise

TOP = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def scoreboard():
    return importlib.import_module("tools.scoreboard")


@pytest.fixture(scope="module")
def board(scoreboard):
    return json.loads(scoreboard.JSON.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- the tables


def test_readme_and_tables_are_made_from_the_json(scoreboard, board):
    readme = scoreboard.README.read_text(encoding="utf-8")
    assert scoreboard.into_readme(readme, board) == readme
    assert scoreboard.TABLES.read_text(encoding="utf-8") == scoreboard.tables(board)


def test_another_number_would_be_another_table(scoreboard, board):
    changed = json.loads(json.dumps(board))
    changed["rows"]["with skips"]["scores"]["gaussian 25/255"]["psnr"] += 0.01
    assert scoreboard.overview(changed) != scoreboard.overview(board)
    assert scoreboard.tables(changed) != scoreboard.tables(board)


def test_comparing_with_another_machine_tells_a_difference(scoreboard, board, capsys):
    scoreboard.compare(board, board)
    assert "Largest difference: 0.000 dB" in capsys.readouterr().out
    changed = json.loads(json.dumps(board))
    changed["rows"]["BM3D"]["scores"]["gaussian 50/255"]["psnr"] += 0.06
    with pytest.raises(SystemExit, match="more than 0.05 dB"):
        scoreboard.compare(changed, board)
    assert "BM3D, gaussian 50/255" in capsys.readouterr().out


def test_every_row_has_every_column(board):
    assert board["noises"] == list(REPORTED) and board["data"]["source"] == "cifar10"
    assert len(board["rows"]) == 15
    for name, row in board["rows"].items():
        expected = 2 if name == "with skips, this noise only" else 6
        assert len(row["scores"]) == expected, name
        assert (row["ms"] is None) == (name == "noisy")
        for score in row["scores"].values():
            assert {"psnr", "psnr_error", "ssim", "ssim_error", "gain", "images"} <= set(score)
            assert 0 < score["psnr_error"] < 1.5 and score["images"] >= 80


# ---------------------------------------------------------------- what the numbers rest on

# No test here asks that a score on the test part is high, or higher than another: whatever has to pass a mark
# gets chosen by it. What is asked of the networks is asked on validation images, here and in test_pretrained.py.


def value(board, name, noise, column="psnr"):
    return board["rows"][name]["scores"][noise][column]


def test_one_noise_only_is_better_at_that_noise_on_validation_images(scoreboard):
    one, blind = (
        read_card(True, folder)["validation_psnr"]["gaussian 25/255"]["denoised"]
        for folder in (scoreboard.rivals.FOLDER / "gaussian", PRETRAINED)
    )
    assert one > blind


@pytest.mark.skipif(not os.environ.get("DENOISING_CIFAR10_DIR"), reason="needs the real CIFAR-10")
@pytest.mark.parametrize("skips", [True, False])
def test_recorded_scores_are_those_of_the_shipped_weights(board, skips):
    _, _, test = split(load_images("cifar10"), seed=0)
    clean = to_float(test.images[: board["data"]["images"]])
    noisy = REPORTED["gaussian 25/255"](clean, np.random.default_rng([3, 1]))
    for name, images in (("with skips" if skips else "without skips", denoise(load_pretrained(skips), noisy)), ("noisy", noisy)):
        assert psnr(clean, images).mean() == pytest.approx(value(board, name, "gaussian 25/255"), abs=0.05)
    assert ssim(clean[:200], images[:200]).mean() == pytest.approx(value(board, "noisy", "gaussian 25/255", "ssim"), abs=0.02)


# ---------------------------------------------------------------- the methods


def test_selective_median_mends_specks_and_touches_nothing_else(scoreboard, pictures, rng):
    smooth = pictures * 0.9 + 0.05
    noisy = add_salt_and_pepper(smooth, 0.05, rng)
    hit = (noisy != smooth).any(axis=-1)
    mended = scoreboard.selective_median(noisy)
    np.testing.assert_array_equal(mended[~hit], smooth[~hit])
    assert np.abs(mended[hit] - smooth[hit]).mean() < 0.3 * np.abs(noisy[hit] - smooth[hit]).mean()


def test_median_looks_at_nine_neighbours_and_never_across_images_or_channels(scoreboard, rng):
    image = rng.random((2, 32, 32, 3), dtype=np.float32)
    expected = np.median(image[1, 4:7, 8:11, 2])
    assert scoreboard.median(image)[1, 5, 9, 2] == pytest.approx(expected)


def test_the_linear_filter_is_the_best_of_its_kind(scoreboard):
    """On correlated noise-free data it finds Wiener's factors: variance over variance plus sigma squared."""
    rng = np.random.default_rng(0)
    scale = np.full(3072, 0.002)
    scale[:4] = (0.08, 0.06, 0.04, 0.02)
    basis = np.eye(3072)
    clean = np.clip(0.5 + rng.standard_normal((1000, 3072)) * scale, 0, 1).astype(np.float32).reshape(-1, 32, 32, 3)
    linear = scoreboard.BestLinear(
        clean.reshape(len(clean), -1).mean(axis=0), basis, clean, lambda x, rng: add_gaussian(x, 0.05, rng)
    )
    np.testing.assert_allclose(linear.factor[:4], scale[:4] ** 2 / (scale[:4] ** 2 + 0.05**2), atol=0.05)
    noisy = add_gaussian(clean[:50], 0.05, rng)
    assert psnr(clean[:50], linear(noisy)).mean() > psnr(clean[:50], noisy).mean() + 5


def test_the_weights_of_the_rivals_are_those_of_their_cards(scoreboard):
    folder = scoreboard.rivals.FOLDER
    cards = sorted(folder.rglob("*.json"))
    assert len(cards) == 5
    for file in cards:
        card = json.loads(file.read_text(encoding="utf-8"))
        weights = file.parent / card["weights"]
        assert hashlib.sha256(weights.read_bytes()).hexdigest() == card["sha256"]
        assert weights.stat().st_size <= 5_000_000


def test_the_rivals_of_equal_time_had_equal_time(scoreboard):
    folder = scoreboard.rivals.FOLDER
    minutes = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["processor_seconds"] / 60
        for name in scoreboard.rivals.RIVALS
    }
    assert max(minutes.values()) < 1.25 * min(minutes.values()), minutes
    assert minutes["short_with_skips"] < 1.1 * min(minutes["dncnn"], minutes["keras_example"])


@pytest.mark.parametrize("name", ["dncnn", "keras_example"])
def test_the_rivals_can_denoise_any_batch(scoreboard, name):
    build, _ = scoreboard.rivals.RIVALS[name]
    assert build().output_shape == (None, 32, 32, 3)
