"""The record of the photographs is complete, and it is what the code of today measures."""

import importlib
import json

import numpy as np
import pytest

from helpers.filters import STRENGTHS, non_local_means, tune_non_local_means
from helpers.metrics import psnr
from helpers.noise import add_gaussian
from helpers.tiles import denoise_photo
from helpers.training import denoise


@pytest.fixture(scope="module")
def photos():
    return importlib.import_module("tools.photos")


@pytest.fixture(scope="module")
def record(photos):
    return json.loads(photos.JSON.read_text(encoding="utf-8"))


def test_the_record_is_complete(photos, record):
    assert record["photographs"] == list(photos.pieces())
    settings = {f"1/{size}": list(levels) for size, levels in photos.SETTINGS.items()}
    assert record["settings"] == settings and tuple(record["scores"]) == photos.ORDER
    for method, by_size in record["scores"].items():
        assert {size: list(map(int, by_level)) for size, by_level in by_size.items()} == settings
        for size, level in ((size, level) for size in by_size for level in by_size[size]):
            assert list(by_size[size][level]) == record["photographs"]
            for name, score in by_size[size][level].items():
                assert 10 < score["psnr"] < 45 and 0 < score["ssim"] < 1
                noisy = record["scores"]["noisy"][size][level][name]["psnr"]
                assert (score["psnr"] > noisy + 3) == (method != "noisy")
    seconds = record["processor_seconds_a_megapixel"]
    assert tuple(seconds) == photos.ORDER[1:] and all(0.1 < x < 1000 for x in seconds.values())


@pytest.fixture(scope="module")
def networks(photos):
    return photos.load_networks()


@pytest.mark.parametrize("name, size, level", [("coffee", 1, 25), ("cat", 4, 25)])
def test_the_recorded_scores_are_those_of_the_code(photos, record, networks, name, size, level):
    """BM3D is not a package of the series, so it is measured by `python -m tools.photos` alone."""
    measured = list(photos.measure(photos.pieces(size), name, level, networks, kept="BM3D"))
    assert len(measured) == len(photos.ORDER) - 2
    for method, score in measured:
        recorded = record["scores"][method][f"1/{size}"][str(level)][name]
        assert score["psnr"] == pytest.approx(recorded["psnr"], abs=0.01), method
        assert score["ssim"] == pytest.approx(recorded["ssim"], abs=0.002), method


def test_dncnn_scores_the_same_on_a_whole_piece_and_in_tiles(photos, networks):
    clean = photos.pieces(4)["motorcycle"]
    noisy = photos.made_noisy(clean, "motorcycle", 25)
    whole, tiles = denoise(networks["DnCNN"], noisy[None])[0], denoise_photo(networks["DnCNN"], noisy)
    assert psnr(clean, whole) == pytest.approx(psnr(clean, tiles), abs=0.03)


def test_what_lesson_9_says_in_words_is_in_the_record(photos, record):
    def lead(one, other, size, level, metric="psnr"):
        return np.subtract(*([x[metric] for x in record["scores"][m][size][level].values()] for m in (one, other)))

    for level, least in (("15", 6), ("25", 6), ("50", 5)):  # BM3D is ahead as soon as clipping is undone
        for metric in ("psnr", "ssim"):
            assert (lead("with skips", photos.UNDONE, "1/1", level, metric) < 0).sum() == least
        assert lead("DnCNN", photos.UNDONE, "1/1", level).mean() < -0.5
    assert lead("with skips", "BM3D", "1/1", "15").max() < 0
    assert (lead("with skips", "BM3D", "1/1", "50") > 0).sum() == 5
    for size, level in (("1/1", "15"), ("1/1", "25"), ("1/1", "50"), ("1/2", "25"), ("1/4", "25")):
        assert 0 < lead("DnCNN", "with skips", size, level).mean() < 0.5
    large, small = (lead("with skips", photos.UNDONE, size, "25") for size in ("1/1", "1/4"))
    assert (small > large).all() and (small > 0).sum() > 3 and small.min() < -0.5
    assert lead("DnCNN", photos.UNDONE, "1/4", "25").mean() > 0


def test_the_mean_of_clipped_noise_is_known_and_undone(photos):
    clean = np.linspace(0, 1, 5)
    noise = 0.2 * np.random.default_rng(0).standard_normal((100_000, 1))
    mean = photos.rivals.mean_when_clipped(clean, 0.2)
    np.testing.assert_allclose(mean, np.clip(clean + noise, 0, 1).mean(axis=0), atol=0.003)
    np.testing.assert_allclose(photos.rivals.clipping_undone(mean, 0.2), clean, atol=1e-3)


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
