"""A questionnaire answered on the telephone: read aloud by staff, each answer saved as it is given, then sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.response import Answer, Response, Source
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Question
from portal.domain.instruments.wording import Wording
from portal.services import answering, completing, keying, responses
from portal.services.actor import Actor
from portal.services.answering import SKIPPED, GivenAnswer, Seen
from portal.services.keyed_papers import Paper
from portal.services.responses import Current

_DEVICE = "interview"


class NothingAnsweredError(Exception):
    """Nothing was answered yet, so that there is nothing to send."""


@dataclass(frozen=True)
class Interview:
    """A questionnaire as far as it was answered; `current` is what counts, by link id."""

    paper: Paper
    wording: Wording
    current: Mapping[str, Current]

    @cached_property
    def values(self) -> dict[str, Any]:
        """The answers alone."""
        return responses.values(dict(self.current))

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that the answers so far lead to, in order."""
        return tuple(each for each in self.paper.instrument.questions if each.is_shown(self.values))

    def kind(self, question: Question) -> Emptiness | None:
        """Give a question's kind of empty, None when it is answered."""
        return emptiness.of_question(question, self.values, responses.skipped(dict(self.current)))

    @property
    def upto(self) -> int:
        """The last answer that lies before whoever asks, by row id; 0 = none."""
        return max((answer.id for answer in self.current.values()), default=0)

    @property
    def first_open(self) -> Question | None:
        """The first question that still wants an answer."""
        return next(iter(self.still_open), None)

    @property
    def still_open(self) -> tuple[Question, ...]:
        """The questions that were not asked yet, in order."""
        return tuple(each for each in self.asked if self.kind(each) is Emptiness.NOT_ANSWERED)


def read(session: Session, paper: Paper, wording: Wording) -> Interview:
    """Give how far the questionnaire is; what a phone had begun is there, too."""
    current = responses.current_answers(session, paper.response.id if paper.response else None)
    return Interview(paper, wording, responses.without_hidden(paper.instrument, current))


def answer(
    session: Session,
    interview: Interview,
    question: Question,
    values: Mapping[str, Any],
    *,
    upto: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Keep what was answered to one question, by link id; none at all = she does not want to answer: skipped.

    `upto` is the last answer that the page had shown: what she answered on her phone since is a conflict, kept for
    staff to see. Raises what `answering.save` raises; then nothing is kept.
    """
    paper, device = interview.paper, f"{_DEVICE}-{by.id}"
    # Two tabs of one person number their answers one after the other.
    answering.get_target(session, paper.participant.id, paper.assignment_id, lock=True)
    given = values or {item.link_id: None for item in question.boxes or question.items}
    first = _next_seq(session, paper.response, device)
    answers = [
        GivenAnswer(
            device=device,
            seq=seq,
            link_id=link_id,
            value=value,
            empty=SKIPPED if value is None else None,
            at=at,
            language=interview.wording.language,
            wording=interview.wording.hash,
            presentation={"input": "interview"},
        )
        for seq, (link_id, value) in enumerate(given.items(), first)
    ]
    seen = None if upto is None else Seen(upto, {device: first - 1})
    answering.save(session, paper.participant.id, paper.assignment_id, answers, seen=seen, by=by, at=at)


def send(session: Session, interview: Interview, *, by: Actor, at: datetime) -> None:
    """Send the questionnaire as an interview, and keep who asked.

    Raises NothingAnsweredError, keying.AlreadySentError, or what `completing.complete` raises.
    """
    whose = interview.paper.participant.id, interview.paper.assignment_id
    target = answering.get_target(session, *whose, lock=True)
    if target.is_sent:
        raise keying.AlreadySentError
    if target.response_id is None:
        raise NothingAnsweredError
    response = session.get_one(Response, target.response_id)
    today = target.place.today(at)
    form = interview.values
    keying.note(session, response, target, form, filled_on=today, wording=interview.wording, by=by, at=at)
    completing.complete(session, *whose, [], source=Source.INTERVIEW, by=by, at=at)


def _next_seq(session: Session, response: Response | None, device: str) -> int:
    if response is None:
        return 0
    of_device = select(func.max(Answer.seq)).where(Answer.response_id == response.id, Answer.device == device)
    last = session.scalar(of_device)
    return 0 if last is None else last + 1
