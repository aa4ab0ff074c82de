"""A site's own copy: everything the portal keeps of its participants, as tables, files and the trail; no contact data.

Everything is read as it is written, a few rows at a time, and nothing is left out: rows set apart, replaced or in
conflict stand beside those that count.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.base import Base
from portal.db.correction import CorrectedAnswer, Correction, CorrectionRequest
from portal.db.message import Bounce, Message
from portal.db.paper import Attachment, Keying, KeyingSettlement, PaperIssue
from portal.db.participant import Assignment, Participant, Visit
from portal.db.query import Query, QueryNote
from portal.db.response import Answer, AnswerConflict, Response
from portal.db.score import Score, Scoring
from portal.db.signature import Signature, SignedDocument
from portal.db.staff import Staff, StaffRole
from portal.db.stop import Stop
from portal.db.summary import Summary, SummaryDocument, SummaryEvent
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.states import ResponseStatus
from portal.services import answered_forms, audit, completing, responses
from portal.services.actor import Actor
from portal.services.answered_forms import Form

AT_ONCE = 100  # rows in memory; those with a trace or a form are some 10 KB each
WHOSE = (Participant.participant_number, Visit.code.label("visit"))
_WHAT = (*WHOSE, Assignment.instrument)
BY_VISIT = (Participant.participant_number, Visit.planned_on, Visit.code)
_BY_RESPONSE = (*BY_VISIT, Assignment.position, Assignment.id)

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Table:
    """One table of a copy: a name, its headings, and rows that are read while they are asked for."""

    name: str
    headings: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class LastCopy:
    """When a copy of a site was last made; `name` is the person's, empty when a schedule did it."""

    at: datetime
    name: str


def tables(session: Session, site_id: UUID) -> Iterator[Table]:
    """Give every table of the copy; each is to be read before the next is asked for."""
    visits = of_site(site_id).join(Visit)
    assigned = visits.join(Assignment)
    answered = assigned.join(Response)
    summaries = visits.join(Summary)
    staff = select(Staff.id, Staff.name, StaffRole.role).join(StaffRole).where(StaffRole.site_id == site_id)
    yield _table(
        session, Participant, of_site(site_id).order_by(*BY_VISIT[:1]), (), name="participants", without={"site_id"}
    )
    yield _table(session, Visit, visits.order_by(*BY_VISIT), WHOSE[:1], name="visits", without={"participant_id"})
    asked = assigned.outerjoin(Response).order_by(*_BY_RESPONSE)
    yield _table(session, Response, asked, (*_WHAT, Assignment.position), name="responses")
    log = answered.join(Answer, Answer.response_id == Response.id).order_by(*_BY_RESPONSE, Response.id, Answer.id)
    yield _answers(session, log)
    conflicts = answered.join(AnswerConflict).order_by(*_BY_RESPONSE, AnswerConflict.id)
    yield _table(session, AnswerConflict, conflicts, _WHAT, name="answer_conflicts")
    yield _current_values(session, answered.order_by(*_BY_RESPONSE, Response.id))
    yield from _corrections(session, answered)
    keyed = answered.join(Keying).order_by(*_BY_RESPONSE, Keying.number)
    yield _table(session, Keying, keyed, _WHAT, name="keyings")
    settled = keyed.join(KeyingSettlement)
    yield _table(session, KeyingSettlement, settled, _WHAT, name="keying_settlements")
    scanned = answered.join(Attachment).order_by(*_BY_RESPONSE, Attachment.at, Attachment.id)
    yield _table(session, Attachment, scanned, _WHAT, name="attachments", without={"content"})
    issued = visits.join(PaperIssue).order_by(*BY_VISIT, PaperIssue.at, PaperIssue.id)
    yield _table(session, PaperIssue, issued, WHOSE, name="paper_issues", without={"visit_id"})
    scored = answered.join(Scoring).order_by(*_BY_RESPONSE, Scoring.made_at, Scoring.id)
    yield _table(session, Scoring, scored, _WHAT, name="scorings")
    rules = (*_WHAT, Scoring.response_id, Scoring.rule, Scoring.rule_version, Scoring.made_at)
    yield _table(session, Score, scored.join(Score).order_by(Score.scale), rules, name="scores")
    listed = summaries.order_by(*BY_VISIT, Summary.number)
    yield _table(session, Summary, listed, WHOSE, name="summaries", without={"visit_id", "content"})
    kept = summaries.join(SummaryDocument).order_by(*BY_VISIT, Summary.number, SummaryDocument.language)
    yield _table(session, SummaryDocument, kept, (*WHOSE, Summary.number), name="summary_documents", without={"pdf"})
    lived = summaries.join(SummaryEvent).order_by(*BY_VISIT, Summary.number, SummaryEvent.at)
    yield _table(session, SummaryEvent, lived, (*WHOSE, Summary.number), name="summary_events")
    given = visits.join(Summary).join(Signature, Signature.summary_id == Summary.id)
    given = given.order_by(*BY_VISIT, Summary.number, Signature.signed_at, Signature.id)
    yield _table(session, Signature, given, (*WHOSE, Summary.number), name="signatures", without={"visit_id"})
    copies = given.join(SignedDocument).order_by(SignedDocument.language)
    yield _table(session, SignedDocument, copies, (*WHOSE, Summary.number), name="signed_documents", without={"pdf"})
    yield from _messages(session, site_id, visits)
    names = ("id", "name", "role")
    yield Table("staff", names, _plain_rows(session.execute(staff.order_by(Staff.name, Staff.id, StaffRole.role))))
    yield _trail(session, site_id)


