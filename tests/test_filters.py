import numpy as np
import pytest

from helpers.data import load_images, split
from helpers.filters import FILTERS, apply_filter, tune_filter
from helpers.images import to_float
from helpers.metrics import psnr
from helpers.noise import add_gaussian, add_salt_and_pepper


@pytest.fixture
def smooth():
    ramp = np.linspace(0.2, 0.8, 32, dtype=np.float32)
    return np.broadcast_to(ramp[:, None, None], (4, 32, 32, 3)).copy()


@pytest.mark.parametrize("name", FILTERS)
def test_every_tuned_filter_beats_the_noisy_image(name, smooth, rng):
    noisy = add_gaussian(smooth, 0.1, rng)
    tuned = apply_filter(name, noisy, tune_filter(name, noisy, smooth))
    assert psnr(smooth, tuned).mean() > psnr(smooth, noisy).mean() + 3
    assert tuned.dtype == np.float32 and 0 <= tuned.min() and tuned.max() <= 1


@pytest.mark.parametrize("name", FILTERS)
def test_tuning_finds_the_best_of_its_settings(name, smooth, rng):
    noisy = add_gaussian(smooth, 0.05, rng)
    scores = {s: psnr(smooth, apply_filter(name, noisy, s)).mean() for s in FILTERS[name].settings}
    assert scores[tune_filter(name, noisy, smooth)] == max(scores.values())


def test_the_median_is_the_filter_for_salt_and_pepper(smooth, rng):
    noisy = add_salt_and_pepper(smooth, 0.1, rng)
    best = {name: psnr(smooth, apply_filter(name, noisy, tune_filter(name, noisy, smooth))).mean() for name in FILTERS}
    assert max(best, key=best.get) == "median"


def test_channels_are_filtered_apart():
    image = np.zeros((1, 32, 32, 3), dtype=np.float32)
    image[..., 0] = 1
    for name in ("Gaussian blur", "median"):
        np.testing.assert_allclose(apply_filter(name, image, 3), image, atol=1e-6)


def test_an_unknown_filter_is_refused_with_the_list(smooth):
    with pytest.raises(KeyError, match="no filter 'blur'; there are Gaussian blur, median"):
        apply_filter("blur", smooth, 1)


def test_the_sliding_transform_keeps_all_below_a_low_threshold_and_a_constant_below_a_high_one(pictures):
    np.testing.assert_allclose(apply_filter("sliding DCT", pictures, 0), pictures, atol=1e-5)
    grey = np.full((1, 32, 32, 3), 0.5, dtype=np.float32)
    np.testing.assert_allclose(apply_filter("sliding DCT", grey, 0.7), grey, atol=1e-5)


def test_the_filters_of_lesson_6_are_stronger_than_those_of_the_scoreboard(rng):
    clean = to_float(split(load_images("photos"), seed=0)[1].images[:20])
    noisy = add_gaussian(clean, 0.1, rng)
    rivals = "wavelet", "sliding DCT", "non-local means", "non-local means 5×5"
    wavelet, dct, small, large = (psnr(clean, apply_filter(n, noisy, tune_filter(n, noisy, clean))).mean() for n in rivals)
    assert dct > max(wavelet + 1, small, large) and large > small
