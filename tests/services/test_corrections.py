"""Corrections after sending: the original stays, old and new are told, scores are added and editions follow."""

import copy
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import Correction, RequestedBy, RequestOutcome
from portal.db.participant import Participant
from portal.db.response import Response, Source
from portal.db.score import Scoring
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain import instruments, summary_json
from portal.domain.audit import Deed
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.states import ResponseStatus
from portal.services import actor, answered_forms, answering, audit, completing, corrections, scores, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.db import clinic_rows
from tests.web.staff_people import make_staff

LATER = datetime(2027, 3, 4, 9, 0, tzinfo=UTC)
REASON = "She misread the question."


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
    return response_to(session, participant)


def response_to(session: Session, participant: Participant, code: str = "DLQI", visit: str = "INC") -> Response:
    assignment = factories.get_assignment(session, participant, code, visit)
    return session.scalars(select(Response).where(Response.assignment_id == assignment.id)).one()


def correct(session: Session, response: Response, by: Staff, **changes: Any) -> Correction:
    return corrections.correct(
        session,
        response,
        changes,
        requested_by=RequestedBy.PATIENT,
        reason=REASON,
        by=actor.staff(by.id),
        at=LATER,
    )


def current(session: Session, participant: Participant, visit: str = "INC") -> Summary:
    found = summaries.find_current(session, factories.get_visit(session, participant, visit).id)
    assert found is not None
    return found


def total(summary: Summary, code: str = "DLQI") -> Fraction | None:
    return summary_json.from_json(summary.content).scale(code, "total").value


def test_the_original_stays_and_the_new_value_stands_beside_it(session: Session, sent: Response, nurse: Staff) -> None:
    frozen, frozen_hash = copy.deepcopy(sent.frozen), sent.frozen_hash
    made = correct(session, sent, nurse, DLQI101=3)
    session.expire_all()
    assert (sent.frozen, sent.frozen_hash, sent.status) == (frozen, frozen_hash, ResponseStatus.AMENDED)
    (row,) = made.answers
    assert (row.link_id, row.old_value, row.value) == ("DLQI101", 1, 3)
    form = answered_forms.read(session, [sent])[sent.id]
    assert form.changed == ("DLQI101",)
    assert (form.sent["DLQI101"]["value"], form.now["DLQI101"]["value"]) == (1, 3)
    assert form.now["DLQI101"]["wording"] == form.sent["DLQI101"]["wording"]
    assert corrections.hash_of(form) == made.form_hash != frozen_hash
    told = form.corrections[0]
    assert (told.requested_by, told.reason, told.entered_by) == (RequestedBy.PATIENT, REASON, "Ada Byron")


def test_the_score_is_added_and_the_first_one_kept(session: Session, sent: Response, nurse: Staff) -> None:
    first = scores.latest(session, [sent.id])[sent.id]
    made = correct(session, sent, nurse, DLQI101=3)
    runs = session.scalars(select(Scoring).where(Scoring.response_id == sent.id)).all()
    assert {run.correction_id for run in runs} == {None, made.id}
    newest = scores.latest(session, [sent.id])[sent.id]
    assert (newest.correction_id, first.correction_id) == (made.id, None)
    values = [next(each.value for each in run.scores if each.scale == "total") for run in (first, newest)]
    assert values == [10, 12]


def test_the_next_edition_tells_both_values_and_names_the_print_it_replaces(
    session: Session, participant: Participant, sent: Response, nurse: Staff
) -> None:
    older = current(session, participant)
    summaries.printed(session, older, by=actor.staff(nurse.id), at=LATER)
    correct(session, sent, nurse, DLQI101=3)
    newer = current(session, participant)
    assert (newer.number, total(older), total(newer)) == (2, Fraction(10), Fraction(12))
    content = summary_json.from_json(newer.content)
    dlqi = content.instruments[0]
    item = dlqi.questions[0].items[0]
    assert (item.corrected, item.value_sent, item.value) == (True, 1, 3)
    assert [each.corrected for question in dlqi.questions for each in question.items].count(True) == 1
    (line,) = dlqi.corrections
    assert (line.reason, line.by_name, line.link_ids) == (REASON, "Ada Byron", ("DLQI101",))
    assert content.replaces is not None
    assert (content.replaces.number, content.replaces.digest) == (1, older.content_hash[:12])
    assert (content.replaces.printed_at, content.replaces.printed_by) == (LATER, "Ada Byron")
    assert content.replaces.signed_by is None


