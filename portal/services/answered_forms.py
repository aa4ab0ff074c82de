"""A sent response's form as it stands now: as it was frozen, and every correction since, in its order."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.db.correction import Correction, RequestedBy
from portal.db.participant import Assignment
from portal.db.response import Response
from portal.db.staff import Staff
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument
from portal.domain.states import ResponseStatus
from portal.services import audit
from portal.services.actor import Actor

Form = Mapping[str, Mapping[str, Any]]
"""Every item by link id, each with "value", or with "empty", or both; see portal.services.completing.frozen_form."""


@dataclass(frozen=True)
class MadeCorrection:
    """One correction as it is told: when, asked for by whom, why, entered by whom, and the items that changed."""

    id: UUID
    number: int
    at: datetime
    requested_by: RequestedBy
    reason: str
    entered_by: str
    link_ids: tuple[str, ...]


@dataclass(frozen=True)
class AnsweredForm:
    """A response's form as it was sent and as it stands now; the same until something is corrected."""

    sent: Form
    now: Form
    corrections: tuple[MadeCorrection, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """The items that differ from what was sent, in the order of the form."""
        return tuple(link_id for link_id in self.now if stands(self.now, link_id) != stands(self.sent, link_id))


def read(session: Session, responses: Collection[Response]) -> dict[UUID, AnsweredForm]:
    """Give the form of each response that was sent, by its id; two queries whatever their number.

    Nothing is asked of the store when none of them was ever corrected.
    """
    forms = {each.id: AnsweredForm(each.frozen, each.frozen) for each in responses if each.frozen}
    amended = {each.id: forms[each.id].sent for each in responses if each.status is ResponseStatus.AMENDED}
    return forms | corrected(session, amended)


def corrected(session: Session, sent: Mapping[UUID, Form]) -> dict[UUID, AnsweredForm]:
    """Give the forms of responses that were corrected, from their snapshots by id; two queries at most."""
    forms: dict[UUID, AnsweredForm] = {}
    for response_id, instrument, made in _corrections(session, sent.keys()):
        now, told = sent[response_id], []
        for correction, name in made:
            changes = {
                each.link_id: each.value if each.empty is None else Emptiness(each.empty) for each in correction.answers
            }
            now = with_changes(instrument, now, changes, at=correction.at)
            told.append(_told(instrument, correction, name))
        forms[response_id] = AnsweredForm(sent[response_id], now, tuple(told))
    return forms


def looked_at(session: Session, response: Response, *, by: Actor, at: datetime) -> None:
    """Note that a person of the staff read a response's answers."""
    event = audit.Event(
        deed=Deed.ANSWERS_READ,
        subject_kind="response",
        subject_id=response.id,
        participant_id=response.assignment.visit.participant_id,
    )
    audit.record(session, event, by=by, at=at)


def with_changes(instrument: Instrument, form: Form, changes: Mapping[str, Any], *, at: datetime) -> Form:
    """Give the form after `changes`: by link id a value, None, or a kind of empty; the kinds are found out anew.

    What is new keeps the words of the answer it replaces, or of the form where there was none, and is of `at`.
    """
    values = values_of(form) | {link_id: None if _is_empty(new) else new for link_id, new in changes.items()}
    skipped = skipped_of(form) - changes.keys() | {
        link_id for link_id, new in changes.items() if new is Emptiness.SKIPPED
    }
    kinds = emptiness.of_instrument(instrument, values, skipped)
    words = next((_words(entry) for entry in form.values() if "wording" in entry), {})
    after: dict[str, Mapping[str, Any]] = {}
    for link_id, kind in kinds.items():
        before, value = form.get(link_id, {}), values.get(link_id)
        entry: dict[str, Any] = ({"empty": kind.value} if kind else {}) | ({} if value is None else {"value": value})
        if value is not None or kind is Emptiness.SKIPPED:
            entry |= (_words(before) or words) | {"at": at.astimezone(UTC).isoformat()}
        after[link_id] = before if (before.get("value"), before.get("empty")) == (value, kind) else entry
    return after


def values_of(form: Form) -> dict[str, Any]:
    """Give the values alone, as scoring takes them."""
    return {link_id: entry["value"] for link_id, entry in form.items() if "value" in entry}


def skipped_of(form: Form) -> frozenset[str]:
    """Give the items that were skipped on purpose."""
    return frozenset(link_id for link_id, entry in form.items() if entry.get("empty") == Emptiness.SKIPPED)


def stands(form: Form, link_id: str) -> tuple[Any, str | None]:
    """Give one item as (value, None) or (None, its kind of empty), as the store keeps what was corrected."""
    entry = form.get(link_id, {})
    value = entry.get("value")
    return value, (None if value is not None else entry.get("empty", Emptiness.NOT_ANSWERED.value))


def _is_empty(new: Any) -> bool:
    return isinstance(new, Emptiness)


def _words(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("language", "wording") if name in entry}


def _corrections(
    session: Session, response_ids: Collection[UUID]
) -> Iterator[tuple[UUID, Instrument, list[tuple[Correction, str]]]]:
    if not response_ids:
        return
    rows = session.execute(
        select(Correction, Staff.name, Assignment.instrument)
        .join(Staff, Staff.id == Correction.entered_by)
        .join(Response, Response.id == Correction.response_id)
        .join(Assignment, Assignment.id == Response.assignment_id)
        .where(Correction.response_id.in_(response_ids))
        .options(selectinload(Correction.answers))
        .order_by(Correction.response_id, Correction.number)
    )
    for (response_id, code), group in groupby(rows, key=lambda row: (row.Correction.response_id, row.instrument)):
        yield response_id, instruments.get(code), [(row.Correction, row.name) for row in group]


def _told(instrument: Instrument, made: Correction, name: str) -> MadeCorrection:
    changed = {each.link_id for each in made.answers}
    link_ids = tuple(item.link_id for item in instrument.items if item.link_id in changed)
    return MadeCorrection(made.id, made.number, made.at, made.requested_by, made.reason, name, link_ids)
