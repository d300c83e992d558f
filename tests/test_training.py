import keras
import numpy as np
import pytest
from keras import ops

from helpers.metrics import psnr, ssim
from helpers.models import build_autoencoder
from helpers.noise import add_gaussian
from helpers.training import NoisyBatches, denoise, mse_ssim, ssim_of_tensors, train


def add_noise(images, rng):
    return add_gaussian(images, 0.1, rng)


def small(skips=True, seed=0):
    keras.utils.set_random_seed(seed)
    return build_autoencoder(skips, filters=(4, 8), latent_dim=8)


# ---------------------------------------------------------------- batches


def test_every_image_comes_once_an_epoch(pictures):
    batches = NoisyBatches(pictures, add_noise, batch_size=3)
    assert len(batches) == 3
    seen = np.concatenate([batches[i][1] for i in range(3)])
    assert sorted(image.tobytes() for image in seen) == sorted(image.tobytes() for image in pictures)


def test_noise_and_order_are_fresh_every_epoch_and_repeat_from_the_seed(pictures):
    batches, again = (NoisyBatches(pictures, add_noise, 8, seed=5) for _ in range(2))
    first, _ = batches[0]
    np.testing.assert_array_equal(first, again[0][0])
    batches.on_epoch_end()
    second, clean = batches[0]
    residue = {image.tobytes() for image in second - clean}
    assert not residue & {image.tobytes() for image in first - again[0][1]}
    again.on_epoch_end()
    np.testing.assert_array_equal(second, again[0][0])


def test_batches_of_an_epoch_have_different_noise():
    same = np.full((8, 32, 32, 3), 0.5, dtype=np.float32)
    batches = NoisyBatches(same, add_noise, batch_size=4)
    assert np.any(batches[0][0] != batches[1][0])


# ---------------------------------------------------------------- SSIM as a loss


def test_ssim_of_tensors_equals_the_metric(pictures, rng):
    for sigma in (0.02, 0.1, 0.3):
        noisy = add_gaussian(pictures, sigma, rng)
        ours = ops.convert_to_numpy(ssim_of_tensors(pictures, noisy))
        np.testing.assert_allclose(ours, ssim(pictures, noisy), atol=1e-4)


def test_mse_ssim_is_the_sum_of_its_parts(pictures, rng):
    noisy = add_gaussian(pictures, 0.1, rng)
    expected = ((pictures - noisy) ** 2).mean(axis=(1, 2, 3)) + 1 - ssim(pictures, noisy)
    np.testing.assert_allclose(ops.convert_to_numpy(mse_ssim(pictures, noisy)), expected, atol=1e-4)


@pytest.mark.parametrize("clean, other", [(0, 0), (1, 1), (0.5, 0.5), (0, 1), (0.5, 0.7), (1, 1.2), (0, -0.3)])
def test_gradient_is_finite_on_flat_patches(clean, other):
    tf = pytest.importorskip("tensorflow")
    clean = tf.fill((1, 32, 32, 3), float(clean))
    other = tf.Variable(tf.fill((1, 32, 32, 3), float(other)))
    with tf.GradientTape() as tape:
        loss = mse_ssim(clean, other)
    gradient = tape.gradient(loss, other)
    assert np.isfinite(loss.numpy()).all() and np.isfinite(gradient.numpy()).all()
    if float(clean[0, 0, 0, 0]) != float(other[0, 0, 0, 0]):
        assert np.abs(gradient.numpy()).max() > 0


def test_training_with_mse_ssim_on_flat_images_stays_finite():
    flat = np.repeat(np.linspace(0, 1, 8, dtype=np.float32), 32 * 32 * 3).reshape(8, 32, 32, 3)
    model = small()
    history = train(model, flat, (flat, flat), lambda x, rng: x, epochs=2, batch_size=4, loss=mse_ssim)
    assert np.isfinite(history["loss"]).all() and np.isfinite(history["val_loss"]).all()
    assert all(np.isfinite(w).all() for w in model.get_weights())