def test_a_later_visit_that_compares_with_it_gets_its_next_edition_and_an_earlier_one_does_not(
    session: Session, participant: Participant, nurse: Staff
) -> None:
    for visit in ("INC", "M1", "M3"):
        factories.complete_visit(session, participant, visit)
    correct(session, response_to(session, participant, visit="M1"), nurse, DLQI101=3)
    assert [current(session, participant, visit).number for visit in ("INC", "M1", "M3")] == [1, 2, 2]


def test_a_visit_without_a_summary_waits_for_its_set(session: Session, participant: Participant, nurse: Staff) -> None:
    assignment = factories.get_assignment(session, participant, "DLQI")
    batch = factories.given("DLQI", factories.full_answers(instruments.get("DLQI")))
    at = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
    completing.complete(session, participant.id, assignment.id, batch, by=actor.patient(participant.id), at=at)
    correct(session, response_to(session, participant), nurse, DLQI101=3)
    assert summaries.find_current(session, assignment.visit_id) is None


def test_what_the_trail_tells(session: Session, participant: Participant, sent: Response, nurse: Staff) -> None:
    correct(session, sent, nurse, DLQI101=3, DLQI102=Emptiness.SKIPPED)
    deeds = (Deed.RESPONSE_CORRECTED, Deed.ANSWER_CORRECTED)
    events = session.scalars(select(AuditEvent).where(AuditEvent.deed.in_(deeds)).order_by(AuditEvent.id)).all()
    assert [(each.deed, each.field) for each in events] == [
        (Deed.RESPONSE_CORRECTED, "status"),
        (Deed.ANSWER_CORRECTED, "DLQI101"),
        (Deed.ANSWER_CORRECTED, "DLQI102"),
    ]
    assert [(each.old, each.new) for each in events[1:]] == [
        ({"value": 1}, {"value": 3}),
        ({"value": 1}, {"empty": "skipped"}),
    ]
    assert {each.reason for each in events} == {REASON}
    assert {each.participant_id for each in events} == {participant.id}
    assert audit.first_broken(session) is None


def test_every_kind_of_empty_stays_its_own(session: Session, sent: Response, nurse: Staff) -> None:
    correct(session, sent, nurse, DLQI101=Emptiness.SKIPPED, DLQI102=None, DLQI103="NR", DLQI107="Y")
    form = answered_forms.read(session, [sent])[sent.id]
    kinds = {each: form.now[each].get("empty") for each in ("DLQI101", "DLQI102", "DLQI103", "DLQI107A", "DLQI104")}
    assert kinds == {
        "DLQI101": "skipped",
        "DLQI102": "not-answered",
        "DLQI103": "not-relevant",
        "DLQI107A": "not-shown",
        "DLQI104": None,
    }
    assert answered_forms.skipped_of(form.now) == {"DLQI101"}


def test_what_the_new_answer_hides_counts_on_paper_and_not_on_a_screen(
    session: Session, participant: Participant, nurse: Staff
) -> None:
    factories.complete_visit(session, participant)
    response = response_to(session, participant)
    correct(session, response, nurse, DLQI107="Y")
    assert "DLQI107A" not in answered_forms.values_of(answered_forms.read(session, [response])[response.id].now)
    factories.complete_visit(session, participant, "M1")
    on_paper = response_to(session, participant, visit="M1")
    on_paper.source = Source.PAPER
    correct(session, on_paper, nurse, DLQI107="Y")
    assert answered_forms.values_of(answered_forms.read(session, [on_paper])[on_paper.id].now)["DLQI107A"] == 1


def test_corrections_follow_each_other_and_the_last_one_counts(session: Session, sent: Response, nurse: Staff) -> None:
    correct(session, sent, nurse, DLQI101=3)
    correct(session, sent, nurse, DLQI101=[1, 2])
    second = correct(session, sent, nurse, DLQI101=2)
    form = answered_forms.read(session, [sent])[sent.id]
    assert [each.number for each in form.corrections] == [1, 2, 3]
    assert (form.sent["DLQI101"]["value"], form.now["DLQI101"]["value"]) == (1, 2)
    assert scores.latest(session, [sent.id])[sent.id].correction_id == second.id


