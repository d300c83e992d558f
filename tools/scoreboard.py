"""Compute the scoreboard on the CIFAR-10 test part: `make scoreboard`.

Writes helpers/weights/scoreboard.json (everything), notebooks/SCOREBOARD.md (a table for each noise, and a
figure of PSNR against training time) and the table in README.md. Filters are tuned on validation images, and
a setting at the edge of its grid is an error. Scores that were computed before, with the same code and weights,
are taken from .cache/scoreboard; times are always measured again, so let the machine be idle while they are.
"""

import argparse
import hashlib
import inspect
import itertools
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
import matplotlib
import numpy as np
from scipy import ndimage
from skimage import restoration
from tqdm import tqdm

from helpers.data import load_images, split
from helpers.filters import FILTERS, STRENGTHS, apply_filter
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import PRETRAINED, load_pretrained, read_card
from helpers.plotting import COLOURS
from helpers.train import REPORTED
from helpers.training import denoise
from tools import rivals
from tools.rivals import clipping_undone

TOP = Path(__file__).parents[1]

CORES = 2
CACHE = TOP / ".cache" / "scoreboard"
JSON = PRETRAINED / "scoreboard.json"
TABLES, README = TOP / "notebooks" / "SCOREBOARD.md", TOP / "README.md"
PATIENT = ("BM3D", "BM3D, clipping undone")  # which may be measured on fewer images
FIGURE = TOP / "notebooks" / "images" / "scoreboard_curves.png"
PATCHES = (1, 3, 5, 7)  # pixels; of non-local means
WITHOUT_SIGMA = (0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7)  # h of non-local means, where there is no sigma
WINDOWS = (1, 3, 5, 7, 9, 11, 13)  # the largest window of the adaptive median
CURVE_NOISE = "gaussian 25/255"  # of the figure


# ---------------------------------------------------------------- the rows without weights


def median(noisy):  # 3x3
    return ndimage.median_filter(noisy, (1, 3, 3, 1))


def selective_median(noisy):
    """Replace only pixels that are black or white in all channels."""
    suspicious = (noisy == 0).all(axis=-1, keepdims=True) | (noisy == 1).all(axis=-1, keepdims=True)
    return np.where(suspicious, median(noisy), noisy)


def adaptive_median(noisy, setting):
    """A median that grows, for values that are black or white only.

    Such a value becomes the median of the smallest window in which the median is neither the smallest nor the
    largest value (Hwang and Haddad 1995, doi:10.1109/83.370679), or of the window with `setting` pixels a
    side. So Chan et al. 2005, doi:10.1109/TIP.2005.852196, find and first mend the specks.
    """
    result, open_ = noisy.copy(), (noisy == 0) | (noisy == 1)
    for side in range(1, int(setting) + 1, 2):
        window = (1, side, side, 1)
        low, high = ndimage.minimum_filter(noisy, window), ndimage.maximum_filter(noisy, window)
        middle = ndimage.median_filter(noisy, window)
        found = open_ & (low < middle) & (middle < high)
        result[found] = middle[found]
        open_ &= ~found
    result[open_] = middle[open_]
    return result


def biharmonic(noisy):
    """Fill the pixels that are black or white in all channels, by scikit-image."""
    specks = (noisy == 0).all(axis=-1) | (noisy == 1).all(axis=-1)
    pairs = zip(noisy, specks)
    filled = [restoration.inpaint_biharmonic(image, mask, channel_axis=-1) for image, mask in pairs]
    return np.clip(filled, 0, 1).astype(np.float32)


def non_local_means(noisy, setting, sigma=0.0):
    """With patches of `patch` pixels, and `h`; told sigma, h is in multiples of it."""
    patch, h = setting
    options = {"patch_size": int(patch), "patch_distance": 6, "fast_mode": True, "channel_axis": -1}
    h = h * sigma if sigma else h
    filtered = [restoration.denoise_nl_means(image, h=h, sigma=sigma, **options) for image in noisy]
    return np.clip(filtered, 0, 1).astype(np.float32)


