"""Write the panel as one file that needs no Python, no server and no network: `make page`.

The page computes both networks itself, by the JavaScript in page/, from the weights that it carries. It shows
crops of the embedded photographs, checks itself against numbers that Keras gave, and asks nobody outside: a
content security policy forbids it. What it says is taken from notebook 07, from INSTRUCTORS and from the
networks' cards; its colours are those of helpers/plotting.py.
"""

import argparse
import ast
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
import nbformat
import numpy as np
from keras import layers
from PIL import Image

from helpers.data import photographs
from helpers.metrics import psnr
from helpers.models import BUILT_WITH, PRETRAINED, load_pretrained, read_card
from helpers.noise import add_gaussian
from helpers.plotting import COLOURS

TOP = Path(__file__).resolve().parents[1]
PARTS, TARGET = Path(__file__).with_name("page"), TOP / "notebooks" / "panel.html"
LESSON, PLANS = TOP / "notebooks" / "07_residual_slider.ipynb", TOP / "notebooks" / "INSTRUCTORS.md"
SCRIPTS = "engine.js", "panel.js", "inside.js", "photo.js", "present.js"
STYLES = "page.css", "inside.css", "photo.css", "present.css"
LARGEST = 5_000_000  # bytes of the page
SIDE, ROWS = 32, 3
PAIR = {"with skips": True, "without skips": False}
INTRO = (
    "Two small networks take noise out of pictures. Both press them through {} numbers; skip connections hand "
    "the noisy picture and its maps past this bottleneck. PSNR in dB: higher is closer to clean."
)
PICTURES = (  # what is shown: photograph, top, left, and side of a square
    ("astronaut", 0, 40, 352), ("cat", 0, 90, 288), ("motorcycle", 60, 190, 416),
    ("portrait", 30, 90, 384), ("coffee", 0, 120, 400), ("rocket", 170, 220, 224),
    ("motorcycle", 250, 470, 224), ("astronaut", 20, 150, 160), ("cat", 60, 100, 160),
    ("portrait", 20, 120, 224), ("coffee", 180, 330, 220), ("motorcycle", 20, 100, 288),
    ("portrait", 380, 240, 192), ("astronaut", 280, 170, 224), ("rocket", 0, 150, 416),
)
MOVES = {  # a phrase of "do" in INSTRUCTORS' live part: what is done there, as words and a state or a preset
    "as it starts": [],
    "Skip strength": [["Skip strength slowly to 0", {"strength": 0}]],
    "The switches": [
        ["Without the 8×8 maps", {"off": ["8×8 maps"]}], ["Without the 16×16 maps", {"off": ["16×16 maps"]}],
        ["Without the 32×32 maps", {"off": ["32×32 maps"]}],
    ],
    "Clean detail lost": [["Hardly any noise", "Clean detail lost"]],
    "Noise it never saw": [["Stripes, a noise that neither network saw in training", "Noise it never saw"]],
}
SOURCE = (
    "Shown are large crops, chosen by hand and shrunk to 32×32 pixels, of six photographs that come with "
    "scikit-image and Matplotlib: an astronaut (NASA), a motorcycle "
    "(D. Scharstein and others, Middlebury Stereo 2014), an admiral (US Navy), a cat (S. van der Walt), "
    "a cup of coffee (R. Michetti), a rocket (SpaceX)."
)


def pictures():
    """The pictures of the page, shrunk to the networks' size: uint8, shape (N, 32, 32, 3)."""
    found = photographs()
    squares = [
        Image.fromarray(found[name]).resize((SIDE, SIDE), Image.Resampling.BOX, (x, y, x + side, y + side))
        for name, y, x, side in PICTURES
    ]
    return np.stack([np.asarray(square) for square in squares])


# ------------------------------------------------------------------ the networks


def folded(network):
    """The layers that have weights, each batch normalization folded into the convolution before it.

    Parameters
    ----------
    network : keras.Model
        As `helpers.models.build_autoencoder` makes it.

    Returns
    -------
    parts : dict of str to tuple (ndarray of float16, ndarray of float16)
        Name to kernel and bias, in the order of the layers. The kernels of all convolutions have the shape
        (3, 3, channels, filters): a transposed convolution with stride 1 is a convolution whose kernel is
        turned by 180 degrees, with channels and filters swapped.
    """
    parts = {}
    for half in ("encoder", "decoder"):
        found = network.get_layer(half).layers
        norms = iter([layer for layer in found if isinstance(layer, layers.BatchNormalization)])
        for layer in found:
            if isinstance(layer, layers.Dense):
                parts["latent" if half == "encoder" else "start"] = layer.get_weights()
            elif isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
                kernel, *bias = layer.get_weights()
                if isinstance(layer, layers.Conv2DTranspose):
                    kernel = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
                if bias:
                    parts[layer.name] = kernel, bias[0]
                    continue
                norm = next(norms)
                gamma, beta, mean, variance = norm.get_weights()
                scale = gamma / np.sqrt(variance + norm.epsilon)
                number = sum(name.startswith(half) for name in parts)
                parts[f"{half} {number}"] = kernel * scale, beta - mean * scale
    return {name: tuple(np.float16(weights) for weights in pair) for name, pair in parts.items()}


