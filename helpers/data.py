"""Where the images come from, and how they are split into train, validation and test."""

import contextlib
import hashlib
import os
import pickle
import socket
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

# The published sums of the official Python batches; a batch is a pickle, which can run any code,
# so none is opened before its sum is right.
BATCH_MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
CIFAR10_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CONNECTION_SECONDS = 10
SOURCES = ("auto", "cifar10", "photos")


class ImageSet(NamedTuple):
    """Images with what belongs to them; `split` gives three of these.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, 32, 32, 3)
        Values 0 to 255; ``helpers.images.to_float`` brings them to [0, 1].
    labels : ndarray of int64, shape (N,)
        Position in `names`.
    regions : ndarray of int64, shape (N,)
        Images with the same number may show the same pixels, and must stay in one part.
    names : tuple of str
        What the labels mean.
    source : str
        ``"cifar10"`` or ``"photos"``.
    note : str
        Where the images come from, in a few words.
    """

    images: np.ndarray
    labels: np.ndarray
    regions: np.ndarray
    names: tuple
    source: str
    note: str

    def take(self, index):
        """The images at the positions `index`, as an ImageSet."""
        return self._replace(images=self.images[index], labels=self.labels[index], regions=self.regions[index])


class DataUnavailable(RuntimeError):
    """CIFAR-10 was asked for and cannot be had; the message says what to do."""


# ------------------------------------------------------------------ photographs, no network


def photographs():
    """The six natural colour photographs that come with scikit-image (five) and Matplotlib (the portrait).

    Returns
    -------
    photographs : dict of str to ndarray of uint8, shape (H, W, 3)
        Name to photograph, in the size that it has there.

    Raises
    ------
    DataUnavailable
        If Matplotlib was installed without its sample data.
    """
    from matplotlib import cbook
    from PIL import Image
    from skimage import data

    try:
        with cbook.get_sample_data("grace_hopper.jpg") as stream:
            portrait = np.asarray(Image.open(stream).convert("RGB"))
    except FileNotFoundError as error:
        raise DataUnavailable(
            f"Matplotlib's sample data are missing ({error}), and with them one of the photographs. Install "
            f"Matplotlib again with pip: pip install --force-reinstall --no-deps matplotlib"
        ) from error
    return {
        "astronaut": data.astronaut(), "cat": data.chelsea(), "rocket": data.rocket(),
        "motorcycle": data.stereo_motorcycle()[0], "coffee": data.coffee(), "portrait": portrait,
    }


