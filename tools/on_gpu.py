"""Train what is shipped on one GPU, in minutes: `KERAS_BACKEND=jax python -m tools.on_gpu --help`.

`helpers.train` makes its noise on the processor, which a fast GPU would wait for. Here images, order and noise
are on the GPU, and fifty steps are one call. Networks, optimizer, schedule, split and validation pairs are the
same; the random draws are others. Each job leaves weights and a card in a folder of the output.
"""

import argparse
import functools
import json
import math
import os
import subprocess
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
import helpers.quiet  # noqa: F401  before Keras
import jax
import keras
import numpy as np
from jax import numpy as jnp
from jax import random

from helpers.data import load_images, split
from helpers.images import to_float
from helpers.metrics import psnr
from helpers.models import build_autoencoder
from helpers.noise import add_mixed
from helpers.train import REPORTED, write_card
from tools import rivals

STEPS = 50  # in one call
OURS = {"filters": [32, 48, 64], "latent_dim": 256, "full_size_blocks": 2}

# Each image's level is drawn evenly from its range, for a logarithmic sigma in its logarithm.
BLIND = {
    "gaussian_share": 0.6, "sigma": (0, 0.25), "amount": (0, 0.25),
    "logarithmic": False, "clip": True, "weighted": False,
}
NOISES = {
    "mixed": BLIND,
    "gaussian, not clipped": {
        "gaussian_share": 1.0, "sigma": (0.01, 1.5), "amount": (0, 0),
        "logarithmic": True, "clip": False, "weighted": True,
    },
}


with_skips = functools.partial(build_autoencoder, skips=True, **OURS)
without_skips = functools.partial(build_autoencoder, skips=False, **OURS)

JOBS = {  # network, noise, epochs, batch size, where Adam starts
    "with_skips": (with_skips, "mixed", 100, 64, 2.8e-3),
    "without_skips": (without_skips, "mixed", 100, 64, 2.8e-3),
    "prior": (with_skips, "gaussian, not clipped", 100, 64, 2.8e-3),
    "dncnn": (rivals.build_dncnn, "mixed", 50, 64, 1e-3),
}


def make_noisy(clean, key, noise):
    """What `helpers.noise.add_mixed` does, on the GPU, with every number of `noise` free to change.

    Parameters
    ----------
    clean : jax.Array of float32, shape (N, H, W, C)
    key : jax.Array
        Of the random draws.
    noise : dict
        A value of `NOISES`.

    Returns
    -------
    noisy : jax.Array of float32, same shape
    weight : jax.Array of float32, shape (N,)
        Of each image in the loss: 1, or for weighted noise 1 / sigma^2 + 1 / 0.25^2, after Karras et al. 2022
        (arXiv:2206.00364). Without it the largest sigma, whose errors are a thousand times as large, would rule
        the loss. The best answer at a given sigma does not depend on it.
    """
    kind, level, normal, hit = random.split(key, 4)
    each = (len(clean), 1, 1, 1)
    gaussian = random.uniform(kind, each) < noise["gaussian_share"]
    u = random.uniform(level, each)
    (low, high), (least, most) = noise["sigma"], noise["amount"]
    ratio = jnp.maximum(high, 1e-9) / jnp.maximum(low, 1e-9)
    sigma = jnp.where(noise["logarithmic"], low * ratio**u, low + (high - low) * u)
    amount = least + (most - least) * u
    summed = clean + sigma * random.normal(normal, clean.shape)
    summed = jnp.where(noise["clip"], jnp.clip(summed, 0, 1), summed)
    draw = random.uniform(hit, clean.shape[:-1] + (1,))
    specks = jnp.where(draw < amount / 2, 0, jnp.where(draw >= 1 - amount / 2, 1, clean))
    weight = jnp.where(noise["weighted"], 1 / jnp.maximum(sigma, 1e-9) ** 2 + 16, 1)
    return jnp.where(gaussian, summed, specks), weight.reshape(-1)


