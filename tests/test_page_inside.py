"""A look inside, on the page: maps and gradients against Keras, and what a reader does with mouse and keys."""

import base64
import re

import numpy as np
import pytest
import tensorflow as tf

from helpers.models import load_pretrained
from tests.browser import PageVisit
from tools.page import folded, unfold

NAMES = ("with skips", "without skips")
COLOURS = {"orange": (0xD5, 0x5E, 0x00), "blue": (0x00, 0x72, 0xB2)}
NOISY = "() => [...handfulOf(page.state).noisy[page.views.inside.chosen.row].data]"
PIXELS = """(selector) => [...document.querySelectorAll(selector)].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.width, btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""))];
})"""
PNGS = """() => [...document.querySelectorAll("#maps canvas")].map((canvas) => canvas.toDataURL())"""
HASH = """(wanted) => new Promise((done) => {
  const end = Date.now() + 20_000;
  const look = () => (location.hash === wanted || Date.now() > end ? done(location.hash) : setTimeout(look, 20));
  look();
})"""
CUT_OFF = """() => [...document.querySelectorAll("#inside *")].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  return width && (left < 0 || right > innerWidth + 0.5 || element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "hidden");
}).map((element) => element.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def visit(running):
    opened = PageVisit(running, "#view=inside")
    opened.page.set_default_timeout(30_000)
    return opened


@pytest.fixture(scope="module")
def keras_networks():
    """With the page's weights, which are rounded to 16 bits: network, and all its layers."""
    networks = {name: load_pretrained(name == "with skips") for name in NAMES}
    return {name: (network, unfold(folded(network), network)) for name, network in networks.items()}


@pytest.fixture(autouse=True)
def as_at_the_start(visit):
    visit.evaluate("() => { location.hash = 'view=inside&'; }")
    hash_of(visit, "#view=inside")  # it has been read, drawn and written


def choose(visit, **labels):
    for label, option in labels.items():
        visit.page.locator("#inside").get_by_label(label.capitalize(), exact=True).select_option(label=option)
    visit.drawn()


def labels(visit):
    return visit.page.locator("#layer option").all_inner_texts()


def tiles(visit, selector="#maps canvas"):
    """The colours of all maps on show, or of other canvases."""
    found = [(width, np.frombuffer(base64.b64decode(pixels), np.uint8)) for width, pixels in visit.evaluate(PIXELS, selector)]
    return [pixels.reshape(-1, width, 4)[..., :3] for width, pixels in found]


def noisy_of(visit):
    return np.float32(visit.evaluate(NOISY)).reshape(1, 32, 32, 3)


def hash_of(visit, wanted):
    """Wait until the address is this one."""
    found = visit.evaluate(HASH, wanted)
    assert found == wanted


def painted(values, scale, signed):
    """The colours that a map has to have."""
    share = np.clip(values / scale, -1, 1)[..., None]
    if not signed:
        return 255 * np.repeat(share.clip(0), 3, -1)
    ends = np.where(share < 0, COLOURS["orange"], COLOURS["blue"])
    return 255 + (ends - 255) * np.abs(share)


# ---------------------------------------------------------------- the maps


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_shows_the_maps_that_keras_computes(visit, keras_networks, name):
    visit.page.get_by_role("radio", name=re.compile("Row 2")).check()
    choose(visit, network=name)
    expected = keras_networks[name][1].predict_on_batch(noisy_of(visit))
    shown = labels(visit)
    assert len(shown) == len(expected) - (name == "without skips")  # there the answer is the last layer, not a correction
    for label in shown:
        choose(visit, layer=label)
        layer = visit.page.locator("#layer").input_value()
        values, found = expected[layer][0], tiles(visit)
        signed, scale = layer in ("latent", "start", "correction"), 1 if layer == "denoised" else np.abs(expected[layer]).max()
        if layer == "latent":
            values = values.reshape(16, 16, 1)
        if layer == "start":
            values = values.reshape(4, 4, -1)
        if layer == "denoised":
            np.testing.assert_allclose(found.pop(0), 255 * values.clip(0, 1), atol=1)
        assert len(found) == values.shape[-1]
        for channel, tile in enumerate(found):
            np.testing.assert_allclose(tile, painted(values[..., channel], scale, signed), atol=2.5, err_msg=f"{label} {channel}")
        if layer != "denoised":
            assert f"{scale:{'.2f' if scale >= 0.1 else '.2g'}} or more" in visit.page.locator("#scale").inner_text()


