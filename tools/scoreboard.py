"""Compute the scoreboard on the CIFAR-10 test part: `make scoreboard`.

Writes helpers/weights/scoreboard.json (everything), notebooks/SCOREBOARD.md (a table for each noise)
and the table in README.md. Filters are tuned on validation images. Scores that were computed before,
with the same code and weights, are taken from .cache/scoreboard; times are always measured again, so
let the machine be idle while they are.
"""

import argparse
import hashlib
import inspect
import json
import multiprocessing
import os
import platform
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # filters run in one process a core
import numpy as np
from scipy import ndimage
from tqdm import tqdm

from helpers.data import load_images, split
from helpers.filters import FILTERS, apply_filter
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import PRETRAINED, load_pretrained, read_card
from helpers.train import REPORTED
from helpers.training import denoise
from tools import rivals

TOP = Path(__file__).parents[1]

CORES = 2
CACHE = TOP / ".cache" / "scoreboard"
JSON = PRETRAINED / "scoreboard.json"
TABLES, README = TOP / "notebooks" / "SCOREBOARD.md", TOP / "README.md"
BM3D_SETTINGS = (0.15, 0.2, 0.25, 0.3, 0.4)  # tried where there is no sigma
EQUAL_TIME = {
    "short_with_skips": "with skips, short",
    "dncnn": "DnCNN, as short",
    "keras_example": "Keras example, as short",
}
PATIENT = {"BM3D": 80}  # how many images, where it is not all of them


# ---------------------------------------------------------------- the rows without weights


def median(noisy):  # 3x3
    return ndimage.median_filter(noisy, (1, 3, 3, 1))


def selective_median(noisy):
    """Replace only pixels that are black or white in all channels."""
    suspicious = (noisy == 0).all(axis=-1, keepdims=True) | (noisy == 1).all(axis=-1, keepdims=True)
    return np.where(suspicious, median(noisy), noisy)


def bm3d(noisy, sigma):
    from bm3d import bm3d_rgb

    return np.stack([np.clip(bm3d_rgb(image, sigma), 0, 1) for image in noisy]).astype(np.float32)


class BestLinear:
    """The best linear filter (Wiener) in the PCA basis of the training images, for one noise.

    Every principal component of the noisy image is multiplied by its own number: the one that brings it
    closest to the clean image's, on training images.
    """

    parameters = 3072 * 3072 + 3 * 3072  # basis, two means, one factor a component

    def __init__(self, mean, basis, clean, add_noise):
        noisy = add_noise(clean, np.random.default_rng(7)).reshape(len(clean), -1)
        clean = clean.reshape(len(clean), -1)
        self.mean, self.basis, self.noisy_mean = mean, basis, noisy.mean(axis=0)
        truth, seen = (clean - clean.mean(axis=0)) @ basis, (noisy - self.noisy_mean) @ basis
        self.factor = (truth * seen).mean(axis=0) / (seen * seen).mean(axis=0)

    def __call__(self, noisy):
        seen = (noisy.reshape(len(noisy), -1) - self.noisy_mean) @ self.basis
        denoised = self.mean + (seen * self.factor) @ self.basis.T
        return np.clip(denoised, 0, 1).astype(np.float32).reshape(noisy.shape)


def principal_components(images):
    """Mean and principal components, as columns, of flattened images."""
    flat = images.reshape(len(images), -1)
    mean = flat.mean(axis=0)
    return mean, np.linalg.eigh((flat - mean).T @ (flat - mean))[1]


def tuned(noise, validation, run, settings):
    """The setting of ``run(noisy, setting)`` with the highest mean PSNR on validation images."""
    noisy = REPORTED[noise](validation, np.random.default_rng(5))
    scores = [psnr(validation, run(noisy, setting)).mean() for setting in settings]
    return settings[int(np.argmax(scores))]


# ---------------------------------------------------------------- all rows


def load_rival(name):
    build, _ = rivals.RIVALS[name]
    model = build()
    model.load_weights(rivals.FOLDER / f"{name}.weights.h5")
    return model


# A row is (prepare, code, parameters, note): ``prepare(noise)`` gives ``(denoise, setting)``; the code says
# whether scores in the cache are still good.


