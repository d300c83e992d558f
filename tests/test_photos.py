"""The record of the photographs is complete, and it is what the code of today measures."""

import importlib
import json

import numpy as np
import pytest

from helpers.filters import STRENGTHS, non_local_means, tune_non_local_means
from helpers.metrics import psnr, ssim
from helpers.models import load_pretrained
from helpers.noise import add_gaussian


@pytest.fixture(scope="module")
def photos():
    return importlib.import_module("tools.photos")


@pytest.fixture(scope="module")
def record(photos):
    return json.loads(photos.JSON.read_text(encoding="utf-8"))


def test_the_record_is_complete(photos, record):
    assert record["photographs"] == list(photos.pieces()) and record["levels"] == list(photos.LEVELS)
    assert list(record["scores"]) == ["noisy", "non-local means", "BM3D", "BM3D, clipping undone", "with skips"]
    for method, levels in record["scores"].items():
        assert list(levels) == list(map(str, photos.LEVELS))
        for level, scores in levels.items():
            assert list(scores) == record["photographs"]
            for name, score in scores.items():
                assert 10 < score["psnr"] < 45 and 0 < score["ssim"] < 1
                noisy = record["scores"]["noisy"][level][name]["psnr"]
                assert (score["psnr"] > noisy + 3) == (method != "noisy")
    assert all(0.1 < seconds < 1000 for seconds in record["processor_seconds_a_megapixel"].values())


@pytest.mark.parametrize("name, level", [("coffee", 25)])
def test_the_recorded_scores_are_those_of_the_code(photos, record, name, level):
    """BM3D is not a package of the series, so it is measured by `python -m tools.photos` alone."""
    found = photos.pieces()
    noisy = photos.made_noisy(found[name], name, level)
    for method, run in photos.methods(found, name, level, load_pretrained(skips=True)).items():
        if not method.startswith("BM3D"):
            denoised, score = run(noisy), record["scores"][method][str(level)][name]
            assert psnr(found[name], denoised) == pytest.approx(score["psnr"], abs=0.01), method
            assert ssim(found[name], denoised) == pytest.approx(score["ssim"], abs=0.002), method


def test_the_recorded_sizes_are_complete(photos, record):
    assert list(record["by_size"]) == [f"1/{size}" for size in photos.SIZES]
    for size, by_name in record["by_size"].items():
        assert list(by_name) == record["photographs"]
        for name, scores in by_name.items():
            assert list(scores) == ["noisy", "non-local means", "with skips"]
            assert min(scores["with skips"], scores["non-local means"]) > scores["noisy"] + 3
            if size == "1/1":
                for method, score in scores.items():
                    assert score == pytest.approx(record["scores"][method]["25"][name]["psnr"], abs=0.01)


def test_the_mean_of_clipped_noise_is_known_and_undone(photos):
    clean = np.linspace(0, 1, 5)
    noise = 0.2 * np.random.default_rng(0).standard_normal((100_000, 1))
    mean = photos.mean_when_clipped(clean, 0.2)
    np.testing.assert_allclose(mean, np.clip(clean + noise, 0, 1).mean(axis=0), atol=0.003)
    np.testing.assert_allclose(photos.clipping_undone(mean, 0.2), clean, atol=1e-3)


def test_non_local_means_is_tuned_on_other_photographs(photos, monkeypatch):
    asked = []
    monkeypatch.setattr(photos, "_score", lambda found, name, level, h: asked.append(name) or h)
    found = dict.fromkeys(("cat", "coffee", "rocket"))
    assert photos.strength(found, "cat", 25) == max(STRENGTHS) and set(asked) == {"coffee", "rocket"}


def test_non_local_means_likes_to_be_told_the_right_sigma(rng):
    clean = np.tile(np.kron([[0.2, 0.8], [0.7, 0.3]], np.ones((8, 8)))[:, :, None], (3, 3, 3)).astype("float32")
    noisy = add_gaussian(clean, 0.1, rng)
    strength = tune_non_local_means(noisy, clean, 0.1)
    assert strength in STRENGTHS
    best = psnr(clean, non_local_means(noisy, 0.1, strength))
    assert best > psnr(clean, noisy) + 5
    assert all(psnr(clean, non_local_means(noisy, 0.1, s)) <= best for s in STRENGTHS)
