"""Every question on every usual width, in each language: whole, large, equal, and nothing beyond the side."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain import instruments
from tests.browser.looks import each_question, enlarge, sideways
from tests.browser.navigators import PatientOnPhone

NewPatient = Callable[..., PatientOnPhone]

WIDTHS = (320, 360, 390, 430)
SIXTY_MILLIMETRES = 227
"""60 mm in CSS pixels, of which 96 make an inch."""


def even(sizes: list[float]) -> bool:
    """Say whether these differ by no more than a pixel."""
    return not sizes or max(sizes) - min(sizes) <= 1


def check(found: dict[str, Any], where: object) -> None:
    """Fail unless each answer of a question is large, equal to the others, equally far from them, and uncut."""
    assert found["sideways"] <= 0, where
    assert found["cut"] == [], where
    assert all(height >= 56 for height in found["heights"]), where
    for sizes in ("heights", "widths", "gaps"):
        assert even(found[sizes]), (where, sizes, found[sizes])
    if found["line"] is None:
        assert len(found["heights"]) >= 2, where
        assert all(gap >= 6 for gap in found["gaps"]), where
        assert found["gaps"], where
    else:
        assert found["line"] >= SIXTY_MILLIMETRES, where
        assert found["lineInView"], where
        assert found["lineHeight"] >= 56, where
        assert found["endsTop"] >= found["lineBottom"], where


@pytest.mark.parametrize("instrument", ["DLQI", "SHAQ"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_answer_is_as_large_as_the_others(new_patient: NewPatient, language: str, instrument: str) -> None:
    patient = new_patient(language).come_in()
    page = patient.page
    page.goto(f"{patient.base_url}/answer/{patient.person.assignment(instrument)}")
    page.locator(".q.here").wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        questions = each_question(page)
        codes = [each.code for each in instruments.get(instrument).questions]
        assert [found["code"] for found in questions] == [*codes, "filled_in_by"]
        for found in questions:
            check(found, (found["code"], width))
            if width >= 360:
                assert found["top"] >= 0, found["code"]
                assert found["bottom"] <= found["bar"], f"{found['code']} ends below the bar at {width}"


@pytest.mark.parametrize("instrument", ["DLQI", "SHAQ"])
@pytest.mark.parametrize(
    ("width", "height", "percent"),
    [(360, 640, 200), (320, 568, 200), (320, 256, 100), (640, 360, 100), (800, 360, 100)],
)
def test_larger_text_a_high_zoom_and_a_phone_on_its_side(
    new_patient: NewPatient, instrument: str, width: int, height: int, percent: int
) -> None:
    patient = new_patient("fr").come_in()
    page = patient.page
    page.set_viewport_size({"width": width, "height": height})
    enlarge(page, percent)
    page.goto(f"{patient.base_url}/answer/{patient.person.assignment(instrument)}")
    page.locator(".q.here").wait_for()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{18 * percent // 100}px"
    for found in each_question(page):
        check(found, (found["code"], width, height, percent))
    page.evaluate("document.querySelector('.help').open = true")
    assert sideways(page) <= 0
