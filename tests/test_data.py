"""Images from every source, and what happens when a source fails."""

import hashlib
import os
import pickle
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.util import view_as_windows

from helpers import data
from helpers.data import DataUnavailable, ImageSet, load_images, split

REAL = os.environ.get("DENOISING_CIFAR10_DIR")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty Keras cache, and none of the variables that choose a source."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("DENOISING_DATA", raising=False)
    monkeypatch.delenv("DENOISING_CIFAR10_DIR", raising=False)
    return tmp_path


@pytest.fixture
def stick(home, monkeypatch):
    """A folder of six small batches in the official format, whose sums are taken for published."""
    folder = home / "cifar-10-batches-py"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in data.BATCH_MD5:
        batch = {b"data": rng.integers(0, 256, (10, 3072), dtype=np.uint8), b"labels": list(range(10))}
        (folder / name).write_bytes(pickle.dumps(batch))
    sums = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in data.BATCH_MD5}
    monkeypatch.setattr(data, "BATCH_MD5", sums)
    monkeypatch.setenv("DENOISING_CIFAR10_DIR", str(folder))
    return folder


# ---------------------------------------------------------------- photographs


@pytest.fixture(scope="module")
def photos():
    return load_images("photos")


def test_photos_are_several_thousand_colour_crops_of_six_photographs(photos):
    assert photos.images.shape == (5000, 32, 32, 3) and photos.images.dtype == np.uint8
    assert np.bincount(photos.labels).tolist() == [1000] * 4 + [500] * 2
    assert len(photos.names) == 6 and photos.source == "photos"


def test_photos_are_the_same_on_every_machine(photos):
    # Two of the six are JPEG files, which decoders may round differently; integer arithmetic does the rest.
    exact = ~np.isin(photos.labels, [photos.names.index(name) for name in ("rocket", "portrait")])
    digest = hashlib.sha256(photos.images[exact].tobytes()).hexdigest()
    assert digest.startswith("bc543a527875")
    means = [photos.images[photos.labels == label].mean() for label in range(6)]
    np.testing.assert_allclose(means, [115.5, 111.5, 81.6, 104.3, 96.2, 89.1], atol=0.5)


def test_crops_come_from_their_photograph_at_every_scale_and_are_never_an_empty_sky(photos):
    for label, photograph in enumerate(data.photographs().values()):
        crops = photos.images[photos.labels == label]
        assert crops[..., 1].std(axis=(1, 2)).min() > 20
        whole = np.asarray(Image.fromarray(photograph).reduce(min(photograph.shape[:2]) // 32))
        windows = {window.tobytes() for window in view_as_windows(whole, (32, 32, 3)).reshape(-1, 32, 32, 3)}
        assert any(crop.tobytes() in windows for crop in crops), "the whole photograph in 32 pixels"
        windows = {w.tobytes() for w in view_as_windows(photograph, (32, 32, 3), step=8).reshape(-1, 32, 32, 3)}
        assert sum(crop.tobytes() in windows for crop in crops) >= 30, "full size"


def test_without_the_portrait_it_is_said_what_to_install(monkeypatch):
    def missing(name):
        raise FileNotFoundError(name)

    monkeypatch.setattr("matplotlib.cbook.get_sample_data", missing)
    with pytest.raises(DataUnavailable, match="pip install --force-reinstall --no-deps matplotlib"):
        load_images("photos")


# ---------------------------------------------------------------- CIFAR-10 from a folder


def test_batches_are_read_and_channels_come_last(stick):
    found = load_images("cifar10")
    first = pickle.loads((stick / "data_batch_1").read_bytes())[b"data"][0]
    assert found.images.shape == (60, 32, 32, 3) and found.images.dtype == np.uint8
    np.testing.assert_array_equal(found.images[0, :, :, 0], first[:1024].reshape(32, 32))
    np.testing.assert_array_equal(found.images[0, :, :, 2], first[2048:].reshape(32, 32))
    assert found.labels.tolist() == list(range(10)) * 6


def test_second_load_needs_no_folder(stick, monkeypatch):
    first = load_images("cifar10")
    monkeypatch.delenv("DENOISING_CIFAR10_DIR")
    again = load_images("cifar10")
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)


def test_a_relative_folder_is_found_from_the_top_of_the_checkout(home, monkeypatch):
    monkeypatch.chdir(home)
    assert data._find_folder("tests") == Path(__file__).parent


def test_a_changed_batch_is_never_unpickled(stick, monkeypatch):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(stick / "exploded"),))

    (stick / "data_batch_3").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataUnavailable, match="data_batch_3 is not the official batch.*not opened"):
        load_images("cifar10")
    assert not (stick / "exploded").exists()


