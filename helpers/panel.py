"""The residual slider: noisy, two networks' answers and clean, while the skips are faded by hand.

`Comparison` turns what the controls say into a picture and its numbers, without any widget; `Fader` makes that
fast, and `ResidualPanel` wires widgets to it. Looks are in panel.css, names for screen readers in panel.js.
"""

import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import ipywidgets as widgets
import keras
import numpy as np
from IPython.display import display
from keras import layers, ops
from PIL import Image, ImageDraw, ImageFont

from helpers.images import check_images
from helpers.metrics import psnr, ssim
from helpers.plotting import COLOURS

GAP, HEAD, CAPTION, BAR, HIGHEST_DB = 16, 46, 54, 72, 40  # pixels; and where the bars end
_two = ThreadPoolExecutor(2)


def _convolve(x, kernel):
    """Transposed, as in the decoder; with a kernel of 4x4 instead of 3x3 it also doubles height and width."""
    return ops.conv_transpose(x, kernel, kernel.shape[0] // 2, "same", data_format="channels_last")


class Fader(keras.Model):
    """A trained decoder in two steps, the second of which is all that a new strength needs.

    A convolution is linear: of ``[x, strength * maps]`` it makes what it makes of x, plus strength times what
    it makes of the maps. So `prepare` convolves the maps, once for all strengths; the model itself does the
    rest, half of the decoder's work.

    Parameters
    ----------
    decoder : keras.Model
        With skips, as `helpers.models.build_decoder` makes it; its weights are copied.
    """

    def __init__(self, decoder):
        super().__init__()
        reshaped, transposed, norms = (
            [layer for layer in decoder.layers if isinstance(layer, kind)]
            for kind in (layers.Reshape, layers.Conv2DTranspose, layers.BatchNormalization)
        )
        self.start = keras.Model(decoder.inputs[0], reshaped[0].output)
        *kernels, self.correction = (layer.get_weights() for layer in transposed)
        self.of_maps, self.blocks, maps = [], [], decoder.inputs[2:]
        for (kernel,), norm in zip(kernels, norms):
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)  # once trained, all that a normalization does
            kernel, bias = kernel * scale[:, None], beta - mean * scale
            if maps:
                kernel, of_maps = np.split(kernel, [-maps.pop().shape[-1]], axis=-1)
                self.of_maps.insert(0, of_maps)
                places = [((i, 1 - i), (j, 1 - j), (0, 0), (0, 0)) for i in (0, 1) for j in (0, 1)]
                kernel = sum(np.pad(kernel, place) for place in places)  # of 4x4: it doubles the maps as well
            self.blocks.append((kernel, bias))

    def prepare(self, encoded):
        """What all strengths have in common.

        Parameters
        ----------
        encoded : list of ndarray
            What the encoder returned: the latent code, then the features.

        Returns
        -------
        prepared : list of tensor
            What the first block makes of the code, the noisy image, and what the blocks make of the maps.
        """
        latent, image, *maps = encoded
        kernel, bias = self.blocks[0]
        first = _convolve(self.start(latent), kernel) + bias
        parts = (_convolve(*pair) for pair in zip(maps, self.of_maps))
        return [ops.stop_gradient(ops.convert_to_tensor(x)) for x in (first, image, *parts)]

    def call(self, given):
        """The decoder's answer.

        Parameters
        ----------
        given : list of tensor
            As `prepare` returns it, and at the end the strengths: of the noisy image, and of the maps.

        Returns
        -------
        denoised : tensor of shape (N, H, W, 3)
        """
        x, *parts, strengths = given
        image, *parts = (strengths[i] * part for i, part in enumerate(parts))
        x = ops.relu(x + parts.pop())
        for kernel, bias in self.blocks[1:]:
            x = _convolve(x, kernel) + bias
            x = ops.relu(x + parts.pop() if parts else x)
        kernel, bias = self.correction
        return image + _convolve(x, kernel) + bias