def _messages(session: Session, site_id: UUID, visits: Select[Any]) -> Iterator[Table]:
    sent = visits.join(Message).order_by(*BY_VISIT, Message.due_at, Message.id)
    yield _table(session, Message, sent, WHOSE, name="messages", without={"visit_id"})
    came_back = visits.join(Message).join(Bounce).order_by(*BY_VISIT, Bounce.id)
    yield _table(session, Bounce, came_back, WHOSE, name="bounces")
    wished = of_site(site_id).join(Stop).order_by(*BY_VISIT[:1], Stop.asked_at, Stop.id)
    yield _table(session, Stop, wished, WHOSE[:1], name="stops", without={"participant_id"})


def trail_lines(session: Session, site_id: UUID) -> Iterator[bytes]:
    """Give the same events as the table "trail", each as a line of JSON with exactly what its hash binds."""
    for event in session.scalars(_events(site_id)):
        line = {"id": event.id, "event": audit.as_hashed(event)}
        yield canonical(line | {"previous_hash": event.previous_hash, "hash": event.hash}).encode() + b"\n"
        session.expunge(event)


def copied(session: Session, site_id: UUID, file: dict[str, Any], *, by: Actor, at: datetime) -> None:
    """Note that a copy of the site left the portal; `file` tells its size, its files and its hashes."""
    event = audit.Event(deed=Deed.SITE_COPIED, subject_kind="site", subject_id=site_id, new=file)
    audit.record(session, event, by=by, at=at)


def last_copies(session: Session, site_ids: Collection[UUID]) -> dict[UUID, LastCopy]:
    """Give when each site was last copied, and by whom; never = no entry."""
    of_sites = (AuditEvent.subject_kind == "site", AuditEvent.subject_id.in_(site_ids))
    newest = select(func.max(AuditEvent.id)).where(*of_sites, AuditEvent.deed == Deed.SITE_COPIED)
    rows = session.execute(
        select(AuditEvent.subject_id, AuditEvent.at, Staff.name)
        .outerjoin(Staff, Staff.id == AuditEvent.actor_id)
        .where(AuditEvent.id.in_(newest.group_by(AuditEvent.subject_id)))
    )
    return {row.subject_id: LastCopy(row.at, row.name or "") for row in rows}


def of_site(site_id: UUID) -> Select[Any]:
    """Choose a site's participants, to be joined with what is theirs."""
    return select(Participant.id).select_from(Participant).where(Participant.site_id == site_id)


def _table(
    session: Session,
    kind: type[Base],
    query: Select[Any],
    before: Sequence[Any],
    *,
    name: str,
    without: Collection[str] = (),
) -> Table:
    """Give `before` and every column of `kind` that is not left out: a column added later is in the copy by itself."""
    columns = [column for column in kind.__table__.columns if column.name not in without]
    headings = tuple(each.name for each in (*before, *columns))
    chosen = query.with_only_columns(*before, *columns).execution_options(yield_per=AT_ONCE)
    return Table(name, headings, _plain_rows(session.execute(chosen)))


def _answers(session: Session, log: Select[Any]) -> Table:
    """Give every answer ever sent, with its kind of value, and whether it is the one that counts for its item."""
    columns = [column for column in Answer.__table__.columns if column.name != "value"]
    chosen = log.with_only_columns(*_WHAT, *columns, Answer.value).execution_options(yield_per=AT_ONCE)

    def rows() -> Iterator[Sequence[Cell]]:
        for _, group in groupby(session.execute(chosen), key=lambda row: row.response_id):
            held = list(group)
            in_time: Any = (row for row in held if row.set_apart is None)
            counting = {row.id for row in responses.latest_by_item(in_time).values()}
            for row in held:
                yield [*map(plain, row[:-1]), *typed(row.value), int(row.id in counting)]

    before: Sequence[Any] = (*_WHAT, *columns)
    headings = (*(each.name for each in before), "value", "value_type", "is_current")
    return Table("answers", headings, rows())


