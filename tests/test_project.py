"""The two commands, and facts that stand in more than one file."""

import ast
import doctest
import importlib
import inspect
import json
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import helpers
from helpers import present
from tests import plugin

TOP = Path(__file__).parents[1]
MODULES = sorted(module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers."))


def pyproject_value(name):
    return re.search(rf'^{name} = "(.*)"', (TOP / "pyproject.toml").read_text(encoding="utf-8"), re.M)[1]


def test_conda_installs_what_pyproject_says():
    lines = (TOP / "environment.yml").read_text(encoding="utf-8").split("dependencies:")[1]
    items = re.findall(r"- ([^\n#]+)", lines)
    assert items == [f"python{pyproject_value('requires-python')}", "pip", "pip:", "-e ."]


def test_find_python_accepts_the_range_of_pyproject_and_no_more(tmp_path):
    script = (TOP / "tools" / "find-python").read_text(encoding="utf-8")
    low, high = re.search(r"\((\d, \d+)\) <= sys.version_info\[:2\] <= \((\d, \d+)\)", script).groups()
    (low_minor, high_minor) = (int(text.split(", ")[1]) for text in (low, high))
    assert pyproject_value("requires-python") == f">=3.{low_minor},<3.{high_minor + 1}"
    assert f"3.{low_minor} to 3.{high_minor}" in (TOP / "README.md").read_text(encoding="utf-8")


def find_python(*names):
    return subprocess.run(["sh", TOP / "tools" / "find-python", *names], capture_output=True, encoding="utf-8")


def test_find_python_says_what_to_do_when_there_is_none(tmp_path):
    found = find_python("python-that-is-not-there")
    assert found.returncode == 1 and found.stdout == ""
    assert "python-that-is-not-there" in found.stderr and "PYTHON=/path/to" in found.stderr
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    assert find_python(str(old)).returncode == 1


def test_find_python_finds_one():
    found = find_python()
    assert found.returncode == 0 and Path(found.stdout.strip()).exists()


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose Python only writes down what it is asked to do."""
    if not shutil.which("make"):
        pytest.skip("needs make")
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "tools/find-python"):
        shutil.copy(TOP / name, folder / name)
    python = tmp_path / "python3"
    python.write_text(
        '#!/bin/sh\n'
        'echo "$@" >> "$LOG"\n'
        'if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; fi\n'
        'if [ "$2" = pip ] && [ -n "$FAIL" ]; then exit 1; fi\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    log = tmp_path / "log"

    def make(*arguments, where=folder, **variables):
        log.write_text("", encoding="utf-8")
        environment = {"PATH": os.environ["PATH"], "LOG": str(log)} | variables
        done = subprocess.run(
            ["make", *arguments, f"PYTHON={python}"], cwd=where, env=environment, capture_output=True, encoding="utf-8"
        )
        return done, log.read_text(encoding="utf-8")

    return make, folder


def test_make_installs_once_and_then_only_runs(checkout):
    make, _ = checkout
    done, log = make("test")
    assert done.returncode == 0, done.stderr
    assert "venv" in log and "pip install" in log and "-m pytest" in log and "Installing" in done.stdout
    done, log = make("test")
    assert "venv" not in log and "pip" not in log and "-m pytest" in log


def test_make_installs_again_when_the_ranges_change_or_the_folder_moves(checkout):
    make, folder = checkout
    make("test")
    later = (folder / ".venv" / "ready").stat().st_mtime + 10
    os.utime(folder / "pyproject.toml", (later, later))
    assert "pip install" in make("test")[1]
    os.utime(folder / "pyproject.toml", (1, 1))
    assert "pip install" not in make("test")[1]
    moved = folder.rename(folder.parent / "moved")
    assert "pip install" in make("test", where=moved)[1]


def test_an_installation_that_was_cut_off_is_taken_up_again(checkout):
    make, _ = checkout
    done, _ = make("test", FAIL="1")
    assert done.returncode != 0 and "Run the same command again" in done.stdout
    done, log = make("test")
    assert done.returncode == 0 and "pip install" in log and "-m pytest" in log


def test_make_test_works_side_by_side_as_far_as_cores_and_memory_go(checkout, monkeypatch):
    make, _ = checkout
    assert "-m pytest -n auto" in make("test")[1]
    monkeypatch.setattr(plugin.os, "sched_getaffinity", lambda process: {0, 2, 4, 6}, raising=False)
    for available, workers in ((1e9, 1), (6e9, 2), (1e12, 4)):
        monkeypatch.setattr(plugin.psutil, "virtual_memory", lambda: SimpleNamespace(available=available))
        assert plugin.pytest_xdist_auto_num_workers() == workers
    assert plugin.unit("notebooks/a.ipynb::Cell 3") == "notebooks/a.ipynb", "cells stay together"


def test_kernels_that_start_side_by_side_get_different_ports(monkeypatch):
    found = []
    for worker in ("gw0", "gw1", "gw2"):
        ports = plugin.LocalPortCache()
        monkeypatch.setattr(plugin.LocalPortCache, "instance", lambda: ports)
        plugin.share_out_ports(worker, 3, testrunuid="")
        found.append({ports.find_available_port("127.0.0.1") // 2 % 3 for _ in range(20)})
    assert found == [{0}, {1}, {2}]


def test_make_lab_opens_the_first_notebook(checkout):
    make, _ = checkout
    done, log = make("lab")
    assert done.returncode == 0
    assert log.splitlines()[-1].startswith("-m jupyterlab") and "notebooks/00_start_here.ipynb" in log
    assert "Opening JupyterLab" in done.stdout


def test_make_present_serves_the_panel_and_make_bench_fetches_what_drives_a_browser(checkout):
    make, _ = checkout
    _, log = make("present", "ARGS=--no-browser")
    assert log.splitlines()[-1] == "-m helpers.present --no-browser" and "[browser]" not in log
    _, log = make("bench")
    assert log.splitlines()[-2:] == ["-m pip install --quiet --editable .[browser]", "-m tools.bench"]
    assert "[browser]" not in make("bench")[1]


def test_make_alone_lists_the_commands(checkout):
    make, _ = checkout
    done, log = make()
    commands = ("make lab", "make present", "make test", "make bench", "make scoreboard", "make pictures",
                "make slides", "make book")
    assert log == "" and all(word in done.stdout for word in commands)


def test_jupyterlab_is_told_to_keep_the_panel_in_a_saved_notebook():
    """Installed with the package; without it a reader who opens a saved notebook sees an error in the panel's place."""
    installed = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    settings = json.loads(installed.read_text(encoding="utf-8"))
    ours = json.loads((TOP / "helpers" / "share" / "overrides.json").read_text(encoding="utf-8"))
    assert settings == ours, "run: pip install -e ."
    assert settings["@jupyter-widgets/jupyterlab-manager:plugin"] == {"saveState": True}


def test_the_panel_that_is_presented_is_that_of_the_notebook(tmp_path):
    cells = json.loads(present.write_panel(tmp_path).read_text(encoding="utf-8"))["cells"]
    source = "".join("".join(cell["source"]) for cell in cells)
    assert "ResidualPanel(" in "".join(cells[-1]["source"]) and "my_noise" not in source
    assert all("".join(cell["source"]).startswith("%%capture") for cell in cells[:-1])
    assert "127.0.0.1" in " ".join(present.command(tmp_path))


def test_the_workflow_runs_the_same_script_on_push_and_every_month():
    workflow = (TOP / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    assert "bash .ci/run" in workflow and "push:" in workflow
    assert re.search(r'cron: "\d+ \d+ 1 \* \*"', workflow)


FOLDERS = "helpers", "notebooks", "tests", "tools"


def test_ruff_has_nothing_to_say():
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", *FOLDERS]
    done = subprocess.run(command, cwd=TOP, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_text_is_read_and_written_as_utf_8():
    """Ruff's rule knows a path only where it sees it made; here the names of the calls are enough."""
    plain = {"read_text": 0, "write_text": 1}  # how many arguments come before the encoding
    faults = []
    for path in (path for folder in FOLDERS for path in (TOP / folder).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                names = {keyword.arg for keyword in call.keywords}
                short = len(call.args) <= plain.get(getattr(call.func, "attr", None), -1)
                if "encoding" not in names and (short or "text" in names and "capture_output" in names):
                    faults.append(f"{path.relative_to(TOP)}:{call.lineno}: {ast.unparse(call)}")
    assert not faults, "without encoding=\"utf-8\":\n" + "\n".join(faults)


def test_the_licence_names_its_terms_and_the_notice():
    text = (TOP / "LICENSE").read_text(encoding="utf-8")
    assert "https://polyformproject.org/licenses/noncommercial/1.0.0" in text
    assert re.search(r"^Required Notice: Copyright ", text, re.M)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module):
    result = doctest.testmod(
        importlib.import_module(module), extraglobs={"np": __import__("numpy")}
    )
    assert result.failed == 0


@pytest.mark.parametrize("module", MODULES)
def test_public_functions_document_their_parameters(module):
    loaded = importlib.import_module(module)
    for name, function in inspect.getmembers(loaded, inspect.isfunction):
        if function.__module__ == loaded.__name__ and not name.startswith("_") and "_block" not in name:
            doc = inspect.getdoc(function) or ""
            assert doc and ("Parameters\n" in doc or not inspect.signature(function).parameters), name
            for parameter in inspect.signature(function).parameters:
                assert re.search(rf"^(\w+, |\*{{1,2}})*{parameter}\b(, \w+)*( :|$)", doc, re.M), (name, parameter)


def test_the_index_of_helpers_is_complete():
    for name in (module.removeprefix("helpers.") for module in MODULES):
        assert "." in name or re.search(rf"^{name} ", helpers.__doc__, re.M), name


def test_helpers_stay_small():
    """About 1,235 lines of code (15 for a filter that is worth a comparison); docstrings, blank lines and the checks of the exercises do not count."""
    lines = 0
    for path in (TOP / "helpers").glob("*.py"):  # helpers/check/ is a folder of its own
        source = path.read_text(encoding="utf-8")
        counted = {n for n, line in enumerate(source.splitlines(), 1) if line.strip() and not line.lstrip().startswith("#")}
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
                doc = node.body[0]
                counted -= set(range(doc.lineno, doc.end_lineno + 1))
        lines += len(counted)
    assert lines <= 1235, lines
