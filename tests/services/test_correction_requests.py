"""Wishes for a correction: hers or out of a query, few a day, listed by site, settled once and for a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import RequestOutcome
from portal.db.participant import Participant
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain.audit import Deed
from portal.services import actor, answering, audit, correction_requests, corrections, queries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return factories.load_study(session)[0]


@pytest.fixture
def nurse(session: Session) -> Staff:
    return make_staff(session)


@pytest.fixture
def participant(session: Session, place: StudyAtSite) -> Participant:
    return factories.make_participant(session, place)


@pytest.fixture
def sent(session: Session, participant: Participant) -> Response:
    factories.complete_visit(session, participant)
    assignment = factories.get_assignment(session, participant, "DLQI")
    return session.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()


def test_her_wish_is_kept_with_its_trail_and_waits_at_her_site(
    session: Session, place: StudyAtSite, participant: Participant, sent: Response
) -> None:
    made = correction_requests.ask(session, sent, " I meant 2. ", by=actor.patient(participant.id), at=NOW)
    assert (made.reason, made.asked_by, made.outcome) == ("I meant 2.", None, None)
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.CORRECTION_ASKED)).one()
    assert (event.subject_id, event.participant_id, event.reason) == (made.id, participant.id, "I meant 2.")
    assert correction_requests.count_open(session, [place.site_id]) == 1
    assert correction_requests.count_open(session, [uuid4()]) == 0
    (line,) = correction_requests.list_requests(session, [place.site_id], settled=False, page=1).rows
    assert (line.participant_number, line.visit_code, line.instrument) == (
        participant.participant_number,
        "INC",
        "DLQI",
    )
    assert correction_requests.list_requests(session, [uuid4()], settled=False, page=1).rows == []


def test_a_second_tap_is_no_second_wish_and_too_many_lead_to_the_telephone(
    session: Session, participant: Participant, sent: Response
) -> None:
    she = actor.patient(participant.id)
    first = correction_requests.ask(session, sent, "one", by=she, at=NOW)
    assert correction_requests.ask(session, sent, "one", by=she, at=NOW) is first
    for words in ("two", "three"):
        correction_requests.ask(session, sent, words, by=she, at=NOW)
    with pytest.raises(correction_requests.TooManyError):
        correction_requests.ask(session, sent, "four", by=she, at=NOW + timedelta(hours=23))
    correction_requests.ask(session, sent, "four", by=she, at=NOW + timedelta(hours=25))


def test_staff_ask_as_often_as_they_need(session: Session, nurse: Staff, sent: Response) -> None:
    query = queries.open_on(session, sent, "Is this so?", by=actor.staff(nurse.id), at=NOW)
    for number in range(5):
        made = correction_requests.ask(session, sent, f"{number}", query=query, by=actor.staff(nurse.id), at=NOW)
        assert (made.asked_by, made.query_id) == (nurse.id, query.id)


def test_a_wish_says_something_about_what_was_sent(session: Session, participant: Participant, sent: Response) -> None:
    she = actor.patient(participant.id)
    with pytest.raises(correction_requests.NothingSaidError):
        correction_requests.ask(session, sent, " \n ", by=she, at=NOW)
    other = factories.make_participant(session, factories.load_study(session)[0])
    begun = factories.get_assignment(session, other, "DLQI")
    batch = factories.given("DLQI", {"DLQI101": 1})
    answering.save(session, other.id, begun.id, batch, by=actor.patient(other.id), at=NOW)
    response = session.scalars(select(Response).where(Response.assignment_id == begun.id)).one()
    with pytest.raises(corrections.NotSentError):
        correction_requests.ask(session, response, "wrong", by=actor.patient(other.id), at=NOW)
    long = correction_requests.ask(session, sent, "x" * 600, by=she, at=NOW)
    assert len(long.reason) == correction_requests.LONGEST


def test_it_is_declined_for_a_reason_and_once(
    session: Session, place: StudyAtSite, participant: Participant, nurse: Staff, sent: Response
) -> None:
    wish = correction_requests.ask(session, sent, "one", by=actor.patient(participant.id), at=NOW)
    by = actor.staff(nurse.id)
    with pytest.raises(correction_requests.NothingSaidError):
        correction_requests.decline(session, wish, " ", by=by, at=NOW)
    correction_requests.decline(session, wish, "She had read it aright.", by=by, at=NOW)
    assert (wish.outcome, wish.settled_by) == (RequestOutcome.DECLINED, nurse.id)
    with pytest.raises(correction_requests.SettledAlreadyError):
        correction_requests.decline(session, wish, "again", by=by, at=NOW)
    assert correction_requests.count_open(session, [place.site_id]) == 0
    (line,) = correction_requests.list_requests(session, [place.site_id], settled=True, page=1).rows
    assert (line.settled_by, line.request.settled_reason) == ("Ada Byron", "She had read it aright.")
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.CORRECTION_SETTLED)).one()
    assert (event.new, event.reason) == ("declined", "She had read it aright.")
    assert audit.first_broken(session) is None


def test_a_wish_is_its_sites_own(session: Session, participant: Participant, sent: Response) -> None:
    wish = correction_requests.ask(session, sent, "one", by=actor.patient(participant.id), at=NOW)
    assert correction_requests.get_for(session, [participant.site_id], wish.id) is wish
    for sites in ([], [uuid4()]):
        with pytest.raises(correction_requests.RequestNotFoundError):
            correction_requests.get_for(session, sites, wish.id)