def fixed(function):
    return lambda noise: (function, None)


def filter_rows(training, validation, pool):
    def filtered(name):
        def prepare(noise):
            def run(noisy, setting):
                return spread(pool, partial(apply_filter, name, setting=setting), noisy)

            setting = tuned(noise, validation[:200], run, FILTERS[name].settings)
            return partial(apply_filter, name, setting=setting), setting

        return prepare

    def told_sigma(noise):
        kind, level = noise.split()
        if kind == "gaussian":
            sigma = int(level.split("/")[0]) / 255
        else:
            def run(noisy, sigma):
                return spread(pool, partial(bm3d, sigma=sigma), noisy)

            sigma = tuned(noise, validation[:4], run, BM3D_SETTINGS)
        return partial(bm3d, sigma=sigma), sigma

    components = cache(lambda: principal_components(training))

    def best_linear(noise):
        return BestLinear(*components(), training[:10_000], REPORTED[noise]), None

    def library(name):
        code = f"{inspect.getsource(FILTERS[name].apply)} {FILTERS[name].settings} {inspect.getsource(tuned)}"
        return filtered(name), code, 1, "tuned"

    source = inspect.getsource
    return {
        "noisy": (fixed(lambda x: x), "", None, ""),
        "Gaussian blur": library("Gaussian blur"),
        "median 3×3": (fixed(median), source(median), 0, ""),
        "selective median": (fixed(selective_median), source(selective_median), 0,
                             "only where a pixel is black or white"),
        "total variation": library("total variation"),
        "wavelet (BayesShrink)": library("wavelet"),
        "non-local means": library("non-local means"),
        "BM3D": (told_sigma, f"{source(bm3d)} {BM3D_SETTINGS}", 1, "is told sigma; tuned for salt and pepper"),
        "best linear filter": (best_linear, source(BestLinear), BestLinear.parameters,
                               "Wiener, PCA of the training images, knows the noise"),
    }


