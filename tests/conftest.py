import os
import shutil

import numpy as np
import pytest

from tests.browser import browser, chromium


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


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A headless Chromium, for all tests of this file."""
    try:
        import playwright.sync_api  # noqa: F401

        missing = None if chromium() else "no Chromium is installed"
    except ImportError:
        missing = "Playwright is not installed: pip install -e '.[browser]'"
    if missing and os.environ.get("DENOISING_CI"):
        pytest.fail(f"{missing}; continuous integration needs it.")
    if missing:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("browser")
    with browser(folder) as ready:
        yield ready
    shutil.rmtree(folder, ignore_errors=True)
