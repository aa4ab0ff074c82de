"""An interview by telephone: kept answer by answer, skipped when she does not want to, sent with who asked."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.response import Source
from portal.domain.instruments import wordings
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.roles import Role
from portal.domain.states import ResponseStatus
from portal.services import actor, answering, conflicts, interviews, keyed_papers, keying, summaries
from portal.services.interviews import Interview
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff


class Call:
    """A nurse rings one participant about the DLQI."""

    def __init__(self, session: Session) -> None:
        place = factories.load_study(session)[0]
        self.session = session
        self.participant: Participant = factories.make_participant(session, place)
        person = make_staff(session, (place.site_id, Role.NURSE), name="Claire Fontaine")
        self.nurse = actor.staff(person.id)

    @property
    def interview(self) -> Interview:
        """How far it is."""
        assignment = factories.get_assignment(self.session, self.participant, "DLQI")
        paper = keyed_papers.get_for(self.session, [self.participant.site_id], assignment.id)
        return interviews.read(self.session, paper, wordings.demonstration("DLQI", "fr"))

    def answer(self, code: str, value: int | str | None) -> None:
        """Answer one question; None = she does not want to."""
        interview = self.interview
        question = interview.paper.instrument.question(code)
        values = {} if value is None else {code: value}
        interviews.answer(self.session, interview, question, values, by=self.nurse, at=NOW)

    def send(self) -> None:
        """Send it."""
        interviews.send(self.session, self.interview, by=self.nurse, at=NOW)


@pytest.fixture
def call(session: Session) -> Call:
    return Call(session)


def test_each_answer_is_kept_and_the_later_one_counts(call: Call) -> None:
    call.answer("DLQI101", 1)
    call.answer("DLQI101", 3)
    call.answer("DLQI109", None)
    interview = call.interview
    assert interview.values == {"DLQI101": 3}
    assert interview.kind(interview.paper.instrument.question("DLQI109")) is Emptiness.SKIPPED
    assert interview.first_open is not None
    assert interview.first_open.code == "DLQI102"


def test_the_second_part_of_a_question_is_asked_only_after_no(call: Call) -> None:
    assert "DLQI107A" not in [each.code for each in call.interview.asked]
    call.answer("DLQI107", "N")
    assert "DLQI107A" in [each.code for each in call.interview.asked]


def test_what_a_phone_had_begun_goes_on(call: Call) -> None:
    assignment = factories.get_assignment(call.session, call.participant, "DLQI")
    given = factories.given("DLQI", {"DLQI101": 2})
    by = actor.patient(call.participant.id)
    answering.save(call.session, call.participant.id, assignment.id, given, by=by, at=NOW - timedelta(hours=1))
    assert call.interview.values == {"DLQI101": 2}


def test_sent_it_is_an_interview_and_says_who_asked(call: Call) -> None:
    with pytest.raises(interviews.NothingAnsweredError):
        call.send()
    for number in range(1, 11):
        call.answer(f"DLQI1{number:02}", "Y" if number == 7 else 1)
    call.send()
    response = call.interview.paper.response
    assert response is not None
    assert (response.status, response.source) == (ResponseStatus.COMPLETED, Source.INTERVIEW)
    visit = factories.get_visit(call.session, call.participant)
    sheet = summaries.make(call.session, visit.id, by=call.nurse, at=NOW).content["instruments"][0]
    assert (sheet["source"], sheet["keyed_by"]) == ("interview", "Claire Fontaine")
    assert sheet["scales"][0]["value"] == "12"  # nine questions at 1, and question 7 prevented: 3
    with pytest.raises(keying.AlreadySentError):
        call.send()
    assert call.interview.paper.state is keyed_papers.KeyingState.ELSEWHERE


def test_what_she_answers_on_her_phone_meanwhile_is_a_conflict_for_staff(call: Call) -> None:
    interview = call.interview
    assignment = factories.get_assignment(call.session, call.participant, "DLQI")
    given = factories.given("DLQI", {"DLQI101": 2})
    by = actor.patient(call.participant.id)
    answering.save(call.session, call.participant.id, assignment.id, given, by=by, at=NOW)
    question = interview.paper.instrument.question("DLQI101")
    interviews.answer(
        call.session, call.interview, question, {"DLQI101": 3}, upto=interview.upto, by=call.nurse, at=NOW
    )
    assert call.interview.values == {"DLQI101": 3}
    visit = factories.get_visit(call.session, call.participant)
    assert conflicts.count_by_visit(call.session, [visit.id]) == {visit.id: 1}
