"""Draw the notebooks' opening pictures from their own cells: `make pictures`.

Executes every notebook, or those named on the command line, takes the PNG that the cell tagged
"picture" shows, and writes it to notebooks/images/NN_name.png, in at most 60 kB. The embedded
photographs are used, so that everyone gets the same pictures without a network.
"""

import base64
import io
import os
import sys
from pathlib import Path

from PIL import Image

from tools.publish import executed

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LARGEST = 60_000  # bytes


def draw(notebook):
    """The PNG of the one cell of a notebook that is tagged as its picture."""
    (cell,) = [c for c in executed(notebook).cells if "picture" in c.metadata.get("tags", [])]
    (data,) = [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def small_png(image):
    """PNG bytes with as many of 256 colours, and as much of the width, as fit into LARGEST."""
    for width in (image.width, 900, 760, 640):
        if width <= image.width:
            part = image.resize((width, round(image.height * width / image.width)), Image.LANCZOS)
            stream = io.BytesIO()
            part.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
            if stream.tell() <= LARGEST:
                return stream.getvalue()
    sys.exit(f"The picture stays above {LARGEST} bytes even when it is 640 pixels wide.")


def main(names):
    os.environ["DENOISING_DATA"] = "photos"
    os.environ.pop("DENOISING_CIFAR10_DIR", None)
    for notebook in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        if names and notebook.stem not in names:
            continue
        target = NOTEBOOKS / "images" / f"{notebook.stem}.png"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(small_png(draw(notebook)))
        print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