def network_rows():
    def network(model):
        return fixed(partial(denoise, model))

    def minutes(card):
        recipe = card["recipe"]
        epochs = card["epochs_done"] + recipe.get("epochs_before", 0)
        seconds = card["processor_seconds"] + recipe.get("processor_seconds_before", 0)
        return f"{epochs} epochs, {seconds / 60:.0f} processor minutes"

    table = {}
    for name, skips in (("without skips", False), ("with skips", True)):
        model, card = load_pretrained(skips), read_card(skips)
        table[name] = network(model), card["sha256"], model.count_params(), minutes(card)
    single = {"gaussian 25/255": "gaussian", "salt-and-pepper 0.1": "salt-and-pepper"}
    loaded = {
        noise: (load_pretrained(True, rivals.FOLDER / kind), read_card(True, rivals.FOLDER / kind))
        for noise, kind in single.items()
    }
    cards = "; ".join(f"{noise}: {minutes(card)}" for noise, (_, card) in loaded.items())
    table["with skips, this noise only"] = (
        lambda noise: (partial(denoise, loaded[noise][0]), None) if noise in loaded else None,
        "".join(card["sha256"] for _, card in loaded.values()), table["with skips"][2], cards,
    )
    for name, title in EQUAL_TIME.items():
        model, card = load_rival(name), json.loads((rivals.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        seen = card["recipe"]["images"] * card["epochs_done"]
        table[title] = (network(model), card["sha256"], model.count_params(),
                        f"{seen:,} images in {card['processor_seconds'] / 60:.0f} processor minutes")
    return table


def spread(pool, function, images):
    """Apply a function to the images, in one process a core."""
    return np.concatenate(list(pool.map(function, np.array_split(images, CORES))))


def is_network(function):
    return getattr(function, "func", None) is denoise


def evaluate(name, row, noise, clean, pool):
    """PSNR and SSIM of every image; from the cache, if they were computed before by the same code."""
    prepare, code, *_ = row
    key = hashlib.sha256(f"{code} {name} {noise} {len(clean)} {PATIENT.get(name)}".encode()).hexdigest()[:16]
    file = CACHE / f"{key}.npz"
    if not file.exists():
        prepared = prepare(noise)
        if prepared is None:
            return None
        function, setting = prepared
        noisy = REPORTED[noise](clean, np.random.default_rng([3, list(REPORTED).index(noise)]))
        noisy = noisy[: PATIENT.get(name)]
        whole = is_network(function) or isinstance(function, BestLinear) or name == "noisy"
        denoised = function(noisy) if whole else spread(pool, function, noisy)
        truth = clean[: len(noisy)]
        CACHE.mkdir(parents=True, exist_ok=True)
        setting = np.array(setting, dtype=float)
        np.savez(file, psnr=psnr(truth, denoised), ssim=ssim(truth, denoised), setting=setting)
    with np.load(file) as saved:
        return {name: saved[name] for name in saved.files}


def milliseconds(row, clean, pool):
    """Wall-clock milliseconds an image takes at sigma 25/255 (or what it is made for), on two cores."""
    for noise in ("gaussian 25/255", "salt-and-pepper 0.1"):
        prepared = row[0](noise)
        if prepared:
            break
    function, _ = prepared
    noisy = REPORTED[noise](clean, np.random.default_rng(9))
    whole = is_network(function) or isinstance(function, BestLinear)
    run = function if whole else partial(spread, pool, function)
    run(noisy[:4])
    start = time.perf_counter()
    run(noisy[:8])
    number = int(np.clip(3 / (time.perf_counter() - start) * 8, 8, len(noisy)))  # about three seconds
    laps = []
    for _ in range(3):
        start = time.perf_counter()
        run(noisy[:number])
        laps.append((time.perf_counter() - start) / number)
    return 1000 * min(laps)


# ---------------------------------------------------------------- what is written


def mean_and_error(values):
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def compute(count, pool):
    images = load_images("cifar10")
    training, validation, test = (to_float(part.images) for part in split(images, seed=0))
    clean = test[:count]
    table = filter_rows(training, validation, pool) | network_rows()
    board = {
        "data": {"source": images.source, "part": "test", "images": len(clean), "split_seed": 0},
        "machine": f"{platform.machine()}, {CORES} cores",
        "versions": {p: version(p) for p in ("tensorflow", "keras", "numpy", "scikit-image", "bm3d")},
        "noises": list(REPORTED), "rows": {},
    }
    bar = tqdm(total=len(table) * len(REPORTED), desc="scores", file=sys.stdout)
    kept = {}
    for name, row in table.items():
        scores = {}
        for noise in REPORTED:
            bar.set_postfix_str(f"{name}, {noise}")
            found = evaluate(name, row, noise, clean, pool)
            bar.update()
            if found is None:
                continue
            kept[name, noise] = found["psnr"]
            (p, p_error), (s, s_error) = (mean_and_error(found[metric]) for metric in ("psnr", "ssim"))
            noisy = kept["noisy", noise][: len(found["psnr"])]
            scores[noise] = {
                "psnr": p, "psnr_error": p_error, "ssim": s, "ssim_error": s_error,
                "gain": p - float(noisy.mean()), "images": len(found["psnr"]),
            }
            if np.isfinite(found["setting"]):
                scores[noise]["setting"] = float(found["setting"])
        board["rows"][name] = {"parameters": row[2], "note": row[3], "scores": scores}
    bar.close()
    board["with_skips_minus_BM3D"] = {}
    for noise in REPORTED:
        better = kept["with skips", noise][: PATIENT["BM3D"]] - kept["BM3D", noise]
        board["with_skips_minus_BM3D"][noise] = dict(zip(("mean", "error"), mean_and_error(better)))
    for name, row in tqdm(table.items(), desc="times", file=sys.stdout):
        board["rows"][name]["ms"] = None if name == "noisy" else milliseconds(row, clean, pool)
    return board


def amount(value, digits):
    return "" if value is None else f"{value:,.{digits}f}"


def milli(value):
    return "" if value is None else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def short(noise):
    kind, level = noise.split()
    return f"σ {level}" if kind == "gaussian" else f"s&p {float(level):.0%}"


def markdown(header, lines):
    align = [":--"] + ["--:"] * (len(header) - 1)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, align, *lines))