class Comparison:
    """Two networks before the same noisy images: from what the controls say to a picture and numbers.

    Parameters
    ----------
    networks : dict of str to keras.Model
        ``"without skips"`` and ``"with skips"``, as `helpers.models.build_autoencoder` makes them.
    clean : ndarray of float, shape (N, H, W, 3)
        Validation images in [0, 1], the best to look at first.
    kinds : dict of str to tuple (callable, float)
        Name of a kind of noise to ``add(images, level, rng)``, and to the highest level that the
        networks saw in training; -1 for a kind that they never saw.
    rows : int
        How many images are shown at a time.

    Attributes
    ----------
    skips : tuple of str
        Names of the skips, in the order of the encoder's features.

    Raises
    ------
    TypeError, ValueError
        If one of these is not what is wanted.
    """

    def __init__(self, networks, clean, kinds, rows=3):
        self.clean = check_images(clean, "clean")
        if set(networks) != {"without skips", "with skips"} or clean.ndim != 4 or not 1 <= rows <= len(clean):
            wanted = "networks 'without skips' and 'with skips', clean (N, H, W, 3), rows from 1 to N"
            raise ValueError(f"Given: {list(networks)}, clean {clean.shape}, {rows=}; wanted: {wanted}.")
        self.kinds, self.rows, self.without = kinds, rows, networks["without skips"]
        self.encoder, decoder = (networks["with skips"].get_layer(half) for half in ("encoder", "decoder"))
        self.fader = Fader(decoder)
        maps = (f"{output.shape[1]}×{output.shape[2]} maps" for output in self.encoder.outputs[2:])
        self.skips = ("noisy image itself", *maps)
        self.height, self.width = (n * min(max(16 // rows, 4), 7) for n in self.clean.shape[1:3])
        self.encode = lru_cache(4)(self._encode)

    def fade(self, encoded, strengths):
        """What the decoder makes of the features, each multiplied by its strength.

        Parameters
        ----------
        encoded : list of ndarray
            What the encoder returned: the latent code, then the features.
        strengths : sequence of float
            One for each of `skips`.

        Returns
        -------
        denoised : ndarray of float32, shape (N, H, W, 3)
            In [0, 1].
        """
        return self._fade(self.fader.prepare(encoded), strengths)

    def _fade(self, prepared, strengths):
        return np.clip(self.fader.predict_on_batch([*prepared, np.float32(strengths)]), 0, 1)

    def _encode(self, kind, level, handful, draw):
        """What no strength changes: the images, what is prepared of them, and the picture as far as it goes."""
        clean = self.clean[np.arange(handful * self.rows, (handful + 1) * self.rows) % len(self.clean)]
        noisy = check_images(self.kinds[kind][0](clean, level, np.random.default_rng([handful, draw])), "noisy")
        prepared = self.fader.prepare(self.encoder.predict_on_batch(noisy))
        without = np.clip(self.without.predict_on_batch(noisy), 0, 1)
        size = 4 * (self.width + GAP) + 3 * BAR, HEAD + self.rows * (self.height + CAPTION)
        picture, numbers = Image.new("RGB", size, "white"), {}
        for place, name, images in ((0, "noisy", noisy), (1, "without skips", without), (3, "clean", clean)):
            self._draw(picture, place, name, clean, images, numbers)
        full = psnr(clean, self._fade(prepared, np.ones(len(self.skips)))).mean()
        return clean, prepared, picture, numbers, full

    def _draw(self, picture, place, name, clean, images, numbers):
        """One column: pictures, scores below them, and a bar of their mean on the right."""
        draw, x, write = ImageDraw.Draw(picture), place * (self.width + GAP), partial(_write, picture)
        write(x, 2, name, 27)
        draw.rectangle((x, HEAD - 10, x + self.width - 1, HEAD - 4), COLOURS[name])
        score = {"psnr": psnr(clean, images), "ssim": ssim(clean, images), "look": _look(clean, images)}
        numbers[name] = score
        for row, image in enumerate(np.rint(images * 255).astype(np.uint8)):
            y, image = HEAD + row * (self.height + CAPTION), Image.fromarray(image)
            picture.paste(image.resize((self.width, self.height), Image.Resampling.NEAREST), (x, y))
            if name != "clean":
                noisy = numbers["noisy"]["psnr"][row] if place else 0
                gain = f"  {round(score['psnr'][row] - noisy, 1) + 0:+.1f} dB" if place else ""
                write(x, y + self.height + 1, f"{score['psnr'][row]:.1f} dB", 25)
                write(x, y + self.height + 29, f"SSIM {score['ssim'][row]:.2f}{gain}", 18)
        if name != "clean":
            x, mean = 4 * (self.width + GAP) + place * BAR, score["psnr"].mean()
            bottom = picture.height - CAPTION
            top = bottom - min(mean / HIGHEST_DB, 1) * (bottom - HEAD - 30)
            draw.rectangle((x, top, x + BAR - 10, bottom), COLOURS[name])
            write(x, top - 30, f"{mean:.1f}", 25)
            write(x, 2, "" if place else "mean PSNR (dB)", 27)
            for line, word in enumerate(name.split(" ", 1)):
                write(x, bottom + 5 + 21 * line, word, 17)

    def __call__(self, kind, level=0.1, strength=1.0, on=True, off=(), handful=0, draw=0):
        """The picture, its numbers, and what one sees.

        Parameters
        ----------
        kind : str
            Kind of noise, out of `kinds`.
        level : float
            Its level, as the noise function takes it.
        strength : float
            From 0 (skips removed) to 1 (full): all skips are multiplied by it.
        on : bool
            False removes the skips, whatever their strength.
        off : sequence of str
            Single skips that are switched off, out of `skips`.
        handful, draw : int
            Which images, and which draw of the noise: 0, 1, 2, ...

        Returns
        -------
        rgb : ndarray of uint8, shape (height, width, 3)
            Always of the same size; the same arguments give the same picture.
        numbers : dict of str to dict
            For each column ``"psnr"`` in dB and ``"ssim"``, arrays of shape (rows,), and ``"look"``,
            dark, blurred, noisy or nothing, as the mean brightness and the mean step between neighbours say.
        text : str
            What the picture shows, from these numbers; it serves as alt text.

        Raises
        ------
        ValueError
            If the noise or a skip has another name, or a value is out of its range.
        """
        if kind not in self.kinds or not 0 <= strength <= 1 or not set(off) <= set(self.skips):
            wanted = f"kind out of {list(self.kinds)}, strength from 0 to 1, off out of {list(self.skips)}"
            raise ValueError(f"Given: {kind=}, {strength=}, {off=}; wanted: {wanted}.")
        clean, prepared, picture, numbers, full = self.encode(kind, level, handful, draw)
        denoised = self._fade(prepared, [strength * on * (skip not in off) for skip in self.skips])
        picture, numbers = picture.copy(), dict(numbers)
        self._draw(picture, 2, "with skips", clean, denoised, numbers)
        looks = {name: ", " * bool(score["look"]) + score["look"] for name, score in numbers.items()}
        seen = {name: f"{score['psnr'].mean():.1f} dB{looks[name]}" for name, score in numbers.items()}
        changes = [f"at strength {strength:.2f}"] * (strength < 1) + [f"without the {skip}" for skip in off]
        changes = changes if on else ["with every skip switched off"]
        now = f", now {', '.join(changes)}" if changes else ""
        highest = self.kinds[kind][1]
        strong = "strong " if highest > 0 else ""
        images = "1 image" if self.rows == 1 else f"{self.rows} images"
        return np.asarray(picture), numbers, (
            f"{images} with {kind} noise of level {level:.2f}: {seen['noisy']}. "
            + f"Neither network saw such {strong}noise in training. " * (level > max(highest, 0))
            + f"Trained without skips: {seen['without skips']}. "
            + f"Trained with skips{now}: {seen['with skips']}{now and f' (in full {full:.1f} dB)'}."
        )


@lru_cache
def _letter(letter, size):
    """Width and mask of a letter; in bold, because it is drawn twice."""
    font = ImageFont.load_default(size)
    width = round(font.getlength(letter))
    draw = ImageDraw.Draw(mask := Image.new("L", (width + 4, 2 * size)))
    for shift in (1, 1.6):
        draw.text((shift, 0), letter, fill=255, font=font)
    return width, mask


def _write(picture, x, y, text, size):
    for letter in text:  # which is drawn once and then copied: drawing took a tenth of the panel's time
        width, mask = _letter(letter, size)
        picture.paste("black", (x - 1, round(y)), mask)
        x += width


def _deflate(lines, end):
    part = zlib.compressobj(1, wbits=-15)
    return part.compress(lines) + part.flush(end)


def _png(rgb):
    """As PNG in half the time that Pillow takes, which tries five ways to write each line.

    Most lines of a picture whose pixels are squares equal the one above, so the difference to it is written,
    of the upper and the lower half at the same time.
    """
    lines = rgb.reshape(len(rgb), -1)
    lines = np.pad(np.diff(lines, axis=0, prepend=np.uint8(0)), ((0, 0), (1, 0)), constant_values=2)  # 2: "up"
    header = struct.pack(">2I5B", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 0)  # 8 bits a value, RGB
    halves = _two.map(_deflate, np.array_split(lines, 2), (zlib.Z_SYNC_FLUSH, zlib.Z_FINISH))
    data = b"".join((b"\x78\x01", *halves, struct.pack(">I", zlib.adler32(lines))))
    chunks = (b"IHDR" + header, b"IDAT" + data, b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


def _look(clean, images):
    steps = ([np.abs(np.diff(x, axis=axis)).mean() for axis in (1, 2)] for x in (images, clean))
    detail = sorted(found / true for found, true in zip(*steps))
    if images.mean() < 0.8 * clean.mean():
        return "dark"
    if detail[0] < 0.75 and detail[1] < 2:  # soft one way, striped the other: it is the blur that is seen first
        return "blurred"
    return "noisy" if detail[1] > 1.2 else ""


def _beside(suffix):
    return Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")


class ResidualPanel:
    """The residual slider: as the last line of a cell it shows itself, with controls of its own.

    Parameters
    ----------
    networks, clean, kinds, rows
        As in `Comparison`.
    presets : dict of str to dict
        Name of a button to what it sets, such as ``{"No noise": {"level": 0}}``, with the names of
        `Comparison.__call__`; what is not named goes back to the start.
    note : str
        What stands below the controls, as HTML.

    Attributes
    ----------
    controls, switches, buttons : dict of str to ipywidgets.Widget
    numbers : dict
        What `Comparison` last returned.
    """

    def __init__(self, networks, clean, kinds, rows=3, presets=None, note=""):
        self.comparison, self.lock = Comparison(networks, clean, kinds, rows), threading.RLock()
        tick, slider = partial(widgets.Checkbox, True, indent=False), partial(widgets.FloatSlider, min=0)
        self.controls = {
            "strength": slider(1, max=1, step=0.02, description="Skip strength"),
            "on": tick(description="skips on"),
            "kind": widgets.Dropdown(options=list(kinds), description="Noise"),
            "level": slider(0.1, max=0.4, step=0.01, description="Noise level"),
            "handful": widgets.IntText(), "draw": widgets.IntText(),  # not shown, two buttons count them up
        }
        self.switches = {skip: tick(description=skip) for skip in self.comparison.skips}
        self.image, self.text = widgets.Image(format="png"), widgets.HTML().add_class("residual-text")
        for control in (*self.controls.values(), *self.switches.values()):
            control.observe(self._refresh, "value")
        actions = {name: partial(self.show, **values) for name, values in (presets or {}).items()}
        for name, control in (("Other images", self.controls["handful"]), ("New noise", self.controls["draw"])):
            actions[name] = lambda control=control: control.set_trait("value", control.value + 1)
        actions["Reset"], self.start = self.show, self.values
        self.buttons = {name: widgets.Button(description=name) for name in actions}
        for button in self.buttons.values():
            button.on_click(lambda button: actions[button.description]())
        for control in (*self.controls.values(), *self.switches.values(), *self.buttons.values()):
            # JupyterLab hands what a control says to a thread of its own, so that the panel answers while cells
            # below still run. Since ipykernel 7.4 the comm overrules it if a cell was the last to use the comm.
            control.comm._reply_subshell_for = None
            # Nor is IPython told that a cell has run: it would close the figures of the cell that is running.
            control.comm.handle_msg = control._handle_msg
        strength, on, kind, level, *_ = self.controls.values()
        *presets, other, new, reset = self.buttons.values()
        side = [widgets.HBox([strength, on]), *self.switches.values(), kind, level, widgets.VBox(presets)]
        side += [widgets.HBox([other, new, reset]), widgets.HTML(note)]
        view = widgets.VBox([self.image, self.text]).add_class("residual-view")
        style = widgets.HTML(f"<style>{_beside('.css')}</style>")
        self.box = widgets.HBox([widgets.VBox([style, *side]).add_class("residual-side"), view])
        self.box.add_class("residual-panel")
        self.show()

    @property
    def values(self):
        """What the controls say, as the arguments of `Comparison.__call__`."""
        off = tuple(skip for skip, switch in self.switches.items() if not switch.value)
        return {name: control.value for name, control in self.controls.items()} | {"off": off}

    def show(self, **values):
        """Set all controls, and draw once.

        Parameters
        ----------
        values : dict
            Arguments of `Comparison.__call__`; what is not named goes back to the start.
        """
        values = self.start | values
        with self.lock:
            self.setting = True
            try:
                for name, control in self.controls.items():
                    control.value = values[name]
                for skip, switch in self.switches.items():
                    switch.value = skip not in values["off"]
            finally:
                self.setting = False
            self._refresh()

    def _refresh(self, _=None):
        with self.lock:  # a thread that had to wait draws what the controls say by then
            if self.setting:
                return
            try:
                rgb, self.numbers, text = self.comparison(**self.values)
            except Exception as error:  # Jupyter alone would hide it in a log
                self.text.value = f"{type(error).__name__}: {error}"
                raise
            self.image.value, self.text.value = _png(rgb), text

    def _ipython_display_(self):
        script = _beside(".js")
        display({"application/javascript": script, "text/plain": ""}, raw=True)
        display(self.box._repr_mimebundle_() | {"text/plain": self.text.value}, raw=True)