class Trainer:
    """One kind of network: compiled once, trained as often as wanted.

    Parameters
    ----------
    build : callable
        Makes the network, with random weights.
    images : ndarray of uint8, shape (N, 32, 32, 3)
        Training images.
    validation : tuple of three arrays (noisy, clean, weight)
    scored : dict
        Name of a noise to noisy validation images.
    precision : str
        A dtype policy of Keras.
    at_once : int
        Steps in one call.
    """

    def __init__(self, build, images, validation, scored, precision="mixed_bfloat16", at_once=STEPS):
        self.at_once = at_once
        self.build, self.images, self.validation, self.scored = build, images, validation, scored
        keras.config.set_dtype_policy(precision)
        self.model = build()
        keras.config.set_dtype_policy("float32")
        self.finished = build()
        self.optimizer = keras.optimizers.Adam(1.0)
        self.optimizer.build(self.model.trainable_variables)
        rate = self.optimizer.learning_rate
        self.rate = [variable is rate for variable in self.optimizer.variables].index(True)

    def start(self, seed):
        """Weights, moving averages and optimizer before the first step."""
        keras.utils.set_random_seed(seed)
        fresh = self.build()
        fixed = [jnp.asarray(v.value) for v in fresh.trainable_variables]
        moving = [jnp.asarray(v.value) for v in fresh.non_trainable_variables]
        return fixed, moving, [jnp.zeros_like(v.value) for v in self.optimizer.variables]

    @functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
    def steps(self, state, images, order, key, noise, first, total, rate):
        """As many steps as `order` has rows."""

        def loss(trainable, moving, noisy, clean, weight):
            denoised, moving = self.model.stateless_call(trainable, moving, noisy, training=True)
            return jnp.mean(weight * jnp.mean((denoised - clean) ** 2, axis=(1, 2, 3))), moving

        def step(state, row):
            trainable, moving, memory = state
            number, chosen = row
            clean = images[chosen].astype("float32") / 255
            given = make_noisy(clean, random.fold_in(key, number), noise)
            learn = jax.value_and_grad(loss, has_aux=True)
            (value, moving), gradient = learn(trainable, moving, given[0], clean, given[1])
            memory = list(memory)
            memory[self.rate] = 0.5 * rate * (1 + jnp.cos(jnp.pi * number / total))
            trainable, memory = self.optimizer.stateless_apply(memory, gradient, trainable)
            return (trainable, moving, memory), value

        numbers = first + jnp.arange(len(order))
        state, values = jax.lax.scan(step, state, (numbers, order))
        return state, values.mean()

    @functools.partial(jax.jit, static_argnums=0)
    def squared_errors(self, state, noisy, clean):
        """Of each image, with and without clipping the answer to [0, 1]; in float32."""

        def some(pair):
            denoised, _ = self.finished.stateless_call(*state[:2], pair[0], training=False)
            return [jnp.mean((x - pair[1]) ** 2, axis=(1, 2, 3)) for x in (jnp.clip(denoised, 0, 1), denoised)]

        with jax.default_matmul_precision("float32"):
            return jax.lax.map(some, tuple(x.reshape(-1, 100, *x.shape[1:]) for x in (noisy, clean)))

    def val_loss(self, state):
        noisy, clean, weight = self.validation
        return (self.squared_errors(state, noisy, clean)[1].reshape(-1) * weight).mean()

    def score(self, state):
        """As `helpers.train.score`: name of the noise to mean PSNR of the denoised validation images."""
        clean = self.validation[1]
        return {
            name: float(-10 * jnp.log10(self.squared_errors(state, noisy, clean)[0]).mean())
            for name, noisy in self.scored.items()
        }

    def train(self, noise, steps, batch_size, rate, seed=0, keep_best=True):
        """Train for so many steps (a multiple of `at_once`).

        Returns
        -------
        state : tuple
            With the weights of the best epoch, or of the last step.
        history : dict
            As in `helpers.training.train`.
        """
        state, key = self.start(seed), random.key(seed)
        an_epoch = len(self.images) // batch_size // self.at_once * self.at_once
        if not an_epoch:
            raise ValueError(
                f"{len(self.images)} images are less than the {self.at_once * batch_size} that {self.at_once} "
                f"steps with a batch of {batch_size} need; take more images, or smaller batches."
            )
        noise = jax.tree.map(jnp.float32, noise)
        losses, validated, best, start = [], [], (math.inf, None), time.perf_counter()
        for first in range(0, steps, an_epoch):
            rng = np.random.default_rng([seed, first // an_epoch])
            order = rng.permutation(len(self.images))[: an_epoch * batch_size].astype("int32")
            order, values = jnp.asarray(order.reshape(-1, batch_size)), []
            for done in range(0, min(an_epoch, steps - first), self.at_once):
                rows = order[done : done + self.at_once]
                state, value = self.steps(
                    state, self.images, rows, key, noise, first + done, float(steps), rate
                )
                values.append(value)
            losses.append(jnp.stack(values).mean())
            validated.append(self.val_loss(state))
            if len(losses) in (2, 5) or len(losses) % 10 == 0:
                seconds, loss = time.perf_counter() - start, float(validated[-1])
                print(f"  {len(losses)} epochs, {seconds:.1f} s, {loss:.6f}", flush=True)
            if keep_best and float(validated[-1]) < best[0]:
                best = float(validated[-1]), jax.tree.map(jnp.copy, state)
        jax.block_until_ready(state)
        history = {"loss": [float(x) for x in losses], "val_loss": [float(x) for x in validated]}
        history["best_epoch"] = int(np.argmin(history["val_loss"])) + 1
        return best[1] or state, history | {"seconds": time.perf_counter() - start}


def device():
    """The GPU in words."""
    try:
        command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        return done.stdout.split("\n")[0].strip()
    except (OSError, subprocess.CalledProcessError):
        return "no GPU"


class Data:
    """Training images on the GPU, and the noisy validation images of `helpers.train`."""

    def __init__(self, source="cifar10", images=None):
        self.all = load_images(source)
        training, validation, _ = split(self.all, seed=0)
        self.images = jnp.asarray(training.images[:images])
        clean = to_float(validation.images[:2000])
        clean = clean[: len(clean) // 100 * 100]
        noisy = {name: add(clean, np.random.default_rng([0, 2])) for name, add in REPORTED.items()}
        self.noisy_psnr = {name: float(psnr(clean, x).mean()) for name, x in noisy.items()}
        self.scored = {name: jnp.asarray(x) for name, x in noisy.items()}
        self.clean = jnp.asarray(clean)

    def validation(self, noise):
        """Fixed pairs with a noise of `NOISES`; for the mixed one those of `helpers.train`."""
        if noise == "mixed":
            noisy = add_mixed(np.asarray(self.clean), np.random.default_rng([0, 1]), gaussian_share=0.6)
            return jnp.asarray(noisy), self.clean, jnp.ones(len(noisy))
        noisy, weight = make_noisy(self.clean, random.key(1), jax.tree.map(jnp.float32, NOISES[noise]))
        return noisy, self.clean, weight


def run(name, recipe, data, trainer, folder):
    """Do a job with a recipe as in `JOBS`, and leave weights and card in the folder."""
    build, noise, epochs, batch_size, rate = recipe
    trainer.validation = data.validation(noise)
    an_epoch = len(data.images) // batch_size // STEPS * STEPS
    start = time.process_time()
    state, history = trainer.train(NOISES[noise], epochs * an_epoch, batch_size, rate)
    history["processor_seconds"] = time.process_time() - start
    finished = build()
    for variable, value in zip(finished.trainable_variables, state[0]):
        variable.assign(value)
    for variable, value in zip(finished.non_trainable_variables, state[1]):
        variable.assign(value)
    result = {
        name: {"noisy": round(data.noisy_psnr[name], 3), "denoised": round(denoised, 3)}
        for name, denoised in trainer.score(state).items()
    }
    level = max(*NOISES[noise]["sigma"], *NOISES[noise]["amount"]) if noise == "mixed" else None
    settings = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": rate, "seed": 0, "loss": "mse",
        "images": an_epoch * batch_size, "data": data.all.source, "noise": noise,
    }
    if name != "dncnn":
        settings |= {"skips": finished.name == "with_skips"} | OURS
    if level:
        settings |= {"level": level, "gaussian_share": NOISES[noise]["gaussian_share"]}
    else:
        settings |= {"drawn": NOISES[noise]}
    settings["precision"] = trainer.model.dtype_policy.name
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    weights = target / f"{finished.name}.weights.h5"
    finished.save_weights(weights)
    card = target / f"{finished.name}.json"
    write_card(card, weights, settings, history, data.all, result)
    told = json.loads(card.read_text(encoding="utf-8"))
    told["hardware"] = f"{device()}, tools/on_gpu.py, Keras on {keras.backend.backend()}"
    card.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    marks = " ".join(f"{x['denoised']:.2f}" for x in result.values())
    seconds, best = history["seconds"], history["best_epoch"]
    print(f"{name}: {epochs} epochs in {seconds:.0f} s, best {best}, {marks}", flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("jobs", nargs="+", choices=JOBS)
    add("--output", type=Path, default=Path("runs/on_gpu"))
    add("--data", default="cifar10")
    add("--images", type=int, help="only so many training images")
    add("--epochs", type=int, help="instead of the job's own")
    add("--batch-size", type=int, help="instead of the job's own")
    add("--learning-rate", type=float, help="where Adam starts, instead of the job's own")
    add("--precision", default="mixed_bfloat16", help="a dtype policy of Keras")
    chosen = parser.parse_args(arguments)
    data = Data(chosen.data, chosen.images)
    trainers = {}  # by the function that builds, so that each network is compiled once
    for name in chosen.jobs:
        given = chosen.epochs, chosen.batch_size, chosen.learning_rate
        build, noise, *usual = JOBS[name]
        if build not in trainers:
            given_to_all = data.images, data.validation("mixed"), data.scored
            trainers[build] = Trainer(build, *given_to_all, chosen.precision)
        recipe = build, noise, *(mine or its for mine, its in zip(given, usual))
        run(name, recipe, data, trainers[build], chosen.output)


if __name__ == "__main__":
    main()
