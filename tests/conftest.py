import importlib.util
import os
import shutil

import numpy as np
import pytest

from tests.browser import browser, chromium, firefox, run_firefox


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def pictures(rng):
    """Eight small pictures with an edge, a ramp and some texture; float32 in [0, 1]."""
    ramp = np.linspace(0.2, 0.8, 32, dtype=np.float32)
    picture = np.stack([np.tile(ramp, (32, 1)), np.tile(ramp[:, None], (1, 32)), np.full((32, 32), 0.5)], -1)
    picture[8:24, 12:20] = (0.9, 0.1, 0.3)
    texture = rng.uniform(-0.1, 0.1, (8, 32, 32, 3))
    return np.clip(picture + texture, 0, 1).astype(np.float32)


def refuse(missing):
    """Skip the tests that need what is missing; in continuous integration nothing may be."""
    if missing and os.environ.get("DENOISING_CI"):
        pytest.fail(f"{missing}; continuous integration needs it.")
    if missing:
        pytest.skip(missing)


def missing(package, program, name):
    """What a browser needs and is not there, as a sentence; None if all is there."""
    if not importlib.util.find_spec(package):
        return f"the package {package} is not installed: pip install -e '.[browser]'"
    return None if program else f"no {name} is installed"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A headless Chromium, for all tests of this file."""
    refuse(missing("playwright", chromium(), "Chromium"))
    folder = tmp_path_factory.mktemp("browser")
    with browser(folder) as ready:
        yield ready
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def second_browser(tmp_path_factory):
    """A headless Firefox, for all tests of this file."""
    refuse(missing("websocket", firefox(), "Firefox"))
    folder = tmp_path_factory.mktemp("firefox")
    with run_firefox(folder) as ready:
        yield ready
    shutil.rmtree(folder, ignore_errors=True)
