import numpy as np
import pytest

from helpers.filters import FILTERS, apply_filter, tune_filter
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
