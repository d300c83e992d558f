"""Surroundings of every test run: no network, known images, what runs side by side, and what each notebook cost."""

import ast
import json
import os
from collections import defaultdict
from pathlib import Path

import psutil
import pytest
from jupyter_client.connect import LocalPortCache

from tools.usage import ONE_THREAD, usage

LETTERS = Path(__file__).parents[1] / "tools" / "letters.json"
NOWHERE = "http://127.0.0.1:9"  # the discard port: a program that tries the network is refused at once
MEMORY = 2.5e9  # bytes that a worker and its kernel may need together
LONG = {  # seconds, roughly, for the first run; later ones know better
    "tests/test_browser.py": 200, ".ipynb": 60, "tests/test_publish.py": 60, "tests/test_page.py": 40,
    "tests/test_notebooks.py": 30,
    "tests/test_train.py": 20, "tests/test_exercises.py": 20, "tests/test_models.py": 20, "tests/test_training.py": 20,
}
APART = ("tests/test_exercises.py", "tests/test_train.py")  # here no test waits for what another one has made

if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)) > 1:  # before anything counts the cores
    os.environ.update(ONE_THREAD)

_seconds = defaultdict(float)
_cells = defaultdict(int)
_used = {}


def pytest_configure(config):
    """Tests and the kernels of the notebooks use images that are here, and never the network."""
    if hasattr(config, "workerinput"):
        share_out_ports(**config.workerinput)
    real = os.environ.get("DENOISING_CIFAR10_DIR")
    if real:
        os.environ["DENOISING_CIFAR10_DIR"] = str(Path(real).resolve())
    os.environ["DENOISING_DATA"] = "cifar10" if real else "photos"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[name] = NOWHERE
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1"


# ---------------------------------------------------------------- side by side


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers():
    """For `-n auto`: a worker a core, as far as the memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores, int(psutil.virtual_memory().available / MEMORY)))


def share_out_ports(workerid, workercount, **_):
    """Every worker gives its kernels ports of its own: two that start at the same time may find the same one free."""
    number = int(workerid.removeprefix("gw")) % workercount
    others = {port for port in range(2**16) if port // 2 % workercount != number}  # systems give odd ones only
    LocalPortCache.instance().currently_used_ports |= others


def unit(name):
    """What one worker does in one go: the cells of a notebook, the tests of a file, or a test alone."""
    file = name.split("::")[0]
    return name if file.endswith(APART) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class ByUnit(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return unit(nodeid)

    config.option.loadscopereorder = False  # the order is that of the next function
    return ByUnit(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Long ones first where there are workers, so that in the end none waits for another."""
    if hasattr(config, "workerinput"):
        last = config.cache.get("denoising/seconds", {})

        def seconds(item):
            name = unit(item.nodeid)
            return last.get(name) or max((s for end, s in LONG.items() if name.split("::")[0].endswith(end)), default=5)

        items.sort(key=seconds, reverse=True)


# ---------------------------------------------------------------- what it cost


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item, nextitem):
    """Ask the kernel of a notebook after its last cell, let it be ended, and only then complain."""
    kernel, asked = getattr(item.parent, "kernel", None), None
    if kernel and kernel.is_alive() and (nextitem is None or nextitem.parent is not item.parent):
        item.user_properties.append(("used", usage(kernel.km.provisioner.pid)))
        asked = letters_shown(Path(item.parent.path).stem, kernel.kc)
    ended = yield  # a complaint before this would leave the notebook set up, and fail those that follow
    if asked:
        lesson, images, shown, recorded = asked
        assert shown == recorded, f"right in {lesson}, on {images}: {shown}; tools/letters.json has {recorded}: make figures"
    return ended


def letters_shown(lesson, kernel):
    """What a run has shown to be right in each prediction, and the record of `make figures`.

    tests/test_figures.py holds that each lesson is in the record; a notebook that is no lesson is left alone.
    """
    images = os.environ["DENOISING_DATA"]
    recorded = json.loads(LETTERS.read_text(encoding="utf-8"))[images].get(lesson)
    if recorded is None:
        return
    reply = kernel.execute("import helpers.check", user_expressions={"shown": "helpers.check.shown"}, reply=True)
    shown = ast.literal_eval(reply["content"]["user_expressions"]["shown"]["data"]["text/plain"])
    return lesson, images, shown, recorded


def pytest_runtest_logreport(report):
    """Add up the seconds of each unit; a notebook's first cell has started the kernel."""
    file = report.nodeid.split("::")[0]
    _seconds[unit(report.nodeid)] += report.duration
    if file.endswith(".ipynb"):
        _cells[file] += report.when == "call"
        _used.update({file: used for name, used in report.user_properties if name == "used"})


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        known = session.config.cache.get("denoising/seconds", {})
        session.config.cache.set("denoising/seconds", known | {name: round(s, 1) for name, s in _seconds.items()})


def pytest_terminal_summary(terminalreporter):
    if not _cells:
        return
    terminalreporter.section(f"what each notebook took, on {os.environ['DENOISING_DATA']}")
    terminalreporter.line(f"{'':28}  seconds  processor seconds  peak memory  cells")
    for file, cells in sorted(_cells.items()):
        processor, memory = _used.get(file, (None, None))
        processor = "–" if processor is None else f"{processor:.1f}"
        memory = "–" if memory is None else f"{memory:.2f} GB"
        terminalreporter.line(f"{Path(file).stem:28}{_seconds[file]:9.1f}{processor:>19}{memory:>13}{cells:7}")
