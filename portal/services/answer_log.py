"""The log of answers: rows as devices sent them, appended with the trail's events, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from portal.db.response import Answer, SetApart
from portal.domain.audit import Deed
from portal.services import audit
from portal.services.actor import Actor


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """One answer as a device gave it: a value, or empty = "skipped"; `at` is the device's clock, aware."""

    device: str
    seq: int
    link_id: str
    value: Any
    empty: str | None
    at: datetime
    language: str
    wording: str
    presentation: dict[str, Any] | None = None


# Built once, and on the bare table: a save is mostly its statements, and nobody wants the rows as objects.
_LOG = Answer.metadata.tables["answer"]
_EARLIER = (
    select(_LOG.c.id, _LOG.c.device, _LOG.c.seq, _LOG.c.link_id, _LOG.c.value, _LOG.c.empty, _LOG.c.set_apart)
    .where(
        _LOG.c.response_id == bindparam("response_id"),
        or_(
            _LOG.c.link_id.in_(bindparam("link_ids")),
            _LOG.c.device.in_(bindparam("devices")) & _LOG.c.seq.in_(bindparam("seqs")),
        ),
    )
    .order_by(_LOG.c.id)
)
_INSERT = insert(_LOG)


def earlier_than(session: Session, response_id: UUID, given: Sequence[GivenAnswer]) -> list[Answer]:
    """Give the kept answers that a batch may repeat or replace, in order of receipt."""
    rows = session.execute(
        _EARLIER,
        {
            "response_id": response_id,
            "link_ids": {answer.link_id for answer in given},
            "devices": {answer.device for answer in given},
            "seqs": {answer.seq for answer in given},
        },
    )
    return list(rows)  # type: ignore[arg-type] # rows with the columns of Answer that matter here


def append(
    session: Session,
    response_id: UUID,
    participant_id: UUID,
    *,
    new: list[GivenAnswer],
    earlier: Iterable[Answer],
    apart: SetApart | None,
    by: Actor,
    at: datetime,
) -> None:
    """Append `new` answers, none of them kept yet, and tell the trail what each replaced among `earlier`."""
    kept = {"response_id": response_id, "received_at": at, "set_apart": apart}
    session.execute(_INSERT, [vars(answer) | kept for answer in new])
    last = {row.link_id: as_told(row.value, row.empty) for row in earlier if row.set_apart is None}
    events = []
    for answer in new:
        shown = as_told(answer.value, answer.empty)
        events.append(
            audit.Event(
                deed=Deed.ANSWER_SET_APART if apart else Deed.ANSWER_SAVED,
                subject_kind="response",
                subject_id=response_id,
                participant_id=participant_id,
                field=answer.link_id,
                old=last.get(answer.link_id),
                new=shown,
                reason=apart,
                device_at=answer.at,
            )
        )
        last[answer.link_id] = shown
    audit.record(session, *events, by=by, at=at)


def as_told(value: Any, empty: str | None) -> dict[str, Any]:
    """Give an answer as the trail tells it."""
    return {"empty": empty} if empty else {"value": value}
