"""What is told of a participant's study: each line at its instant, and what became of each promise."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.services import chronicles, deadlines, enrolment
from portal.services.actor import SYSTEM
from portal.services.chronicle_lines import VOID, Chronicle, What
from portal.services.contacts import Contacts
from portal.services.studies import StudyAtSite
from tests import factories
from tests.services.mailing import begin, paris, work

DUE = paris(3, 3, 7)
"""Two working days before the inclusion visit of Friday 5 March 2027."""


def told(session: Session, place: StudyAtSite, at: datetime) -> Chronicle:
    (chronicle,) = chronicles.read(session, place, is_public_holiday, at=at)
    return chronicle


def promise(session: Session, place: StudyAtSite, at: datetime) -> str:
    return told(session, place, at).visits[0].state


def make(session: Session, participant: Participant, at: datetime) -> None:
    deadlines.make_if_missing(session, factories.get_visit(session, participant).id, by=SYSTEM, at=at)


@pytest.mark.usefixtures("investigator")
@pytest.mark.parametrize(
    ("made_at", "expected"),
    [
        (DUE, "kept"),
        (DUE + timedelta(hours=12), "kept"),  # its day is not over at seven in the evening
        (DUE + timedelta(days=1), "late"),
    ],
)
def test_a_promise_is_kept_by_the_day_and_late_after_it(
    session: Session,
    participant: Participant,
    place: StudyAtSite,
    contacts: Contacts,
    made_at: datetime,
    expected: str,
) -> None:
    make(session, participant, made_at)
    work(session, contacts, made_at)
    assert promise(session, place, made_at) == expected


def test_a_promise_of_which_nobody_was_told_is_broken_when_its_day_is_over(
    session: Session, participant: Participant, place: StudyAtSite, contacts: Contacts
) -> None:
    make(session, participant, DUE)
    work(session, contacts, DUE)  # the site has no investigator
    assert promise(session, place, paris(3, 3, 23)) == "in-danger"
    assert promise(session, place, paris(3, 4, 1)) == "broken"
    lines = [line for line in told(session, place, paris(3, 4, 1)).lines if line.what is What.TO_SITE]
    assert [(line.state, line.reason) for line in lines] == [("failed", "no-recipient")]


def test_to_whom_has_withdrawn_nothing_is_promised(
    session: Session, participant: Participant, place: StudyAtSite
) -> None:
    enrolment.withdraw(session, participant, on=date(2027, 3, 1), reason="asked", by=SYSTEM, at=paris(3, 1, 9))
    assert promise(session, place, paris(3, 20, 9)) == VOID


def test_lines_come_in_order_of_time_and_none_from_ahead(
    session: Session, participant: Participant, place: StudyAtSite, contacts: Contacts, investigator: Staff
) -> None:
    work(session, contacts, paris(2, 26, 10))
    begin(session, participant, paris(2, 26, 18))
    factories.complete_visit(session, participant, at=datetime(2027, 3, 1, 17, tzinfo=UTC))
    work(session, contacts, paris(3, 1, 18))
    whole = told(session, place, paris(3, 2, 9))
    assert [each.at for each in whole.lines] == sorted(each.at for each in whole.lines)
    assert max(each.at for each in whole.lines) <= paris(3, 2, 9)
    lines = [(each.what, each.kind) for each in whole.lines if each.visit == "INC" and each.what is not What.CAME_IN]
    assert lines == [
        (What.OPENS, ""),
        (What.MESSAGE, "opening"),
        (What.BEGUN, "DLQI"),
        (What.MESSAGE, "reminder-1"),
        (What.BEGUN, "SHAQ"),
        (What.SENT, "DLQI"),
        (What.SENT, "SHAQ"),
        (What.MADE, ""),
        (What.TO_SITE, "summary"),
        (What.DELIVERED, ""),
    ]
    assert (whole.visits[0].sent, whole.visits[0].asked) == (2, 2)
    assert whole.visits[0].promise
    assert whole.visits[0].promise.at_site_at == paris(3, 1, 18)
