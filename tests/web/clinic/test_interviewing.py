"""An interview as a nurse's browser has it: the way in, wrong answers, texts taken back, and when there is none."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.domain.roles import Role
from portal.services import actor, enrolment, interviews, keyed_papers, keying, responses
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import StaffBrowser, make_staff


@pytest.fixture
def place(store: Session, at: object) -> StudyAtSite:
    """Site 01, the clock stopped at NOW."""
    return factories.load_study(store)[0]


@pytest.fixture
def nurse(app: Flask, store: Session, place: StudyAtSite) -> StaffBrowser:
    """A nurse of site 01, signed in, in English."""
    person = make_staff(store, (place.site_id, Role.NURSE), name="Claire Fontaine")
    store.commit()
    return StaffBrowser(app, person)


@pytest.fixture
def participant(store: Session, place: StudyAtSite) -> Participant:
    """A participant whose inclusion visit is on 5 March 2027."""
    made = factories.make_participant(store, place, included_on=date(2027, 3, 5))
    store.commit()
    return made


def address(store: Session, participant: Participant, instrument: str = "DLQI") -> str:
    """Where she is asked one questionnaire."""
    assignment = factories.get_assignment(store, participant, instrument).id
    store.commit()
    return f"/clinic/assignments/{assignment}/interview"


def answer(nurse: StaffBrowser, where: str, **fields: str) -> StaffBrowser:
    """Send the page's form with one of its buttons; the question is the page's own unless it is named."""
    hidden = {
        name: nurse.page.text.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("csrf_token", "language", "code")
    }
    nurse.page = nurse.client.post(where, data=hidden | fields)
    return nurse


def question(nurse: StaffBrowser) -> str:
    """The code of the question that the page asks."""
    return nurse.page.text.split('name="code" value="')[1].split('"')[0]


def test_the_way_in_leads_to_the_first_questionnaire_that_was_not_sent(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    visit = factories.get_visit(store, participant).id
    begin, dlqi, shaq = f"/clinic/visits/{visit}/interview", *(address(store, participant, c) for c in ("DLQI", "SHAQ"))
    assert begin in nurse.get(f"/clinic/visits/{visit}/reach").links()
    assert begin in nurse.get(f"/clinic/participants/{participant.id}").links()
    assert begin in nurse.get("/clinic/?period=all").links()
    for where in (dlqi, shaq):
        assert nurse.get(begin).page.location == where
        answer(nurse.follow(), where, skip="1")
        nurse.get(f"{where}?place=99").press(f"{where}/send")
        assert nurse.follow().page.status_code == 200
    assert nurse.get(begin).page.location == f"/clinic/visits/{visit}/keying"


def test_what_is_no_answer_is_asked_again_with_what_was_typed(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant, "SHAQ")
    place = 1
    while 'id="answer"' not in nurse.get(f"{where}?place={place}").page.text:
        place += 1
    line = question(nurse)
    for typed in ("101", "4,5", "-3", "beaucoup"):
        answer(nurse, where, answer=typed)
        assert nurse.page.status_code == 422
        assert question(nurse) == line
        assert f'value="{typed}"' in nurse.page.text
        assert "It must be a whole number from 0 to 100." in nurse.text
    assert answer(nurse, where, answer="100").page.status_code == 303
    assert 'value="100"' in nurse.get(f"{where}?place={place}").page.text


def test_a_box_and_none_of_these_are_not_both_taken_and_a_text_can_be_taken_back(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant, "SHAQ")
    paper = keyed_papers.get_for(store, [participant.site_id], factories.get_assignment(store, participant, "SHAQ").id)
    asked = next(each for each in paper.instrument.questions if each.texts)
    box, text = (
        asked.texts[0].shown_when.link_id if asked.texts[0].shown_when else asked.boxes[0].link_id,
        asked.texts[0],
    )
    store.rollback()
    nurse.get(where)
    answer(nurse, where, code=asked.code, none="1", **{box: "1"})
    assert nurse.page.status_code == 422
    assert "Tick what applies, or the last box alone." in nurse.text
    assert nurse.page.text.count(" checked") == 2
    for said, held in (("a stick of my own", "a stick of my own"), ("", None)):
        assert (
            answer(nurse.get(where), where, code=asked.code, **{box: "1", text.link_id: said}).page.status_code == 303
        )
        store.expire_all()
        response = keying.current_response(store, factories.get_assignment(store, participant, "SHAQ").id)
        current = responses.values(responses.current_answers(store, response.id))
        assert current.get(text.link_id) == held
        assert current[box] is True
        store.rollback()


def test_the_look_back_says_how_many_questions_were_not_asked(
    nurse: StaffBrowser, store: Session, participant: Participant
) -> None:
    where = address(store, participant)
    answer(nurse.get(where), where, skip="1")
    assert (
        "9 questions were not asked yet. Sent now, they stay without an answer." in nurse.get(f"{where}?place=99").text
    )
    for place in range(2, 11):
        answer(nurse.get(f"{where}?place={place}"), where, skip="1")
    assert "not asked yet" not in nurse.get(f"{where}?place=99").text.lower()


def test_sent_already_it_is_told_kindly(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    where = address(store, participant)
    answer(nurse.get(where), where, skip="1")
    nurse.get(f"{where}?place=99").press(f"{where}/send")
    assert nurse.page.status_code == 303
    assert nurse.get(where).page.status_code == 409
    assert "was sent already" in nurse.text


def test_pressed_twice_at_once_the_second_is_shown_what_came_of_it(
    nurse: StaffBrowser, store: Session, participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = address(store, participant)
    answer(nurse.get(where), where, skip="1")

    def too_late(*_args: object, **_more: object) -> None:
        raise keying.AlreadySentError

    monkeypatch.setattr(interviews, "send", too_late)
    nurse.get(f"{where}?place=99").press(f"{where}/send")
    assert nurse.page.status_code == 303
    assert nurse.page.location.endswith("/keying")


@pytest.mark.parametrize("days", [-60, 60])
def test_outside_its_window_it_says_when_it_is_answered(
    nurse: StaffBrowser, store: Session, participant: Participant, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    late = factories.make_participant(
        store, factories.load_study(store)[0], included_on=date(2027, 3, 5) + timedelta(days=days)
    )
    assert nurse.get(address(store, late)).page.status_code == 409
    assert "only" in nurse.text


def test_who_has_withdrawn_is_not_asked(nurse: StaffBrowser, store: Session, participant: Participant) -> None:
    where = address(store, participant)
    enrolment.withdraw(store, participant, on=NOW.date(), reason="moved", by=actor.SYSTEM, at=NOW)
    store.commit()
    assert nurse.get(where).page.status_code == 409
    assert "withdrawn" in nurse.text
