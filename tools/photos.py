"""Measure the network with skips, non-local means and BM3D on six photographs: `python -m tools.photos`.

Writes helpers/weights/photos.json, which notebook 09 reads. Of each photograph the middle 256x256 pixels are
taken, in full size. The noise is Gaussian, and clipped like everywhere in the series. The network was trained
on CIFAR-10, so all six are new to it. Non-local means has patches of 5x5 and a window of 13x13, and its
strength is tuned on the other five photographs. BM3D is `bm3d_rgb`, that is CBM3D (Dabov et al. 2007,
doi:10.1109/ICIP.2007.4378954), and is told sigma. It is made for noise that is not clipped, so a second row
maps its result back (`clipping_undone`). It takes about ten minutes; `--keep BM3D` leaves a row as it is.
"""

import argparse
import json
import os
import platform
import time
import warnings
from importlib.metadata import version

os.environ.setdefault("OMP_NUM_THREADS", "1")  # "processor seconds" are those of one core
import numpy as np
from scipy.stats import norm
from skimage.transform import downscale_local_mean
from tqdm import tqdm

from helpers.data import photographs
from helpers.filters import STRENGTHS, non_local_means
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import PRETRAINED, load_pretrained
from helpers.noise import add_gaussian
from helpers.tiles import denoise_photo

JSON = PRETRAINED / "photos.json"
SIDE, LEVELS = 256, (15, 25, 50)  # pixels; sigma in grey values of 255
SIZES, LEVEL_OF_SIZES = (1, 2, 4), 25  # shrunk so many times, before this noise is added


def pieces():
    """The middle of each photograph."""
    found = {}
    for name, photo in photographs().items():
        top, left = ((side - SIDE) // 2 for side in photo.shape[:2])
        found[name] = to_float(photo[top : top + SIDE, left : left + SIDE])
    return found


def made_noisy(clean, name, level):
    """A piece with its noise: always the same one."""
    return add_gaussian(clean, level / 255, np.random.default_rng([9, level, sum(map(ord, name))]))


def strength(found, name, level):
    """The strength of non-local means with the highest mean PSNR on the *other* photographs."""
    others = [other for other in found if other != name]
    return max(STRENGTHS, key=lambda h: np.mean([_score(found, other, level, h) for other in others]))


_known = {}


def _score(found, name, level, h):
    if (name, level, h) not in _known:
        denoised = non_local_means(made_noisy(found[name], name, level), level / 255, h)
        _known[name, level, h] = psnr(found[name], denoised)
    return _known[name, level, h]


def bm3d(noisy, sigma):
    from bm3d import bm3d_rgb

    return np.clip(bm3d_rgb(noisy, sigma), 0, 1).astype(np.float32)


def mean_when_clipped(clean, sigma):
    """The expected value of clip(clean + sigma * noise, 0, 1), for Gaussian noise."""
    def area(u):  # under the distribution function, up to u
        return u * norm.cdf(u) + norm.pdf(u)

    return sigma * (area(clean / sigma) - area((clean - 1) / sigma))


def clipping_undone(denoised, sigma):
    """What a mean of clipped values says about the clean value.

    A method that averages noisy values comes near their expected value, which clipping moves towards grey.
    This is the inverse of `mean_when_clipped`.
    """
    clean = np.linspace(0, 1, 1001)
    return np.interp(denoised, mean_when_clipped(clean, sigma), clean).astype(np.float32)


def methods(found, name, level, network):
    """Name of each method to what it makes of a noisy piece."""
    knob = strength(found, name, level)
    return {
        "noisy": lambda noisy: noisy,
        "non-local means": lambda noisy: non_local_means(noisy, level / 255, knob),
        "BM3D": lambda noisy: bm3d(noisy, level / 255),
        "BM3D, clipping undone": lambda noisy: clipping_undone(bm3d(noisy, level / 255), level / 255),
        "with skips": lambda noisy: denoise_photo(network, noisy),
    }


def by_size(found, network):
    """PSNR of three methods on the shrunk pieces: size, then photograph, then method."""
    table = {}
    for size in SIZES:
        _known.clear()  # the pieces are others now
        shrunk = {n: downscale_local_mean(x, (size, size, 1)).astype(np.float32) for n, x in found.items()}
        for name, clean in tqdm(shrunk.items(), desc=f"size 1/{size}"):
            noisy = made_noisy(clean, name, LEVEL_OF_SIZES)
            runs = methods(shrunk, name, LEVEL_OF_SIZES, network)
            scores = {m: psnr(clean, run(noisy)) for m, run in runs.items() if not m.startswith("BM3D")}
            table.setdefault(f"1/{size}", {})[name] = scores
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", nargs="*", default=[], help="methods whose record is kept")
    kept = parser.parse_args().keep
    old = json.loads(JSON.read_text(encoding="utf-8")) if kept else None
    warnings.filterwarnings("ignore", module="pywt|skimage")
    network, found = load_pretrained(skips=True), pieces()
    denoise_photo(network, found["cat"])  # the first call compiles
    scores, seconds = {}, {}
    for level in LEVELS:
        for name, clean in tqdm(found.items(), desc=f"sigma {level}/255"):
            noisy = made_noisy(clean, name, level)
            for method, run in methods(found, name, level, network).items():
                by_level = scores.setdefault(method, {}).setdefault(str(level), {})
                if method in kept:
                    by_level[name] = old["scores"][method][str(level)][name]
                    continue
                start = time.process_time()
                denoised = run(noisy)
                seconds.setdefault(method, []).append(time.process_time() - start)
                by_level[name] = {"psnr": psnr(clean, denoised), "ssim": ssim(clean, denoised)}
    a_megapixel = {m: sum(times) / len(times) / (SIDE**2 / 1e6) for m, times in seconds.items() if m != "noisy"}
    a_megapixel |= {method: old["processor_seconds_a_megapixel"][method] for method in kept}
    record = {
        "photographs": list(found), "pixels": f"the middle {SIDE}x{SIDE} of each, full size",
        "noise": "Gaussian, sigma in grey values of 255, clipped to [0, 1]", "levels": list(LEVELS),
        "machine": f"{platform.machine()}, one core",
        "versions": {p: version(p) for p in ("keras", "numpy", "scikit-image", "bm3d")},
        "processor_seconds_a_megapixel": a_megapixel,
        "scores": scores, "by_size": by_size(found, network),
    }
    JSON.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for method, by_level in scores.items():
        means = (np.mean([score["psnr"] for score in by_name.values()]) for by_name in by_level.values())
        print(method, *(f"{mean:.2f} dB" for mean in means))


if __name__ == "__main__":
    main()
