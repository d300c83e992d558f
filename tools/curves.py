"""PSNR against processor minutes, for three networks: `python -m tools.curves --help`.

How long a core takes an image is measured on a core (`--costs`). How good a network is after as many images as
a core manages in 3, 10, 30 or 100 minutes is found on a GPU. At each of these budgets batch size and learning
rate are chosen by the validation loss; the search goes on while the best learning rate is the highest or lowest
that was tried. The smaller budgets are repeated with other seeds.
"""

import argparse
import json
import os
import time
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import numpy as np

from tools import rivals

BUDGETS = {3: (8, 32), 10: (8, 32), 30: (32, 128), 100: (32, 128)}  # processor minutes, batch sizes tried
SEVERAL_SEEDS, SEEDS = (3, 10), (0, 1, 2)
RATES = (1e-3, 2e-3, 4e-3)
COSTS = rivals.FOLDER / "costs.json"


def build_dncnn():
    """DnCNN whose last convolution starts from zeros, like that of the two others."""
    return rivals.build_dncnn(last="zeros")


NETWORKS = {"with skips": rivals.build_ours, "DnCNN": build_dncnn, "five convolutions": rivals.build_plain}


def cost(name, batch_size):
    """Processor seconds that training takes an image, on the machine of costs.json."""
    return json.loads(COSTS.read_text(encoding="utf-8"))["milliseconds"][name][str(batch_size)] / 1000


class Search:
    """The settings that were tried for one network, and what came of them."""

    def __init__(self, name, data, file):
        from tools.on_gpu import NOISES, Trainer

        self.name, self.file, self.noise = name, file, NOISES["mixed"]
        self.runs = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        self.trainer = Trainer(NETWORKS[name], data.images, data.validation("mixed"), data.scored, at_once=10)

    def run(self, minutes, batch_size, rate, seed=0):
        """Train by one setting, unless that was done; return what is recorded of it."""
        key = {"minutes": minutes, "batch_size": batch_size, "learning_rate": rate, "seed": seed}
        for run in self.runs:
            if key.items() <= run.items():
                return run
        steps = max(1, round(60 * minutes / cost(self.name, batch_size) / batch_size / 10)) * 10
        start = time.perf_counter()
        state, _ = self.trainer.train(self.noise, steps, batch_size, rate, seed, keep_best=False)
        loss = float(self.trainer.val_loss(state))
        loss = loss if np.isfinite(loss) else 1e9
        found = {"images": steps * batch_size, "val_loss": loss, "psnr": self.trainer.score(state)}
        self.runs.append(key | found)
        print(self.name, key, f"{loss:.6f}", f"{time.perf_counter() - start:.1f} s", flush=True)
        self.file.write_text(json.dumps(self.runs, indent=1) + "\n", encoding="utf-8")
        return self.runs[-1]

    def best(self, minutes, batches, rates):
        """The setting with the lowest validation loss; rates are added while the best is at the edge."""
        rates = sorted(rates)
        while True:
            tried = [self.run(minutes, batch, rate) for batch in batches for rate in rates]
            best = min(tried, key=lambda run: run["val_loss"])
            batches = [best["batch_size"]]
            if best["learning_rate"] == rates[0]:
                rates.insert(0, rates[0] / 2)
            elif best["learning_rate"] == rates[-1]:
                rates.append(rates[-1] * 2)
            else:
                return best

    def all(self):
        rates = RATES
        for minutes, batches in BUDGETS.items():
            found = self.best(minutes, batches, rates)
            for seed in SEEDS if minutes in SEVERAL_SEEDS else ():
                self.run(minutes, found["batch_size"], found["learning_rate"], seed)
            rates = found["learning_rate"], found["learning_rate"] * 2


def measure_costs():
    """Write costs.json: processor milliseconds an image, with one thread, in 32 bits."""
    from helpers.noise import add_mixed
    from helpers.training import NoisyBatches

    clean = np.random.default_rng(0).random((4000, 32, 32, 3), dtype=np.float32)
    table = {}
    for name, build in NETWORKS.items():
        for batch_size in sorted({size for sizes in BUDGETS.values() for size in sizes}):
            model = build()
            model.compile("adam", loss="mse")
            batches = NoisyBatches(clean, lambda images, rng: add_mixed(images, rng), batch_size)
            for step in range(3):
                model.train_on_batch(*batches[step])
            steps, start = max(3, 640 // batch_size), time.process_time()
            for step in range(steps):
                model.train_on_batch(*batches[step])
            seconds = (time.process_time() - start) / steps / batch_size
            table.setdefault(name, {})[str(batch_size)] = round(1000 * seconds, 2)
            print(name, batch_size, table[name][str(batch_size)], flush=True)
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.split(":")[1].strip() for line in about if line.startswith("model name"))
    machine = next(names, "processor")
    COSTS.write_text(json.dumps({"machine": machine, "milliseconds": table}, indent=1) + "\n", encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(NETWORKS), help=", ".join(NETWORKS))
    parser.add_argument("--costs", action="store_true", help="only measure what an image costs a core")
    parser.add_argument("--output", type=Path, default=Path("runs/curves"))
    chosen = parser.parse_args(arguments)
    if chosen.costs:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        measure_costs()
        return
    from tools.on_gpu import Data

    data, found = Data(), {}
    chosen.output.mkdir(parents=True, exist_ok=True)
    for name in chosen.names:
        search = Search(name, data, chosen.output / f"curves-{name.replace(' ', '_')}.json")
        search.all()
        found[name] = search.runs
    (chosen.output / "curves.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