@pytest.mark.parametrize("source", ["auto", "cifar10"])
def test_a_folder_without_the_batches_is_an_error_even_for_auto(source, stick):
    (stick / "test_batch").unlink()
    with pytest.raises(DataUnavailable, match="no file test_batch.*or unset it"):
        load_images(source)


@pytest.mark.parametrize("size", [0, 100, 3000])
def test_a_cut_off_cache_is_made_anew(size, stick, capsys):
    whole = load_images("cifar10")
    cache = data._cache_file()
    cache.write_bytes(cache.read_bytes()[:size])
    np.testing.assert_array_equal(load_images("cifar10").images, whole.images)
    assert "made anew" in capsys.readouterr().out
    load_images("cifar10")
    assert "made anew" not in capsys.readouterr().out


def test_a_flipped_bit_in_the_cache_is_noticed(stick, capsys):
    whole = load_images("cifar10")
    cache = data._cache_file()
    content = bytearray(cache.read_bytes())
    content[len(content) // 2] ^= 1
    cache.write_bytes(content)
    np.testing.assert_array_equal(load_images("cifar10").images, whole.images)
    assert "made anew" in capsys.readouterr().out


def test_being_killed_while_the_cache_is_written_leaves_no_half_file(stick, tmp_path):
    """A process is stopped hard in the middle of writing; the next one starts clean."""
    program = (
        "import os, numpy as np; from helpers import data\n"
        "def half(stream, **arrays):\n"
        "    stream.write(b'PK' + bytes(1000)); stream.flush(); os._exit(9)\n"
        "np.savez = half\n"
        "data._write_cache(data._cache_file(), np.zeros((2, 32, 32, 3), np.uint8), np.zeros(2))\n"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    assert not data._cache_file().exists()
    assert len(load_images("cifar10").images) == 60


def test_a_cache_that_cannot_be_written_costs_no_lesson(stick, home, monkeypatch, capsys):
    (home / "keras").write_text("a file where the folder should be", encoding="utf-8")
    assert len(load_images("cifar10").images) == 60
    assert "could not be kept" in capsys.readouterr().out


@pytest.mark.skipif(not REAL, reason="needs DENOISING_CIFAR10_DIR with the real batches")
def test_the_real_batches_hold_6000_images_of_each_class(home, monkeypatch):
    monkeypatch.setenv("DENOISING_CIFAR10_DIR", REAL)
    found = load_images("cifar10")
    assert found.images.shape == (60_000, 32, 32, 3)
    assert np.bincount(found.labels).tolist() == [6000] * 10
    assert len(np.unique(found.images.reshape(60_000, -1).view("V3072"))) == 60_000
    monkeypatch.setattr(data, "_read_batches", None)  # from now on out of the cache
    np.testing.assert_array_equal(load_images("cifar10").images, found.images)


# ---------------------------------------------------------------- download


def test_without_network_auto_falls_back_and_says_so(home, capsys):
    found = load_images("auto")
    said = capsys.readouterr().out
    assert found.source == "photos"
    assert "could not be downloaded" in said and "DENOISING_DATA=cifar10" in said


def test_without_network_cifar10_by_name_is_an_error_with_three_ways_on(home):
    with pytest.raises(DataUnavailable, match="DENOISING_CIFAR10_DIR.*photos"):
        load_images("cifar10")


def test_a_server_that_never_answers_is_given_up(home, monkeypatch):
    """A real connection, through a proxy that accepts it and then stays silent."""
    assert data.CONNECTION_SECONDS == 10
    monkeypatch.setattr(data, "CONNECTION_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []
        threading.Thread(target=lambda: kept.append(server.accept()), daemon=True).start()
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setattr(urllib.request, "_opener", None)  # it would remember the old proxy
        with pytest.raises(DataUnavailable, match="timed out"):
            load_images("cifar10")
    assert kept
    assert socket.getdefaulttimeout() is None


def test_a_cut_off_download_does_not_break_the_next_run(home):
    archive = home / "keras" / "datasets" / "cifar-10-batches-py-target_archive"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"half an archive")
    assert load_images("auto").source == "photos"
    assert not data._cache_file().exists()


def test_a_download_is_pooled_and_kept(home, monkeypatch):
    import keras

    rng = np.random.default_rng(0)
    calls = []

    def served():
        calls.append(socket.getdefaulttimeout())
        images = rng.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
        labels = np.arange(60, dtype=np.uint8)[:, None] % 10
        return (images[:50], labels[:50]), (images[50:], labels[50:])

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", served)
    first, again = load_images("auto"), load_images("auto")
    assert calls == [10]  # once, with the time-out set
    assert first.source == "cifar10" and first.labels.shape == (60,) and first.labels.dtype == np.int64
    np.testing.assert_array_equal(first.images, again.images)


def test_stopping_the_download_goes_on_with_the_photographs(home, monkeypatch, capsys):
    import keras

    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", stopped)
    assert load_images("auto").source == "photos"
    assert "was stopped" in capsys.readouterr().out
    with pytest.raises(KeyboardInterrupt):
        load_images("cifar10")


# ---------------------------------------------------------------- the choice


def test_the_variable_decides_for_auto_only(stick, monkeypatch):
    monkeypatch.setenv("DENOISING_DATA", "photos")
    assert load_images("auto").source == "photos"
    assert load_images("cifar10").source == "cifar10"


def test_unknown_sources_are_refused_with_the_list(home, monkeypatch):
    with pytest.raises(ValueError, match="load_images was given 'mnist'.*'auto', 'cifar10', 'photos'"):
        load_images("mnist")
    monkeypatch.setenv("DENOISING_DATA", "CIFAR")
    with pytest.raises(ValueError, match="DENOISING_DATA was given 'CIFAR'"):
        load_images("auto")


def test_one_line_is_printed(home, capsys):
    load_images("photos")
    assert capsys.readouterr().out.count("\n") == 1


# ---------------------------------------------------------------- split


def image_set(labels, regions=None):
    labels = np.asarray(labels)
    regions = np.arange(len(labels)) if regions is None else np.asarray(regions)
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, axis=3)
    return ImageSet(images, labels, regions, ("a", "b", "c"), "photos", "test")


def test_split_is_80_10_10_in_every_label():
    for part, share in zip(split(image_set([0] * 100 + [1] * 50 + [2] * 30)), (0.8, 0.1, 0.1)):
        np.testing.assert_allclose(np.bincount(part.labels), np.array([100, 50, 30]) * share)


def test_split_is_disjoint_and_loses_nothing():
    parts = split(image_set(np.arange(250) % 3))
    positions = np.concatenate([part.regions for part in parts])
    assert sorted(positions) == list(range(250))


def test_split_keeps_image_label_and_region_together():
    whole = image_set(np.arange(250) % 3)
    for part in split(whole):
        np.testing.assert_array_equal(part.images[:, 0, 0, 0], part.regions)
        np.testing.assert_array_equal(part.labels, part.regions % 3)


def test_split_never_divides_a_photograph(photos):
    train, validation, test = (set(part.regions) for part in split(photos))
    assert not (train & validation or train & test or validation & test)
    assert [len(part.labels) for part in split(photos)] == [4000, 500, 500]
    assert [photos.names[part.labels[0]] for part in split(photos)[1:]] == ["portrait", "coffee"]


def test_split_never_divides_a_region(rng):
    regions = rng.integers(0, 60, 900)
    parts = [set(part.regions) for part in split(image_set(regions % 3, regions))]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert set.union(*parts) == set(regions)


def test_split_repeats_from_its_seed_and_differs_with_another():
    whole = image_set([0] * 100)
    (first, *_), (again, *_), (other, *_) = split(whole, seed=1), split(whole, seed=1), split(whole, seed=2)
    np.testing.assert_array_equal(first.regions, again.regions)
    assert set(first.regions) != set(other.regions)


def test_the_first_images_of_a_part_are_a_mixture():
    train, _, _ = split(image_set([0] * 100 + [1] * 100))
    assert 20 < np.sum(train.labels[:80]) < 60


def test_regions_of_uneven_size_still_come_near_80_10_10(rng):
    regions = np.repeat(np.arange(200), rng.integers(1, 10, 200))
    sizes = [len(part.labels) for part in split(image_set(np.zeros(len(regions), int), regions))]
    np.testing.assert_allclose(np.array(sizes) / len(regions), [0.8, 0.1, 0.1], atol=0.02)


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.8, 0.1, 0.2), (1, 0, 0), (1.2, -0.1, -0.1)])
def test_wrong_fractions_are_refused_with_an_example(fractions):
    with pytest.raises(ValueError, match=r"such as \(0.8, 0.1, 0.1\)"):
        split(image_set([0] * 100), fractions)


def test_a_label_with_too_few_regions_is_named():
    with pytest.raises(ValueError, match=r"Label 1 \(b\) has 2 regions"):
        split(image_set([0] * 20 + [1] * 2))
    with pytest.raises(ValueError, match="The images have 2 regions"):
        split(image_set([0, 0, 1, 1], [0, 0, 1, 1]))
