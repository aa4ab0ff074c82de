"""The practice: one choice and one line, first of all, once; and the line itself, by finger, keys and screen reader."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import on_server
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]


@pytest.fixture
def at_line(new_patient: NewPatient) -> PatientOnPhone:
    """A patient before the first line of her questionnaire."""
    return new_patient().come_in().open_questionnaire("SHAQ", "q25")


def value(patient: PatientOnPhone) -> str:
    """What the line says to a screen reader."""
    found = patient.question.get_by_role("slider").get_attribute("aria-valuetext")
    assert found
    return found


def drag(page: Page, start: float, end: float, y: float) -> None:
    """Put a finger down, move it along, and lift it."""
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": y}]})
    for part in (0.3, 0.6, 1.0):
        point = {"x": start + (end - start) * part, "y": y}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_it_comes_first_once_and_leaves_nothing(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().start()
    requests: list[str] = []
    patient.page.on("request", lambda request: requests.append(request.method))
    assert patient.place == "Essai 1 sur 3"
    expect(patient.page.locator(".demo")).to_have_text("Rien de ceci n’est gardé")
    patient.next()
    expect(patient.page.locator("#ask")).to_be_visible()  # as in the questionnaire
    patient.page.tap("#answer")
    patient.choose_number(1).next().touch_line(0.3).next()
    assert patient.place == "Essai 3 sur 3"
    assert requests.count("POST") == 0
    patient.next()
    expect(patient.page.locator("#place")).to_have_text("Question 1 sur 10")
    assert on_server.find_response(patient.person) is None
    patient.page.goto(patient.base_url + "/visit")
    patient.start()
    expect(patient.page.locator("#place")).to_have_text("Question 1 sur 10")


def test_it_can_be_passed_over_and_repeated(new_patient: NewPatient) -> None:
    patient = new_patient().come_in().begin()
    assert patient.place == "Question 1 sur 10"
    patient.page.goto(patient.base_url + "/visit")
    patient.page.locator(".quiet a").first.tap()
    patient.page.wait_for_url("**/practice*")
    patient.choose_number(0).next().touch_line(0.5).next().next()
    patient.page.wait_for_url("**/visit")
    assert on_server.find_response(patient.person) is None


def test_a_line_is_empty_until_touched_and_adjustable_until_next(at_line: PatientOnPhone) -> None:
    mark = at_line.question.locator(".line i")
    expect(mark).to_be_hidden()
    assert value(at_line) == "Pas encore de repère"
    expect(at_line.question.get_by_role("slider")).to_have_accessible_name("Quelle a été la force de vos douleurs ?")
    at_line.touch_line(0.62)
    expect(mark).to_be_visible()
    assert abs(int(value(at_line)) - 62) <= 1
    box = at_line.question.locator(".line").bounding_box()
    assert box
    drag(at_line.page, box["x"] + box["width"] * 0.62, box["x"] + box["width"] * 0.2, box["y"] + 50)
    assert abs(int(value(at_line)) - 20) <= 1
    drag(at_line.page, box["x"] + box["width"] * 0.2, box["x"] - 25, box["y"] + 50)
    assert value(at_line) == "0"
    at_line.next().expect_received()
    last = on_server.answers(at_line.person)[-1]
    assert (last.link_id, last.value) == ("HAQ0146", 0)
    assert last.presentation is not None
    assert last.presentation["pointer"] == "touch"
    assert last.presentation["orientation"] == "portrait"
    assert last.presentation["length_px"] >= 227  # 60 mm


@pytest.mark.parametrize(
    ("keys", "number"),
    [(["Home"], 0), (["End"], 100), (["ArrowRight"], 51), (["ArrowLeft"], 49), (["End", "PageDown"], 90)],
)
def test_keys_move_the_mark(at_line: PatientOnPhone, keys: list[str], number: int) -> None:
    at_line.question.get_by_role("slider").focus()
    for key in keys:
        at_line.page.keyboard.press(key)
    assert value(at_line) == str(number)
    at_line.next().expect_received()
    last = on_server.answers(at_line.person)[-1]
    assert last.value == number
    assert last.presentation is not None
    assert last.presentation["pointer"] == "keyboard"


def test_left_out_nought_and_the_middle_are_three_answers(at_line: PatientOnPhone) -> None:
    for code, share in (("HAQ0146", None), ("SHAQ01", 0.0), ("SHAQ02", 0.5)):
        assert at_line.code == code
        at_line.leave_out() if share is None else at_line.touch_line(share).next()
    at_line.expect_received()
    assert on_server.counting(at_line.person, "SHAQ") == {"HAQ0146": None, "SHAQ01": 0, "SHAQ02": 50}
    at_line.back().back()
    assert value(at_line) == "0"