def unfold(parts, network):
    """Put folded weights back into a network: Keras then computes what the page computes.

    Parameters
    ----------
    parts : dict
        As `folded` returns it.
    network : keras.Model
        Changed in place.

    Returns
    -------
    outputs : keras.Model
        From noisy images to a dict: for each name of `parts` what comes out of that layer, after its ReLU if
        it has one; and under "denoised" the network's answer.
    """
    given = iter(parts.items())
    seen, outputs = {}, {}
    for half in ("encoder", "decoder"):
        model = network.get_layer(half)
        waiting = None
        for layer in model.layers:
            if isinstance(layer, (layers.Dense, layers.Conv2D, layers.Conv2DTranspose)):
                name, (kernel, bias) = next(given)
                kernel, bias = np.float32(kernel), np.float32(bias)
                if isinstance(layer, layers.Conv2DTranspose):
                    kernel = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
                waiting = (name, bias) if len(layer.get_weights()) == 1 else None
                layer.set_weights([kernel] if waiting else [kernel, bias])
                seen[name] = half, layer
            elif isinstance(layer, layers.BatchNormalization):
                ones = np.ones_like(bias)
                layer.set_weights([ones, bias, 0 * ones, (1 - layer.epsilon) * ones])
            elif isinstance(layer, layers.ReLU):
                seen[name] = half, layer
    encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")
    coded = encoder(network.inputs[0])
    for half, model, inputs in (("encoder", encoder, network.inputs[0]), ("decoder", decoder, None)):
        names = [name for name, (where, _) in seen.items() if where == half]
        inner = keras.Model(model.inputs, [seen[name][1].output for name in names])
        results = inner(inputs if half == "encoder" else coded[: len(model.inputs)])
        outputs |= dict(zip(names, results if len(names) > 1 else [results]))
    return keras.Model(network.inputs, outputs | {"denoised": network.outputs[0]})


