"""What is asked about and corrected after sending in the demonstration: queries, a correction, and a patient's wish."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import RequestedBy
from portal.db.response import Response
from portal.domain.roles import Role
from portal.services import actor, answered_forms, correction_requests, corrections, queries
from portal.services.actor import Actor

Colleague = Callable[[Role], Actor]
LATER = timedelta(hours=15)
"""From an evening's sending to the clinic's next morning."""

WORDS = {
    "wish": {
        "fr": "J’ai touché la mauvaise réponse à la question 2. Pouvez-vous m’appeler ?",
        "en": "I touched the wrong answer to question 2. Could you ring me?",
    },
    "question": {
        "fr": "Cette réponse surprend après la dernière visite. Est-ce bien ce qu’elle voulait dire ?",
        "en": "This answer is a surprise after the last visit. Is it what she meant?",
    },
    "answer": {
        "fr": "Vue à l’hôpital de jour : elle confirme.",
        "en": "Seen on the day ward: she confirms it.",
    },
    "closed": {"fr": "Confirmé par la patiente.", "en": "Confirmed by the patient."},
    "reason": {
        "fr": "Elle a lu la question à l’envers et l’a dit au téléphone.",
        "en": "She read the question the wrong way round and said so on the telephone.",
    },
}


class Thought(StrEnum):
    """What came after the sending."""

    WISH = "wish"
    QUERY = "query"
    SETTLED_QUERY = "settled query"
    CORRECTION = "correction"


OF_PERSON: Mapping[int, Thought] = {
    0: Thought.WISH,
    4: Thought.QUERY,
    13: Thought.CORRECTION,
    14: Thought.QUERY,
    24: Thought.SETTLED_QUERY,
}
"""By the person's place in PEOPLE, for her visit that lies nearest to today."""


def play(
    session: Session, thought: Thought, assignment_id: UUID, language: str, colleague: Colleague, *, at: datetime
) -> None:
    """Do what came after the sending of one questionnaire."""
    response = session.scalars(select(Response).where(Response.assignment_id == assignment_id)).one()
    words = {name: by_language[language] for name, by_language in WORDS.items()}
    nurse, investigator = colleague(Role.NURSE), colleague(Role.INVESTIGATOR)
    if thought is Thought.WISH:
        she = actor.patient(response.assignment.visit.participant_id)
        correction_requests.ask(session, response, words["wish"], by=she, at=at)
    elif thought is Thought.CORRECTION:
        now = answered_forms.values_of(answered_forms.read(session, [response])[response.id].now)
        corrections.correct(
            session,
            response,
            {"DLQI102": 0 if now.get("DLQI102") != 0 else 1},
            requested_by=RequestedBy.PATIENT,
            reason=words["reason"],
            by=nurse,
            at=at,
        )
    else:
        query = queries.open_on(session, response, words["question"], link_id="DLQI103", by=investigator, at=at)
        if thought is Thought.SETTLED_QUERY:
            queries.answer(session, query, words["answer"], by=nurse, at=at)
            queries.close(session, query, words["closed"], by=colleague(Role.DATA_MANAGER), at=at)
