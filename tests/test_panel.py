"""The residual slider without a browser: the picture, the numbers, and the wires between them and the controls."""

import io
import threading

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from traitlets import TraitError

from helpers.data import load_images, split
from helpers.images import to_float
from helpers.metrics import psnr, ssim
from helpers.models import build_autoencoder, load_pretrained
from helpers.noise import add_gaussian, add_salt_and_pepper
from helpers.panel import Comparison, Fader, ResidualPanel, _png, _write
from helpers.plotting import pick_examples
from helpers.training import denoise

KINDS = {"Gaussian": (add_gaussian, 0.25), "salt-and-pepper": (add_salt_and_pepper, 0.25)}
SKIPS = ("noisy image itself", "32×32 maps", "16×16 maps", "8×8 maps")


def add_nothing(images, level, rng):
    return images


def built(skips=True, **options):
    """A network whose weights are not those of the start, so that every skip does something."""
    network, rng = build_autoencoder(skips, **options), np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.02, w.shape) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def networks():
    return {"without skips": built(skips=False), "with skips": built()}


@pytest.fixture
def comparison(networks, pictures):
    return Comparison(networks, pictures, KINDS)


@pytest.fixture
def panel(networks, pictures):
    return ResidualPanel(networks, pictures, KINDS | {"none": (add_nothing, -1)}, presets={"Strong": {"level": 0.3}})


# ---------------------------------------------------------------- the picture and its numbers


def test_full_strength_is_what_the_network_itself_answers(comparison, networks, pictures):
    rgb, numbers, _ = comparison("Gaussian")
    noisy = add_gaussian(pictures[:3], 0.1, np.random.default_rng([0, 0]))
    results = {"noisy": noisy} | {name: denoise(network, noisy) for name, network in networks.items()}
    for name, images in results.items():
        np.testing.assert_allclose(numbers[name]["psnr"], psnr(pictures[:3], images), atol=1e-3)
        np.testing.assert_allclose(numbers[name]["ssim"], ssim(pictures[:3], images), atol=1e-4)
    assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3


def test_pictures_are_shown_pixel_by_pixel(comparison, pictures):
    rgb, _, _ = comparison("Gaussian")
    side = comparison.width
    last = rgb[46 : 46 + side, 3 * (side + 16) : 3 * (side + 16) + side]
    scale = side // 32
    np.testing.assert_array_equal(last[::scale, ::scale], np.rint(pictures[0] * 255))
    np.testing.assert_array_equal(last[scale - 1 :: scale, scale - 1 :: scale], np.rint(pictures[0] * 255))


@pytest.mark.parametrize("strengths", [(1, 1, 1, 1), (0, 0, 0, 0), (0.3, 1, 0, 0.5)])
def test_fading_multiplies_each_feature_and_decodes(comparison, networks, pictures, strengths):
    latent, *features = encoded = comparison.encoder.predict_on_batch(pictures)
    decoder = networks["with skips"].get_layer("decoder")
    expected = decoder([latent, *(s * f for s, f in zip(strengths, features))])
    np.testing.assert_allclose(comparison.fade(encoded, strengths), np.clip(expected, 0, 1), atol=1e-5)


@pytest.mark.parametrize("network", [
    lambda: load_pretrained(True), lambda: built(filters=(4,)), lambda: built(filters=(4, 8), full_size_blocks=3)
])
@pytest.mark.parametrize("strengths", [(1, 1, 1, 1), (0, 0, 0, 0), (0.3, 1, 0, 0.5)])
def test_the_decoder_in_two_steps_answers_as_the_network_itself(network, strengths, pictures):
    encoder, decoder = (network().get_layer(half) for half in ("encoder", "decoder"))
    latent, *features = encoder.predict_on_batch(pictures)
    expected = decoder([latent, *(s * f for s, f in zip(strengths, features))])
    fader = Fader(decoder)
    found = fader.predict_on_batch([*fader.prepare([latent, *features]), np.float32(strengths)])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_removed_is_the_same_by_slider_toggle_and_switches(comparison):
    faded, toggled, switched = (
        comparison("Gaussian", strength=0)[0], comparison("Gaussian", on=False)[0], comparison("Gaussian", off=SKIPS)[0]
    )
    np.testing.assert_array_equal(faded, toggled)
    np.testing.assert_array_equal(faded, switched)
    assert (faded != comparison("Gaussian")[0]).any()