def test_put_back_as_it_was_sent_nothing_differs_but_both_corrections_are_told(
    session: Session, participant: Participant, sent: Response, nurse: Staff
) -> None:
    correct(session, sent, nurse, DLQI101=3)
    correct(session, sent, nurse, DLQI101=1)
    newest = summary_json.from_json(current(session, participant).content)
    assert len(newest.instruments[0].corrections) == 2
    assert not any(each.corrected for question in newest.instruments[0].questions for each in question.items)


REFUSALS: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "nothing": ({}, corrections.NothingChangesError),
    "what stands so already": ({"DLQI101": 1}, corrections.NothingChangesError),
    "a value that is none": ({"DLQI101": 7}, corrections.RefusedChangesError),
    "an item that is none": ({"DLQI999": 1}, corrections.RefusedChangesError),
    "a kind of empty that follows from the answers": (
        {"DLQI101": Emptiness.NOT_RELEVANT},
        corrections.RefusedChangesError,
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_it_is_refused(session: Session, sent: Response, nurse: Staff, what: str) -> None:
    changes, error = REFUSALS[what]
    with pytest.raises(error):
        correct(session, sent, nurse, **changes)
    assert session.scalars(select(Correction)).all() == []
    assert sent.status is ResponseStatus.COMPLETED


def test_every_fault_is_named_at_its_item(session: Session, sent: Response, nurse: Staff) -> None:
    with pytest.raises(corrections.RefusedChangesError) as refusal:
        correct(session, sent, nurse, DLQI101=7, DLQI102="often", DLQI103=2)
    assert set(refusal.value.faults) == {"DLQI101", "DLQI102"}


def test_a_reason_is_wanted_and_a_form_that_was_sent(session: Session, participant: Participant, nurse: Staff) -> None:
    assignment = factories.get_assignment(session, participant, "DLQI")
    batch = factories.given("DLQI", {"DLQI101": 1})
    at = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
    answering.save(session, participant.id, assignment.id, batch, by=actor.patient(participant.id), at=at)
    begun = response_to(session, participant)
    with pytest.raises(corrections.NotSentError):
        correct(session, begun, nurse, DLQI101=3)
    with pytest.raises(corrections.NoReasonError):
        corrections.correct(
            session, begun, {}, requested_by=RequestedBy.STAFF, reason="  ", by=actor.staff(nurse.id), at=LATER
        )


def test_a_form_that_somebody_corrected_meanwhile_is_looked_at_again(
    session: Session, sent: Response, nurse: Staff
) -> None:
    looked_at = corrections.hash_of(answered_forms.read(session, [sent])[sent.id])
    correct(session, sent, nurse, DLQI101=3)
    by = actor.staff(nurse.id)
    wish: dict[str, Any] = {"requested_by": RequestedBy.STAFF, "reason": REASON, "by": by, "at": LATER}
    with pytest.raises(corrections.ChangedSinceError):
        corrections.correct(session, sent, {"DLQI102": 2}, against=looked_at, **wish)
    looked_at = corrections.hash_of(answered_forms.read(session, [sent])[sent.id])
    corrections.correct(session, sent, {"DLQI102": 2}, against=looked_at, **wish)


def test_a_wish_is_settled_once(session: Session, sent: Response, nurse: Staff) -> None:
    wish = clinic_rows.wish(sent, asked_at=LATER)
    session.add(wish)
    session.flush()
    given: dict[str, Any] = {"requested_by": RequestedBy.PATIENT, "reason": REASON, "request": wish}
    given |= {"by": actor.staff(nurse.id), "at": LATER}
    made = corrections.correct(session, sent, {"DLQI101": 3}, **given)
    assert (made.request_id, wish.outcome, wish.settled_by) == (wish.id, RequestOutcome.CORRECTED, nurse.id)
    with pytest.raises(corrections.SettledAlreadyError):
        corrections.correct(session, sent, {"DLQI101": 2}, **given)


def test_what_will_change_is_told_and_nothing_is_done(session: Session, sent: Response) -> None:
    told = corrections.foresee(session, sent, {"DLQI101": 3, "DLQI107": "Y"}, at=LATER)
    assert told.link_ids == ("DLQI101", "DLQI107", "DLQI107A")
    assert (told.scored_before.value("total"), told.scored_after.value("total")) == (10, 14)
    assert session.scalars(select(Correction)).all() == []
    assert sent.status is ResponseStatus.COMPLETED
