"""Paper keyed in, keyed again by somebody else, and settled: what counts, what is refused, what is corrected."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import Correction
from portal.db.participant import Participant
from portal.db.response import FilledInBy, Response, Source
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.domain.states import ResponseStatus
from portal.services import (
    actor,
    answering,
    completing,
    enrolment,
    keyed_papers,
    keying,
    keying_settlement,
    scores,
    summaries,
)
from portal.services.keyed_papers import KeyingState, Paper
from portal.services.keying import DayFault
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff

FILLED_ON = date(2027, 3, 2)


@dataclass
class Desk:
    """A participant's DLQI on paper, and the people around it."""

    session: Session
    participant: Participant
    nurse: actor.Actor
    other: actor.Actor

    @property
    def whose(self) -> tuple[Any, Any]:
        """Her id and the assignment's."""
        return self.participant.id, factories.get_assignment(self.session, self.participant, "DLQI").id

    def form(self, **other: Any) -> dict[str, Any]:
        """Every question at 1, but for the named ones; None = blank."""
        answers = factories.full_answers(instruments.get("DLQI")) | other
        return {link_id: value for link_id, value in answers.items() if value is not None}

    def key(self, by: actor.Actor | None = None, on: date = FILLED_ON, **other: Any) -> None:
        """Key the paper in the first time."""
        wording = wordings.demonstration("DLQI", "fr")
        alone = FilledInBy.ALONE
        keying.key(
            self.session,
            *self.whose,
            self.form(**other),
            filled_on=on,
            filled_in_by=alone,
            wording=wording,
            by=by or self.nurse,
            at=NOW,
        )

    def check(self, by: actor.Actor | None = None, **other: Any) -> list[str]:
        """Key it in again; gives the questions that differ."""
        found = keying.check(self.session, *self.whose, self.form(**other), by=by or self.other, at=NOW)
        return [question.code for question in found]

    @property
    def paper(self) -> Paper:
        """How far it is."""
        return keyed_papers.get_for(self.session, [self.participant.site_id], self.whose[1])

    @property
    def state(self) -> str:
        """How far it is, as a code."""
        return self.paper.state.value

    @property
    def response(self) -> Response:
        """What became of it."""
        return keying.current_response(self.session, self.whose[1])

    @property
    def total(self) -> float | None:
        """The DLQI's total by the newest scoring."""
        scoring = scores.latest(self.session, [self.response.id])[self.response.id]
        return next(each.value for each in scoring.scores if each.scale == "total")


@pytest.fixture
def desk(session: Session) -> Desk:
    place = factories.load_study(session)[0]
    nurse = make_staff(session, (place.site_id, Role.NURSE), email="one@example.org", name="Claire Fontaine")
    other = make_staff(session, (place.site_id, Role.INVESTIGATOR), email="two@example.org", name="Dr Hélène Roux")
    participant = factories.make_participant(session, place)
    return Desk(session, participant, actor.staff(nurse.id), actor.staff(other.id))


def test_keyed_once_it_is_sent_scored_and_says_by_whom(desk: Desk) -> None:
    desk.key()
    # ten questions at 1
    assert (desk.response.status, desk.response.source, desk.total) == (ResponseStatus.COMPLETED, Source.PAPER, 10)
    assert desk.paper.state is KeyingState.ONCE
    assert desk.paper.first is not None
    assert (desk.paper.first.name, desk.paper.first.keying.filled_on) == ("Claire Fontaine", FILLED_ON)
    summary = summaries.make(
        desk.session, factories.get_visit(desk.session, desk.participant).id, by=desk.nurse, at=NOW
    )
    assert summary.content["instruments"][0]["keyed_by"] == "Claire Fontaine"
    told = desk.session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.RESPONSE_KEYED)).one()
    assert told.new
    assert (told.new["number"], told.new["filled_on"]) == (1, "2027-03-02")


def test_two_ticks_count_as_the_rules_say(desk: Desk) -> None:
    desk.key(DLQI101=[1, 3], DLQI103=["NR", 2])
    assert desk.total == 10 - 1 + 3 - 1 + 2
    assert desk.response.frozen is not None
    assert desk.response.frozen["DLQI101"]["value"] == [1, 3]