def _current_values(session: Session, query: Select[Any]) -> Table:
    """Give each item of each response with its value or its kind of empty as it stands, and what was sent beside it."""
    chosen = query.with_only_columns(*_WHAT, Response.id, Response.status, Response.source, Response.frozen)

    def rows() -> Iterator[Sequence[Cell]]:
        for row in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
            form = row.frozen
            if form is None:
                instrument = instruments.get(row.instrument)
                held = responses.without_hidden(instrument, responses.current_answers(session, row.id))
                form = completing.frozen_form(instrument, held)
            sent: Form = form
            if row.status is ResponseStatus.AMENDED:
                form = answered_forms.corrected(session, {row.id: sent})[row.id].now
            for link_id, entry in form.items():
                original = sent[link_id] if (now := _stands(entry)) != _stands(sent[link_id]) else {}
                start = (row.participant_number, row.visit, row.instrument, str(row.id), row.status.value, link_id)
                yield [*start, *now, int(bool(original)), *_stands(original)]

    whose = ("participant_number", "visit", "instrument", "response_id", "status", "link_id")
    as_sent = ("corrected", "sent_value", "sent_value_type", "sent_empty")
    return Table("current_values", (*whose, "value", "value_type", "empty", *as_sent), rows())


def _stands(entry: Mapping[str, Any]) -> tuple[Cell, str | None, Cell]:
    return (*typed(entry.get("value")), entry.get("empty"))


def _corrections(session: Session, answered: Select[Any]) -> Iterator[Table]:
    """Give what was asked about and corrected after sending."""
    asked = answered.join(Query, Query.response_id == Response.id)
    by_query = (*_BY_RESPONSE, Query.opened_at, Query.id)
    yield _table(session, Query, asked.order_by(*by_query), _WHAT, name="queries")
    notes = asked.join(QueryNote).order_by(*by_query, QueryNote.id)
    yield _table(session, QueryNote, notes, _WHAT, name="query_notes")
    wishes = answered.join(CorrectionRequest, CorrectionRequest.response_id == Response.id)
    wishes = wishes.order_by(*_BY_RESPONSE, CorrectionRequest.asked_at, CorrectionRequest.id)
    yield _table(session, CorrectionRequest, wishes, _WHAT, name="correction_requests")
    made = answered.join(Correction, Correction.response_id == Response.id).order_by(*_BY_RESPONSE, Correction.number)
    yield _table(session, Correction, made, _WHAT, name="corrections")
    changed = made.join(CorrectedAnswer, CorrectedAnswer.correction_id == Correction.id)
    numbers = (*_WHAT, Correction.response_id, Correction.number)
    yield _table(session, CorrectedAnswer, changed.order_by(CorrectedAnswer.link_id), numbers, name="corrected_answers")


def _trail(session: Session, site_id: UUID) -> Table:
    columns = list(AuditEvent.__table__.columns)
    chosen = _events(site_id).with_only_columns(*columns).execution_options(yield_per=AT_ONCE)
    return Table("trail", tuple(column.name for column in columns), _plain_rows(session.execute(chosen)))


def _events(site_id: UUID) -> Select[Any]:
    """Choose what was done to the site's participants, and the copies made of the site."""
    ours = select(Participant.id).where(Participant.site_id == site_id)
    chosen = or_(AuditEvent.participant_id.in_(ours), AuditEvent.subject_id == site_id)
    return select(AuditEvent).where(chosen).order_by(AuditEvent.id).execution_options(yield_per=AT_ONCE)


def _plain_rows(rows: Iterable[Any]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        yield [plain(value) for value in row]


def plain(value: Any) -> Cell:
    """Give a value of the store as a cell: ids, codes and instants (UTC, ISO 8601) as text, JSON in canonical form."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bool | dict | list):
        return canonical(value)
    assert value is None or isinstance(value, str | int | float | date)
    return value


def typed(value: Any) -> tuple[Cell, str | None]:
    """Give an answer as a cell, and what it is: number, text, tick (true or false), or several (a list as JSON)."""
    kinds: dict[type, str] = {bool: "tick", str: "text", list: "several", int: "number", float: "number"}
    return plain(value), None if value is None else kinds[type(value)]


def canonical(value: Any) -> str:
    """Give JSON with sorted keys and no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
