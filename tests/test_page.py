"""The panel as one page, opened from the disk in Chromium: what it computes, says and does, and what it refuses."""

import base64
import hashlib
import json
import re
import socket

import keras
import numpy as np
import pytest

from helpers.metrics import psnr, ssim
from helpers.models import build_autoencoder, load_pretrained, read_card
from helpers.panel import Comparison
from helpers.training import denoise
from tests.browser import PAGE, PageVisit
from tools import page as maker

NAMES = ("without skips", "with skips")
SKIPS = ("noisy image itself", "32×32 maps", "16×16 maps", "8×8 maps")
PRESETS = tuple(maker.from_notebook()[0])
START = {"strength": 1, "on": True, "off": [], "kind": "Gaussian", "level": 0.1, "handful": 0, "draw": 0}
STATES = (
    {}, {"strength": 0.4}, {"off": ["16×16 maps"]}, {"on": False}, {"kind": "striped", "level": 0.2}, {"level": 0.3},
    {"kind": "salt-and-pepper", "handful": 1, "draw": 2, "strength": 0.7, "off": ["noisy image itself", "8×8 maps"]},
)

TOOLS = """() => {
  window.base64 = (numbers) => {
    let letters = "";
    for (const byte of new Uint8Array(Float32Array.from(numbers).buffer)) letters += String.fromCharCode(byte);
    return btoa(letters);
  };
  window.slow = buildNetworks(data, new Convolver(null));
}"""
OUTPUTS = """([pixels, name, strengths, slowly]) => {
  const network = (slowly ? slow : page.networks)[name], seen = new Map();
  const image = newMaps(SIDE, SIDE, 3, Float32Array.from(pixels));
  network.answer(network.prepare(network.encode(image, seen), seen), strengths, seen);
  return Object.fromEntries([...seen].map(([layer, maps]) => [layer, base64(maps.data)]));
}"""
COMPARED = """(state) => {
  const { images, numbers, text } = compare({ ...START, ...state });
  return { text, numbers, noisy: images.noisy.map(({ data }) => base64(data)) };
}"""
DRAWN_WRONGLY = """Math.max(...COLUMNS.flatMap((name) => cells[name].map(({ canvas }, row) => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, SIDE, SIDE).data, wanted = page.shown.images[name][row].data;
  return Math.max(...wanted.map((value, i) => Math.abs(255 * value - pixels[4 * Math.floor(i / 3) + (i % 3)])));
})))"""
NOISE = """([kind, level, grey, seeds]) => {
  const image = newMaps(SIDE, SIDE, 3, new Float32Array(3 * SIDE * SIDE).fill(grey));
  return seeds.map((given) => base64(addNoise(kind, image, level, ...given).data));
}"""


