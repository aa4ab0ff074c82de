"""Every way of looking: help, forced colours, darkness, keys alone, no motion, low windows, paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looks import colour, contrast, enlarge, is_covered, ring, sideways
from tests.browser.navigators import PatientOnPhone
from tests.browser.probes import faint_words

NewPatient = Callable[..., PatientOnPhone]
NewContext = Callable[..., BrowserContext]

MOVING = """() => {
  const styles = [...document.querySelectorAll('*')].flatMap(
    each => ['', '::before', '::after'].map(part => getComputedStyle(each, part)));
  return document.getAnimations().length + styles.filter(style => style.animationName !== 'none'
    || /[1-9]/.test(style.transitionDuration) || style.scrollBehavior === 'smooth').length;
}"""


FIXED = """() => [...document.querySelectorAll('body *')]
  .filter(each => /fixed|sticky/.test(getComputedStyle(each).position)).length"""


def seeing(patient: PatientOnPhone, new_context: NewContext, **how: object) -> PatientOnPhone:
    """The same patient with a browser set up in another way; she has come in."""
    patient.page = new_context(locale=patient.person.participant.language, **how).new_page()
    return patient.come_in()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_help_is_one_tap_away_in_the_same_place(
    new_patient: NewPatient, new_context: NewContext, language: str
) -> None:
    patient = new_patient(language)
    page = patient.page
    places = set()
    for address in ("/code", patient.person.address):
        page.goto(patient.base_url + address)
        places.add(look_at_help(page, "votre papier" if language == "fr" else "your paper"))
    patient.come_in()
    for address in ("/visit", f"/answer/{patient.person.assignment()}", f"/answer/{patient.person.assignment('SHAQ')}"):
        page.goto(patient.base_url + address)
        places.add(look_at_help(page, "+33 1 99 00 21 35"))
        assert page.locator(".help .tel").get_attribute("href") == "tel:+33199002135"
    assert len(places) == 1, places


def look_at_help(page: Page, words: str) -> tuple[float, float]:
    """Open help, look at it, close it by a tap on the same spot; gives the spot, from the right and from the top."""
    tap = page.locator(".help summary")
    box = tap.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 56
    tap.tap()
    panel = page.locator(".help > div")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(words)
    expect(panel).to_contain_text("15." if "+33" in words else "112.")
    covers = panel.bounding_box()
    assert covers
    assert (covers["x"], covers["width"], round(covers["y"] + covers["height"])) == (0, 360, 640)
    assert faint_words(page) == []
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(panel).to_be_hidden()
    return round(box["x"] + box["width"]), round(box["y"])


def test_help_needs_no_script(new_patient: NewPatient, new_context: NewContext) -> None:
    patient = seeing(new_patient("fr"), new_context, java_script_enabled=False)
    patient.page.goto(f"{patient.base_url}/answer/{patient.person.assignment()}")
    look_at_help(patient.page, "+33 1 99 00 21 35")


def test_help_opens_by_keys_and_reads_to_its_end_on_a_low_screen(new_patient: NewPatient) -> None:
    page = new_patient("fr").come_in().page
    page.set_viewport_size({"width": 320, "height": 256})
    enlarge(page, 200)
    page.locator(".help summary").focus()
    page.keyboard.press("Enter")
    last = page.locator(".help p").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    assert sideways(page) <= 0
    page.keyboard.press("Enter")
    expect(last).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_forced_colours_what_is_chosen_is_seen(
    new_patient: NewPatient, new_context: NewContext, scheme: str
) -> None:
    patient = seeing(new_patient("fr"), new_context, forced_colors="active", color_scheme=scheme)
    page = patient.page
    show(patient, "DLQI")
    patient.choose_number(1)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    chosen, other = patient.question.locator(".card span").nth(1), patient.question.locator(".card span").nth(0)
    ground = colour(chosen, "backgroundColor")
    assert contrast(ground, colour(page.locator("body"), "backgroundColor")) >= 3
    assert contrast(ground, colour(chosen, "color")) >= 4.5
    assert contrast(ground, colour(chosen, "backgroundColor", "::before")) >= 3  # the tick's own ground
    assert contrast(colour(other, "borderTopColor"), colour(page.locator("body"), "backgroundColor")) >= 3
    show(patient, "SHAQ", "#q27")
    patient.touch_line(0.3)
    paper, line = colour(page.locator("body"), "backgroundColor"), patient.question.locator(".line")
    assert contrast(colour(line.locator("i"), "backgroundColor"), paper) >= 3
    assert contrast(colour(line, "backgroundColor", "::before"), paper) >= 3


def show(patient: PatientOnPhone, instrument: str, place: str = "") -> None:
    """Turn to a question of a questionnaire; the first open one unless told otherwise."""
    patient.page.goto(f"{patient.base_url}/answer/{patient.person.assignment(instrument)}{place}")
    expect(patient.page.locator(".h:focus, #t-review:focus")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_keys_alone_the_focus_is_always_seen(
    new_patient: NewPatient, new_context: NewContext, scheme: str
) -> None:
    patient = seeing(new_patient("fr"), new_context, color_scheme=scheme)
    page = patient.page
    show(patient, "DLQI")
    patient.choose_number(0)  # a chosen answer has another ground
    seen = go_round(page)
    assert {"INPUT", "BUTTON", "SUMMARY"} <= seen
    show(patient, "SHAQ", "#q27")
    go_round(page)


def go_round(page: Page) -> set[str]:
    """Go through the page with the Tab key, and look at the ring at each halt; gives the kinds of elements met."""
    seen: set[str] = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # past the end; the next key goes to the top
        found = ring(page)
        seen.add(found["what"])
        assert (found["style"], found["width"]) == ("solid", 3), found
        assert found["contrast"] >= 3, found
        assert not is_covered(page), found
    return seen


def test_nothing_moves_by_itself(new_patient: NewPatient) -> None:
    patient = new_patient("fr").come_in()
    assert patient.page.evaluate(MOVING) == 0
    show(patient, "SHAQ", "#q27")
    patient.touch_line(0.5)
    assert patient.page.evaluate(MOVING) == 0


@pytest.mark.parametrize(("width", "height"), [(640, 360), (800, 360), (320, 256)])
def test_a_low_window_keeps_nothing_in_the_way(new_patient: NewPatient, width: int, height: int) -> None:
    patient = new_patient("fr").come_in()
    page = patient.page
    page.set_viewport_size({"width": width, "height": height})
    page.locator(".nav .go").scroll_into_view_if_needed()
    expect(page.locator(".nav .go")).to_be_in_viewport()
    show(patient, "DLQI")
    fixed = page.evaluate(FIXED)
    assert fixed == 0
    for number in range(4):
        patient.choose_number(number)
        assert patient.question.locator("input").nth(number).is_checked()
    patient.next()
    assert patient.code == "DLQI102"
    expect(page.locator(".h:focus")).to_be_in_viewport()


def test_a_receipt_on_paper_is_the_receipt_alone(new_patient: NewPatient, new_context: NewContext) -> None:
    patient = seeing(new_patient("fr"), new_context, color_scheme="dark")
    person, page = patient.person.come_in(), patient.page
    questionnaire = f"/answer/{person.assignment()}"
    person.get(questionnaire).post(f"{questionnaire}/send")
    page.goto(f"{patient.base_url}{questionnaire}/receipt")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".number")).to_be_visible()
    for hidden in (".nav", ".language", ".help"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert contrast(colour(page.locator(".number"), "color"), "rgb(255, 255, 255)") >= 7
