"""The history of an answer: every value ever received for a question, which one counts, and why others do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.correction import CorrectedAnswer, Correction
from portal.db.participant import Assignment, Visit
from portal.db.query import Query
from portal.db.response import Answer, AnswerConflict, Response, SetApart, Source
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments.model import Item, Question, QuestionType
from portal.domain.instruments.wording import Wording
from portal.domain.states import ResponseStatus
from portal.services import answered_forms, audit, responses, wordings
from portal.services.actor import Actor


class ItemNotFoundError(Exception):
    """No questionnaire of this visit has such an item."""


class Standing(StrEnum):
    """Whether a received value counts, and why it does not."""

    COUNTS = "counts"
    LATER_HERE = "later-here"
    LATER_ELSEWHERE = "later-elsewhere"
    CONFLICT = "conflict"
    HIDDEN = "hidden"
    AFTER_COMPLETION = "after-completion"
    AFTER_CLOSING = "after-closing"


@dataclass(frozen=True)
class Device:
    """What an answer came from: phone, form (without JavaScript), paper or interview; numbered as they came."""

    kind: str
    number: int


@dataclass(frozen=True)
class ReceivedValue:
    """One value as it arrived, with the words it was given to; `at` by the device's clock, `received_at` by ours."""

    link_id: str
    value: Any
    empty: str | None
    wording: Wording
    at: datetime
    received_at: datetime
    device: Device
    standing: Standing


@dataclass(frozen=True)
class CorrectedValue:
    """One item before and after a correction."""

    link_id: str
    old: tuple[Any, str | None]
    new: tuple[Any, str | None]
    number: int
    at: datetime
    requested_by: str
    reason: str
    entered_by: str


@dataclass(frozen=True)
class AskedQuery:
    """A query on one of the items, open until `closed_at`."""

    id: UUID
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class ItemHistory:
    """A question's answer through time; `sent` and `now` are by item (value, kind of empty), None before sending."""

    instrument: str
    question: Question
    items: tuple[Item, ...]
    received: tuple[ReceivedValue, ...]
    completed_at: datetime | None
    frozen_hash: str | None
    sent: Mapping[str, tuple[Any, str | None]] | None
    now: Mapping[str, tuple[Any, str | None]] | None
    corrections: tuple[CorrectedValue, ...]
    queries: tuple[AskedQuery, ...]


def read(session: Session, summary: Summary, link_id: str, *, by: Actor, at: datetime) -> ItemHistory:
    """Give the history of the question that an item belongs to, at a summary's visit; the look is recorded.

    The boxes of a list are one question, and told together. Raises ItemNotFoundError.
    """
    code, question, response = _find(session, summary.visit_id, link_id)
    items = question.items if question.type is QuestionType.TICKS else (instruments.get(code).item(link_id),)
    link_ids = [item.link_id for item in items]
    event = audit.Event(
        deed=Deed.ITEM_READ,
        subject_kind="summary",
        subject_id=summary.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == summary.visit_id)),
        field=link_id,
    )
    audit.record(session, event, by=by, at=at)
    form = answered_forms.read(session, [response]).get(response.id) if response else None
    stands = answered_forms.stands
    return ItemHistory(
        code,
        question,
        items,
        _received(session, response, link_ids) if response else (),
        response.completed_at if response else None,
        response.frozen_hash if response else None,
        {each: stands(form.sent, each) for each in link_ids} if form else None,
        {each: stands(form.now, each) for each in link_ids} if form else None,
        _corrections(session, response.id, link_ids) if response else (),
        _queries(session, response.id, link_ids) if response else (),
    )


def _find(session: Session, visit_id: UUID, link_id: str) -> tuple[str, Question, Response | None]:
    rows = session.execute(
        select(Assignment.instrument, Response)
        .outerjoin(
            Response, (Response.assignment_id == Assignment.id) & (Response.status != ResponseStatus.ENTERED_IN_ERROR)
        )
        .where(Assignment.visit_id == visit_id)
    )
    for row in rows.all():
        for question in instruments.get(row.instrument).questions:
            if any(item.link_id == link_id for item in question.items):
                return row.instrument, question, row.Response
    raise ItemNotFoundError(link_id)


def _received(session: Session, response: Response, link_ids: Sequence[str]) -> tuple[ReceivedValue, ...]:
    rows = session.scalars(select(Answer).where(Answer.response_id == response.id).order_by(Answer.id)).all()
    devices = _devices(rows, response.source)
    conflicts = select(AnswerConflict.other_id).where(AnswerConflict.response_id == response.id)
    in_conflict = set(session.scalars(conflicts))
    return tuple(
        ReceivedValue(
            row.link_id,
            row.value,
            row.empty,
            wordings.get(session, row.wording),
            row.at,
            row.received_at,
            devices[row.device],
            _standing(row, rows, in_conflict, response),
        )
        for row in rows
        if row.link_id in link_ids
    )


def _standing(row: Answer, rows: Sequence[Answer], in_conflict: set[int], response: Response) -> Standing:
    if row.set_apart is not None:
        return Standing.AFTER_COMPLETION if row.set_apart is SetApart.AFTER_COMPLETION else Standing.AFTER_CLOSING
    rivals = [each for each in rows if each.link_id == row.link_id and each.set_apart is None]
    if responses.latest_by_item(rivals)[row.link_id].id == row.id:
        entry = (response.frozen or {}).get(row.link_id, {"value": row.value, "empty": row.empty})
        is_kept = (entry.get("value"), entry.get("empty")) == (row.value, row.empty)
        return Standing.COUNTS if is_kept else Standing.HIDDEN
    if row.id in in_conflict:
        return Standing.CONFLICT
    is_overtaken = any(each.device == row.device and each.seq > row.seq for each in rivals)
    return Standing.LATER_HERE if is_overtaken else Standing.LATER_ELSEWHERE


def _devices(rows: Sequence[Answer], source: Source) -> dict[str, Device]:
    """Name the devices of a response by kind, numbered as they first came; its simple forms are one."""
    named: dict[str, Device] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        kind = _kind_of(row.device, source)
        if row.device not in named:
            numbers[kind] = 1 if kind == "form" else numbers.get(kind, 0) + 1
            named[row.device] = Device(kind, numbers[kind])
    return named


def _kind_of(device: str, source: Source) -> str:
    for prefix in ("paper", "interview", "form"):
        if device.startswith(f"{prefix}-"):
            return prefix
    return source.value


def _corrections(session: Session, response_id: UUID, link_ids: Sequence[str]) -> tuple[CorrectedValue, ...]:
    rows = session.execute(
        select(CorrectedAnswer, Correction, Staff.name)
        .join(Correction, Correction.id == CorrectedAnswer.correction_id)
        .join(Staff, Staff.id == Correction.entered_by)
        .where(Correction.response_id == response_id, CorrectedAnswer.link_id.in_(link_ids))
        .order_by(Correction.number, CorrectedAnswer.link_id)
    )
    return tuple(
        CorrectedValue(
            answer.link_id,
            (answer.old_value, answer.old_empty),
            (answer.value, answer.empty),
            made.number,
            made.at,
            made.requested_by.value,
            made.reason,
            name,
        )
        for answer, made, name in rows
    )


def _queries(session: Session, response_id: UUID, link_ids: Sequence[str]) -> tuple[AskedQuery, ...]:
    rows = session.execute(
        select(Query.id, Query.opened_at, Query.closed_at)
        .where(Query.response_id == response_id, Query.link_id.in_(link_ids))
        .order_by(Query.opened_at, Query.id)
    )
    return tuple(AskedQuery(*row) for row in rows)