def test_strength_changes_the_decoder_and_not_the_encoder(visit):
    changed = {}
    for label in labels(visit):
        choose(visit, layer=label)
        before = visit.evaluate(PNGS)
        visit.go(strength=0.4)
        changed[label] = visit.evaluate(PNGS) != before
        visit.go()
    assert changed == {label: not re.match("Encoder|The code|.*made of the code", label) for label in changed}


def test_the_network_without_skips_does_not_listen_to_the_slider(visit):
    choose(visit, network="without skips")
    before = [*tiles(visit), visit.page.locator("#listens").inner_text()]
    visit.go(strength=0.3)
    np.testing.assert_equal([*tiles(visit), visit.page.locator("#listens").inner_text()], before)
    assert "skip strength and switches do not change these maps" in visit.page.locator("#scale").inner_text()


def test_the_page_says_how_many_maps_are_zero(visit):
    dead = sum((tile == 0).all() for tile in tiles(visit))
    found = visit.evaluate("() => { const { seen } = page.views.inside.found, { data, channels } = seen.get('decoder 2');"
                           "return [...Array(channels).keys()].filter((c) => data.every((v, i) => i % channels !== c || v === 0)).length }")
    assert 0 < found <= dead
    assert f"{found} of these 32 maps are zero everywhere in this picture" in visit.page.locator("#scale").inner_text()
    assert visit.page.locator("#maps canvas.zero").count() == found == visit.page.get_by_role("option", name="zero everywhere").count()


def test_each_map_by_its_own_scale(visit, keras_networks):
    visit.page.get_by_label("each map by its own scale").check()
    visit.go(strength=0.4)
    full, now = (visit.evaluate("(which) => [...page.views.inside.found[which].get('decoder 2').data]", which) for which in ("full", "seen"))
    full, now = (np.reshape(values, (32, 32, 32)) for values in (full, now))
    np.testing.assert_allclose(full, keras_networks["with skips"][1].predict_on_batch(noisy_of(visit))["decoder 2"][0], atol=1e-3)
    most = np.where(full.max((0, 1)) > 0, full.max((0, 1)), now.max((0, 1)))
    shown = tiles(visit)
    for channel in np.flatnonzero(most):
        np.testing.assert_allclose(shown[channel], painted(now[..., channel], most[channel], False), atol=2.5)
    assert "each map itself with all skips in full" in visit.page.locator("#scale").inner_text()
    hash_of(visit, "#view=inside&strength=0.4&scale=own")
    choose(visit, layer="The answer")
    assert visit.page.get_by_label("each map by its own scale").is_disabled()


# ---------------------------------------------------------------- whom a pixel listens to


def gradient(network, noisy, strengths, x, y):
    encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")
    noisy = tf.constant(noisy)
    with tf.GradientTape() as tape:
        tape.watch(noisy)
        latent, *features = encoder(noisy)
        skips = [strength * feature for strength, feature in zip(strengths, features)]
        brightness = tf.reduce_mean(decoder([latent, *skips] if len(decoder.inputs) > 1 else latent)[0, y, x])
    return tape.gradient(brightness, noisy).numpy()[0]


@pytest.mark.parametrize("pixel", [(13, 18), (31, 1)])
@pytest.mark.parametrize("name, strengths", [("with skips", (0.7, 0.5, 1, 0.2)), ("with skips", (0, 0, 0, 0)), ("without skips", (1, 1, 1, 1))])
def test_the_gradient_is_that_of_keras(visit, keras_networks, name, strengths, pixel):
    found = visit.evaluate(
        """([name, strengths, pixel]) => {
          const network = networks[name], seen = new Map(), image = handfulOf(page.state).noisy[0];
          network.answer(network.prepare(network.encode(image, seen), seen), strengths, seen);
          return [...page.views.inside.gradientOf(network, seen, strengths, pixel).data];
        }""", [name, strengths, pixel])
    expected = gradient(keras_networks[name][0], noisy_of(visit), strengths, *pixel)
    assert np.abs(expected).max() > 1e-4
    np.testing.assert_allclose(np.reshape(found, (32, 32, 3)), expected, atol=1e-3 * np.abs(expected).max())