def _photos():
    """Crops of those photographs: 1,000 of each, 500 of the last two, which `split` holds out.

    A crop is 32x32 pixels of a photograph that was shrunk 1, 2, 3 ... times, as long as a crop fits in: from a
    patch of fur to most of the cat. Each scale gives as many as it can of an equal share. Crops without
    contrast (an empty sky) are left out.
    """
    rng, images, labels = np.random.default_rng(0), [], []
    found = photographs()
    for label, photograph in enumerate(found.values()):
        left = 1000 if label < 4 else 500
        scales = range(1, min(photograph.shape[:2]) // 32 + 1)
        cut = [_crops(photograph, scale, rng, 4 * left // len(scales)) for scale in scales]
        for i, crops in enumerate(sorted(cut, key=len)):  # scales with few first: the others make up for them
            share = crops[: round(left / (len(cut) - i))]
            images.append(share)
            labels += [label] * len(share)
            left -= len(share)
    labels = np.array(labels)
    return ImageSet(
        images=np.concatenate(images), labels=labels, regions=labels, names=tuple(found), source="photos",
        note="5,000 crops of six photographs that come with scikit-image and Matplotlib",
    )


def _crops(photograph, scale, rng, most):
    """At most so many crops of a photograph, shrunk `scale` times, in random order; (n, 32, 32, 3)."""
    from PIL import Image
    from skimage.util import view_as_windows

    small = np.asarray(Image.fromarray(photograph).reduce(scale))  # in integers: the same on every machine
    windows = view_as_windows(small, (32, 32, 3), step=max(1, 8 // scale)).reshape(-1, 32, 32, 3)
    crops = windows[rng.permutation(len(windows))[:most]]
    green = crops[..., 1].reshape(len(crops), -1)  # the channel nearest to brightness
    return crops[green.std(axis=1) > 20]  # grey values


# ------------------------------------------------------------------ CIFAR-10


def _cache_file():
    home = os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")
    return Path(home).expanduser() / "datasets" / "denoising-cifar10.npz"


def _read_cache(file):
    """Images and labels from the cache, or None where there is none that can be read."""
    if not file.exists():
        return None
    try:
        with np.load(file) as cached:
            images, labels = cached["images"], cached["labels"]
        if images.dtype == np.uint8 and images.shape == (len(labels), 32, 32, 3):
            return images, labels
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass
    print(f"The cached copy {file} cannot be read; it is made anew.")
    return None


def _write_cache(file, images, labels):
    """Keep the images for the next time: in one step, so that no half file is ever found."""
    partial = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=file.parent, prefix="denoising-", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, images=images, labels=labels)
        os.replace(partial, file)
    except OSError as error:  # a full disk or a read-only home costs time, not the lesson
        print(f"CIFAR-10 could not be kept in {file} ({error}); the next load will be slow again.")
    finally:
        if partial:
            with contextlib.suppress(OSError):
                os.remove(partial)


def _read_batches(folder):
    """The 60,000 images from the official batch files: 50,000 of training, then 10,000 of test."""
    images, labels = [], []
    for name, md5 in BATCH_MD5.items():
        file = folder / name
        if not file.is_file():
            raise DataUnavailable(
                f"DENOISING_CIFAR10_DIR names {folder}, but there is no file {name} in it. It has "
                f"to name the unpacked folder cifar-10-batches-py with the files "
                f"{', '.join(BATCH_MD5)}; or unset it."
            )
        content = file.read_bytes()
        if (found := hashlib.md5(content).hexdigest()) != md5:
            raise DataUnavailable(
                f"{file} is not the official batch: its MD5 is {found}, published is {md5}. It "
                f"was not opened. Copy the file again."
            )
        batch = pickle.loads(content, encoding="bytes")
        images.append(batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
        labels.append(np.asarray(batch[b"labels"], dtype=np.int64))
    return np.concatenate(images), np.concatenate(labels)


def _download():
    """The same 60,000 images through Keras, which shows the progress and checks the sum."""
    import helpers.quiet  # noqa: F401  before Keras
    import keras

    print("CIFAR-10 is fetched now, 170 MB, once. Stop the cell to go on without it.")
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(CONNECTION_SECONDS)  # Keras itself would wait for ever
    try:
        (train, train_labels), (test, test_labels) = keras.datasets.cifar10.load_data()
    except Exception as error:  # Keras raises a bare Exception when the server cannot be reached
        raise DataUnavailable(
            f"CIFAR-10 could not be downloaded ({error}). Try again with a better connection; or "
            f"set DENOISING_CIFAR10_DIR to a folder with the official batches; or use the "
            f"embedded photographs: load_images('photos')."
        ) from error
    finally:
        socket.setdefaulttimeout(before)
    labels = np.concatenate([train_labels, test_labels]).reshape(-1).astype(np.int64)
    return np.concatenate([train, test]), labels


def _cifar10():
    file = _cache_file()
    cached = _read_cache(file)
    if cached is None:
        folder = os.environ.get("DENOISING_CIFAR10_DIR")
        cached = _read_batches(_find_folder(folder)) if folder else _download()
        _write_cache(file, *cached)
    images, labels = cached
    return ImageSet(
        images=images, labels=labels, regions=np.arange(len(images)),
        names=CIFAR10_NAMES, source="cifar10", note=f"{len(images):,} of CIFAR-10",
    )


def _find_folder(folder):
    """A relative path counts from where Python runs, or else from the top of this checkout."""
    folder = Path(folder).expanduser()
    if folder.exists() or folder.is_absolute():
        return folder.resolve()
    return (Path(__file__).parents[1] / folder).resolve()


# ------------------------------------------------------------------ what the notebooks call


def load_images(source="auto"):
    """Load the images of the series, and say in one line which they are.

    Parameters
    ----------
    source : {"auto", "cifar10", "photos"}
        ``"cifar10"``: all 60,000 images; from the Keras cache, else from the folder of official
        batches that the environment variable ``DENOISING_CIFAR10_DIR`` names, else downloaded.
        ``"photos"``: 5,000 crops of six photographs inside scikit-image and Matplotlib; needs
        no network.
        ``"auto"``: what the environment variable ``DENOISING_DATA`` says; without it CIFAR-10
        where it can be had, else the photographs.

    Returns
    -------
    images : ImageSet
        uint8 images (N, 32, 32, 3) with labels, regions and a note of their origin. CIFAR-10
        comes as its 50,000 training images followed by its 10,000 test images.

    Raises
    ------
    ValueError
        If `source` or ``DENOISING_DATA`` is none of the three words.
    DataUnavailable
        If CIFAR-10 was asked for by name and cannot be had, or if ``DENOISING_CIFAR10_DIR`` is
        set and does not name a folder of the official batches.

    References
    ----------
    .. [1] A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
       https://www.cs.toronto.edu/~kriz/cifar.html
    .. [2] S. van der Walt et al., "scikit-image: Image Processing in Python", PeerJ 2:e453, 2014,
       doi:10.7717/peerj.453 (five photographs; ``skimage.data`` names their authors).
    .. [3] Portrait of Grace Hopper, U.S. Navy, 1984, public domain; among the sample data of
       J. D. Hunter, "Matplotlib: A 2D Graphics Environment", 2007, doi:10.1109/MCSE.2007.55.
    """
    wanted, asked_by = source, "load_images"
    if source == "auto" and os.environ.get("DENOISING_DATA"):
        wanted, asked_by = os.environ["DENOISING_DATA"], "DENOISING_DATA"
    if wanted not in SOURCES:
        raise ValueError(f"{asked_by} was given {wanted!r}; wanted is one of {', '.join(map(repr, SOURCES))}.")
    why = ""
    if wanted == "photos":
        found = _photos()
    else:
        try:
            found = _cifar10()
        except (DataUnavailable, KeyboardInterrupt) as error:
            if wanted == "cifar10" or os.environ.get("DENOISING_CIFAR10_DIR"):
                raise
            why = " (the download was stopped)" if isinstance(error, KeyboardInterrupt) else (
                " (CIFAR-10 could not be downloaded)"
            )
            found = _photos()
    other = "photos" if found.source == "cifar10" else "cifar10"
    print(f"Images: {found.note}{why}. For the others: load_images({other!r}) or DENOISING_DATA={other}")
    return found


def split(images, fractions=(0.8, 0.1, 0.1), seed=0):
    """Split images into train, validation and test: disjoint, repeatable, and stratified where it can be.

    Parameters
    ----------
    images : ImageSet
        From `load_images`.
    fractions : tuple of three floats
        Shares of train, validation and test; they sum to 1.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    train, validation, test : ImageSet
        In shuffled order, so that the first n of each are a random sample. Within each label the
        images are shared out as `fractions` say, region by region: a region is never in two
        parts. Where a label is a single region (a photograph), whole labels are
        shared out.

    Raises
    ------
    ValueError
        If the fractions do not fit, or there are too few regions to reach every part.
    """
    fractions = np.asarray(fractions, dtype=float)
    if fractions.shape != (3,) or np.any(fractions <= 0) or not np.isclose(fractions.sum(), 1):
        raise ValueError(
            f"fractions are {tuple(fractions.tolist())}; wanted are three positive shares that "
            f"sum to 1, such as (0.8, 0.1, 0.1)."
        )
    rng = np.random.default_rng(seed)
    part_of = np.empty(len(images.labels), dtype=np.int64)
    pairs = np.unique(np.stack([images.labels, images.regions]), axis=1)
    alone = pairs.shape[1] == len(np.unique(images.labels))  # every label is a single region
    groups = np.zeros_like(images.labels) if alone else images.labels
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        regions, region_of, sizes = np.unique(images.regions[members], return_inverse=True, return_counts=True)
        order = rng.permutation(len(regions))
        if alone:  # few and large: the small parts get the small ones
            order = order[np.argsort(-sizes[order], kind="stable")]
        middle = np.empty(len(regions))  # where each region lies on a line from 0 to 1
        middle[order] = (np.cumsum(sizes[order]) - sizes[order] / 2) / sizes.sum()
        part_of_region = np.searchsorted(fractions.cumsum()[:2], middle)
        if len(np.unique(part_of_region)) < 3:
            whose = "The images have" if alone else f"Label {group} ({images.names[group]}) has"
            raise ValueError(
                f"{whose} {len(regions)} regions, too few to share them out as "
                f"{tuple(fractions.tolist())}. Use more images or larger shares."
            )
        part_of[members] = part_of_region[region_of]
    shuffled = rng.permutation(len(part_of))
    return tuple(images.take(shuffled[part_of[shuffled] == part]) for part in range(3))
