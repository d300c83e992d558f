"""Answers to the exercises of notebook 5: right ones beside the notebook's own, and usual mistakes."""

# Nothing is trained: a run that overfits stands in.
GIVEN = {
    "runs": '{"fixed noise": {"validation": [0.011, 0.0072, 0.0058, 0.0049, 0.005, 0.0046, 0.0047, 0.0048, 0.0051, 0.0053]}}',
}

ANSWERS = {
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
    best, kept = np.inf, 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss < best:
            best, kept = loss, epoch
        elif epoch - kept == patience:
            return kept
""", "For [0.5, 0.4, 0.3] and patience 5 your function returns nothing"),
            ("""
def my_kept_epoch(val_losses, patience):
    best, kept = np.inf, 0
    for epoch, loss in enumerate(val_losses, start=1):
        if loss <= best:
            best, kept = loss, epoch
        elif epoch - kept == patience:
            break
    return kept
""", "an equal loss is not a new lowest"),
            ("""
def my_kept_epoch(val_losses, patience):
    return val_losses.index(min(val_losses[:patience]), 9)
""", "stops with ValueError"),
            ("my_kept_epoch = 3", "stops with TypeError"),
        ],
    },
    "normalized_by_hand": {
        "right": [
            """
def my_batch_norm(x, gamma, beta):
    flat = x.reshape(-1, x.shape[-1])
    return ((flat - flat.mean(0)) / np.sqrt(flat.var(0) + 1e-3) * gamma + beta).reshape(x.shape)
""",
            """
def my_batch_norm(x, gamma, beta):
    mean = x.mean(axis=(0, 1, 2), keepdims=True)
    return gamma * (x - mean) / (x.std(axis=(0, 1, 2)) ** 2 + 1e-3) ** 0.5 + beta
""",
            """
def my_batch_norm(x, gamma, beta):
    return keras.ops.convert_to_numpy(
        keras.layers.BatchNormalization(
            gamma_initializer=lambda shape, dtype=None: gamma.astype("float32"),
            beta_initializer=lambda shape, dtype=None: beta.astype("float32"),
        )(x, training=True)
    )
""",
        ],
        "wrong": [
            (f"""
def my_batch_norm(x, gamma, beta):
    mean, variance = x.mean(axis={axes}, keepdims=True), x.var(axis={axes}, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + 0.001) + beta
""", hint) for axes, hint in (
                ("0", "The positions are averaged, too"),
                ("(1, 2)", "The images of the batch are averaged, too"),
                ("3", "a mean over the channels"),
                ("None", "one mean for all channels"),
            )
        ] + [
            (f"""
def my_batch_norm(x, gamma, beta):
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    return {formula}
""", hint) for formula, hint in (
                ("(x - mean) / np.sqrt(variance + 0.001)", "gamma and beta are missing"),
                ("gamma * (x - mean) / np.sqrt(variance + 0.001)", "beta is missing"),
                ("(x - mean) / np.sqrt(variance + 0.001) + beta", "gamma is missing"),
                ("gamma * (x - mean) / (variance + 0.001) + beta", "root of the variance"),
                ("gamma * (x - mean) / np.sqrt(variance) + beta", "Add 0.001"),
                ("beta * (x - mean) / np.sqrt(variance + 0.001) + gamma", "changed places"),
                ("gamma * ((x - mean) / np.sqrt(variance + 0.001) + beta)", "gamma does not multiply it"),
                ("gamma * x / np.sqrt(variance + 0.001) + beta", "are they beta and gamma"),
                ("gamma * (x - mean) / (np.sqrt(variance) + 0.001) + beta", "before the root"),
                ("gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta", "is 0.001 here"),
                ("gamma * (x - mean) / np.sqrt(x.var(axis=(0, 1, 2), ddof=1) + 0.001) + beta", "not by N - 1"),
                ("mean", "has shape (5,)"),
            )
        ],
    },
    "mirrored_pairs": {
        "right": [
            """
def my_mirror(noisy, clean, rng):
    chosen = rng.integers(0, 2, len(clean)).astype(bool)[:, None, None, None]
    return np.where(chosen, np.flip(noisy, 2), noisy), np.where(chosen, np.flip(clean, 2), clean)
""",
            """
def my_mirror(noisy, clean, rng):
    pairs = [(n[:, ::-1], c[:, ::-1]) if rng.random() < 0.5 else (n, c) for n, c in zip(noisy, clean)]
    return [np.array([n for n, _ in pairs]), np.array([c for _, c in pairs])]
""",
        ],
        "wrong": [
            ("""
def my_mirror(noisy, clean, rng):
    chosen = rng.random(len(clean)) < 0.5
    noisy, clean = noisy.copy(), clean.copy()
    noisy[chosen], clean[chosen] = noisy[chosen, ::-1], clean[chosen, ::-1]
    return noisy, clean
""", "stand on their heads"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = rng.random(len(clean)) < 0.5
    noisy = noisy.copy()
    noisy[chosen] = noisy[chosen, :, ::-1]
    return noisy, clean
""", "its clean one was not"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = rng.random((2, len(clean), 1, 1, 1)) < 0.5
    return [np.where(k, np.flip(x, 2), x) for k, x in zip(chosen, (noisy, clean))]
""", "its clean one was not"),
            ("""
def my_mirror(noisy, clean, rng):
    if rng.random() < 0.5:
        return noisy[:, :, ::-1], clean[:, :, ::-1]
    return noisy, clean
""", "one coin for each image"),
            ("""
def my_mirror(noisy, clean, rng):
    return noisy[:, :, ::-1], clean[:, :, ::-1]
""", "Every image was mirrored"),
            ("""
def my_mirror(noisy, clean, rng):
    return noisy, clean
""", "No image was mirrored"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = np.random.default_rng().random((len(clean), 1, 1, 1)) < 0.5
    return np.where(chosen, np.flip(noisy, 2), noisy), np.where(chosen, np.flip(clean, 2), clean)
""", "from rng"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = np.random.default_rng(0).random((len(clean), 1, 1, 1)) < 0.5
    return np.where(chosen, np.flip(noisy, 2), noisy), np.where(chosen, np.flip(clean, 2), clean)
""", "always the same images"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = rng.random((len(clean), 1, 1, 1)) < 0.1
    return np.where(chosen, np.flip(noisy, 2), noisy), np.where(chosen, np.flip(clean, 2), clean)
""", "half of them are wanted"),
            ("""
def my_mirror(noisy, clean, rng):
    return noisy[..., ::-1], clean[..., ::-1]
""", "neither as they were nor mirrored"),
            ("""
def my_mirror(noisy, clean, rng):
    chosen = rng.random(len(clean)) < 0.5
    noisy[chosen], clean[chosen] = noisy[chosen, :, ::-1], clean[chosen, :, ::-1]
    return noisy, clean
""", "Work on a copy"),
            ("""
def my_mirror(noisy, clean, rng):
    return noisy[:, :, ::-1]
""", "Two arrays are wanted"),
        ],
    },
}
