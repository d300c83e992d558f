"""The page in a second browser: Firefox computes and shows what Keras has stored."""

import re

import pytest

from tests.browser import DRAWN, PAGE, PICTURE

HOME, END = "\ue011", "\ue010"  # keys, as WebDriver writes them
CHECKED = """new Promise((done) => {
  const look = () => (page.checked ? done(document.getElementById("checked").textContent) : setTimeout(look, 50));
  look();
})"""


@pytest.fixture(scope="module")
def firefox(second_browser):
    second_browser.send("browsingContext.setViewport", context=second_browser.context, viewport={"width": 1366, "height": 768})
    second_browser.open(PAGE.as_uri())
    return second_browser


def seen(firefox):
    """The pictures and the sentence below them."""
    firefox.evaluate(DRAWN)
    return firefox.evaluate(PICTURE), firefox.evaluate("document.getElementById('text').innerText")


def test_the_page_agrees_with_keras(firefox):
    assert re.match(r"Checked just now .* 22 layers agree .* Computed by WebAssembly", firefox.evaluate(CHECKED))
    assert not firefox.evaluate("document.getElementById('checked').classList.contains('wrong')")


def test_the_slider_changes_the_picture_and_back(firefox):
    picture, text = seen(firefox)
    firefox.evaluate("document.getElementById('strength').focus()")
    firefox.press(HOME)
    faded, words = seen(firefox)
    assert "at strength 0.00" in words and "dark" in words and faded != picture
    firefox.press(END)
    assert seen(firefox) == (picture, text)


def test_the_sentence_fits_the_screen(firefox):
    firefox.evaluate("page.go(data.presets['Noise it never saw'])")
    seen(firefox)
    assert firefox.evaluate("document.getElementById('text').getBoundingClientRect().bottom <= innerHeight")
    assert firefox.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nobody_outside_is_asked_and_nothing_is_complained_of(firefox):
    """This comes last."""
    seen(firefox)  # what has happened until now is noted
    assert firefox.noted("log.entryAdded") == []
    urls = [event["request"]["url"] for event in firefox.noted("network.beforeRequestSent")]
    assert all(url.startswith(("file:", "data:", "blob:")) for url in urls), urls