def test_same_controls_same_picture_and_another_draw_another(comparison):
    first, _, text = comparison("Gaussian", 0.2, handful=1)
    assert (comparison("Gaussian", 0.2, handful=1, draw=1)[0] != first).any()
    assert comparison("salt-and-pepper", 0.2, handful=1)[2] != text
    again, _, same = comparison("Gaussian", 0.2, handful=1)
    np.testing.assert_array_equal(first, again)
    assert same == text


def test_handfuls_go_round(comparison, pictures):
    assert comparison.encode("Gaussian", 0.1, 0, 0)[0].shape == comparison.encode("Gaussian", 0.1, 2, 0)[0].shape
    np.testing.assert_array_equal(comparison.encode("Gaussian", 0.1, 2, 0)[0], pictures[[6, 7, 0]])


def test_features_are_made_and_convolved_only_when_noise_or_images_change(comparison, monkeypatch):
    runs, encode, prepare = [], comparison.encoder.predict_on_batch, comparison.fader.prepare
    monkeypatch.setattr(comparison.encoder, "predict_on_batch", lambda x: runs.append("encoder") or encode(x))
    monkeypatch.setattr(comparison.fader, "prepare", lambda x: runs.append("features") or prepare(x))
    for strength in (1, 0.5, 0):
        comparison("Gaussian", strength=strength, off=SKIPS[:1], on=strength > 0)
    assert runs == ["encoder", "features"]
    for change in ({"level": 0.2}, {"draw": 1}, {"handful": 1}, {"kind": "salt-and-pepper"}):
        comparison(**{"kind": "Gaussian"} | change)
    assert len(runs) == 2 * 5


def test_the_text_says_the_numbers_and_what_was_taken_away(comparison):
    _, numbers, text = comparison("Gaussian", 0.3, strength=0.4, off=("16×16 maps",))
    for name in ("noisy", "without skips", "with skips"):
        assert f"{numbers[name]['psnr'].mean():.1f} dB, {numbers[name]['look']}" in text
    assert "level 0.30" in text and "at strength 0.40, without the 16×16 maps" in text
    assert "Neither network saw such strong noise" in text
    assert "Neither" not in comparison("Gaussian", 0.2)[2]


def test_looks_are_told_from_brightness_and_steps_between_neighbours(pictures, rng):
    from helpers.panel import _look

    assert _look(pictures, pictures) == ""
    assert _look(pictures, pictures * 0.5) == "dark"
    assert _look(pictures, add_gaussian(pictures, 0.2, rng)) == "noisy"
    assert _look(pictures, np.full_like(pictures, pictures.mean())) == "blurred"
    soft = ndimage.gaussian_filter(pictures, (0, 2, 2, 0))
    rows = np.where(np.arange(pictures.shape[1]) % 2, 0.5, -0.5)[:, None, None]
    step = np.abs(np.diff(pictures, axis=1)).mean()
    assert _look(pictures, soft + 1.5 * step * rows) == "blurred"  # a soft picture with stripes of its own
    assert _look(pictures, soft + 3 * step * rows) == "noisy"


@pytest.mark.parametrize("shape", [(1, 1), (7, 40), (40, 7)])
def test_a_png_holds_every_pixel(shape, rng):
    rgb = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(_png(rgb)))), rgb)


def test_what_is_written_is_what_pillow_writes():
    ours, theirs = Image.new("RGB", (300, 60), "white"), Image.new("RGB", (300, 60), "white")
    for y, text, size in ((2, "with skips", 27), (32, "SSIM 0.83  +12.7 dB", 18)):
        _write(ours, 5, y, text, size)
        for x in (5, 5.6):
            ImageDraw.Draw(theirs).text((x, y), text, fill="black", font=ImageFont.load_default(size))
    np.testing.assert_allclose(np.asarray(ours, int), np.asarray(theirs, int), atol=2)


