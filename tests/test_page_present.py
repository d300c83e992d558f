"""Presenter's mode of the page: the live part of INSTRUCTORS, step by step, the question first."""

import pytest

from tests.browser import PageVisit
from tools.page import live_part


@pytest.fixture(scope="module")
def opened(running):
    visit = PageVisit(running)
    visit.page.emulate_media(reduced_motion="reduce")  # the strength goes at once to where it has to be
    yield visit
    visit.page.close()


@pytest.fixture
def visit(opened):
    """Presenter's mode at its first step."""
    opened.evaluate("page.open('panel')")
    opened.go()
    opened.page.get_by_role("button", name="Present", exact=True).click()
    opened.evaluate("presenter.turn(-100)")  # it goes on where it was left
    opened.drawn()
    yield opened
    if opened.page.locator("#stage").is_visible():
        opened.page.keyboard.press("Escape")


def shown(visit):
    """The sentence below the pictures, which is not seen while the first question stands."""
    visit.drawn()
    return visit.evaluate("page.shown.text")


def said(visit):
    visit.drawn()
    return visit.page.locator("#stage .said").inner_text()


def test_it_goes_through_the_live_part_and_asks_before_it_shows(visit):
    page, full = visit.page, shown(visit)
    for number, row in enumerate(live_part(), 1):
        assert said(visit) == row["ask"] and shown(visit) == full, "the question stands before anything has moved"
        assert f"Step {number} of {len(live_part())}, part 1" in page.locator("#stage").inner_text()
        for words, state in row["moves"]:
            page.keyboard.press("PageDown")
            assert said(visit) == words
            assert visit.evaluate("page.state") == visit.evaluate("state => ({ ...START, ...state })", state)
            assert page.locator("#stage .head").inner_text() == row["ask"]
        then = shown(visit)
        page.keyboard.press("PageDown")
        assert said(visit).rstrip(".") == row["seen"].rstrip(".") and shown(visit) == then, "the answer stands beside what it speaks of"
        if number < len(live_part()):
            page.keyboard.press("PageDown")
    last = said(visit)
    page.keyboard.press("PageDown")
    assert said(visit) == last, "a press too many does nothing"
    page.get_by_role("button", name="Start again", exact=True).click()
    assert said(visit) == live_part()[0]["ask"]


def test_a_clicker_turns_while_a_slider_has_the_focus(visit):
    visit.handle("Skip strength").focus()
    first = said(visit)
    visit.page.keyboard.press("PageDown")
    assert said(visit) != first and visit.evaluate("page.state.strength") == 1
    visit.page.keyboard.press("PageUp")
    assert said(visit) == first
    visit.page.keyboard.press("PageUp")
    assert said(visit) == first and visit.page.get_by_role("button", name="Back", exact=True).is_disabled()


def test_a_change_by_hand_is_undone_by_the_next_move(visit):
    visit.page.get_by_role("checkbox", name="8×8 maps", exact=True).uncheck()
    visit.drawn()
    assert "without the 8×8 maps" in shown(visit)
    for _ in range(2):
        visit.page.keyboard.press("PageDown")
    visit.drawn()
    assert visit.evaluate("page.state.off") == []


def test_other_images_stay_and_leaving_brings_back_what_was_there(opened):
    opened.evaluate("page.go({ handful: 2, level: 0.2 })")
    opened.page.get_by_role("button", name="Present", exact=True).click()
    opened.page.keyboard.press("PageDown")
    opened.drawn()
    assert opened.evaluate("[page.state.handful, page.state.level]") == [2, 0.1]
    opened.page.keyboard.press("Escape")
    opened.drawn()
    assert opened.evaluate("page.state") == opened.evaluate("({ ...START, handful: 2, level: 0.2 })")


@pytest.mark.parametrize("leave", ["Escape", "Leave"])
def test_it_is_left_and_the_whole_page_comes_back(visit, leave):
    page = visit.page
    assert not page.locator("header").is_visible() and page.locator("#stage").is_visible()
    if leave == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Leave", exact=True).click()
    visit.drawn()
    assert page.locator("header").is_visible() and not page.locator("#stage").is_visible()
    page.keyboard.press("PageDown")
    assert not page.locator("#stage").is_visible()


@pytest.mark.parametrize("width, height", [(1366, 768), (1920, 1080)])
def test_all_of_it_fits_the_screen(visit, width, height):
    visit.resize(width, height)
    for _ in range(20):
        said(visit)
        size = visit.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size[0] <= width and size[1] <= height
        text, stage = (visit.page.locator(place).bounding_box() for place in ("#text", "#stage"))
        assert text["y"] + text["height"] <= stage["y"] + 1, "the bar hides nothing"
        visit.page.keyboard.press("PageDown")
    visit.resize(1366, 768)


@pytest.fixture
def fading(visit):
    """The step in which the strength is on its way, to be followed by eyes."""
    visit.page.emulate_media(reduced_motion="no-preference")
    for _ in range(3):
        visit.page.keyboard.press("PageDown")
    visit.wait_for("page.state.strength < 0.98")
    yield visit
    visit.page.emulate_media(reduced_motion="reduce")


def test_the_strength_goes_slowly_and_an_early_press_only_ends_its_way(fading):
    assert 0 < fading.evaluate("page.state.strength") < 1
    words = said(fading)
    fading.page.keyboard.press("PageDown")
    assert said(fading) == words and fading.evaluate("page.state.strength") == 0
    fading.page.keyboard.press("PageDown")
    assert said(fading) != words


def test_going_back_fades_again_and_brings_the_panel_back(fading):
    fading.page.keyboard.press("PageDown")
    fading.page.keyboard.press("PageDown")
    fading.evaluate("page.open('inside')")
    fading.page.keyboard.press("PageUp")
    fading.drawn()
    assert 0.5 < fading.evaluate("page.state.strength") < 1 and fading.page.locator("#panel").is_visible()


def test_a_hand_on_the_slider_ends_the_way(fading):
    fading.handle("Skip strength").press("End")
    fading.page.wait_for_timeout(300)
    assert fading.evaluate("page.state.strength") == 1


def test_the_console_has_no_errors_and_nobody_outside_was_asked(opened):
    assert opened.errors == [] and opened.outside == []
