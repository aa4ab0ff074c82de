"""A site's own copy after corrections: what stands, with what was sent beside it, and who asked for what."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import RequestedBy
from portal.db.response import Response
from portal.services import actor, correction_requests, corrections, queries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.adapters.test_site_archives import copy
from tests.conftest import NOW
from tests.web.staff_people import make_staff


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    """A site where one answer was asked about, wished to be another, and corrected."""
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place)
    factories.complete_visit(session, participant)
    assignment = factories.get_assignment(session, participant, "DLQI")
    response = session.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()
    nurse = actor.staff(make_staff(session).id)
    query = queries.open_on(session, response, "Is this so?", link_id="DLQI101", by=nurse, at=NOW)
    queries.close(session, query, "Corrected.", by=nurse, at=NOW)
    wish = correction_requests.ask(session, response, "I meant 3", by=actor.patient(participant.id), at=NOW)
    about = {"requested_by": RequestedBy.PATIENT, "reason": "misread", "by": nurse, "at": NOW}
    corrections.correct(session, response, {"DLQI101": 3, "DLQI102": None}, request=wish, **about)  # type: ignore[arg-type] # by name
    return place


def test_what_stands_and_what_was_sent_stand_side_by_side(session: Session, place: StudyAtSite) -> None:
    rows = {row["link_id"]: row for row in copy(session, place).rows("current_values") if row["instrument"] == "DLQI"}
    told = ("value", "empty", "corrected", "sent_value", "sent_empty")
    assert [rows["DLQI101"][name] for name in told] == ["3", "", "1", "1", ""]
    assert [rows["DLQI102"][name] for name in told] == ["", "not-answered", "1", "1", ""]
    assert [rows["DLQI103"][name] for name in told] == ["1", "", "0", "", ""]
    assert rows["DLQI101"]["status"] == "amended"


def test_who_asked_and_who_corrected_is_in_the_copy(session: Session, place: StudyAtSite) -> None:
    made = copy(session, place)
    (query,), (note,) = made.rows("queries"), made.rows("query_notes")
    assert (query["link_id"], query["close_reason"], note["text"]) == ("DLQI101", "Corrected.", "Is this so?")
    (wish,), (correction,) = made.rows("correction_requests"), made.rows("corrections")
    assert (wish["asked_by"], wish["outcome"], wish["reason"]) == ("", "corrected", "I meant 3")
    assert (correction["request_id"], correction["reason"]) == (wish["id"], "misread")
    changed = [(row["link_id"], row["old_value"], row["value"]) for row in made.rows("corrected_answers")]
    assert changed == [("DLQI101", "1", "3"), ("DLQI102", "1", "")]
    assert len(made.rows("scorings")) == 3  # both questionnaires as sent, and one corrected
