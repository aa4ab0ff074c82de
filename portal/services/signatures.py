"""Signatures on summaries: given with a second factor, one for each person and edition, void when a newer is made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from portal.db.participant import Visit
from portal.db.signature import Signature
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain.audit import Deed
from portal.domain.signing import Meaning
from portal.services import audit, second_factor, summary_life
from portal.services.actor import Actor


class SupersededError(Exception):
    """A newer edition, `newer`, has taken the place of one that was to be signed."""

    def __init__(self, newer: UUID) -> None:
        super().__init__(str(newer))
        self.newer = newer


class NotOpenedError(Exception):
    """This person has not opened one of the summaries yet, so cannot say that he has seen it."""


class AlreadySignedError(Exception):
    """This person's signature stands on one of the summaries already."""


@dataclass(frozen=True)
class Signed:
    """A signature as a page shows it; `number` is the signed edition, `void_since` the edition that made it void."""

    id: UUID
    summary_id: UUID
    number: int
    signed_by: UUID
    printed_name: str
    meaning: Meaning
    at: datetime
    void_since: int | None

    @property
    def is_open(self) -> bool:
        """Whether nothing has changed since."""
        return self.void_since is None


def sign(
    session: Session,
    summaries: Sequence[Summary],
    meaning: Meaning,
    code: str,
    *,
    by: Actor,
    at: datetime,
    code_at: datetime | None = None,
) -> list[Signature]:
    """Sign all of `summaries`, or none, with the code of this person's authenticator app.

    Each is bound to its content and counts as seen. Nothing but a refused code is written when it cannot be done.
    Raises SupersededError, NotOpenedError or AlreadySignedError before the code is looked at (it then stays good), else
    what second_factor.confirm raises; the caller must commit also then.
    """
    assert by.id is not None
    # In the order of signing in, lest one wait for the other. With the trail's end in hand, nobody makes a newer
    # edition: whoever did has committed it, and whoever will finds these signatures.
    second_factor.hold(session, by.id)
    audit.hold(session)
    for summary in summaries:
        _check(session, summary, by.id)
    person = second_factor.confirm(session, by.id, code, at=at, code_at=code_at)
    given = [
        Signature(
            summary_id=summary.id,
            visit_id=summary.visit_id,
            signed_by=person.id,
            printed_name=person.name,
            meaning=meaning,
            content_hash=summary.content_hash,
            signed_at=at,
        )
        for summary in summaries
    ]
    session.add_all(given)
    session.flush()
    audit.record(session, *(_given(session, each) for each in given), by=by, at=at)
    for summary in summaries:
        summary_life.seen(session, summary, by=by, at=at)
    return given


def void_older(session: Session, newer: Summary, *, by: Actor, at: datetime) -> None:
    """Make the open signatures on older editions of a visit's summary void, visibly and for ever."""
    open_ones = session.scalars(
        select(Signature)
        .where(Signature.visit_id == newer.visit_id, Signature.voided_at.is_(None), Signature.summary_id != newer.id)
        .order_by(Signature.signed_at, Signature.id)
    ).all()
    if not open_ones:
        return
    void = update(Signature).where(Signature.id.in_([each.id for each in open_ones]))
    session.execute(void.values(voided_at=at, voided_by=newer.id))
    events = [_event(session, Deed.SIGNATURE_VOIDED, each, {"edition": newer.number}) for each in open_ones]
    audit.record(session, *events, by=by, at=at)


def of_visit(session: Session, visit_id: UUID) -> list[Signed]:
    """Give every signature on any edition of a visit's summary, oldest first."""
    newer = aliased(Summary)
    rows = session.execute(
        select(Signature, Summary.number, newer.number.label("void_since"))
        .join(Summary, Summary.id == Signature.summary_id)
        .outerjoin(newer, newer.id == Signature.voided_by)
        .where(Signature.visit_id == visit_id)
        .order_by(Signature.signed_at, Signature.id)
    )
    return [as_shown(row.Signature, row.number, row.void_since) for row in rows]


def as_shown(signature: Signature, number: int, void_since: int | None) -> Signed:
    """Give a signature on edition `number` as pages and documents show it."""
    return Signed(
        signature.id,
        signature.summary_id,
        number,
        signature.signed_by,
        signature.printed_name,
        signature.meaning,
        signature.signed_at,
        void_since,
    )


def signers(session: Session, summary_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Give who has an open signature on each of these summaries, first signer first; one query."""
    found: dict[UUID, list[str]] = {}
    rows = session.execute(
        select(Signature.summary_id, Signature.printed_name)
        .where(Signature.summary_id.in_(summary_ids), Signature.voided_at.is_(None))
        .order_by(Signature.signed_at, Signature.id)
    )
    for row in rows:
        found.setdefault(row.summary_id, []).append(row.printed_name)
    return found


def was_opened_by(staff_id: UUID) -> ColumnElement[bool]:
    """Give the condition that a person has opened a summary."""
    return exists().where(
        SummaryEvent.summary_id == Summary.id,
        SummaryEvent.kind == LifeEvent.OPENED,
        SummaryEvent.by_staff == staff_id,
    )


def _check(session: Session, summary: Summary, staff_id: UUID) -> None:
    newer = (
        select(Summary.id)
        .where(Summary.visit_id == summary.visit_id, Summary.number > summary.number)
        .order_by(Summary.number.desc())
        .limit(1)
    )
    if (newer_id := session.scalar(newer)) is not None:
        raise SupersededError(newer_id)
    own = exists().where(Signature.summary_id == summary.id, Signature.signed_by == staff_id)
    if session.scalar(select(own)):
        raise AlreadySignedError
    if not session.scalar(select(was_opened_by(staff_id)).where(Summary.id == summary.id)):
        raise NotOpenedError


def _given(session: Session, signature: Signature) -> audit.Event:
    told = {"summary": str(signature.summary_id), "meaning": signature.meaning, "name": signature.printed_name}
    return _event(session, Deed.SIGNATURE_GIVEN, signature, told | {"hash": signature.content_hash})


def _event(session: Session, deed: Deed, signature: Signature, new: Mapping[str, object]) -> audit.Event:
    return audit.Event(
        deed=deed,
        subject_kind="signature",
        subject_id=signature.id,
        participant_id=session.scalar(select(Visit.participant_id).where(Visit.id == signature.visit_id)),
        new=new,
    )