def checks(networks, parts, clean, values=24):
    """What the page has to find again: each layer with the rounded weights, PSNR with the full ones."""
    noisy = np.rint(255 * add_gaussian(clean, 0.1, np.random.default_rng(0)))
    found = {"noisy": encoded(np.uint8(noisy)), "layers": {}, "psnr": {}}
    noisy = np.float32(noisy / 255)
    for name, network in networks.items():
        denoised = np.clip(network.predict_on_batch(noisy), 0, 1)
        found["psnr"][name] = [round(float(value), 4) for value in psnr(clean, denoised)]
        outputs = unfold(parts[name], network).predict_on_batch(noisy[:1])
        found["layers"][name] = {
            layer: [round(float(flat[i]), 5) for i in np.arange(values) * flat.size // values]
            for layer, flat in ((layer, np.ravel(output)) for layer, output in outputs.items())
        }
    return found


# ------------------------------------------------------------------ what the page says


def from_notebook(notebook=LESSON):
    """The presets, the note, and the names of the kinds of noise, as the cells of notebook 07 write them."""
    found = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code" and "panel" in cell.metadata.get("tags", []):
            for line in ast.parse(cell.source).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    found[line.targets[0].id] = line.value
    kinds = [key.value for key in found["kinds"].keys]
    return ast.literal_eval(found["presets"]), ast.literal_eval(found["note"]), kinds


def live_part(text=None):
    """The rows of INSTRUCTORS' live part that the panel alone shows: dicts of minutes, ask, seen, and moves."""
    text = PLANS.read_text(encoding="utf-8") if text is None else text
    table = re.search(r"^### The live part[^|]*((?:\|.*\n)+)", text, re.M)
    if not table:
        sys.exit(f"{PLANS.name} has no table below '### The live part', where the page takes its questions.")
    rows, (presets, *_) = [], from_notebook()
    for line in table[1].splitlines()[2:]:
        cells = [cell.strip().replace("**", "") for cell in line.strip("| ").split(" |")]
        if len(cells) != 5:
            sys.exit(f"This row of the live part in {PLANS.name} has {len(cells)} cells and not 5: {line}")
        minutes, do, ask, _, seen = cells
        if not do.startswith("Deck "):  # the row that another deck shows
            fitting = [moves for phrase, moves in MOVES.items() if phrase in do]
            if len(fitting) != 1:
                sys.exit(
                    f"The live part in {PLANS.name} says to do: {do}. MOVES in tools/page.py needs one phrase "
                    f"of that, with what the panel does there; it has {len(fitting)}."
                )
            moves = [[words, presets[to] if isinstance(to, str) else to] for words, to in fitting[0]]
            rows.append({"minutes": minutes, "ask": ask, "seen": seen, "moves": moves})
    return rows


# ------------------------------------------------------------------ one file


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def compiled(source=PARTS / "layers.c", kept=PARTS / "layers.json"):
    """layers.c as WebAssembly, in base64: from layers.json, and compiled anew where the source has changed."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if known.get("source") == digest:
        return known["wasm"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "layers.wasm"
        options = "-target wasm32-freestanding -mcpu=generic+simd128 -O3 -nostdlib -Wl,--no-entry "
        options += "-Wl,--import-memory -Wl,--export=convolve -Wl,--strip-all"
        command = [sys.executable, "-m", "ziglang", "cc", *options.split(), "-o", target, source]
        if subprocess.run(command).returncode:
            sys.exit(f"{source.name} was not compiled; the lines above say why. pip install ziglang")
        known = {"source": digest, "wasm": base64.b64encode(target.read_bytes()).decode()}
    kept.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return known["wasm"]


def home(skips, folder):
    """Where the card and the weights of a network lie: in `folder`, or in a folder of their own in it."""
    name = "with_skips" if skips else "without_skips"
    for place in (folder, folder / name):
        if (place / f"{name}.json").exists():
            return place
    missing = f"has neither {name}.json nor {name}/{name}.json" if folder.is_dir() else "is no folder"
    sys.exit(
        f"{folder} {missing}. Wanted is a folder with both networks of a pair, as `make train` writes them: "
        f"train with skips and with --no-skips, then make page ARGS='--with runs'"
    )


def cards_of(folder=PRETRAINED):
    """The cards of a pair, with skips and without, after a look whether the page can show it."""
    cards = {name: read_card(skips, home(skips, folder)) for name, skips in PAIR.items()}
    build = [name for name in BUILT_WITH if name != "skips"]
    one, other = ({name: card["recipe"][name] for name in build} for card in cards.values())
    if one != other:
        sys.exit(f"The two networks in {folder} are built differently: {one} and {other}. Wanted is one build.")
    return cards


def highest_level(kind, cards):
    """The strongest noise of a kind that one of the two networks saw in training; -1 if none of them did."""
    def saw(noise):
        return kind.lower() in {"mixed": ("gaussian", "salt-and-pepper")}.get(noise, (noise,))

    recipes = [card["recipe"] for card in cards.values()]
    return max((recipe["level"] for recipe in recipes if saw(recipe["noise"])), default=-1)


def payload(folder=PRETRAINED):
    """All that the page is given, as a dict for JSON."""
    cards = cards_of(folder)
    networks = {name: load_pretrained(skips, home(skips, folder)) for name, skips in PAIR.items()}
    parts = {name: folded(network) for name, network in networks.items()}
    shown = pictures()
    presets, note, kinds = from_notebook()
    script = (PARTS / "panel.js").read_text(encoding="utf-8")
    if unknown := [kind for kind in kinds if f'  "{kind}": (image, level, random)' not in script]:
        sys.exit(f"Notebook 07 has the noise {unknown}, and NOISE in page/panel.js does not: add it there.")
    if wrong := [name for name, preset in presets.items() if preset.get("kind", kinds[0]) not in kinds]:
        sys.exit(f"The presets {wrong} of notebook 07 ask for a noise that is none of {kinds}.")
    recipe = cards["with skips"]["recipe"]
    halvings = [SIDE // 2**i for i in range(len(recipe["filters"]))]
    weights = [weights.ravel() for network in parts.values() for pair in network.values() for weights in pair]
    return {
        "side": SIDE,
        "skips": ["noisy image itself", *(f"{n}×{n} maps" for n in halvings)],
        "kinds": [{"name": name, "highest": highest_level(name, cards)} for name in kinds],
        "presets": presets, "note": note, "live": live_part() if folder == PRETRAINED else [],
        "intro": INTRO.format(recipe["latent_dim"]), "known": validated(cards), "about": about(networks, cards),
        "colours": {name: COLOURS[name] for name in ("noisy", "without skips", "with skips", "clean")},
        "shown": [name for name, *_ in PICTURES], "pictures": encoded(shown),
        "networks": {
            name: {
                "skips": name == "with skips",
                "layers": [{"name": part, "shape": kernel.shape} for part, (kernel, _) in network.items()],
            } for name, network in parts.items()
        },
        "weights": encoded(np.concatenate(weights).astype("<f2")), "wasm": compiled(),
        "check": checks(networks, parts, np.float32(shown[:ROWS] / 255)),
    }


def training(card):
    """How a network was trained, in words."""
    recipe = card["recipe"]
    noise = {"mixed": "Gaussian or salt-and-pepper"}.get(recipe["noise"], recipe["noise"])
    loss = {"mse": "squared error"}.get(recipe["loss"], recipe["loss"])
    level = "any level up to" if recipe["noise"] == "mixed" else "level"
    return (
        f"for {card['epochs_done']} epochs on {recipe['images']:,} training images out of "
        f"{card['data']['note']}, with {noise} noise of {level} {recipe['level']:g} and {loss} as loss"
    )


def about(networks, cards):
    """The foot of the page: what the networks are, how they were trained, and what is shown."""
    recipe = cards["with skips"]["recipe"]
    sizes = {name: network.count_params() for name, network in networks.items()}
    one, other = map(training, cards.values())
    trained = f"Both were trained {one}." if one == other else f"With skips: trained {one}. Without: {other}."
    known = any(card["data"]["source"] == "photos" for card in cards.values())
    seen = "Other crops of some were training images." if known else "Neither network was trained on them."
    return (
        f"The two networks: {' → '.join(map(str, recipe['filters']))} maps, a code of {recipe['latent_dim']} "
        f"numbers; {sizes['with skips']:,} parameters with skips, {sizes['without skips']:,} without. "
        f"{trained} {SOURCE} {seen}"
    )


def validated(cards, noise="gaussian 25/255"):
    """What the cards report on many images, beside the few that are shown."""
    found = [card["validation_psnr"].get(noise) for card in cards.values()]
    if not all(found):
        return ""
    pair, alone = found
    source = {"cifar10": "CIFAR-10", "photos": "the photographs"}[cards["with skips"]["data"]["source"]]
    return (
        f"Three pictures are few. On all validation images of {source}, with Gaussian noise of level "
        f"{25 / 255:.2f}: noisy {pair['noisy']:.1f} dB, without skips {alone['denoised']:.1f} dB, with skips "
        f"{pair['denoised']:.1f} dB."
    )


def sha256(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def write(target=TARGET, folder=PRETRAINED, title="The residual slider", data=None):
    """Write the page.

    Parameters
    ----------
    target : pathlib.Path
    folder : pathlib.Path
        Where cards and weights of the pair lie.
    title : str
    data : dict, optional
        As `payload` returns it.

    Returns
    -------
    page : str
        What was written.
    """
    import jinja2

    data = data or payload(folder)
    scripts = [(PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS]
    style = "\n".join((PARTS / name).read_text(encoding="utf-8") for name in STYLES)
    policy = (
        f"default-src 'none'; style-src {sha256(style)}; img-src data: blob:; worker-src blob:; "
        f"script-src 'wasm-unsafe-eval' blob: {' '.join(map(sha256, scripts))}; "
        f"base-uri 'none'; form-action 'none'"
    )
    template = jinja2.Template((PARTS / "page.html").read_text(encoding="utf-8"), keep_trailing_newline=True)
    page = template.render(
        policy=policy, title=title, style=style, scripts=scripts,
        **{name: data[name] for name in ("intro", "note", "known", "about")},
        skips=data["skips"], presets=list(data["presets"]), kinds=[kind["name"] for kind in data["kinds"]],
        data=json.dumps(data, ensure_ascii=False).replace("</", "<\\/"),
    )
    if len(page.encode()) > LARGEST:
        sys.exit(f"The page has {len(page.encode()):,} bytes, more than {LARGEST:,}: take a smaller network.")
    target.write_text(page, encoding="utf-8", newline="\n")
    return page


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--with", dest="folder", type=Path, default=PRETRAINED, help="where another pair lies")
    parser.add_argument("--output", type=Path, help="where to write it (the shipped pair's: notebooks)")
    parser.add_argument("--title", default="The residual slider")
    wanted = parser.parse_args(arguments)
    own = wanted.folder.resolve() != PRETRAINED.resolve()
    target = wanted.output or (wanted.folder / "panel.html" if own else TARGET)
    try:
        page = write(target, wanted.folder, wanted.title)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f"No page was written. {error}")
    print(f"Open {target.resolve().as_uri()} ({len(page.encode()) / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