# ---------------------------------------------------------------- training


@pytest.mark.parametrize("loss", ["mse", mse_ssim])
def test_training_lowers_the_loss_and_beats_the_noisy_image(loss, pictures, rng):
    noisy = add_noise(pictures, rng)
    model = small()
    many = np.tile(pictures, (16, 1, 1, 1))
    history = train(model, many, (noisy, pictures), add_noise, epochs=4, batch_size=8, learning_rate=1e-2, loss=loss)
    assert history["loss"][-1] < history["loss"][0]
    if loss == "mse":
        assert psnr(pictures, denoise(model, noisy)).mean() > psnr(pictures, noisy).mean() + 1
    else:
        assert ssim(pictures, denoise(model, noisy)).mean() > ssim(pictures, noisy).mean()


def test_the_best_epoch_is_kept_not_the_last(pictures, rng):
    """Validation here wants the noise left alone, so every epoch of denoising makes it worse."""
    noisy = add_noise(pictures, rng)
    model = small()
    history = train(model, pictures, (noisy, noisy), add_noise, epochs=6, batch_size=2, learning_rate=1e-2)
    assert history["best_epoch"] < 6 and history["val_loss"][-1] > 1.5 * min(history["val_loss"])
    assert history["val_loss"][history["best_epoch"] - 1] == min(history["val_loss"])
    got = np.mean((model.predict(noisy, verbose=0) - noisy) ** 2)
    assert got == pytest.approx(min(history["val_loss"]), rel=1e-3)


def test_the_same_seed_gives_the_same_weights(pictures, rng):
    noisy = add_noise(pictures, rng)
    runs = []
    for seed in (3, 3, 4):
        model = small(seed=0)
        train(model, pictures, (noisy, pictures), add_noise, epochs=1, batch_size=4, seed=seed)
        runs.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-6)
    assert np.abs(runs[0] - runs[2]).max() > 1e-4


def test_progress_is_a_few_short_lines(pictures, rng, capsys):
    noisy = add_noise(pictures, rng)
    train(small(), pictures, (noisy, pictures), add_noise, epochs=3, title="a try")
    out, err = capsys.readouterr()
    assert "a try: " in out and "3/3" in out and "val_loss" in out
    assert len(out + err) < 2000 and max(map(len, out.replace("\r", "\n").splitlines())) <= 90


def test_a_step_is_traced_only_once(pictures):
    """Each trace costs a lesson about a second, and calls the loss, which costs nothing afterwards."""
    traced = []

    def loss(clean, denoised):
        traced.append(clean.shape)
        return ops.mean(ops.square(clean - denoised))

    many = np.tile(pictures, (25, 1, 1, 1))
    train(small(), many[:32], (many, many), add_noise, epochs=2, batch_size=16, loss=loss)
    assert len(traced) == 2, traced  # a step of training, and one of validation


def test_denoised_images_lie_in_range_and_keep_their_order(pictures):
    model = small()
    many = np.tile(pictures, (20, 1, 1, 1)) * np.linspace(0.5, 1, 160, dtype="float32")[:, None, None, None]
    denoised = denoise(model, many)
    assert denoised.dtype == np.float32 and denoised.min() >= 0 and denoised.max() <= 1
    np.testing.assert_allclose(denoised, np.clip(model(many), 0, 1), atol=1e-5)


def test_wrong_arguments_are_refused_with_advice(pictures):
    model = small()
    with pytest.raises(TypeError, match="clean = to_float"):
        train(model, (pictures * 255).astype(np.uint8), (pictures, pictures), add_noise)
    with pytest.raises(ValueError, match=r"validation\[0\] span"):
        train(model, pictures, (pictures + 1, pictures), add_noise)
    with pytest.raises(ValueError, match="add_noise returned an array of shape"):
        train(model, pictures, (pictures, pictures), lambda x, rng: x[..., 0], epochs=1)
    with pytest.raises(ValueError, match="epochs is 0"):
        train(model, pictures, (pictures, pictures), add_noise, epochs=0)