def test_without_noise_there_is_no_error_and_no_crash(networks, pictures):
    comparison = Comparison(networks, pictures, {"none": (add_nothing, 0)})
    assert "inf dB" in comparison("none", 0)[2]


def test_wrong_arguments_are_told_what_is_wanted(comparison, networks, pictures):
    with pytest.raises(ValueError, match="'snow'.*Gaussian"):
        comparison("snow")
    with pytest.raises(ValueError, match="strength=1.5.*from 0 to 1"):
        comparison("Gaussian", strength=1.5)
    with pytest.raises(ValueError, match="64x64.*32×32 maps"):
        comparison("Gaussian", off=("64x64",))
    with pytest.raises(ValueError, match="sigma"):
        comparison("Gaussian", -1)
    with pytest.raises(ValueError, match="rows=9.*1 to N"):
        Comparison(networks, pictures, KINDS, rows=9)
    with pytest.raises(ValueError, match="wanted: networks 'without skips'"):
        Comparison({"mine": networks["with skips"]}, pictures, KINDS)
    with pytest.raises(ValueError, match="clean span"):
        Comparison(networks, pictures * 255, KINDS)


# ---------------------------------------------------------------- the widgets


def shown(panel):
    return np.asarray(Image.open(io.BytesIO(bytes(panel.image.value))))


def test_the_image_shows_the_picture_and_the_text_its_description(panel):
    rgb, _, text = panel.comparison(**panel.values)
    np.testing.assert_array_equal(shown(panel), rgb)
    assert panel.text.value == text


def test_every_control_over_all_its_values(panel):
    """What nobody tries by hand: every position of every control draws the picture that belongs to it."""
    sliders = {"strength": np.linspace(0, 1, 51), "level": np.linspace(0, 0.4, 41)}
    for name, values in sliders.items():
        for value in values.round(2).tolist():
            panel.controls[name].value = value
            assert panel.values[name] == value and (f"{value:.2f}" in panel.text.value or value == 1)
    for kind in panel.controls["kind"].options:
        panel.controls["kind"].value = kind
        assert kind in panel.text.value
    for tick in (panel.controls["on"], *panel.switches.values()):
        panel.show(strength=0.5)
        before = bytes(panel.image.value)
        tick.value = False
        assert bytes(panel.image.value) != before
        tick.value = True
        assert bytes(panel.image.value) == before
    for name in (*panel.buttons, *panel.buttons):
        panel.buttons[name].click()
        np.testing.assert_array_equal(shown(panel), panel.comparison(**panel.values)[0])


def test_a_preset_sets_everything_and_draws_once(panel, monkeypatch):
    panel.controls["strength"].value, panel.switches["8×8 maps"].value = 0.2, False
    panel.buttons["Other images"].click()
    calls, original = [], Comparison.__call__
    monkeypatch.setattr(Comparison, "__call__", lambda self, **k: calls.append(k) or original(self, **k))
    panel.buttons["Strong"].click()
    assert len(calls) == 1 and panel.values == panel.start | {"level": 0.3}
    panel.buttons["Reset"].click()
    assert len(calls) == 2 and panel.values == panel.start


def test_new_noise_and_other_images_keep_the_rest(panel):
    panel.show(level=0.2, off=("8×8 maps",))
    before, values = bytes(panel.image.value), panel.values
    panel.buttons["New noise"].click()
    assert panel.values == values | {"draw": 1} and bytes(panel.image.value) != before
    panel.buttons["Other images"].click()
    assert panel.values == values | {"draw": 1, "handful": 1}


def test_an_error_is_seen_on_the_panel(networks, pictures):
    def too_bright(images, level, rng):
        return images + 1 if level > 0.2 else images

    panel = ResidualPanel(networks, pictures, {"mine": (too_bright, -1)})
    with pytest.raises(ValueError):
        panel.controls["level"].value = 0.3
    assert "ValueError: noisy span" in panel.text.value
    panel.controls["level"].value = 0.1
    assert "Error" not in panel.text.value


def test_a_preset_that_fails_does_not_leave_the_panel_dead(panel):
    with pytest.raises(TraitError):
        panel.show(kind="snow")
    before = bytes(panel.image.value)
    panel.controls["strength"].value = 0.4
    assert bytes(panel.image.value) != before and "strength 0.40" in panel.text.value


