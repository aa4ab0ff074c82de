"""What cannot be is refused by the database itself, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.db.base import Base
from portal.db.correction import CorrectedAnswer, RequestOutcome
from portal.db.participant import Visit
from portal.db.query import Query, QueryNote
from portal.db.response import Response
from portal.db.staff import Staff
from portal.db.stop import Stop, StopWay
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.services import summaries
from tests import factories
from tests.db import clinic_rows
from tests.factories import AT
from tests.web.staff_people import make_staff


@dataclass
class Clinic:
    """A summary of a visit that was answered, its DLQI, and two people of the site."""

    session: Session
    summary: Summary
    response: Response
    one: Staff
    other: Staff

    def add(self, *rows: Base) -> None:
        """Add rows, and let the database have its say."""
        self.session.add_all(rows)
        self.session.flush()


@pytest.fixture
def clinic(session: Session) -> Clinic:
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place)
    factories.complete_visit(session, participant)
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    people = [
        make_staff(session, (place.site_id, Role.INVESTIGATOR), email=f"{name}@example.org")
        for name in ("one", "other")
    ]
    return Clinic(session, summary, clinic_rows.response_of(session, summary), *people)


def test_nobody_has_two_open_signatures_at_a_visit(clinic: Clinic) -> None:
    clinic.add(clinic_rows.signature(clinic.summary, clinic.one))
    clinic.add(clinic_rows.signature(clinic.summary, clinic.other))
    with pytest.raises(IntegrityError):
        clinic.add(clinic_rows.signature(clinic.summary, clinic.one))


def test_a_signature_becomes_void_once_and_nothing_else_of_it_changes(clinic: Clinic) -> None:
    signed = clinic_rows.signature(clinic.summary, clinic.one)
    clinic.add(signed)
    clinic.session.commit()
    deeds = {
        "UPDATE signature SET printed_name = 'Somebody'": False,
        "UPDATE signature SET meaning = 'discussed'": False,
        "DELETE FROM signature": False,
        "UPDATE signature SET voided_at = signed_at": False,  # by no edition
        "UPDATE signature SET voided_at = signed_at, voided_by = summary_id": True,
        "UPDATE signature SET voided_at = NULL, voided_by = NULL": False,
    }
    for deed, is_possible in deeds.items():
        if is_possible:
            clinic.session.execute(text(deed))
            clinic.session.commit()
            continue
        with pytest.raises(DBAPIError):
            clinic.session.execute(text(deed))
        clinic.session.rollback()


IMPOSSIBLE: dict[str, Callable[[Clinic], Base]] = {
    "a signature without a printed name": lambda c: clinic_rows.signature(c.summary, c.one, printed_name=" "),
    "a correction without a reason": lambda c: clinic_rows.correction(c.response, c.one, reason="  "),
    "a correction to nothing": lambda c: clinic_rows.correction(
        c.response, c.one, answers=[CorrectedAnswer(link_id="DLQI101", old_value=1)]
    ),
    "a third keying": lambda c: clinic_rows.keying(c.session, c.response, c.one, number=3),
    "a query closed without a reason": lambda c: clinic_rows.query(c.response, c.one, closed_by=c.one.id, closed_at=AT),
    "a query closed by nobody": lambda c: clinic_rows.query(c.response, c.one, closed_at=AT, close_reason="done"),
    "a wish for a correction that says nothing": lambda c: clinic_rows.wish(c.response, reason=""),
    "a refusal without a reason": lambda c: clinic_rows.wish(
        c.response,
        settled_by=c.one.id,
        settled_at=AT,
        outcome=RequestOutcome.DECLINED,
    ),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_it_is_refused(clinic: Clinic, what: str) -> None:
    with pytest.raises(IntegrityError):
        clinic.add(IMPOSSIBLE[what](clinic))


def test_a_second_keying_is_by_somebody_else(clinic: Clinic) -> None:
    clinic.add(clinic_rows.keying(clinic.session, clinic.response, clinic.one))
    clinic.session.commit()
    with pytest.raises(IntegrityError):
        clinic.add(clinic_rows.keying(clinic.session, clinic.response, clinic.one, number=2))
    clinic.session.rollback()
    clinic.add(clinic_rows.keying(clinic.session, clinic.response, clinic.other, number=2))


@pytest.mark.parametrize("link_id", ["DLQI101", None])
def test_one_query_is_open_on_a_thing_at_a_time(clinic: Clinic, link_id: str | None) -> None:
    def query() -> Query:
        note = QueryNote(by_staff=clinic.one.id, at=AT, text="Is this so?")
        return clinic_rows.query(clinic.response, clinic.one, link_id=link_id, notes=[note])

    first = query()
    clinic.add(first)
    first.closed_by, first.closed_at, first.close_reason = clinic.other.id, AT, "It is."
    clinic.add(query())
    with pytest.raises(IntegrityError):
        clinic.add(query())


def test_a_wish_for_no_messages_holds_once_and_is_lifted_at_some_time(clinic: Clinic) -> None:
    participant_id = clinic.session.get_one(Visit, clinic.summary.visit_id).participant_id

    def wish(**lifted: object) -> Stop:
        return Stop(participant_id=participant_id, way=StopWay.PAGE, asked_at=AT, **lifted)

    clinic.add(wish(lifted_at=AT), wish())
    clinic.session.commit()
    for impossible in (wish(), wish(lifted_by=clinic.one.id)):
        with pytest.raises(IntegrityError):
            clinic.add(impossible)
        clinic.session.rollback()
