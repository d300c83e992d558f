"""Lesson 5 · Training: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import NotYet, exercise, run

REASONS = {
    "first_epoch": {
        "a": "It has seen each of them once, with noise that never comes back. It had no chance to "
            "memorise them.",
        "b": "They are taken at different times: one while the network still learns, the other afterwards.",
        "c": "The training loss is a mean over the epoch, so the poor first steps count. The other is taken "
            "afterwards, on other images, and batch normalization works in its other mode.",
    },
    "with_others_or_alone": {
        "a": "That is true while it trains, as the first line shows. Afterwards stored numbers replace "
            "those of the batch.",
        "b": "While it trains, the other images count, as the first line shows. Afterwards only stored "
            "numbers do.",
        "c": "Then the first line would show no difference either. While it trains, the other images count.",
    },
    "fixed_or_fresh_noise": {
        "a": "32 noise patterns can be memorised, and that helps with no other noise. Fresh noise cannot "
            "be memorised.",
        "b": "Its task is easier, but only its own: 32 noise patterns can be memorised. That helps on no "
            "new image.",
        "c": "In training it has the harder task, because it meets new noise every time.",
    },
    "patterns_or_pictures": {
        "a": "With new noise nearly all of the advantage is gone: it belonged to the 32 noise patterns.",
        "b": "A network that knew these images would do well on them with any noise.",
        "c": "Look at the numbers above the bars: where do the two last ones stand, compared with the first?",
    },
    "gap_after_long_training": {
        "a": "In 100 epochs it came nearer, but the gap did not close.",
        "b": "The network without skips gained more from the time: at first the gap was {start:.1f} dB.",
        "c": "It fell from {start:.1f} to {end:.1f} dB. What a longer run would bring, these cards cannot say.",
    },
}


@exercise("go through the losses in order; remember the lowest so far, and the epoch it came from.",
          "That is what keras.callbacks.EarlyStopping does.")
def early_stopping(kept_epoch, recorded):
    """Check a function that says which epoch's weights early stopping keeps.

    Parameters
    ----------
    kept_epoch : callable
        ``kept_epoch(val_losses, patience)``: the epoch, counted from 1.
    recorded : sequence of float
        Validation losses of a real run, to try it on.
    """
    import keras

    def by_keras(losses, patience):
        watcher = keras.callbacks.EarlyStopping(patience=patience, mode="min", restore_best_weights=True)
        watcher.set_model(keras.Sequential())
        watcher.model.stop_training = False
        watcher.on_train_begin()
        for epoch, loss in enumerate(losses):
            watcher.on_epoch_end(epoch, {"val_loss": loss})
            if watcher.model.stop_training:
                break
        return watcher.best_epoch + 1, epoch + 1

    def by_neighbours(losses, patience):  # the usual mistake: a loss below the one before it counts as progress
        waited = 0
        for epoch in range(1, len(losses)):
            waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
            if waited == patience:
                break
        return int(np.argmin(losses[: epoch + 1])) + 1

    def by_total(losses, patience):  # bad epochs are counted, but not in a row
        bad = np.cumsum(np.array(losses) > np.minimum.accumulate(losses))
        stop = int(np.argmax(bad == patience)) + 1 if patience in bad else len(losses)
        return int(np.argmin(losses[:stop])) + 1

    def by_equal(losses, patience):  # an equal loss counts as a new lowest
        kept = 0
        for epoch, loss in enumerate(losses):
            kept = epoch if loss <= losses[kept] else kept
            if epoch - kept == patience:
                break
        return kept + 1

    tries = [([0.5, 0.3, 0.4, 0.35, 0.32, 0.28, 0.29, 0.3, 0.1], 2)]  # each mistake keeps another epoch
    tries += [([0.5, 0.3, 0.4, 0.4, 0.4, 0.1, 0.2], 2), ([0.5, 0.4, 0.45, 0.2, 0.3, 0.3, 0.3], 2)]
    tries += [([0.5, 0.4, 0.3], 5), ([0.4, 0.3, 0.3, 0.35, 0.36], 3), ([0.4, 0.3, 0.31, 0.2], 1)]
    tries += [([0.3, 0.4, 0.4, 0.2, 0.5], 3), ([0.5, 0.6, 0.4, 0.45, 0.3], 2)]
    tries += [(list(map(float, recorded)), 4)]
    for losses, patience in tries:
        right, stopped = by_keras(losses, patience)
        case = f"For {losses}" if len(losses) < 10 else "On the run above"
        try:
            result = run(kept_epoch, list(losses), patience)
        except NotYet as reason:
            if not str(reason):  # the stub
                raise
            return (f"{case} and patience {patience} your function returns nothing. Does it also come to a "
                    "`return` there?")
        if np.ndim(result) or not isinstance(result, (int, float, np.number)):
            return f"One number is wanted, not {result!r}."
        if result == right:
            continue
        said = f"{case} and patience {patience} you keep epoch {result}"
        if result in losses:
            return f"{said}. That is a loss; wanted is the number of the epoch."
        return {
            by_equal(losses, patience): f"{said}: an equal loss is not a new lowest.",
            by_total(losses, patience): f"{said}: start counting again after a new lowest.",
            by_neighbours(losses, patience):
                f"{said}: you count epochs worse than the one before. Count those without a new lowest.",
            right - 1: f"{said}: one too few. Python counts from 0, epochs are counted from 1.",
            int(np.argmin(losses)) + 1: f"{said}, the lowest of all. But it stops after epoch {stopped}.",
            stopped: f"{said}. There it stops; but the weights come from the best epoch until then.",
            by_keras(losses, patience + 1)[0]: f"{said}: too patient by an epoch.",
        }.get(result, f"{said}; wanted is {right}.")
    return None


@exercise("one mean and one variance for each channel; everything else is averaged.",
          "The same numbers as keras.layers.BatchNormalization gives with training=True.")
def normalized_by_hand(batch_norm):
    """Check a function that does what batch normalization does while a network trains.

    Parameters
    ----------
    batch_norm : callable
        ``batch_norm(x, gamma, beta)`` for x of shape (N, H, W, C): an array of the same shape.
    """
    rng = np.random.default_rng(0)
    x = rng.normal(rng.normal(0, 2, 5), rng.uniform(0.5, 2, 5), (6, 5, 7, 5)) + rng.normal(0, 1, (6, 1, 1, 5))
    x[..., 3] = 0.5  # a filter that is silent
    x[..., 4] = 0.1 + 0.03 * rng.normal(size=(6, 5, 7))  # one that hardly varies: here the 0.001 counts
    gamma, beta = rng.uniform(0.5, 2, 5), rng.normal(0, 1, 5)

    def normalized(axes, scale=gamma, shift=beta, small=0.001, root=np.sqrt, ddof=0):
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True, ddof=ddof)
        return scale * (x - mean) / root(variance + small) + shift

    with np.errstate(all="ignore"):
        mine = np.asarray(run(batch_norm, x, gamma, beta), dtype=float)
    if mine.shape != x.shape:
        return f"For x of shape {x.shape} the result has shape {mine.shape}; both should be equal."
    if not np.isfinite(mine).all():
        return ("A channel that is the same everywhere has variance 0. Add 0.001 to the variance before "
                "the root.")
    known = [
        ((0, 1, 2), {}, None),
        ((0,), {}, "That is a mean for every position. The positions are averaged, too."),
        ((1, 2), {}, "That is a mean for every image. The images of the batch are averaged, too."),
        ((3,), {}, "That is a mean over the channels. Each channel needs its own."),
        ((0, 1, 2, 3), {}, "That is one mean for all channels. Each channel needs its own."),
        ((0, 1, 2), {"scale": 1, "shift": 0}, "gamma and beta are missing."),
        ((0, 1, 2), {"shift": 0}, "beta is missing."),
        ((0, 1, 2), {"scale": 1}, "gamma is missing."),
        ((0, 1, 2), {"small": 0, "root": lambda v: np.sqrt(v) + 0.001},
         "Add 0.001 to the variance, before the root."),
        ((0, 1, 2), {"small": 1e-5}, "The number that is added to the variance is 0.001 here."),
        ((0, 1, 2), {"ddof": 1}, "The variance is divided by the number of values N, not by N - 1."),
        ((0, 1, 2), {"root": np.asarray}, "Divide by the root of the variance."),
        ((0, 1, 2), {"shift": gamma * beta}, "beta is added last: gamma does not multiply it."),
        ((0, 1, 2), {"scale": beta, "shift": gamma}, "gamma multiplies and beta is added: the two have "
            "changed places."),
    ]
    for axes, options, hint in known:
        if np.allclose(mine, normalized(axes, **options), rtol=0, atol=2e-4):
            return hint
    return ("Not yet. Print the mean and the standard deviation of each channel of your result: are they "
            "beta and gamma?")


@exercise("throw one coin for each pair, with rng; then turn the axis of the width around.",
          "Twice as many images, and no new photograph was needed.")
def mirrored_pairs(mirror, noisy, clean):
    """Check a function that mirrors each pair of a batch, left to right, with a chance of one half.

    Parameters
    ----------
    mirror : callable
        ``mirror(noisy, clean, rng)``: both, some images of them mirrored.
    noisy, clean : ndarray of float, shape (N, H, W, C)
    """
    noisy, clean = noisy[:64], clean[:64]

    def turned(seed):
        """Of each image of both arrays: 0 as it was, 1 mirrored, 2 upside down, 3 anything else."""
        result = run(mirror, noisy, clean, np.random.default_rng(seed))
        if not isinstance(result, (tuple, list)) or [np.shape(x) for x in result] != [noisy.shape, clean.shape]:
            return None
        kinds = []
        for before, after in zip((noisy, clean), result):
            ways = (before, before[:, :, ::-1], before[:, ::-1])
            same = np.array([[np.array_equal(a, b) for a, b in zip(way, after)] for way in ways])
            kinds.append(np.where(same.any(axis=0), same.argmax(axis=0), 3))
        return np.array(kinds)

    tries = [turned(seed) for seed in range(6)]
    if any(t is None for t in tries):
        return "Two arrays are wanted, noisy and clean, of the shapes that came in: return noisy, clean."
    tries = np.array(tries)
    if (tries == 2).any():
        return "Some images stand on their heads. The axes are image, height, width, channel."
    if (tries == 3).any():
        return ("Some images are neither as they were nor mirrored: were the order, the channels or the "
                "values changed?")
    if not np.array_equal(tries[:, 0], tries[:, 1]):
        return ("A noisy image was mirrored and its clean one was not, or the other way round. The "
                "network would learn nonsense.")
    coins = tries[:, 0]
    if not coins.any():
        return "No image was mirrored."
    if coins.all():
        return "Every image was mirrored. Half of them should stay."
    if np.isin(coins.mean(axis=1), (0, 1)).all():
        return "All images of a batch are mirrored, or none. Throw one coin for each image."
    if not np.array_equal(turned(0)[0], coins[0]):
        return "The same rng gave another result the second time. Take all random numbers from rng."
    if (coins == coins[0]).all():
        return "It is always the same images. Take the coins from rng."
    if not 0.4 < coins.mean() < 0.6:
        return f"{coins.mean():.0%} of the images were mirrored; half of them are wanted."
    return None
