"""What comes out is what was asked for: within its standard error, not within a guess."""

import numpy as np
import pytest
from scipy.stats import norm
from skimage.util import random_noise

from helpers.noise import add_gaussian, add_salt_and_pepper

GREY = np.full((200, 32, 32, 3), 0.5, dtype=np.float32)
BOTH = pytest.mark.parametrize("add", [add_gaussian, add_salt_and_pepper])


@pytest.mark.parametrize("sigma", [0.02, 0.05, 0.1])
def test_sigma_is_recovered_within_its_standard_error(sigma, rng):
    noise = add_gaussian(GREY, sigma, rng) - GREY
    assert abs(noise.std() - sigma) < 4 * sigma / np.sqrt(2 * noise.size)
    assert abs(noise.mean()) < 4 * sigma / np.sqrt(noise.size)


def test_gaussian_noise_on_black_is_half_a_bell(rng):
    noisy = add_gaussian(np.zeros_like(GREY), 0.1, rng)
    zeros = np.mean(noisy == 0)
    assert abs(zeros - 0.5) < 4 * 0.5 / np.sqrt(noisy.size)
    assert noisy.mean() == pytest.approx(0.1 * norm.pdf(0), rel=0.01)  # mean of the positive half
    assert noisy.std() < 0.06


@pytest.mark.parametrize("brightness", [0.0, 0.02, 0.98, 1.0])
def test_without_clipping_gaussian_noise_is_the_same_near_black_and_white(brightness, rng):
    noise = add_gaussian(np.full_like(GREY, brightness), 0.3, rng, clip=False) - np.float32(brightness)
    assert abs(noise.mean()) < 4 * 0.3 / np.sqrt(noise.size)
    assert abs(noise.std() - 0.3) < 4 * 0.3 / np.sqrt(2 * noise.size)


def test_clipping_is_all_that_clip_changes(pictures):
    clipped, free = (add_gaussian(pictures, 0.3, np.random.default_rng(0), clip=clip) for clip in (True, False))
    assert free.min() < 0 and free.max() > 1
    np.testing.assert_array_equal(clipped, free.clip(0, 1))


def test_gaussian_noise_is_white(rng):
    noise = add_gaussian(GREY, 0.1, rng) - GREY
    for a, b in (
        (noise[:, :, 1:], noise[:, :, :-1]), (noise[:, 1:], noise[:, :-1]), (noise[..., 0], noise[..., 1]),
    ):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / np.sqrt(a.size)


@pytest.mark.parametrize("amount", [0.01, 0.1, 0.5])
def test_amount_is_recovered_within_its_binomial_error(amount, rng):
    hit = (add_salt_and_pepper(GREY, amount, rng) != GREY).any(axis=-1)
    assert abs(hit.mean() - amount) < 4 * np.sqrt(amount * (1 - amount) / hit.size)


def test_salt_and_pepper_are_equally_frequent_and_whole_pixels(rng):
    noisy = add_salt_and_pepper(GREY, 0.2, rng)
    hit = noisy[(noisy != GREY).any(axis=-1)]
    assert set(np.unique(hit)) == {0.0, 1.0}
    np.testing.assert_array_equal(hit.min(axis=-1), hit.max(axis=-1))
    assert abs(hit[:, 0].mean() - 0.5) < 4 * 0.5 / np.sqrt(len(hit))


def test_pixels_that_were_not_hit_are_untouched(pictures, rng):
    noisy = add_salt_and_pepper(pictures, 0.3, rng)
    untouched = ~((noisy == 0) | (noisy == 1)).all(axis=-1)
    np.testing.assert_array_equal(noisy[untouched], pictures[untouched])


def test_gaussian_noise_agrees_with_scikit_image(pictures, rng):
    many = np.tile(pictures, (50, 1, 1, 1))
    ours = add_gaussian(many, 0.2, rng) - many
    theirs = random_noise(many, mode="gaussian", var=0.2**2, rng=1) - many
    assert ours.std() == pytest.approx(theirs.std(), rel=0.01)
    np.testing.assert_allclose(ours.mean(axis=0), theirs.mean(axis=0), atol=6 * 0.2 * np.sqrt(2 / 400))


def test_salt_and_pepper_agrees_with_scikit_image(pictures, rng):
    plane = np.tile(pictures[..., :1], (50, 1, 1, 1))
    ours = add_salt_and_pepper(plane, 0.15, rng)
    theirs = random_noise(plane, mode="s&p", amount=0.15, rng=1)
    for value in (0, 1):
        assert np.mean(ours == value) == pytest.approx(np.mean(theirs == value), rel=0.05)


@BOTH
def test_same_seed_same_noise_other_seed_other_noise(add, pictures):
    first, again, other = (add(pictures, 0.1, np.random.default_rng(seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


@BOTH
def test_level_zero_changes_nothing(add, pictures, rng):
    np.testing.assert_array_equal(add(pictures, 0, rng), pictures)


@BOTH
def test_result_is_float32_in_range_and_the_input_stays(add, pictures, rng):
    before = pictures.copy()
    noisy = add(pictures, 0.9, rng)
    assert noisy.dtype == np.float32 and noisy.shape == pictures.shape
    assert noisy.min() >= 0 and noisy.max() <= 1
    np.testing.assert_array_equal(pictures, before)


@BOTH
def test_one_image_is_enough(add, pictures, rng):
    assert add(pictures[0], 0.1, rng).shape == (32, 32, 3)


@BOTH
def test_every_image_may_have_a_level_of_its_own(add, rng):
    noisy = add(GREY[:3], np.array([0, 0.1, 0.3]), rng)
    changed = [np.abs(image - 0.5).mean() for image in noisy]
    assert changed[0] == 0 < changed[1] < changed[2]


@BOTH
@pytest.mark.parametrize(
    "level, rng_given, error, advice",
    [
        (-0.1, np.random.default_rng(0), ValueError, "a number from 0 to"),
        (25, np.random.default_rng(0), ValueError, "divided by 255"),
        (float("nan"), np.random.default_rng(0), ValueError, "nan"),
        (np.array([0.1, 0.2]), np.random.default_rng(0), ValueError, "one number an image"),
        (0.1, 3, TypeError, r"rng=np.random.default_rng\(0\)"),
        (0.1, None, TypeError, "rng is None"),
    ],
)
def test_wrong_arguments_are_refused_with_advice(add, level, rng_given, error, advice, pictures):
    with pytest.raises(error, match=advice):
        add(pictures, level, rng_given)