def bm3d(noisy, sigma, undone=False, keep=True):
    """CBM3D (Dabov et al. 2007, doi:10.1109/ICIP.2007.4378954); no image twice, because it takes seconds."""
    from bm3d import bm3d_rgb

    denoised = []
    for image in noisy:
        file = CACHE / "bm3d" / f"{hashlib.sha256(image.tobytes()).hexdigest()[:20]}-{sigma:.4f}.npy"
        if not (keep and file.exists()):
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(part := file.with_suffix(f".{os.getpid()}.npy"), bm3d_rgb(image, sigma).astype(np.float32))
            os.replace(part, file)
        denoised.append(np.clip(np.load(file), 0, 1))
    return clipping_undone(np.stack(denoised), sigma) if undone else np.stack(denoised)


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


def tuned(noise, validation, run, *grids):
    """The setting of ``run(noisy, setting)`` with the highest mean PSNR on validation images.

    With several grids a setting is a tuple. None may be the first or last of its grid.
    """
    noisy = REPORTED[noise](validation, np.random.default_rng(5))
    settings = list(itertools.product(*grids)) if len(grids) > 1 else grids[0]
    best = max(settings, key=lambda setting: psnr(validation, run(noisy, setting)).mean())
    for value, grid in zip(np.atleast_1d(best), grids):
        if value in (min(grid), max(grid)):
            raise ValueError(f"For {noise} the best setting, {best}, is at the edge of {grid}; widen the grid.")
    return best


def sigma_of(noise):
    """The sigma of Gaussian noise; 0 for salt and pepper."""
    kind, level = noise.split()
    return int(level.split("/")[0]) / 255 if kind == "gaussian" else 0.0


# ---------------------------------------------------------------- all rows


def load_dncnn():
    model = rivals.build_dncnn()
    model.load_weights(rivals.FOLDER / "dncnn.weights.h5")
    return model


# A row is (prepare, code, parameters, note): ``prepare(noise)`` gives ``(denoise, setting)``, or None where the
# method is not for this noise; the code says whether scores in the cache are still good.


def fixed(function):
    return lambda noise: (function, None)


def filter_rows(training, validation, pool):
    def knobs(function, *grids):
        """Prepare a function that is tuned over these grids."""
        def prepare(noise):
            def run(noisy, setting):
                return spread(pool, partial(function, setting=setting), noisy)

            setting = tuned(noise, validation[:200], run, *grids)
            return partial(function, setting=setting), setting

        return prepare

    def patches(noise):
        sigma = sigma_of(noise)
        means = partial(non_local_means, sigma=sigma)
        return knobs(means, PATCHES, (0.1, *STRENGTHS, 1.5) if sigma else WITHOUT_SIGMA)(noise)

    def told_sigma(undone):
        def prepare(noise):
            sigma = sigma_of(noise)
            return (partial(bm3d, sigma=sigma, undone=undone), sigma) if sigma else None

        return prepare

    def specks_only(prepare):
        return lambda noise: None if sigma_of(noise) else prepare(noise)

    components = cache(lambda: principal_components(training))

    def best_linear(noise):
        return BestLinear(*components(), training[:10_000], REPORTED[noise]), None

    def library(name, *more):
        settings = (*FILTERS[name].settings, *more)
        code = f"{inspect.getsource(FILTERS[name].apply)} {settings} {inspect.getsource(tuned)}"
        return knobs(partial(apply_filter, name), settings), code, 1, "tuned"

    source = inspect.getsource
    return {
        "noisy": (fixed(lambda x: x), "", None, ""),
        "Gaussian blur": library("Gaussian blur"),
        "median 3×3": (fixed(median), source(median), 0, ""),
        "selective median": (fixed(selective_median), source(selective_median), 0,
                             "only where a pixel is black or white"),
        "adaptive median": (specks_only(knobs(adaptive_median, WINDOWS)), source(adaptive_median), 1,
                            "only where a value is black or white; the largest window is tuned"),
        "total variation": library("total variation"),
        "wavelet (BayesShrink)": library("wavelet"),
        "sliding DCT": library("sliding DCT", 1.0, 1.4, 2.0),
        "non-local means": (patches, f"{source(non_local_means)} {PATCHES} {STRENGTHS} {WITHOUT_SIGMA}", 2,
                            "is told sigma; patch size in pixels and h tuned, h in multiples of sigma. For "
                            "salt and pepper there is no sigma, and h is on the scale of the images"),
        "BM3D": (told_sigma(False), source(bm3d), 1,
                 "the variant for colour, CBM3D; is told sigma. It is made for noise that is not clipped, and "
                 "clipping moves the mean of dark and bright values towards grey"),
        "BM3D, clipping undone": (told_sigma(True), source(bm3d) + source(clipping_undone), 1,
                                  "its result mapped back by the formula for the mean of clipped noise"),
        "biharmonic inpainting": (specks_only(fixed(biharmonic)), source(biharmonic), 0,
                                  "pixels that are black or white in all channels are filled"),
        "best linear filter": (best_linear, source(BestLinear), BestLinear.parameters,
                               "Wiener, PCA of the training images, knows the noise"),
    }