def test_the_weights_on_show_and_the_sentence_follow_slider_and_switches(visit, keras_networks):
    visit.evaluate("() => { page.views.inside.chosen.pixel = [5, 30]; }")
    visit.page.get_by_role("slider", name="Skip strength").fill("0.7")
    visit.page.get_by_label("8×8 maps", exact=True).uncheck()
    visit.drawn()
    weights, full = (gradient(keras_networks["with skips"][0], noisy_of(visit), strengths, 5, 30).sum(-1)
                     for strengths in ((0.7, 0.7, 0.7, 0), (1, 1, 1, 1)))
    said = visit.page.locator("#listens").inner_text()
    total, own, half = map(float, re.search(r"add up to (\S+)\. Its own weight is (\S+)\. .* within (\S+) pixels", said).groups())
    rows, columns = np.mgrid[:32, :32]
    distance = np.hypot(rows - 30, columns - 5)
    sizes = np.abs(weights)
    reached = next(r for r in np.unique(distance) if sizes[distance <= r].sum() >= sizes.sum() / 2)
    assert "row 30, column 5" in said
    np.testing.assert_allclose([total, own, half], [weights.sum(), weights[30, 5], reached], atol=0.051)
    others = np.abs(full)[distance > 0].max()  # the scale of full strength, which the slider leaves alone
    np.testing.assert_allclose(*tiles(visit, "#crossed-weights canvas"), painted(weights, others, True), atol=3)
    assert f"full colour is {others:{'.2f' if others >= 0.1 else '.2g'}} or more" in visit.page.locator("#crossed-weights + figcaption").inner_text()


def test_next_to_nothing_is_called_so_and_looks_so(visit):
    nothing = "Next to nothing comes through: less than 5 %"
    assert nothing not in visit.page.locator("#listens").inner_text()
    visit.page.get_by_label("skips on").uncheck()
    visit.drawn()
    assert nothing in visit.page.locator("#listens").inner_text()
    (weights,) = tiles(visit, "#crossed-weights canvas")
    assert weights.min() > 240


@pytest.mark.parametrize("name, strength", [("with skips", 0.8), ("without skips", 1)])
def test_the_weights_are_tested_with_random_changes(visit, keras_networks, name, strength):
    choose(visit, network=name)
    visit.go(strength=strength)
    tested = visit.page.locator("#tested")
    assert tested.inner_text() == "Tested with random changes of the noisy picture: …"
    visit.wait_for("!document.getElementById('tested').textContent.includes('…')")
    said = [int(share) for share in re.findall(r"by about (\d+) %", tested.inner_text())]
    normal = np.reshape(visit.evaluate(
        "() => Array.from({ length: 16 }, (_, draw) => Array.from({ length: 3072 }, normalNumbers(randomNumbers(draw))))"), (16, 32, 32, 3))
    network, noisy, strengths = keras_networks[name][0], noisy_of(visit), [strength] * 4
    foretold = (normal * gradient(network, noisy, strengths, 16, 16)).sum((1, 2, 3))
    encoder, decoder = network.get_layer("encoder"), network.get_layer("decoder")

    def brightness(images):
        latent, *features = encoder.predict_on_batch(images)
        skips = [strength * feature for feature in features]
        return decoder.predict_on_batch([latent, *skips] if len(decoder.inputs) > 1 else latent)[:, 16, 16].mean(-1)

    for size, share in zip((0.02, 0.1), said, strict=True):
        truly = brightness(np.float32(noisy + size * normal)) - brightness(noisy)
        missed = np.sqrt(np.mean((truly - size * foretold) ** 2) / np.mean(truly**2))
        assert abs(share - 100 * missed) < 1


# ---------------------------------------------------------------- mouse, keys, names, address


def test_a_click_and_the_keys_choose_the_pixel(visit):
    answer = visit.page.get_by_role("application", name=re.compile("The answer"))
    answer.scroll_into_view_if_needed()
    box = answer.bounding_box()
    visit.page.mouse.click(box["x"] + 30.5 * box["width"] / 32, box["y"] + 2.5 * box["height"] / 32)
    hash_of(visit, "#view=inside&pixel=30,2")
    cross = answer.locator(".cross").bounding_box()
    assert abs(cross["x"] - box["x"] - 30 * box["width"] / 32) < 1 and abs(cross["y"] - box["y"] - 2 * box["height"] / 32) < 1
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowLeft"):
        visit.page.keyboard.press(key)
    hash_of(visit, "#view=inside&pixel=30,3")  # the border holds the cross
    for name in ("noisy", "weights"):
        visit.page.locator(f"#crossed-{name}").click(position={"x": 1, "y": 1})
        visit.page.keyboard.press("ArrowDown")
        hash_of(visit, "#view=inside&pixel=0,1")
    visit.page.mouse.click(box["x"] + 30.5 * box["width"] / 32, box["y"] + 3.5 * box["height"] / 32)
    visit.drawn()
    assert "row 3, column 30" in answer.get_attribute("aria-label") and "row 3, column 30" in visit.page.locator("#listens").inner_text()