def numbers_of(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def pictures_of(texts):
    return np.stack([numbers_of(text).reshape(32, 32, 3) for text in texts])


@pytest.fixture(scope="module")
def opened(running):
    visit = PageVisit(running)
    visit.evaluate(TOOLS)
    yield visit
    visit.page.close()


@pytest.fixture
def visit(opened):
    """The page at its start."""
    opened.evaluate("page.open('panel')")
    opened.go()
    return opened


@pytest.fixture
def fresh(running):
    """Opens the page anew, with an address; closes it after the test."""
    visits = []

    def fresh(address="", **options):
        visits.append(PageVisit(running, address, **options))
        return visits[-1]

    yield fresh
    for visit in visits:
        visit.page.close()


@pytest.fixture(scope="module")
def networks():
    return {name: load_pretrained(name == "with skips") for name in NAMES}


@pytest.fixture(scope="module")
def rounded():
    """The trained pair with the weights of the page."""
    return pair(lambda name: load_pretrained(name == "with skips"))


def pair(load):
    """Networks, and all that their layers give out, once their weights are those that a page carries."""
    found = {}
    for name in NAMES:
        network = load(name)
        found[name] = network, maker.unfold(maker.folded(network), network)
    return found


# ---------------------------------------------------------------- the networks


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A pair of another build with made-up weights, and statistics of its batch normalizations."""
    folder, rng = tmp_path_factory.mktemp("small"), np.random.default_rng(1)
    for name in NAMES:
        network = build_autoencoder(name == "with skips", filters=(4, 8), latent_dim=24)
        for layer in (layer for half in ("encoder", "decoder") for layer in network.get_layer(half).layers):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
            else:
                layer.set_weights([rng.normal(0, 0.2, w.shape) for w in layer.get_weights()])
        stem, card = name.replace(" ", "_"), read_card(name == "with skips")
        network.save_weights(folder / f"{stem}.weights.h5")
        card["recipe"] |= {"filters": [4, 8], "latent_dim": 24, "full_size_blocks": 1}
        card |= {"sha256": hashlib.sha256((folder / f"{stem}.weights.h5").read_bytes()).hexdigest()}
        (folder / f"{stem}.json").write_text(json.dumps(card), encoding="utf-8")
    maker.main(["--with", str(folder), "--title", "A small pair"])
    return folder


def assert_layers_agree(visit, rounded, noisy, levels):
    """Each layer of both networks, in both ways to compute it, beside Keras; and faded skips."""
    full = [1] * (levels + 1)
    for name in NAMES:
        network, outputs = rounded[name]
        expected = {layer: np.ravel(found) for layer, found in outputs([noisy[None]]).items()}
        quick, slow = (
            {layer: numbers_of(text) for layer, text in visit.evaluate(OUTPUTS, [noisy.ravel().tolist(), name, full, slowly]).items()}
            for slowly in (False, True)
        )
        assert set(quick) == set(slow) == set(expected)
        for layer, values in expected.items():
            assert quick[layer].std() > 0.005, (name, layer)  # it says something
            np.testing.assert_allclose(quick[layer], values, rtol=0, atol=1e-3, err_msg=f"{name}, {layer}")
            rounding = 1e-5 * max(1, np.abs(values).max())  # inside of the networks values reach 20
            np.testing.assert_allclose(slow[layer], quick[layer], rtol=0, atol=rounding, err_msg=f"{name}, {layer}")
    network, _ = rounded["with skips"]
    latent, *features = network.get_layer("encoder")(noisy[None])
    for strengths in ([0.3, 1, 0, 0.5], [0, 0, 0, 0]):
        strengths = strengths[: levels + 1]
        expected = network.get_layer("decoder")([latent, *(s * f for s, f in zip(strengths, features))])
        found = visit.evaluate(OUTPUTS, [noisy.ravel().tolist(), "with skips", strengths, False])["denoised"]
        np.testing.assert_allclose(numbers_of(found), np.ravel(expected), rtol=0, atol=1e-3)


def test_every_layer_gives_what_it_gives_in_keras(visit, rounded, pictures, rng):
    assert visit.evaluate("[page.convolver.kind, new Convolver(null).kind]") == ["WebAssembly", "JavaScript"]
    noisy = np.clip(pictures[0] + rng.normal(0, 0.15, pictures[0].shape), 0, 1)
    assert_layers_agree(visit, rounded, np.float32(noisy), 3)


def test_a_pair_of_another_build_gets_a_page_of_its_own(running, small, pictures):
    visit = PageVisit(running, page=small / "panel.html")
    visit.evaluate(TOOLS)
    assert visit.page.title() == "A small pair"
    assert visit.page.locator("#checked").inner_text().startswith("Checked just now")
    assert_layers_agree(visit, pair(lambda name: load_pretrained(name == "with skips", small)), pictures[0], 2)
    assert visit.page.locator(".switch").evaluate_all("all => all.map((tick) => tick.value)") == [*SKIPS[:3]]
    assert "4 → 8 maps" in visit.page.locator("footer").inner_text() and visit.errors == [] and visit.outside == []
    visit.page.close()


# ---------------------------------------------------------------- numbers and words


def test_numbers_and_words_are_those_of_the_notebooks_panel(visit, networks):
    clean = np.float32(maker.pictures() / 255)
    found = [START | state | visit.evaluate(COMPARED, state) for state in STATES]
    given = {(one["kind"], one["level"]): pictures_of(one["noisy"]) for one in found}
    highest = {kind["name"]: kind["highest"] for kind in visit.evaluate("data.kinds")}
    kinds = {kind: (lambda images, level, rng, kind=kind: given[kind, level], highest[kind]) for kind in highest}
    comparison = Comparison(networks, clean, kinds)
    for one in found:
        _, numbers, text = comparison(**{name: one[name] for name in START})
        assert one["text"] == text
        for name in ("noisy", *NAMES):
            np.testing.assert_allclose(one["numbers"][name]["psnr"], numbers[name]["psnr"], rtol=0, atol=0.01)
            np.testing.assert_allclose(one["numbers"][name]["ssim"], numbers[name]["ssim"], rtol=0, atol=0.002)
    noisy = given["Gaussian", 0.1]  # and the comparison is not alone with its opinion
    answer = denoise(networks["with skips"], noisy)
    np.testing.assert_allclose(found[0]["numbers"]["with skips"]["psnr"], psnr(clean[:3], answer), rtol=0, atol=0.01)
    np.testing.assert_allclose(found[0]["numbers"]["with skips"]["ssim"], ssim(clean[:3], answer), rtol=0, atol=0.002)


@pytest.mark.parametrize("state", [{}, {"kind": "striped", "level": 0.2, "strength": 0.4, "handful": 1}])
def test_what_is_shown_are_these_numbers_and_pictures(visit, state):
    visit.go(**state)
    numbers = visit.evaluate("page.shown.numbers")
    captions = visit.page.locator("#pictures figcaption").all_inner_texts()
    for place, caption in enumerate(captions):
        row, column = divmod(place, 4)
        name = ("noisy", *NAMES, "clean")[column]
        dB, noisy = numbers[name]["psnr"][row], numbers["noisy"]["psnr"][row]
        said = [float(word) for word in re.findall(r"[+-]?\d+\.\d+", caption.replace("−", "-"))]
        similarity, gain = numbers[name]["ssim"][row], round(dB, 1) - round(noisy, 1)
        wanted = {"noisy": [dB, similarity], "clean": []}.get(name, [dB, gain, similarity])
        np.testing.assert_allclose(said, wanted, rtol=0, atol=0.0501)
    bars = visit.page.locator("#bars b").all_inner_texts()
    assert bars == [f"{np.mean(numbers[name]['psnr']):.1f}" for name in ("noisy", *NAMES)]
    assert visit.text == visit.evaluate("page.shown.text")
    assert visit.evaluate(DRAWN_WRONGLY) < 0.501


def test_handfuls_go_round(visit):
    for handful in (4, 5):
        visit.go(handful=handful)
        assert visit.evaluate("handfulOf(page.state).chosen") == [(3 * handful + row) % 15 for row in range(3)]


# ---------------------------------------------------------------- noise


def noise(visit, kind, level, seeds, grey=0.5):
    return pictures_of(visit.evaluate(NOISE, [kind, level, grey, seeds]))


def test_noise_has_the_strength_that_it_says(visit):
    seeds = [[0, draw, row] for draw in range(40) for row in range(3)]
    gaussian = noise(visit, "Gaussian", 0.1, seeds) - 0.5
    assert abs(gaussian.std() - 0.1) < 0.0005 and abs(gaussian.mean()) < 0.0007
    for sigmas, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
        assert abs((np.abs(gaussian) < 0.1 * sigmas).mean() - share) < 0.004
    specks = noise(visit, "salt-and-pepper", 0.2, seeds)
    assert set(np.unique(specks)) == {0, 0.5, 1} and (specks == specks[..., :1]).all()
    for value in (0, 1):
        assert abs((specks == value).mean() - 0.1) < 0.004
    stripes = noise(visit, "striped", 0.1, seeds) - 0.5
    assert (stripes == stripes[:, :, :1, :1]).all()
    lines = stripes[:, :, 0, 0]
    assert abs(lines.std() - 0.1) < 0.005 and abs(np.corrcoef(lines[:, 0], lines[:, 1])[0, 1]) < 0.4
    for grey in (0, 1):
        for kind in ("Gaussian", "salt-and-pepper", "striped"):
            found = noise(visit, kind, 0.4, seeds[:3], grey)
            assert 0 <= found.min() and found.max() <= 1 and (found == grey).mean() > 0.4


@pytest.mark.parametrize("kind", ["Gaussian", "salt-and-pepper", "striped"])
def test_seeds_repeat_noise_and_other_seeds_give_other_noise(visit, kind):
    seeds = [[handful, draw, row] for handful in (0, 1, 2) for draw in (0, 1, 2) for row in (0, 1, 2)]
    found = noise(visit, kind, 0.2, seeds)
    np.testing.assert_array_equal(found, noise(visit, kind, 0.2, seeds))
    independent = found[:, :, 0, 0] if kind == "striped" else found[..., 0].reshape(len(seeds), -1)
    alike = np.corrcoef(independent) - np.eye(len(seeds))
    assert np.abs(alike).max() < 5 / np.sqrt(independent.shape[1])


# ---------------------------------------------------------------- every control


def toggled(visit, toggle):
    """Toggle twice: something else is seen, then the very same again. Return the PSNR between."""
    before, text = visit.picture, visit.text
    toggle()
    visit.drawn()
    between = visit.psnr
    assert "Trained with skips, now" in visit.text and visit.picture != before
    toggle()
    visit.drawn()
    assert (visit.picture, visit.text) == (before, text)
    return between


def test_sliders_by_mouse(visit):
    full, picture = visit.psnr, visit.picture
    visit.drag("Skip strength", 0)
    assert "at strength 0.00" in visit.text and visit.psnr < full - 5 and visit.picture != picture
    visit.drag("Skip strength", 1)
    assert visit.picture == picture
    visit.drag("Noise level", 1)
    assert "level 0.40" in visit.text and visit.psnr < full


def test_sliders_by_keyboard(visit):
    full, picture, page = visit.psnr, visit.picture, visit.page
    visit.handle("Skip strength").focus()
    for key, value in (("Home", "0.00"), ("ArrowRight", "0.02"), ("PageUp", "0.12"), ("ArrowUp", "0.14"), ("ArrowLeft", "0.12")):
        page.keyboard.press(key)
        visit.drawn()
        assert f"at strength {value}" in visit.text and visit.psnr < full - 5
        assert page.locator("output[for=strength]").inner_text() == value
    page.keyboard.press("End")
    visit.drawn()
    assert visit.picture == picture
    visit.handle("Noise level").focus()
    page.keyboard.press("End")
    visit.drawn()
    assert "level 0.40" in visit.text and visit.psnr < full


@pytest.mark.parametrize("name", ("skips on", *SKIPS))
def test_switches_by_mouse_and_keyboard(visit, name):
    full, tick = visit.psnr, visit.page.get_by_role("checkbox", name=name, exact=True)
    between = toggled(visit, tick.click)
    tick.focus()
    assert toggled(visit, lambda: visit.page.keyboard.press("Space")) == between
    if name in ("skips on", *SKIPS[:2]):
        assert between < full - 2


def test_kind_of_noise_by_mouse_and_keyboard(visit):
    kinds, picture = visit.page.get_by_role("combobox", name="Noise", exact=True), visit.picture
    kinds.select_option("salt-and-pepper")
    visit.drawn()
    assert "salt-and-pepper noise" in visit.text and visit.picture != picture
    kinds.focus()
    for key, says in (("ArrowDown", "striped noise"), ("Home", "Gaussian noise")):
        visit.page.keyboard.press(key)
        visit.drawn()
        assert says in visit.text and ("Neither network saw such noise" in visit.text) == (key == "ArrowDown")
    assert visit.picture == picture


def test_buttons_by_mouse_and_keyboard(visit):
    """Each does something else; Reset brings the first picture back, whatever was done."""
    page, first = visit.page, (visit.picture, visit.text)
    for press in (lambda button: button.click(), lambda button: (button.focus(), page.keyboard.press("Enter"))):
        seen = [first[0]]
        for name in ("New noise", "Other images", *PRESETS, "Reset"):
            press(page.get_by_role("button", name=name, exact=True))
            visit.drawn()
            assert (visit.picture in seen) == (name == "Reset"), name
            seen.append(visit.picture)
        assert (visit.picture, visit.text) == first


def test_presets_set_what_the_notebook_says_and_keep_the_pictures(visit):
    for name, values in maker.from_notebook()[0].items():
        visit.evaluate("page.set({ strength: 0.5, handful: 1, draw: 1 })")
        visit.page.get_by_role("button", name=name, exact=True).click()
        visit.drawn()
        assert visit.evaluate("page.state") == START | {"handful": 1, "draw": 1} | values
        assert visit.page.locator(".preset[aria-pressed=true]").inner_text() == name


def test_tab_reaches_every_control_by_its_name(visit):
    page, names = visit.page, []
    visit.handle("Skip strength").focus()
    for _ in range(20):
        names.append(page.evaluate("(e => e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText)(document.activeElement)").strip())
        if names[-1] == "Reset":
            break
        page.keyboard.press("Tab")
    assert names == ["Skip strength", "skips on", *SKIPS, "Noise", "Noise level", *PRESETS, "Other images", "New noise", "Reset"]


def test_a_screen_reader_is_told_what_is_seen(visit):
    visit.drag("Skip strength", 0.5)
    assert visit.page.locator("#text").get_attribute("aria-live") == "polite"
    for place, label in enumerate(visit.page.locator("#pictures canvas").evaluate_all("all => all.map((one) => one.ariaLabel)")):
        row, column = divmod(place, 4)
        assert label.startswith(f"{('noisy', *NAMES, 'clean')[column]}, row {row + 1}: ") and len(label) > 20 - 10 * (column == 3)
    bars = visit.page.get_by_role("img", name="Mean PSNR").get_attribute("aria-label")
    assert f"with skips {visit.psnr:.1f} dB" in bars


def test_a_fast_drag_shows_the_last_position_and_nothing_queues(visit):
    draws = visit.evaluate("""async () => {
      let draws = 0;
      page.views.panel = { refresh: () => draws++ };
      const slider = byId("strength");
      for (let step = 39; step >= 0; step--) {
        slider.value = step / 50;
        slider.dispatchEvent(new Event("input"));
      }
      for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
      delete page.views.panel;
      return draws;
    }""")
    assert draws == 1 and "at strength 0.00" in visit.text
    visit.drag("Skip strength", 0.5, steps=40)
    assert f"at strength {visit.handle('Skip strength').evaluate('slider => Number(slider.value).toFixed(2)')}" in visit.text


# ---------------------------------------------------------------- the address


def test_no_noise_is_told_without_infinite_decibels(visit):
    visit.go(level=0)
    said = visit.evaluate("document.getElementById('panel').innerText + document.getElementById('panel').innerHTML")
    assert "no difference" in visit.text and not re.search("infinity|nan", said, re.I)
    assert visit.page.locator("#bars b").all_inner_texts()[0] == "–"
    visit.go(kind="striped", level=0)
    assert "Neither network saw" not in visit.text


def test_back_goes_to_the_tab_before(fresh):
    other = fresh("#strength=0.4")
    other.page.get_by_role("tab", name="A look inside").click()
    other.drawn()
    assert "view=inside" in other.page.url and "strength=0.4" in other.page.url
    other.page.go_back()
    other.wait_for("page.view === 'panel' && page.state.strength === 0.4")


def test_the_address_keeps_the_state(visit, fresh):
    visit.handle("Skip strength").evaluate("slider => { slider.value = 0.4; slider.dispatchEvent(new Event('input')); }")
    visit.page.get_by_role("checkbox", name=SKIPS[1], exact=True).click()
    visit.wait_for("location.hash === '#strength=0.4&off=32x32'")
    again = fresh("#strength=0.4&off=32x32")
    assert (again.picture, again.text) == (visit.picture, visit.text)
    visit.page.get_by_role("button", name="Reset", exact=True).click()
    visit.wait_for("location.hash === ''")


@pytest.mark.parametrize("state", [
    {"on": False, "level": 0.25}, {"kind": "striped", "level": 0.2, "handful": 3}, {"kind": "salt-and-pepper", "draw": 7},
    {"off": list(SKIPS), "strength": 0.02},
])
def test_every_state_goes_into_the_address_and_back(visit, state):
    assert visit.evaluate("state => stateOf(addressOf({ ...START, ...state }, 'photo'))", state) == [START | state, "photo"]


def test_a_wrong_address_is_left_at_the_start(visit):
    for wrong in ("strength=2&level=banana&kind=snow&off=64x64&handful=-1&draw=x&view=cellar&on=", "strength=&level=9", "%", "&=&"):
        assert visit.evaluate("wrong => stateOf('#' + wrong)", wrong) == [START, "panel"], wrong
    visit.evaluate("location.hash = 'strength=0.5&level=banana'")
    visit.wait_for("page.state.strength === 0.5")
    visit.drawn()
    assert "level 0.10" in visit.text and "at strength 0.50" in visit.text


# ---------------------------------------------------------------- what it refuses


def test_without_a_network_it_does_the_same(fresh, visit):
    cut = fresh(offline=True)
    assert (cut.picture, cut.text) == (visit.picture, visit.text)
    cut.page.get_by_role("button", name=PRESETS[2], exact=True).click()
    cut.drawn()
    assert "striped noise" in cut.text and cut.errors == [] and cut.outside == []


def test_the_policy_refuses_whatever_asks_outside(fresh):
    """Not even a server on this machine is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        refused = fresh().evaluate("""async (port) => {
          const refused = [];
          addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
          const address = `http://127.0.0.1:${port}/`, hidden = make("script", { textContent: "window.ran = true" });
          await fetch(address).catch(() => {});
          navigator.sendBeacon(address);
          try { new WebSocket(address.replace("http", "ws")); } catch {}
          document.body.append(make("img", { src: address }), make("script", { src: address }), hidden);
          document.body.append(make("link", { rel: "stylesheet", href: address }));
          await new Promise((done) => setTimeout(() => {
            try { refused.push(`eval gave ${(0, eval)("1 + 1")}`); } catch (error) { refused.push(error.name); }
            setTimeout(done, 300);
          }));
          return [refused, Boolean(window.ran)];
        }""", server.getsockname()[1])
        with pytest.raises(BlockingIOError):
            server.accept()
    assert refused[1] is False
    assert {"connect-src", "img-src", "script-src-elem", "style-src-elem", "EvalError"} <= set(refused[0])
    assert refused[0].count("connect-src") == 3


# ---------------------------------------------------------------- the self-check


def told(visit):
    visit.evaluate("tellCheck()")
    return visit.page.locator("#checked.wrong").count() == 1, visit.page.locator("#checked").inner_text()


def test_the_self_check_agrees_and_says_so_when_a_weight_is_wrong(visit):
    assert told(visit)[0] is False
    change = """([name, part, by]) => {
      const { packed, bias } = page.networks[name].parts[part];
      if (part === "encoder 0") page.convolver.all[packed.place] += by; else bias[0] += by;
    }"""
    for name in NAMES:
        for part in ("encoder 0", "latent", "start", "decoder 0", "decoder 1", "correction"):
            visit.evaluate(change, [name, part, 0.1])
            wrong, says = told(visit)
            assert wrong and "computes something else than Keras" in says, (name, part)
            visit.evaluate(change, [name, part, -0.1])
    wrong, says = told(visit)
    assert not wrong and re.match(r"Checked just now .* samples of 22 layers agree within \de-\d, the PSNR of three pictures within 0\.00\d dB", says)


# ---------------------------------------------------------------- it fits


LONG = {"kind": "salt-and-pepper", "level": 0.4, "strength": 0.42, "off": ["noisy image itself", "16×16 maps", "8×8 maps"]}
SMALL_TEXT = """[...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && [...e.childNodes].some(
  (node) => node.nodeType === 3 && node.textContent.trim())).filter((e) => parseFloat(getComputedStyle(e).fontSize) < 11).map((e) => e.outerHTML)"""
CUT = """[...document.querySelectorAll("#panel h2, #panel figcaption, #panel small, #panel button, #tabs button")].filter(
  (e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map((e) => e.outerHTML)"""


@pytest.fixture
def sized(visit):
    yield visit.resize
    visit.resize(1366, 768)


@pytest.mark.parametrize("width, height", [(1366, 768), (1920, 1080), (390, 844)])
def test_it_fits_the_screen(visit, sized, width, height):
    sized(width, height)
    for state in ({}, {"kind": "striped", "level": 0.2}, LONG):
        visit.go(**state)
        assert visit.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.evaluate(SMALL_TEXT) == [] and visit.evaluate(CUT) == []
        bottom = visit.page.locator("#text").evaluate("text => text.getBoundingClientRect().bottom + scrollY")
        if width > 1000:
            assert bottom <= height
            assert visit.page.locator("#pictures").bounding_box()["height"] > 0.6 * height
        else:
            top = visit.page.locator("#pictures").bounding_box()["y"]
            slider = visit.handle("Skip strength").bounding_box()
            assert slider["y"] + slider["height"] - top <= height


# ---------------------------------------------------------------- the file


def parsed(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def test_the_file_is_what_tools_page_would_write(tmp_path):
    """If not: `make page`."""
    page = PAGE.read_text(encoding="utf-8")
    data, fresh = parsed(page), json.loads(json.dumps(maker.payload()))
    assert maker.write(tmp_path / "panel.html", data=data) == page and (tmp_path / "panel.html").read_bytes() == PAGE.read_bytes()
    found, wanted = data.pop("check"), fresh.pop("check")
    assert data == fresh and found.pop("noisy") == wanted.pop("noisy")
    for what in ("psnr", "layers"):
        for name, values in wanted[what].items():
            np.testing.assert_equal(list(found[what][name]), list(values))
            for mine, its in zip(*(one[what][name].values() if what == "layers" else [one[what][name]] for one in (found, wanted))):
                np.testing.assert_allclose(mine, its, rtol=0, atol=1e-3)


def test_the_compiled_kernel_is_that_of_its_source():
    kept = json.loads((maker.PARTS / "layers.json").read_text(encoding="utf-8"))
    assert kept["source"] == hashlib.sha256((maker.PARTS / "layers.c").read_bytes()).hexdigest()
    assert parsed(PAGE.read_text(encoding="utf-8"))["wasm"] == kept["wasm"]


def test_the_file_is_small_enough_and_asks_for_nothing():
    page = PAGE.read_text(encoding="utf-8")
    assert len(page.encode()) <= 5_000_000
    assert not re.search(r'(?:src|href)\s*=\s*["\']?(?!data:)\w', re.sub(r"<script.*?</script>", "", page, flags=re.S))


def test_what_no_page_can_be_made_of_is_told_what_is_wanted(tmp_path, small, monkeypatch):
    def said(*arguments):
        with pytest.raises(SystemExit) as ended:
            maker.main(["--with", *map(str, arguments)])
        return str(ended.value.code)

    assert re.search(r"nowhere is no folder.*make train", said(tmp_path / "nowhere"))
    assert re.search(r"neither with_skips\.json nor with_skips/with_skips\.json.*make train", said(tmp_path))
    (tmp_path / "with_skips.json").write_bytes((small / "with_skips.json").read_bytes())
    assert "neither without_skips.json" in said(tmp_path)
    (tmp_path / "without_skips.json").write_bytes((small / "without_skips.json").read_bytes())
    assert "with_skips.weights.h5" in said(tmp_path)
    data = parsed((small / "panel.html").read_text(encoding="utf-8"))
    monkeypatch.setattr(maker, "payload", lambda folder: data)
    monkeypatch.setattr(maker, "LARGEST", 100_000)
    assert re.search(r"[\d,]+ bytes, more than 100,000: take a smaller network", said(small, "--output", tmp_path / "page.html"))
    assert not (tmp_path / "page.html").exists()


# ---------------------------------------------------------------- what INSTRUCTORS promises


def means(visit, **state):
    """Mean PSNR of the noisy pictures, without skips, and with skips."""
    visit.go(**state)
    return [np.mean(visit.evaluate("name => page.shown.numbers[name].psnr", name)) for name in ("noisy", *NAMES)]


@pytest.mark.parametrize("handful", range(5))
def test_what_the_live_part_says_is_seen(visit, handful):
    """Whatever pictures are shown."""
    noisy, without, full = means(visit, handful=handful)
    assert abs(without - noisy) < full - without and noisy < full - 3
    _, still, removed = means(visit, handful=handful, strength=0)
    assert "dark" in visit.text and removed < without == still
    assert means(visit, handful=handful, strength=0.6)[2] < without  # long before half-way
    eight, sixteen, thirty_two = (means(visit, handful=handful, off=[skip])[2] for skip in reversed(SKIPS[1:]))
    assert abs(full - eight) < 0.3 and noisy < sixteen < full - 0.5 and abs(thirty_two - noisy) < 2
    noisy, without, full = means(visit, handful=handful, level=0.02)
    assert without < noisy - 10 and abs(full - noisy) < 4
    noisy, _, full = means(visit, handful=handful, kind="striped", level=0.2)
    assert abs(full - noisy) < 1


# ---------------------------------------------------------------- nothing is broken (this comes last)


def test_the_console_has_no_errors_and_nobody_outside_was_asked(opened):
    assert opened.errors == [] and opened.outside == []
