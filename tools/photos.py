"""Measure two networks, non-local means and BM3D on six photographs, in three sizes: `python -m tools.photos`.

Writes helpers/weights/photos.json, which notebook 09 reads. Of each photograph the middle 256x256 pixels are
taken, and shrunk to a half and a quarter. The noise is Gaussian, and clipped like everywhere in the series.
Both networks were trained on CIFAR-10 with the same mixed noise, so all six photographs are new to them. Ours
takes 32x32 pixels and works in overlapping tiles. DnCNN (tools/rivals) has no Dense layer and gets a piece as a
whole; in the same tiles it scores within 0.01 dB of that, on the two photographs and sizes where it was tried.
Non-local means has patches of 5x5 and a window of 13x13, and its strength is tuned on the other five
photographs. BM3D is `bm3d_rgb`, that is CBM3D (Dabov et al. 2007, doi:10.1109/ICIP.2007.4378954), and is told
sigma. It is made for noise that is not clipped, so a second row maps its result back (`clipping_undone`). It
takes about ten minutes on an idle machine. `--keep BM3D` leaves the rows of BM3D as they are, and `--times`
measures the seconds alone.
"""

import argparse
import json
import os
import time
import warnings
from importlib.metadata import version

for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")  # "processor seconds" are those of one core
import numpy as np
from skimage.transform import downscale_local_mean
from tqdm import tqdm

from helpers.data import photographs
from helpers.filters import STRENGTHS, non_local_means
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import PRETRAINED, load_pretrained
from helpers.noise import add_gaussian
from helpers.tiles import denoise_photo
from helpers.training import denoise
from tools import rivals
from tools.bench import processor
from tools.rivals import clipping_undone

JSON = PRETRAINED / "photos.json"
SIDE = 256  # pixels
SETTINGS = {1: (15, 25, 50), 2: (25,), 4: (25,)}  # shrunk so many times: sigma, in grey values of 255
UNDONE = "BM3D, clipping undone"
ORDER = "noisy", "non-local means", "BM3D", UNDONE, "DnCNN", "with skips"


def pieces(size=1):
    """The middle of each photograph, shrunk so many times."""
    found = {}
    for name, photo in photographs().items():
        top, left = ((side - SIDE) // 2 for side in photo.shape[:2])
        piece = to_float(photo[top : top + SIDE, left : left + SIDE])
        found[name] = downscale_local_mean(piece, (size, size, 1)).astype(np.float32)
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
    key = found[name].shape, name, level, h
    if key not in _known:
        _known[key] = psnr(found[name], non_local_means(made_noisy(found[name], name, level), level / 255, h))
    return _known[key]


def bm3d(noisy, sigma):
    from bm3d import bm3d_rgb

    return np.clip(bm3d_rgb(noisy, sigma), 0, 1).astype(np.float32)


def load_networks():
    """Ours with skips, and DnCNN for pieces of any size."""
    dncnn = rivals.build_dncnn(side=None)
    dncnn.load_weights(rivals.FOLDER / "dncnn.weights.h5")
    return {"with skips": load_pretrained(skips=True), "DnCNN": dncnn}


def methods(found, name, level, networks):
    """Name of each method to what it makes of a noisy piece."""
    sigma, knob = level / 255, strength(found, name, level)
    return {
        "noisy": lambda noisy: noisy,
        "non-local means": lambda noisy: non_local_means(noisy, sigma, knob),
        "BM3D": lambda noisy: bm3d(noisy, sigma),
        "DnCNN": lambda noisy: denoise(networks["DnCNN"], noisy[None])[0],
        "with skips": lambda noisy: denoise_photo(networks["with skips"], noisy),
    }


def measure(found, name, level, networks, kept=None):
    """Yield what the methods reach on a piece: method, scores."""
    def score(denoised):
        return {"psnr": psnr(clean, denoised), "ssim": ssim(clean, denoised)}

    clean, runs = found[name], methods(found, name, level, networks)
    noisy = made_noisy(clean, name, level)
    for method, run in runs.items():
        if method == kept:
            continue
        denoised = run(noisy)
        yield method, score(denoised)
        if method == "BM3D":
            yield UNDONE, score(clipping_undone(denoised, level / 255))


def measure_all(networks, kept):
    """Scores by method, size, sigma and photograph."""
    scores = {}
    for size, levels in SETTINGS.items():
        found = pieces(size)
        for level in levels:
            for name in tqdm(found, desc=f"size 1/{size}, sigma {level}/255"):
                for method, score in measure(found, name, level, networks, kept):
                    by_level = scores.setdefault(method, {}).setdefault(f"1/{size}", {})
                    by_level.setdefault(str(level), {})[name] = score
    return scores


def seconds_a_megapixel(networks, name="cat", level=25):
    """Processor seconds in full size: the least of three runs, because a busy machine lengthens some."""
    found, seconds = pieces(), {}
    noisy = made_noisy(found[name], name, level)
    for method, run in methods(found, name, level, networks).items():
        times = [time.process_time()]
        for _ in range(3):
            run(noisy)
            times.append(time.process_time())
        seconds[method] = float(np.diff(times).min()) / (SIDE**2 / 1e6)
    seconds[UNDONE] = seconds["BM3D"]  # mapping the result back takes no time that counts
    return {method: seconds[method] for method in ORDER if method != "noisy"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", choices=["BM3D"], help="leave its record as it is")
    parser.add_argument("--times", action="store_true", help="measure the seconds alone")
    wanted = parser.parse_args()
    warnings.filterwarnings("ignore", module="pywt|skimage")
    networks, old = load_networks(), json.loads(JSON.read_text(encoding="utf-8"))["scores"]
    scores = old if wanted.times else measure_all(networks, wanted.keep)
    if wanted.keep:
        scores |= {method: old[method] for method in (wanted.keep, UNDONE)}
    record = {
        "photographs": list(photographs()), "pixels": f"the middle {SIDE}x{SIDE} of each, shrunk to the size",
        "noise": "Gaussian, sigma in grey values of 255, clipped to [0, 1]",
        "settings": {f"1/{size}": list(levels) for size, levels in SETTINGS.items()},
        "machine": f"one core of {processor()}",
        "versions": {p: version(p) for p in ("keras", "numpy", "scikit-image", "bm3d")},
        "processor_seconds_a_megapixel": seconds_a_megapixel(networks),
        "scores": {method: scores[method] for method in ORDER},
    }
    JSON.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for method, by_size in record["scores"].items():
        by_photo = [by_name for by_level in by_size.values() for by_name in by_level.values()]
        print(method, *(f"{np.mean([x['psnr'] for x in by_name.values()]):.2f} dB" for by_name in by_photo))


if __name__ == "__main__":
    main()