def test_what_is_drawn_in_another_thread_while_a_cell_computes_is_the_same(panel, networks, pictures):
    """JupyterLab calls the panel from a thread of its own, so that no cell makes it wait."""
    answer = denoise(networks["with skips"], pictures)

    def turn():
        for level, strength in ((0.2, 0.5), (0.3, 0.1), (0.1, 0.74)):
            panel.controls["level"].value, panel.controls["strength"].value = level, strength

    thread = threading.Thread(target=turn)
    thread.start()
    while thread.is_alive():
        np.testing.assert_allclose(denoise(networks["with skips"], pictures), answer, atol=1e-6)
    rgb, _, text = panel.comparison("Gaussian", 0.1, 0.74)
    np.testing.assert_array_equal(shown(panel), rgb)
    assert panel.text.value == text


def test_the_newest_position_is_shown_even_if_two_threads_draw(panel, monkeypatch):
    original, drawing, go_on = Comparison.__call__, threading.Event(), threading.Event()

    def slow(self, **controls):
        if controls["strength"] == 0.5:
            drawing.set()
            go_on.wait()
        return original(self, **controls)

    monkeypatch.setattr(Comparison, "__call__", slow)
    set_to = [threading.Thread(target=panel.controls["strength"].set_trait, args=("value", s)) for s in (0.5, 0.2)]
    set_to[0].start()
    drawing.wait()
    set_to[1].start()
    set_to[1].join(1)  # without a lock it would be done by now, and overwritten by the older position
    go_on.set()
    for thread in set_to:
        thread.join()
    assert "strength 0.20" in panel.text.value
    np.testing.assert_array_equal(shown(panel), original(panel.comparison, "Gaussian", 0.1, 0.2)[0])


def test_the_panel_opens_no_figure_and_keeps_one_image(panel):
    image, figures = panel.image, len(plt.get_fignums())
    for strength in (0, 0.5, 1):
        panel.controls["strength"].value = strength
    assert panel.image is image and len(plt.get_fignums()) == figures


def test_every_control_has_a_name(panel):
    for control in (*list(panel.controls.values())[:4], *panel.switches.values(), *panel.buttons.values()):
        assert control.description


def test_it_shows_a_widget_and_a_text_for_those_who_cannot_see_it(panel, monkeypatch):
    bundles = []
    monkeypatch.setattr("helpers.panel.display", lambda bundle, raw: bundles.append(bundle))
    panel._ipython_display_()
    script, view = bundles
    assert "aria-label" in script["application/javascript"] and script["text/plain"] == ""
    assert view["text/plain"] == panel.text.value and "application/vnd.jupyter.widget-view+json" in view


# ---------------------------------------------------------------- the trained pair


@pytest.fixture(scope="module")
def trained():
    validation = split(load_images("auto"), seed=0)[1]
    clean = to_float(validation.images[:300])
    clean = clean[pick_examples(clean, validation.labels[:300], 300)]
    return Comparison({"without skips": load_pretrained(False), "with skips": load_pretrained(True)}, clean, KINDS)


def test_the_room_sees_blur_without_skips_and_sharpness_with_them(trained):
    numbers = trained("Gaussian")[1]
    assert numbers["without skips"]["look"] == "blurred" and numbers["with skips"]["look"] == ""
    means = {name: score["psnr"].mean() for name, score in numbers.items()}
    assert max(means["without skips"], means["noisy"]) + 3 < means["with skips"]


def test_the_picture_falls_apart_step_by_step_as_the_skips_fade(trained):
    faded = [trained("Gaussian", strength=s)[1]["with skips"]["psnr"].mean() for s in (1, 0.75, 0.5, 0.25, 0)]
    assert all(before > after + 1 for before, after in zip(faded, faded[1:]))


def test_without_the_largest_maps_nothing_is_cleaned_and_without_the_smallest_nearly_everything_is(trained):
    full, largest, smallest = (
        trained("Gaussian", off=off)[1]["with skips"]["psnr"].mean() for off in ((), SKIPS[1:2], SKIPS[3:])
    )
    assert largest < full - 2 and smallest > full - 1
