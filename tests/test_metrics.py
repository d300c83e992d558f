import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from helpers.metrics import psnr, ssim
from helpers.noise import add_gaussian


def test_psnr_is_its_formula(pictures, rng):
    noisy = add_gaussian(pictures, 0.1, rng)
    mse = ((pictures.astype(float) - noisy) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(psnr(pictures, noisy), 10 * np.log10(1 / mse), atol=1e-4)


def test_a_constant_error_has_a_known_psnr():
    grey = np.full((1, 32, 32, 3), 0.5)
    assert psnr(grey, grey + 0.1)[0] == pytest.approx(20, abs=1e-4)


def test_equal_images_have_infinite_psnr_without_a_warning(pictures, recwarn):
    assert np.all(np.isinf(psnr(pictures, pictures)))
    assert not recwarn.list


@pytest.mark.parametrize("shape", [(130, 32, 32, 3), (2, 11, 40, 1)])  # more than are worked on at once; grey
def test_both_are_what_scikit_image_says_of_each_image(shape, rng):
    clean = rng.random(shape, dtype=np.float32)
    noisy = add_gaussian(clean, 0.1, rng)
    options = dict(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, channel_axis=-1, data_range=1)
    pairs = list(zip(clean, noisy))
    np.testing.assert_allclose(ssim(clean, noisy), [structural_similarity(*p, **options) for p in pairs], atol=1e-6)
    np.testing.assert_allclose(psnr(clean, noisy), [peak_signal_noise_ratio(*p, data_range=1) for p in pairs], atol=1e-9)


def test_ssim_equals_tensorflow(pictures, rng):
    tf = pytest.importorskip("tensorflow")
    for sigma in (0.02, 0.1, 0.3):
        noisy = add_gaussian(pictures, sigma, rng)
        theirs = tf.image.ssim(pictures, noisy, max_val=1.0).numpy()
        np.testing.assert_allclose(ssim(pictures, noisy), theirs, atol=1e-4)


def test_equal_images_have_ssim_one_and_noise_lowers_it(pictures, rng):
    np.testing.assert_allclose(ssim(pictures, pictures), 1)
    levels = [ssim(pictures, add_gaussian(pictures, sigma, rng)).mean() for sigma in (0.05, 0.1, 0.3)]
    assert 1 > levels[0] > levels[1] > levels[2]


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_one_value_an_image_and_one_for_one_image(metric, pictures, rng):
    noisy = add_gaussian(pictures, 0.1, rng)
    values = metric(pictures, noisy)
    assert values.shape == (len(pictures),)
    assert metric(pictures[3], noisy[3]) == pytest.approx(values[3])


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_wrong_pairs_are_refused_with_advice(metric, pictures):
    with pytest.raises(ValueError, match="both need the same shape"):
        metric(pictures, pictures[:3])
    with pytest.raises(ValueError, match="other span.*np.clip"):
        metric(pictures, pictures + 1)
    with pytest.raises(TypeError, match="clean = to_float"):
        metric((pictures * 255).astype(np.uint8), pictures)


def test_ssim_says_when_its_window_does_not_fit():
    tiny = np.zeros((1, 8, 8, 3))
    with pytest.raises(ValueError, match="11x11.*8x8"):
        ssim(tiny, tiny)
