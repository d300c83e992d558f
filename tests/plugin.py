"""Surroundings of every test run: no network, known images, and a clock on each notebook."""

import os
from collections import defaultdict
from pathlib import Path

ALLOWED_SECONDS = float(os.environ.get("NOTEBOOK_SECONDS", 90))
NOWHERE = "http://127.0.0.1:9"  # the discard port: whoever tries the network is refused at once

_seconds = defaultdict(float)
_cells = defaultdict(int)


def pytest_configure(config):
    """Tests and the kernels of the notebooks use images that are here, and never the network."""
    del config
    real = os.environ.get("DENOISING_CIFAR10_DIR")
    if real:
        os.environ["DENOISING_CIFAR10_DIR"] = str(Path(real).resolve())
    os.environ["DENOISING_DATA"] = "cifar10" if real else "photos"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[name] = NOWHERE
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = "localhost,127.0.0.1"


def pytest_runtest_logreport(report):
    """Add up the seconds of a notebook's cells; the first one's set-up starts the kernel."""
    file = report.nodeid.split("::")[0]
    if file.endswith(".ipynb"):
        _seconds[file] += report.duration
        _cells[file] += report.when == "call"


def pytest_sessionfinish(session):
    """A notebook that takes longer than it promises is a failure."""
    if session.exitstatus == 0 and any(s > ALLOWED_SECONDS for s in _seconds.values()):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if not _seconds:
        return
    terminalreporter.section(f"seconds a notebook, on {os.environ['DENOISING_DATA']}")
    for file, seconds in sorted(_seconds.items()):
        late = seconds > ALLOWED_SECONDS
        remark = f"  TOO LONG: at most {ALLOWED_SECONDS:.0f} s are allowed" if late else ""
        terminalreporter.line(
            f"{Path(file).stem:28}{seconds:6.1f} s {_cells[file]:4} cells{remark}", red=late
        )
    if any(s > ALLOWED_SECONDS for s in _seconds.values()):
        terminalreporter.line("On a slower machine: NOTEBOOK_SECONDS=180 make test")
