"""Serve the panel of notebook 07 alone, through Voila: `make present`.

Takes the cells tagged "panel" from the notebook, so that what is changed there is shown here, and serves
them on this machine only, without code. Options go on to Voila: `make present ARGS="--no-browser --port=8867"`.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import nbformat

TOP = Path(__file__).parents[1]
NOTEBOOK = TOP / "notebooks" / "07_residual_slider.ipynb"


def write_panel(folder, notebook=NOTEBOOK):
    """Write the notebook that is served: the tagged cells; only the last one shows what it displays."""
    book = nbformat.read(notebook, as_version=4)
    book.cells = [cell for cell in book.cells if "panel" in cell.metadata.get("tags", [])]
    for cell in book.cells[:-1]:
        cell.source = "%%capture\n" + cell.source
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, folder / "residual_slider.ipynb")
    return folder / "residual_slider.ipynb"


def command(folder, *options):
    """What starts Voila; its page template lies in .ci/share."""
    options = ["--template=panel", "--theme=light", "--Voila.ip=127.0.0.1", *options]
    options += [f"--Voila.connection_dir_root={folder}"]  # not in the computer's folder for temporary files
    for extension in ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"):  # no other
        options += ["--VoilaConfiguration.extension_allowlist", extension]
    return [sys.executable, "-m", "voila", str(write_panel(folder)), *options]


def surroundings():
    return os.environ | {"JUPYTER_PATH": str(TOP / ".ci" / "share")}


if __name__ == "__main__":
    arguments = command(TOP / ".cache" / "present", *sys.argv[1:])
    print("The panel opens in the browser; F11 makes it fill the screen, Ctrl+C here stops it.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(arguments, env=surroundings())