def network_rows():
    def network(model):
        return fixed(partial(denoise, model))

    def training(card):
        images, machine = card["recipe"]["images"], card["hardware"]
        return f"{card['epochs_done']} epochs of {images:,} images, best epoch {card['best_epoch']}; {machine}"

    table = {}
    for name, skips in (("without skips", False), ("with skips", True)):
        model, card = load_pretrained(skips), read_card(skips)
        table[name] = network(model), card["sha256"], model.count_params(), training(card)
    model, card = load_dncnn(), rivals.read_card()
    note = f"Zhang et al. 2017, 17 layers of 64 maps, blind; {training(card)}"
    return table | {"DnCNN": (network(model), card["sha256"], model.count_params(), note)}


def spread(pool, function, images):
    """Apply a function to the images, in one process a core."""
    return np.concatenate(list(pool.map(function, np.array_split(images, CORES))))


def is_network(function):
    return getattr(function, "func", None) is denoise


def made_noisy(clean, noise):
    """The first image gets the same noise, however many follow."""
    rng = np.random.default_rng([3, list(REPORTED).index(noise)])
    return REPORTED[noise](clean, rng)


def evaluate(name, row, noise, clean, pool):
    """PSNR and SSIM of every image; from the cache, if they were computed before by the same code."""
    prepare, code, *_ = row
    key = hashlib.sha256(f"{code} {name} {noise} {len(clean)}".encode()).hexdigest()[:16]
    file = CACHE / f"{key}.npz"
    if not file.exists():
        prepared = prepare(noise)
        if prepared is None:
            return None
        function, setting = prepared
        noisy = made_noisy(clean, noise)
        whole = is_network(function) or isinstance(function, BestLinear) or name == "noisy"
        denoised = function(noisy) if whole else spread(pool, function, noisy)
        CACHE.mkdir(parents=True, exist_ok=True)
        setting = np.array(setting, dtype=float)
        np.savez(file, psnr=psnr(clean, denoised), ssim=ssim(clean, denoised), setting=setting)
    with np.load(file) as saved:
        return {name: saved[name] for name in saved.files}


def milliseconds(row, clean, pool):
    """Wall-clock milliseconds an image takes at sigma 25/255 (or what it is made for), on two cores."""
    for noise in ("gaussian 25/255", "salt-and-pepper 0.1"):
        prepared = row[0](noise)
        if prepared:
            break
    function, _ = prepared
    if getattr(function, "func", None) is bm3d:
        function = partial(function, keep=False)
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


def compute(count, patient, pool):
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
            found = evaluate(name, row, noise, clean[:patient] if name in PATIENT else clean, pool)
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
            if np.isfinite(found["setting"]).all():
                scores[noise]["setting"] = found["setting"].tolist()
        board["rows"][name] = {"parameters": row[2], "note": row[3], "scores": scores}
    bar.close()
    board["with_skips_minus_BM3D"] = {}
    for noise in filter(sigma_of, REPORTED):
        better = kept["with skips", noise][:patient] - kept["BM3D", noise]
        board["with_skips_minus_BM3D"][noise] = dict(zip(("mean", "error"), mean_and_error(better)))
    for name, row in tqdm(table.items(), desc="times", file=sys.stdout):
        board["rows"][name]["ms"] = None if name == "noisy" else milliseconds(row, clean, pool)
    return board | {"curves": curves()}