def test_a_click_and_the_keys_choose_the_map(visit):
    caption = visit.page.locator(".large figcaption")
    grid = visit.page.get_by_role("listbox", name="Decoder, 32×32 maps, with skips")
    columns = visit.evaluate("() => getComputedStyle(document.getElementById('maps')).gridTemplateColumns.split(' ').length")

    def shown(number):
        visit.drawn()
        np.testing.assert_array_equal(*tiles(visit, ".large canvas"), tiles(visit)[number - 1])
        assert caption.inner_text().startswith(f"Map {number} of 32:\n")
        assert grid.get_by_role("option", selected=True).get_attribute("aria-label").startswith(f"Map {number} of 32")
        assert grid.locator("[tabindex='0']").count() == 1

    grid.get_by_role("option", name="Map 11 of 32").click()
    shown(11)
    for key, number in (("ArrowRight", 12), ("ArrowDown", 12 + columns), ("ArrowLeft", 11 + columns), ("ArrowUp", 11)):
        visit.page.keyboard.press(key)
        shown(number)
    hash_of(visit, "#view=inside&map=11")
    choose(visit, layer="The correction")
    assert caption.inner_text().startswith("Red:\n")


def test_a_link_opens_this_very_view_and_nonsense_the_start(visit):
    link = "#view=inside&strength=0.5&net=without&layer=encoder1&row=3&map=20&scale=own&pixel=4,9"
    visit.evaluate("link => { location.hash = link; }", link)
    visit.drawn()
    assert visit.page.locator("#layer option:checked").inner_text() == "Encoder, 16×16 maps"
    assert visit.page.get_by_role("radio", name=re.compile("Row 3")).is_checked()
    assert "row 9, column 4" in visit.page.locator("#listens").inner_text()
    assert visit.page.locator(".large figcaption").inner_text().startswith("Map 20 of 48:")
    assert visit.page.get_by_label("each map by its own scale").is_checked()
    choose(visit, layer="The code, 256 numbers")
    hash_of(visit, link.replace("encoder1", "code").replace("&map=20", ""))
    visit.evaluate("() => { location.hash = 'view=inside&net=constructor&layer=x&row=9&pixel=40,1&map=33'; }")
    hash_of(visit, "#view=inside")
    assert visit.page.locator("#layer option:checked").inner_text() == "Decoder, 32×32 maps"


def test_the_controls_go_along_from_tab_to_tab(visit):
    for tab in ("Panel", "A look inside"):
        visit.page.get_by_role("tab", name=tab).click()
        visit.drawn()
        assert visit.page.get_by_role("slider", name="Skip strength").is_visible()
        assert visit.page.get_by_role("button", name="New noise").is_visible()
    assert visit.evaluate("new Set([...document.querySelectorAll('[id]')].map(({ id }) => id)).size === document.querySelectorAll('[id]').length")


def test_everything_has_a_name(visit):
    nameless = visit.evaluate(
        "() => [...document.querySelectorAll('#inside :is(canvas, input, select, button, [role])')].filter((element) => "
        "!element.ariaLabel && !element.labels?.length && !element.textContent.trim()).map((element) => element.outerHTML)")
    assert nameless == []
    for role, name in (("combobox", "Network"), ("combobox", "Layer"), ("radiogroup", "Picture"), ("radio", "Row 1: astronaut")):
        assert visit.page.get_by_role(role, name=name, exact=True).count() == 1


def test_a_phone_cuts_nothing_off(running):
    phone = PageVisit(running, "#view=inside", 390, 844)
    for label in ("Encoder, 32×32 maps", "Decoder, 4×4 maps made of the code", "The code, 256 numbers", "The answer"):
        choose(phone, layer=label)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.evaluate(CUT_OFF) == []
    phone.page.locator("#crossed-weights").scroll_into_view_if_needed()
    controls = phone.page.locator("#inside .skips input")
    assert controls.count() == 6
    assert all(0 <= control.bounding_box()["y"] < 110 for control in controls.all())  # they stay in sight, together
    assert phone.errors == [] and phone.outside == []
    phone.page.close()


def test_nobody_outside_is_asked_and_nothing_is_complained_of(visit):
    """This comes last."""
    assert visit.errors == [] and visit.outside == []
