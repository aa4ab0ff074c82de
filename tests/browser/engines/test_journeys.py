"""The core journeys in WebKitGTK, the nearest to an iPhone, and in Firefox: the same as in Chromium."""

import pytest

from portal.domain import instruments
from tests.browser import on_server
from tests.browser.engines.patients import KEPT, RECEIVED, PatientInEngine
from tests.browser.looks import each_question
from tests.browser.test_patient_sizes import check

BETWEEN = """() => {
  const words = document.createRange(), box = each => each.getBoundingClientRect();
  words.selectNodeContents(document.querySelector('.q.here .h'));
  return box(document.querySelector('.q.here .card, .q.here .line')).top - box(words).bottom;
}"""
"""The pixels between a question's words and its first answer."""

TOP_OF_HELP = "() => document.querySelector('.help summary').getBoundingClientRect().top"


def test_from_the_link_to_the_receipt(patient: PatientInEngine) -> None:
    patient.come_in().begin()
    assert patient.place == "Question 1 sur 10"
    assert patient.chosen == []
    patient.choose(1).next()
    patient.wait(lambda: patient.place == "Question 2 sur 10", "the second question")
    assert patient.run("() => document.activeElement.innerText").startswith(patient.text(".q.here .h"))
    patient.leave_out().wait(lambda: patient.place == "Question 3 sur 10", "the third question")
    patient.answer_all(1)
    assert patient.text("#place") == "Relecture"
    shown = patient.run("() => [...document.querySelectorAll('#review .answer')].length")
    assert shown == len(instruments.get("DLQI").questions) + 1
    patient.next().wait_for(".number")
    frozen = on_server.frozen(patient.person)
    assert frozen["DLQI101"]["value"] == 2
    assert frozen["DLQI102"]["empty"] == "skipped"
    assert [frozen[f"DLQI{number}"]["value"] for number in (103, 110)] == [2, 2]


def test_a_reload_in_the_middle_keeps_the_place_and_the_answers(patient: PatientInEngine) -> None:
    patient.come_in().begin()
    patient.choose(0).next().choose(2).next().choose(1).wait_for_state(RECEIVED)
    patient.engine.reload()
    patient.wait(lambda: patient.place == "Question 3 sur 10", "the third question")
    assert patient.chosen == ["Oui, nettement"]
    patient.engine.go_back()
    patient.wait(lambda: patient.place == "Question 2 sur 10", "the second question, by the browser's own way back")


def test_without_network_answering_goes_on_and_everything_arrives_once(patient: PatientInEngine) -> None:
    patient.come_in().begin()
    patient.choose(0).wait_for_state(RECEIVED)
    patient.portal.stop()
    for _ in range(3):
        patient.next().choose(2)
    patient.wait_for_state(KEPT)
    assert patient.place == "Question 4 sur 10"
    patient.portal.start()
    patient.wait_for_state(RECEIVED)
    rows = [(row.link_id, row.value) for row in on_server.answers(patient.person)]
    assert sorted(rows) == [("DLQI101", 3), ("DLQI102", 1), ("DLQI103", 1), ("DLQI104", 1)]


def test_prepared_and_without_network_she_answers_reloads_and_sends_and_it_arrives_once(
    patient: PatientInEngine,
) -> None:
    patient.come_in().tap("#prepare button").wait_for("#prepare .state", "Prêt à servir sans réseau")
    patient.begin().choose(3).wait_for_state(RECEIVED)
    patient.portal.stop()
    patient.next().choose(2).next().choose(1).wait_for_state(KEPT)
    patient.engine.reload()
    patient.wait(lambda: patient.place == "Question 3 sur 10", "the third question, from what the phone keeps")
    assert patient.chosen == ["Oui, nettement"]
    patient.open(patient.person.address).wait_for("#kept .task").tap("#kept .task")
    patient.wait(lambda: patient.place == "Question 4 sur 10", "the first question that is not answered")
    patient.answer_all(0).next().wait_for("#pending", "Gardé sur ce téléphone, pas encore envoyé")
    assert on_server.counting(patient.person) == {"DLQI101": 0}
    patient.portal.start()
    patient.wait_for(".number")
    frozen = on_server.frozen(patient.person)
    assert [frozen[f"DLQI10{number}"]["value"] for number in (1, 2, 3, 4)] == [0, 1, 2, 3]
    rows = [row.link_id for row in on_server.answers(patient.person)]
    assert len(rows) == len(set(rows))


def test_a_scale_by_keys_and_by_the_pointer(patient: PatientInEngine) -> None:
    patient.come_in().open_questionnaire("SHAQ", at="q25")
    assert not patient.is_shown(".q.here .line i")
    patient.run("() => document.querySelector('.q.here .line [type=range]').focus()")
    patient.engine.press("End", "ArrowLeft", "ArrowLeft")
    patient.wait_for(".q.here .line i").wait_for_state(RECEIVED)
    patient.next().wait(lambda: patient.code == "SHAQ01", "the next scale")
    patient.draw_on_line(0.2, 0.5, 0.71)  # the mark follows, and stays where it was let go
    patient.next().wait(lambda: patient.code == "SHAQ02", "the scale after")
    patient.draw_on_line(0.0).wait_for_state(RECEIVED)
    found = on_server.counting(patient.person, "SHAQ")
    assert found == {"HAQ0146": 98, "SHAQ01": pytest.approx(71, abs=1), "SHAQ02": 0}
    (drawn,) = [row for row in on_server.answers(patient.person) if row.link_id == "SHAQ01"]
    assert drawn.presentation
    assert drawn.presentation["pointer"] == patient.engine.pointer


def test_the_other_language_keeps_the_question_and_every_answer(patient: PatientInEngine) -> None:
    patient.come_in().begin()
    patient.choose(1).next().choose(3)
    patient.tap(".language button").wait(lambda: patient.place == "Question 2 of 10", "the same question in English")
    assert patient.run("() => document.documentElement.lang") == "en"
    assert patient.chosen == ["No, not in the least"]
    assert on_server.counting(patient.person) == {"DLQI101": 2, "DLQI102": 0}


@pytest.mark.parametrize("instrument", ["DLQI", "SHAQ"])
def test_every_question_lies_well(patient: PatientInEngine, instrument: str) -> None:
    patient.come_in().open_questionnaire(instrument, at="q1")
    assert patient.run("() => innerWidth") == 360
    assert patient.run(BETWEEN) >= 8
    for found in each_question(patient.engine):
        check(found, found["code"])
        assert found["top"] >= 0, found["code"]
        assert found["bottom"] <= found["bar"], found["code"]


def test_help_opens_and_closes_in_one_place(patient: PatientInEngine) -> None:
    patient.come_in().open_questionnaire("SHAQ", at="q25")  # the head has the least room here
    before = patient.run(TOP_OF_HELP)
    patient.tap(".help summary").wait_for(".help h2", "Une question")
    assert patient.run(TOP_OF_HELP) == pytest.approx(before, abs=2)
    patient.tap(".help summary").wait(lambda: not patient.is_shown(".help h2"), "help closed")