def curves():
    """PSNR on validation images against processor minutes, at the best setting of each budget."""
    runs = json.loads((rivals.FOLDER / "curves.json").read_text(encoding="utf-8"))
    networks = {}
    for name, of_network in runs.items():
        for minutes in sorted({run["minutes"] for run in of_network}):
            some = [run for run in of_network if run["minutes"] == minutes]
            best = min((run for run in some if run["seed"] == 0), key=lambda run: run["val_loss"])
            keys = ("minutes", "batch_size", "learning_rate", "images")
            seeds = [run for run in some if all(run[key] == best[key] for key in keys)]
            values = {noise: [run["psnr"][noise] for run in seeds] for noise in REPORTED}
            networks.setdefault(name, []).append({key: best[key] for key in keys} | {
                "seeds": len(seeds), "val_loss": float(np.mean([run["val_loss"] for run in seeds])),
                "psnr": {n: [float(np.mean(x)), min(x), max(x)] for n, x in values.items()},
            })
    cards = {"with skips": read_card(True), "DnCNN": rivals.read_card()}
    converged = {
        name: {noise: card["validation_psnr"][noise]["denoised"] for noise in REPORTED}
        for name, card in cards.items()
    }
    machine = json.loads((rivals.FOLDER / "costs.json").read_text(encoding="utf-8"))["machine"]
    noisy = {noise: cards["DnCNN"]["validation_psnr"][noise]["noisy"] for noise in REPORTED}
    return {"machine": machine, "noisy": noisy, "networks": networks, "converged": converged}


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
    """PSNR for every noise, in one table."""
    lines = []
    for name, row in board["rows"].items():
        values = [f"{row['scores'][n]['psnr']:.2f}" if n in row["scores"] else "" for n in board["noises"]]
        lines.append([name, *values, milli(row["ms"]), amount(row["parameters"], 0)])
    header = ["PSNR in dB", *map(short, board["noises"]), "ms an image", "parameters"]
    table, count = markdown(header, lines), board["data"]["images"]
    few = min(score["images"] for row in board["rows"].values() for score in row["scores"].values())
    patient = f" ({' and '.join(PATIENT)}: {few:,})" if few < count else ""
    return f"{table}\n\nMean over {count:,} images of the CIFAR-10 test part{patient}, {board['machine']}."


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
                few = f" ({s['images']:,} images)" if s["images"] < board["data"]["images"] else ""
                lines.append([
                    name + few,
                    f"{s['psnr']:.2f} ± {s['psnr_error']:.2f}",
                    f"{s['ssim']:.3f} ± {s['ssim_error']:.3f}",
                    f"{s['gain']:+.2f}",
                    milli(row["ms"]),
                    amount(row["parameters"], 0),
                    ", ".join(f"{x:g}" for x in np.atleast_1d(s.get("setting", []))),
                ])
        header = ["", "PSNR (dB)", "SSIM", "gain (dB)", "ms an image", "parameters", "setting"]
        parts.append(f"## {short(noise)}\n\n{markdown(header, lines)}\n")
        if noise in board["with_skips_minus_BM3D"]:
            better = board["with_skips_minus_BM3D"][noise]
            parts.append(f"With skips minus BM3D: {better['mean']:+.2f} ± {better['error']:.2f} dB.\n")
    parts.append(
        "## The rows\n\nThe standard errors say how far a mean over so many images typically is from that "
        "over all images of this kind. They do not say what a training with another seed would give.\n"
    )
    parts += [f"- **{name}**: {row['note']}" for name, row in board["rows"].items() if row["note"]]
    return "\n".join(parts) + "\n\n" + training_time(board["curves"])


