"""The panel of notebook 07 alone, for a lecture: `python -m helpers.present`.

Takes the cells tagged "panel" from the notebook, so that what is changed there is shown here, and serves
them through Voila, on this machine only and without code. Options go on to Voila: --no-browser --port=8867
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import nbformat

TOP = Path(__file__).resolve().parents[1]
NOTEBOOK = TOP / "notebooks" / "07_residual_slider.ipynb"
SHARE = Path(__file__).resolve().parent / "share"  # Voila's page template lies here


def write_panel(folder, notebook=NOTEBOOK):
    """Write the notebook that is served: the tagged cells; only the last one shows what it displays.

    Parameters
    ----------
    folder : Path
        Where it is written; made where it is missing.
    notebook : Path
        Where the cells are taken from.

    Returns
    -------
    Path
    """
    book = nbformat.read(notebook, as_version=4)
    book.cells = [cell for cell in book.cells if "panel" in cell.metadata.get("tags", [])]
    for cell in book.cells[:-1]:
        cell.source = "%%capture\n" + cell.source
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, folder / "residual_slider.ipynb")
    return folder / "residual_slider.ipynb"


def command(folder, *options):
    """What starts Voila.

    Parameters
    ----------
    folder : Path
        Where the notebook that is served, and what Voila keeps of its kernel, are written.
    *options : str
        More options of Voila.

    Returns
    -------
    list of str
    """
    options = ["--template=panel", "--theme=light", "--Voila.ip=127.0.0.1", *options]
    options += [f"--Voila.connection_dir_root={folder}"]  # not in the computer's folder for temporary files
    options += ["--VoilaConfiguration.progressive_rendering=True"]  # the page loads while the kernel starts
    for extension in ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"):  # no other
        options += ["--VoilaConfiguration.extension_allowlist", extension]
    return [sys.executable, "-m", "voila", str(write_panel(folder)), *options]


def surroundings():
    """The environment variables in which Voila finds its page template."""
    return os.environ | {"JUPYTER_PATH": str(SHARE)}


if __name__ == "__main__":
    arguments = command(TOP / ".cache" / "present", *sys.argv[1:])
    print("The panel opens in the browser; F11 makes it fill the screen, Ctrl+C here stops it.", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(arguments, env=surroundings())
