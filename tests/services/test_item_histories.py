"""An answer's history: what came from which phone, which value counts, why others do not, and what was corrected."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import RequestedBy
from portal.db.participant import Participant
from portal.db.response import Response
from portal.db.summary import Summary
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.services import actor, answering, completing, corrections, item_histories, summaries
from portal.services.answering import Seen
from portal.services.item_histories import ItemHistory, Standing
from tests import factories
from tests.web.staff_people import make_staff

NOW = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def participant(session: Session) -> Participant:
    return factories.make_participant(session, factories.load_study(session)[0])


def test_values_come_in_order_with_device_words_and_why_they_count(session: Session, participant: Participant) -> None:
    _save(session, participant, {"DLQI101": 1}, "a-phone", minutes=0)
    _save(session, participant, {"DLQI101": 2}, "a-phone", minutes=1)
    _save(session, participant, {"DLQI101": 3}, "b-phone", minutes=2, language="en")
    _save(session, participant, {"DLQI101": 0}, "c-phone", minutes=3)
    factories.complete_visit(session, participant, at=NOW + timedelta(minutes=4))
    _save(session, participant, {"DLQI101": 3}, "a-phone", minutes=5)
    history = _read(session, participant, "DLQI101")
    told = [(each.value, each.device.number, each.standing) for each in history.received]
    assert told == [
        (1, 1, Standing.LATER_HERE),
        (2, 1, Standing.CONFLICT),
        (3, 2, Standing.CONFLICT),
        (0, 3, Standing.LATER_ELSEWHERE),  # what was sent in the end came from a phone whose page nobody knows
        (1, 4, Standing.COUNTS),
        (3, 1, Standing.AFTER_COMPLETION),
    ]
    assert {each.device.kind for each in history.received} == {"phone"}
    assert [each.wording.language for each in history.received] == ["fr", "fr", "en", "fr", "fr", "fr"]
    assert [each.received_at for each in history.received][:2] == [NOW, NOW + timedelta(minutes=1)]
    assert history.sent == history.now == {"DLQI101": (1, None)}


def test_an_answer_that_another_one_hid_is_told_apart(session: Session, participant: Participant) -> None:
    answers = factories.full_answers(instruments.get("DLQI"), 1)
    given = factories.given("DLQI", answers | {"DLQI107": "NR"}, at=NOW)
    target = factories.get_assignment(session, participant, "DLQI").id
    completing.complete(session, participant.id, target, given, by=actor.patient(participant.id), at=NOW)
    history = _read(session, participant, "DLQI107A")
    assert [each.standing for each in history.received] == [Standing.HIDDEN]


def test_the_boxes_of_a_list_are_one_question(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant, at=NOW)
    history = _read(session, participant, "HAQ0110")
    assert len(history.items) > 1
    assert {each.link_id for each in history.received} == {
        item.link_id for item in history.items if item.type == "tick"
    }


def test_a_correction_stands_beside_what_was_sent(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant, at=NOW)
    ada = make_staff(session)
    corrections.correct(
        session,
        _response(session, participant),
        {"DLQI101": 3},
        reason="she misread it",
        requested_by=RequestedBy.PATIENT,
        by=actor.staff(ada.id),
        at=NOW + timedelta(hours=1),
    )
    history = _read(session, participant, "DLQI101")
    assert history.sent == {"DLQI101": (1, None)}
    assert history.now == {"DLQI101": (3, None)}
    (made,) = history.corrections
    assert (made.old, made.new, made.reason) == ((1, None), (3, None), "she misread it")
    assert (made.entered_by, made.requested_by) == ("Ada Byron", "patient")
    assert [each.standing for each in history.received] == [Standing.COUNTS]


def test_nothing_received_is_an_empty_history(session: Session, participant: Participant) -> None:
    history = _read(session, participant, "DLQI101")
    assert (history.received, history.sent, history.corrections) == ((), None, ())


def test_an_item_of_no_questionnaire_is_not_there(session: Session, participant: Participant) -> None:
    with pytest.raises(item_histories.ItemNotFoundError):
        _read(session, participant, "DLQI999")


def test_reading_is_on_the_trail(session: Session, participant: Participant) -> None:
    _read(session, participant, "DLQI101")
    event = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.ITEM_READ)).one()
    assert (event.field, event.participant_id) == ("DLQI101", participant.id)


def _save(
    session: Session,
    participant: Participant,
    answers: dict[str, int],
    device: str,
    *,
    minutes: int,
    language: str = "fr",
) -> None:
    at = NOW + timedelta(minutes=minutes)
    given = factories.given("DLQI", answers, device=device, language=language, at=at)
    target = factories.get_assignment(session, participant, "DLQI").id
    by = actor.patient(participant.id)
    answering.save(session, participant.id, target, given, seen=Seen(0, {}), by=by, at=at)


def _response(session: Session, participant: Participant) -> Response:
    target = factories.get_assignment(session, participant, "DLQI").id
    return session.scalars(select(Response).where(Response.assignment_id == target)).one()


def _summary(session: Session, participant: Participant) -> Summary:
    visit = factories.get_visit(session, participant)
    return summaries.find_current(session, visit.id) or summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW)


def _read(session: Session, participant: Participant, link_id: str) -> ItemHistory:
    return item_histories.read(session, _summary(session, participant), link_id, by=actor.SYSTEM, at=NOW)