def training_time(found):
    """The section on processor minutes."""
    lines = [
        [name, str(p["minutes"]), f"{p['images']:,}", str(p["batch_size"]), f"{p['learning_rate']:g}",
         str(p["seeds"]), *(f"{mean:.2f}" for mean, _, _ in p["psnr"].values())]
        for name, points in found["networks"].items() for p in points
    ]
    header = ["", "minutes", "images", "batch", "learning rate", "seeds", *map(short, found["noisy"])]
    ends = ", ".join(f"{name} {values[CURVE_NOISE]:.2f} dB" for name, values in found["converged"].items())
    return (
        "## How good after so many minutes of a processor?\n\n"
        f"![PSNR against processor minutes, of three networks](images/{FIGURE.name})\n\n"
        f"PSNR on 2,000 *validation* images (in the figure at {short(CURVE_NOISE)}). The minutes are "
        f"those of one core of an {found['machine']}. The cost of an image was measured on it. Then each "
        "network was trained on a GPU, with as many images as that core manages. At each budget batch "
        "size and learning rate were chosen by the validation loss, and no chosen rate is the lowest or "
        "highest that was tried. Where there are three seeds, the value is their mean, and the bar in "
        "the figure is their range. *Five convolutions* is the plain network of lesson 4. In all three "
        "the last convolution starts from zeros. "
        f"Trained to the end: {ends}.\n\n{markdown(header, lines)}\n"
    )


def draw(found):
    """The figure of that section."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    colours = {"with skips": COLOURS["with skips"], "DnCNN": COLOURS["median"]}
    figure, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for (name, points), marker in zip(found["networks"].items(), "osD"):
        colour = colours.get(name, COLOURS["Gaussian blur"])
        minutes = [point["minutes"] for point in points]
        mean, low, high = np.transpose([point["psnr"][CURVE_NOISE] for point in points])
        style = {"fmt": f"{marker}-", "color": colour, "lw": 3, "ms": 9, "capsize": 5}
        ax.errorbar(minutes, mean, [mean - low, high - mean], label=name, **style)
        if name in found["converged"]:
            end = found["converged"][name][CURVE_NOISE]
            ax.plot([150, 300], [end, end], color=colour, lw=3, ls=":" if name == "DnCNN" else "-")
    ax.text(212, ax.get_ylim()[1], "trained\nto the end", ha="center", va="bottom", fontsize=11)
    ax.axhline(found["noisy"][CURVE_NOISE], color=COLOURS["noisy"], ls="--", label="noisy")
    ax.set(xscale="log", xlabel="processor minutes", ylabel="PSNR on validation (dB)", xticks=[3, 10, 30, 100])
    ax.set_xticklabels(["3", "10", "30", "100"])
    ax.minorticks_off()
    ax.legend(fontsize=11, loc="center left", bbox_to_anchor=(0.03, 0.5))
    figure.savefig(FIGURE, dpi=110)
    plt.close(figure)


def into_readme(text, board):
    """README.md with its table replaced."""
    start, end = "<!-- scoreboard -->\n", "\n<!-- end of the scoreboard -->"
    before, rest = text.split(start)
    return before + start + overview(board) + end + rest.split(end)[1]


def write(board):
    JSON.write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    TABLES.write_text(tables(board), encoding="utf-8")
    README.write_text(into_readme(README.read_text(encoding="utf-8"), board), encoding="utf-8")
    draw(board["curves"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2000, help="how many test images (default 2000)")
    parser.add_argument("--patient", type=int, default=2000, help="how many of them for BM3D (default 2000)")
    parser.add_argument("--check", action="store_true", help="only compare with the scoreboard that is there")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", module="pywt|skimage")
    old = json.loads(JSON.read_text(encoding="utf-8"))
    patient = old["rows"]["BM3D"]["scores"][CURVE_NOISE]["images"] if chosen.check else chosen.patient
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        board = compute(chosen.images, patient, pool)
    if chosen.check:
        compare(board, old)
    else:
        write(board)
        print(overview(board))


def compare(board, old, tolerance=0.02):
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