def overview(board):
    """PSNR for every noise, in one table, without the trainings of a few minutes: those need explaining."""
    lines = []
    for name, row in board["rows"].items():
        if name in EQUAL_TIME.values():
            continue
        values = [f"{row['scores'][n]['psnr']:.2f}" if n in row["scores"] else "" for n in board["noises"]]
        title = f"{name}{'*' if name in PATIENT else ''}"
        lines.append([title, *values, milli(row["ms"]), amount(row["parameters"], 0)])
    header = ["PSNR in dB", *map(short, board["noises"]), "ms an image", "parameters"]
    patient = "; ".join(f"* {name} on the first {count} of them" for name, count in PATIENT.items())
    table, count = markdown(header, lines), board["data"]["images"]
    return (
        f"{table}\n\nMean over {count:,} images of the CIFAR-10 test part ({patient}), two CPU cores. "
        f"Training of the pair: with skips {board['rows']['with skips']['note']}, without "
        f"{board['rows']['without skips']['note']}."
    )


def tables(board):
    """Everything, a table a noise."""
    parts = [
        "# Scoreboard\n",
        "Made by `make scoreboard`; do not edit. Mean ± standard error over "
        f"{board['data']['images']:,} images of the CIFAR-10 test part. PSNR and SSIM are means of the values "
        "of single images, `data_range=1`. Filters were tuned on validation images, for each noise. "
        f"Times: {board['machine']}.\n",
    ]
    for noise in board["noises"]:
        lines = []
        for name, row in board["rows"].items():
            if noise in row["scores"]:
                s = row["scores"][noise]
                few = f" ({s['images']} images)" if s["images"] < board["data"]["images"] else ""
                lines.append([
                    name + few,
                    f"{s['psnr']:.2f} ± {s['psnr_error']:.2f}",
                    f"{s['ssim']:.3f} ± {s['ssim_error']:.3f}",
                    f"{s['gain']:+.2f}",
                    milli(row["ms"]),
                    amount(row["parameters"], 0),
                    f"{s['setting']:g}" if "setting" in s else "",
                ])
        header = ["", "PSNR (dB)", "SSIM", "gain (dB)", "ms an image", "parameters", "setting"]
        better = board["with_skips_minus_BM3D"][noise]
        parts.append(
            f"## {short(noise)}\n\n{markdown(header, lines)}\n\nWith skips minus BM3D, on the images "
            f"that both saw: {better['mean']:+.2f} ± {better['error']:.2f} dB.\n"
        )
    parts.append(
        "## The rows\n\nThe standard errors say how far a mean over so many images typically is from that "
        "over all images of this kind. They do not say what a training with another seed would give.\n\n"
        "Networks with *short* in their name had three processor minutes, and the learning rate of their "
        "source, which is made for a longer training. These rows show what so short a time gives. "
        "They do not rank the networks.\n"
    )
    parts += [f"- **{name}**: {row['note']}" for name, row in board["rows"].items() if row["note"]]
    return "\n".join(parts) + "\n"


def into_readme(text, board):
    """README.md with its table replaced."""
    start, end = "<!-- scoreboard -->\n", "\n<!-- end of the scoreboard -->"
    before, rest = text.split(start)
    return before + start + overview(board) + end + rest.split(end)[1]


def write(board):
    JSON.write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    TABLES.write_text(tables(board), encoding="utf-8")
    README.write_text(into_readme(README.read_text(encoding="utf-8"), board), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000, help="how many test images (default 2000)")
    parser.add_argument("--check", action="store_true", help="only compare with the scoreboard that is there")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", module="pywt|skimage")
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        board = compute(chosen.images, pool)
    if chosen.check:
        compare(board, json.loads(JSON.read_text(encoding="utf-8")))
    else:
        write(board)
        print(overview(board))


def compare(board, old, tolerance=0.05):
    """Say where this machine's PSNR differs from the recorded one by more than the tolerance, in dB."""
    differences = {
        f"{name}, {noise}": abs(score["psnr"] - old["rows"][name]["scores"][noise]["psnr"])
        for name, row in board["rows"].items() for noise, score in row["scores"].items()
    }
    worst = max(differences, key=differences.get)
    print(f"Largest difference: {differences[worst]:.3f} dB ({worst}).")
    if differences[worst] > tolerance:
        sys.exit(f"That is more than {tolerance} dB.")


if __name__ == "__main__":
    main()
