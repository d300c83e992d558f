"""Answers to the exercises of notebook 5: right ones beside the notebook's own, and usual mistakes."""

# Nothing is trained or timed: a run that learns by heart, and a network as it is built.
GIVEN = {
    "runs": '{"fixed noise": {"val_loss": [0.011, 0.0072, 0.0058, 0.0049, 0.005, 0.0046, 0.0047, 0.0048, 0.0051, 0.0053]}}',
    "network": "build_autoencoder(skips=True)",
    "seconds_a_batch": "0.08",
}

ANSWERS = {
    "hours_of_training": {
        "right": ["my_hours = np.float32(seconds_a_batch * (48_000 // batch_size) * 100 / 60 / 60)",
                  "my_hours = 0.95 * 100 * 48_000 / batch_size * seconds_a_batch / 3600"],
        "wrong": [
            ("my_hours = 100 * 48_000 / batch_size * seconds_a_batch", "in seconds"),
            ("my_hours = 100 * 48_000 / batch_size * seconds_a_batch / 60", "in minutes"),
            ("my_hours = 48_000 / batch_size * seconds_a_batch / 3600", "one epoch, not 100"),
            ("my_hours = 100 * 48_000 * seconds_a_batch / 3600", "divide by the batch size"),
            ("my_hours = 100 * n_train / batch_size * seconds_a_batch / 3600", "times too small: the images of this lesson"),
            ("my_hours = 100 * 48_000 / batch_size * seconds_a_batch / 3600 / 24", "days instead of hours"),
            ("my_hours = 48_000 * seconds_a_batch", "Not quite"),
            ("my_hours = '2 hours'", "A number is wanted"),
        ],
    },
    "early_stopping": {
        "right": [
            """
def my_kept_epoch(val_losses, patience):
    for stop in range(1, len(val_losses) + 1):
        best = int(np.argmin(val_losses[:stop]))
        if stop - 1 - best >= patience:
            return best + 1
    return int(np.argmin(val_losses)) + 1
""",
        ],
        "wrong": [
            ("""
def my_kept_epoch(val_losses, patience):
    return int(np.argmin(val_losses)) + 1
""", "the lowest of all"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, kept = np.inf, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, kept = loss, epoch
        elif epoch - kept == patience:
            break
    return kept
""", "counts from 0"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, waited = np.inf, 0
    for epoch, loss in enumerate(val_losses, start=1):
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            break
    return epoch
""", "There it stops"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, kept = np.inf, 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best, kept = loss, epoch
        elif epoch - kept > patience:
            break
    return kept
""", "too patient by an epoch"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, waited = np.inf, 0
    for loss in val_losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            break
    return best
""", "That is a loss"),
            ("""
def my_kept_epoch(val_losses, patience):
    waited, kept = 0, 1
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] > val_losses[epoch - 1]:
            waited += 1
        else:
            waited = 0
        if val_losses[epoch] < val_losses[kept - 1]:
            kept = epoch + 1
        if waited == patience:
            break
    return kept
""", "worse than the one before"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best, kept = loss, epoch
        else:
            waited += 1
            if waited == patience:
                break
    return kept
""", "start counting again after a new lowest"),
            ("""
def my_kept_epoch(val_losses, patience):
    return val_losses.index(min(val_losses[:patience]), 9)
""", "stops with ValueError"),
            ("my_kept_epoch = 3", "stops with TypeError"),
        ],
    },
    "loss_that_looks": {
        "right": [
            """
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2) + ops.mean(1 - my_ssim(clean, denoised))
""",
            """
def my_loss(clean, denoised):
    mse = keras.losses.mean_squared_error(clean, denoised)
    return ops.mean(mse, axis=(1, 2)) + 1 - my_ssim(clean, denoised)
""",
            """
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2) + 1 - my_ssim(clean, denoised)
""",
            """
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2, axis=(1, 2, 3)) + 1 - ops.mean(my_ssim(clean, denoised))
""",
        ],
        "wrong": [
            ("""
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2, axis=(1, 2, 3)) + my_ssim(clean, denoised)
""", "training would avoid it"),
            ("""
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2, axis=(1, 2, 3)) - my_ssim(clean, denoised)
""", "a perfect picture should have loss 0"),
            ("""
def my_loss(clean, denoised):
    return 1 - my_ssim(clean, denoised)
""", "The MSE is missing"),
            ("""
def my_loss(clean, denoised):
    return ops.sum((clean - denoised) ** 2, axis=(1, 2, 3)) + 1 - my_ssim(clean, denoised)
""", "Take the mean"),
            ("""
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2, axis=-1)
""", "the result has shape (8, 32, 32)"),
            ("""
def my_loss(clean, denoised):
    clean, denoised = np.array(clean), np.array(denoised)
    return np.mean((clean - denoised) ** 2, axis=(1, 2, 3)) + 1 - ssim(clean, denoised)
""", "no gradient through NumPy"),
            ("""
def my_loss(clean, denoised):
    return np.mean((clean - denoised) ** 2) + 1 - my_ssim(clean, denoised)
""", "no gradient through NumPy"),
            ("""
def my_loss(clean, denoised):
    return ((clean - denoised) ** 2).mean() + 1 - my_ssim(clean, denoised)
""", "no gradient through NumPy"),
            ("""
def my_loss(clean, denoised):
    return 1 - ops.mean(my_ssim(clean, denoised))
""", "The MSE is missing"),
            ("""
def my_loss(clean, denoised):
    return ops.mean((clean - denoised) ** 2 + 1 - my_ssim(clean, denoised))
""", "take its mean over each image first"),
            ("""
def my_loss(clean, denoised):
    return clean - denoise
""", "Your answer stops with"),
        ],
    },
    "two_blocks": {
        "right": ["mine = build_autoencoder(True, full_size_blocks=2, latent_dim=256)"],
        "wrong": [
            ("mine = network", "has 1 block(s) at full size"),
            ("mine = build_autoencoder(skips=True, full_size_blocks=3)", "has 3 block(s) at full size"),
            ("mine = build_autoencoder(skips=False, full_size_blocks=2)", "has no skips"),
            ("mine = build_autoencoder(full_size_blocks=2, filters=(32, 32, 64))", "Something else has changed"),
            ("mine = network.get_layer('decoder')", "A network by build_autoencoder"),
            ("mine = 2", "A network by build_autoencoder"),
        ],
    },
}