def test_the_day_of_filling_in_decides_not_the_day_of_keying(desk: Desk) -> None:
    late = NOW + timedelta(days=60)
    wording = wordings.demonstration("DLQI", "fr")
    about: dict[str, Any] = {"filled_in_by": None, "wording": wording, "by": desk.nurse, "at": late}
    for day, fault in ((date(2027, 6, 1), DayFault.FUTURE), (date(2027, 4, 20), DayFault.OUTSIDE)):
        with pytest.raises(keying.DayRefusedError) as refusal:
            keying.key(desk.session, *desk.whose, desk.form(), filled_on=day, **about)
        assert refusal.value.fault is fault
    keying.key(desk.session, *desk.whose, desk.form(), filled_on=FILLED_ON, **about)
    assert desk.response.status is ResponseStatus.COMPLETED


def test_what_a_phone_had_begun_does_not_count_beside_the_paper(desk: Desk) -> None:
    by = actor.patient(desk.participant.id)
    answering.save(desk.session, *desk.whose, factories.given("DLQI", {"DLQI110": 3}), by=by, at=NOW)
    desk.key(DLQI110=None)
    assert desk.response.frozen is not None
    assert desk.response.frozen["DLQI110"] == {"empty": "not-answered"}
    assert desk.total == 9  # one question may stay unanswered: nine at 1


def test_nothing_is_keyed_over_what_was_sent(desk: Desk) -> None:
    given = factories.given("DLQI", factories.full_answers(instruments.get("DLQI")))
    completing.complete(desk.session, *desk.whose, given, by=actor.patient(desk.participant.id), at=NOW)
    with pytest.raises(keying.AlreadySentError):
        desk.key()
    with pytest.raises(keying.NothingToCheckError):
        desk.check()
    assert desk.paper.state is KeyingState.ELSEWHERE


def test_an_empty_paper_and_a_withdrawn_patient_s_are_not_taken(desk: Desk) -> None:
    with pytest.raises(keying.NothingMarkedError):
        desk.key(on=FILLED_ON, by=desk.nurse, **dict.fromkeys(desk.form()))
    enrolment.withdraw(desk.session, desk.participant, on=NOW.date(), reason="tired", by=desk.nurse, at=NOW)
    with pytest.raises(answering.WithdrawnError):
        desk.key()


def test_the_second_keying_is_another_person_s_and_comes_once(desk: Desk) -> None:
    with pytest.raises(keying.NothingToCheckError):
        desk.check()
    desk.key()
    with pytest.raises(keying.SamePersonError):
        desk.check(by=desk.nurse)
    assert desk.check() == []
    assert desk.paper.state is KeyingState.TWICE
    with pytest.raises(keying.CheckedAlreadyError):
        desk.check()


def test_differences_are_settled_and_corrected_where_the_first_was_wrong(desk: Desk) -> None:
    desk.key()
    factories.complete_visit(desk.session, desk.participant, at=NOW)  # the SHAQ too: there is a summary
    visit_id = factories.get_visit(desk.session, desk.participant).id
    before = summaries.find_current(desk.session, visit_id)
    assert desk.check(DLQI101=3, DLQI102=0) == ["DLQI101", "DLQI102"]
    assert desk.state == "different"
    right = {"DLQI101": {"DLQI101": 3}, "DLQI102": {"DLQI102": 1}}
    with pytest.raises(keying_settlement.UnsettledError):
        settle(desk, {"DLQI101": right["DLQI101"]})
    settle(desk, right)
    assert desk.state == "twice"
    assert desk.paper.settled is not None
    assert desk.paper.settled.name == "Dr Hélène Roux"
    assert (desk.total, desk.response.status) == (12, ResponseStatus.AMENDED)
    made = desk.session.scalars(select(Correction)).one()
    assert [(each.link_id, each.old_value, each.value) for each in made.answers] == [("DLQI101", 1, 3)]
    after = summaries.find_current(desk.session, visit_id)
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1
    with pytest.raises(keying_settlement.NothingToSettleError):
        settle(desk, right)


def test_where_the_first_was_right_nothing_is_corrected(desk: Desk) -> None:
    desk.key()
    desk.check(DLQI101=None)
    assert settle(desk, {"DLQI101": {"DLQI101": 1}}) is None
    assert (desk.total, desk.response.status) == (10, ResponseStatus.COMPLETED)


def settle(desk: Desk, right: dict[str, dict[str, Any]]) -> Correction | None:
    """Settle by the second person, with a reason."""
    return keying_settlement.settle(desk.session, *desk.whose, right, reason="read again", by=desk.other, at=NOW)
