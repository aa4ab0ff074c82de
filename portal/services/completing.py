"""Completing: the answers arrive once more, the response is frozen and scored, and the visit's summary is made."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.db.participant import Assignment
from portal.db.response import FilledInBy, Response, SetApart, Source
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import emptiness
from portal.domain.instruments.model import Instrument
from portal.domain.states import SENT_STATUSES, ResponseStatus
from portal.services import answering, audit, responses, scores, summaries
from portal.services.actor import SYSTEM, Actor
from portal.services.answering import GivenAnswer, Seen, Target
from portal.services.responses import Current


@dataclass(frozen=True)
class Completed:
    """What became of sending: when the response was completed, and why answers among those sent were kept apart.

    A response that was complete before keeps its first time; answers that it lacks are then kept apart.
    """

    response_id: UUID
    completed_at: datetime | None
    already: bool
    set_apart: SetApart | None


@dataclass(frozen=True)
class Keyed:
    """What somebody keyed in: the local day on which the paper was filled in, and the device whose answers alone count.

    The window is judged by that day. What a phone had begun stays in the log.
    """

    filled_on: date
    device: str


def complete(
    session: Session,
    participant_id: UUID,
    assignment_id: UUID,
    given: Sequence[GivenAnswer],
    *,
    source: Source = Source.PHONE,
    filled_in_by: FilledInBy | None = None,
    seen: Seen | None = None,
    keyed: Keyed | None = None,
    by: Actor,
    at: datetime,
) -> Completed:
    """Take all answers once more, freeze and score the response, and make the summary when the visit's set is whole.

    `source` says where the answers were given; on paper, strays that a screen would have hidden count.
    `filled_in_by` is None when it was not said. `seen` is as in `answering.save`. `keyed` is given for paper.
    Raises what `answering.save` raises; then nothing is changed.
    """
    target = answering.get_target(session, participant_id, assignment_id, lock=True)
    on = keyed.filled_on if keyed else target.place.today(at)
    saved = answering.save_to(session, target, given, seen=seen, on=on, by=by, at=at)
    response = session.scalars(
        select(Response).where(
            Response.assignment_id == assignment_id, Response.status != ResponseStatus.ENTERED_IN_ERROR
        )
    ).one()
    if target.is_sent:
        apart = SetApart.AFTER_COMPLETION if saved.set_apart else None
        return Completed(response.id, response.completed_at, already=True, set_apart=apart)
    if on > target.window.closes_on:
        return Completed(response.id, None, already=False, set_apart=SetApart.AFTER_CLOSING)
    response.source, response.filled_in_by = source, filled_in_by
    _freeze(session, target, response, keyed, by=by, at=at)
    if _set_is_whole(session, target.visit_id):
        summaries.make(session, target.visit_id, by=SYSTEM, at=at)
    return Completed(response.id, at, already=False, set_apart=None)


def frozen_form(instrument: Instrument, current: dict[str, Current]) -> dict[str, Any]:
    """Give the snapshot of a response: every item with its value, or with the kind of empty it is.

    {link_id: {"value": …} or {"empty": "not-relevant" | "skipped" | "not-shown" | "not-answered"}, and with an answer
    "language", "wording" and "at" (the device's clock)}.
    """
    kinds = emptiness.of_instrument(instrument, responses.values(current), responses.skipped(current))
    form: dict[str, Any] = {}
    for link_id, kind in kinds.items():
        held = current.get(link_id)
        entry: dict[str, Any] = {"empty": kind.value} if kind else {}
        if held:
            if held.value is not None:
                entry["value"] = held.value
            entry |= {"language": held.language, "wording": held.wording, "at": held.at.isoformat()}
        form[link_id] = entry
    return form


def hash_of(form: dict[str, Any]) -> str:
    """Give the SHA-256 of a snapshot's canonical JSON."""
    text = json.dumps(form, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _counting(session: Session, instrument: Instrument, response: Response, keyed: Keyed | None) -> dict[str, Current]:
    """Give the answers that are frozen: of paper what was keyed from it, and strays too, which a screen has hidden."""
    if keyed:
        return responses.current_answers(session, response.id, among=lambda row: row.device == keyed.device)
    current = responses.current_answers(session, response.id)
    return current if response.source is Source.PAPER else responses.without_hidden(instrument, current)


def _freeze(
    session: Session, target: Target, response: Response, keyed: Keyed | None, *, by: Actor, at: datetime
) -> None:
    instrument = instruments.get(target.instrument)
    current = _counting(session, instrument, response, keyed)
    response.frozen = frozen_form(instrument, current)
    response.frozen_hash = hash_of(response.frozen)
    response.status, response.completed_at = ResponseStatus.COMPLETED, at
    session.flush()
    event = audit.Event(
        deed=Deed.RESPONSE_COMPLETED,
        subject_kind="response",
        subject_id=response.id,
        participant_id=target.participant_id,
        field="status",
        old=ResponseStatus.IN_PROGRESS,
        new={
            "status": ResponseStatus.COMPLETED,
            "hash": response.frozen_hash,
            "filled_in_by": response.filled_in_by,
        },
    )
    audit.record(session, event, by=by, at=at)
    scores.keep(
        session,
        response.id,
        target.participant_id,
        target.instrument,
        answers={link_id: entry["value"] for link_id, entry in response.frozen.items() if "value" in entry},
        options=target.place.definition.scoring_options(target.instrument),
        by=SYSTEM,
        at=at,
    )


def _set_is_whole(session: Session, visit_id: UUID) -> bool:
    expected = session.scalar(select(func.count()).where(Assignment.visit_id == visit_id))
    sent = session.scalar(
        select(func.count())
        .select_from(Response)
        .join(Assignment)
        .where(Assignment.visit_id == visit_id, Response.status.in_(SENT_STATUSES))
    )
    return sent == expected
