"""What the server holds of a participant: looked up beside the browser, in a moment of its own."""

from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from portal.db.participant import Assignment
from portal.db.response import Answer, AnswerConflict, Response
from portal.services import responses
from tests.web.patients import Patient


def answers(person: Patient) -> list[Answer]:
    """Every answer of hers as it was received, in order of receipt."""
    rows = list(person.store.scalars(select(Answer).order_by(Answer.id)))
    _let_go(person)
    return rows


def wait_for_answers(page: Page, person: Patient, count: int) -> list[Answer]:
    """Let a page go on until the portal holds so many answers of hers."""
    for _ in range(600):
        if len(answers(person)) >= count:
            break
        page.wait_for_timeout(50)
    rows = answers(person)
    assert len(rows) == count, [(row.link_id, row.value) for row in rows]
    return rows


def counting(person: Patient, instrument: str = "DLQI") -> dict[str, Any]:
    """The answer that counts for each item; None = left out."""
    response = find_response(person, instrument)
    current = responses.current_answers(person.store, response.id if response else None)
    person.store.rollback()
    return {link_id: answer.value for link_id, answer in current.items()}


def find_response(person: Patient, instrument: str = "DLQI") -> Response | None:
    """Her response to a questionnaire, if she has begun it."""
    found = person.store.scalars(select(Response).join(Assignment).where(Assignment.instrument == instrument)).first()
    _let_go(person)
    return found


def frozen(person: Patient, instrument: str = "DLQI") -> dict[str, Any]:
    """What was locked when she sent it, by item."""
    response = find_response(person, instrument)
    assert response is not None
    assert response.frozen is not None
    return response.frozen


def conflicts(person: Patient) -> list[AnswerConflict]:
    """Each answer that replaced another device's unseen."""
    rows = list(person.store.scalars(select(AnswerConflict).order_by(AnswerConflict.id)))
    _let_go(person)
    return rows


def _let_go(person: Patient) -> None:
    person.store.expunge_all()  # what is read next shall be what the portal has written meanwhile
    person.store.rollback()  # a session that writes holds SQLite's lock for as long as it is open
