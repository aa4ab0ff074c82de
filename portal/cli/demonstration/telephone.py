"""The demonstration's telephone: a nurse asks one patient question by question, and sends what was answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.services import interviews, keyed_papers, wordings
from portal.services.actor import Actor
from portal.services.answering import GivenAnswer


def play(
    session: Session, site_id: UUID, assignment_id: UUID, given: Sequence[GivenAnswer], *, by: Actor, at: datetime
) -> None:
    """Ask each question that the answers lead to, and keep what was given to it, or that it was skipped."""
    wording = wordings.get(session, given[0].wording)
    said = {answer.link_id: answer.value for answer in given if answer.value is not None}
    while True:
        paper = keyed_papers.get_for(session, [site_id], assignment_id)
        interview = interviews.read(session, paper, wording)
        question = interview.first_open
        if question is None:
            break
        values = {item.link_id: said[item.link_id] for item in question.items if item.link_id in said}
        interviews.answer(session, interview, question, values, by=by, at=at)
    interviews.send(session, interview, by=by, at=at)
