"""What the protocol expects, reckoned by hand, and by the schedule that it must not share anything with."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.adapters.public_holidays import is_public_holiday
from portal.domain import expectation, schedule
from portal.domain.expectation import Expected
from tests import factories


def test_by_hand_over_easter() -> None:
    """In Paris Good Friday, 26 March 2027, is a working day, and Easter Monday, the 29th, is none."""
    study = factories.demonstration_study()
    found = expectation.expected_of(
        study, study.get_site("01"), study.get_visit("M1"), date(2027, 3, 31), is_public_holiday
    )
    assert sorted(found, key=lambda each: each.what) == [
        Expected("opening", date(2027, 3, 24)),
        Expected("reminder-1", date(2027, 3, 26)),
        Expected("reminder-2", date(2027, 3, 28)),
        Expected("summary", date(2027, 3, 26)),
    ]


@pytest.mark.parametrize("site", ["01", "02"])
@pytest.mark.parametrize("last_call", [None, 1, 2])
def test_it_agrees_with_the_schedule_on_every_day_of_two_years(site: str, last_call: int | None) -> None:
    study = factories.demonstration_study()
    study = replace(study, reminders=replace(study.reminders, last_call=last_call))
    place = study.get_site(site)
    for visit in study.visits:
        for days in range(0, 731, 7 if visit.code != "M1" else 1):
            planned = date(2027, 1, 1) + timedelta(days)
            mine = expectation.expected_of(study, place, visit, planned, is_public_holiday)
            planned_ones = schedule.planned_messages(study, place, visit, planned, is_public_holiday)
            assert {(each.what, each.on) for each in mine} == {(each.kind.value, each.due_on) for each in planned_ones}
