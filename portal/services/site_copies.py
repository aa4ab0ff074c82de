"""A site's own copy: everything the portal keeps of its participants, as tables, files and the trail; no contact data.

Everything is read as it is written, a few rows at a time, and nothing is left out: rows set apart, replaced or in
conflict stand beside those that count.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.correction import CorrectedAnswer, Correction, CorrectionRequest
from portal.db.notice import Notice
from portal.db.paper import Attachment, Keying, KeyingSettlement, PaperIssue
from portal.db.participant import Appointment, Assignment, Participant, Visit
from portal.db.query import Query, QueryNote
from portal.db.response import Answer, AnswerConflict, Response
from portal.db.score import Score, Scoring
from portal.db.signature import Signature, SignedDocument
from portal.db.staff import Staff, StaffRole
from portal.db.summary import Summary, SummaryDocument, SummaryEvent
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.states import ResponseStatus
from portal.services import answered_forms, audit, completing, copied_messages, responses
from portal.services.actor import Actor
from portal.services.answered_forms import Form
from portal.services.copied_rows import (
    AT_ONCE,
    BY_VISIT,
    WHOSE,
    Cell,
    Table,
    canonical,
    of_site,
    plain,
    plain_rows,
    table,
    typed,
)

_WHAT = (*WHOSE, Assignment.instrument)
_BY_RESPONSE = (*BY_VISIT, Assignment.position, Assignment.id)


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
    yield table(
        session, Participant, of_site(site_id).order_by(*BY_VISIT[:1]), (), name="participants", without={"site_id"}
    )
    yield table(session, Visit, visits.order_by(*BY_VISIT), WHOSE[:1], name="visits", without={"participant_id"})
    hours = visits.join(Appointment).order_by(*BY_VISIT)
    yield table(session, Appointment, hours, WHOSE, name="appointments", without={"visit_id"})
    asked = assigned.outerjoin(Response).order_by(*_BY_RESPONSE)
    yield table(session, Response, asked, (*_WHAT, Assignment.position), name="responses")
    log = answered.join(Answer, Answer.response_id == Response.id).order_by(*_BY_RESPONSE, Response.id, Answer.id)
    yield _answers(session, log)
    conflicts = answered.join(AnswerConflict).order_by(*_BY_RESPONSE, AnswerConflict.id)
    yield table(session, AnswerConflict, conflicts, _WHAT, name="answer_conflicts")
    yield _current_values(session, answered.order_by(*_BY_RESPONSE, Response.id))
    yield from _corrections(session, answered)
    keyed = answered.join(Keying).order_by(*_BY_RESPONSE, Keying.number)
    yield table(session, Keying, keyed, _WHAT, name="keyings")
    settled = keyed.join(KeyingSettlement)
    yield table(session, KeyingSettlement, settled, _WHAT, name="keying_settlements")
    scanned = answered.join(Attachment).order_by(*_BY_RESPONSE, Attachment.at, Attachment.id)
    yield table(session, Attachment, scanned, _WHAT, name="attachments", without={"content"})
    issued = visits.join(PaperIssue).order_by(*BY_VISIT, PaperIssue.at, PaperIssue.id)
    yield table(session, PaperIssue, issued, WHOSE, name="paper_issues", without={"visit_id"})
    scored = answered.join(Scoring).order_by(*_BY_RESPONSE, Scoring.made_at, Scoring.id)
    yield table(session, Scoring, scored, _WHAT, name="scorings")
    rules = (*_WHAT, Scoring.response_id, Scoring.rule, Scoring.rule_version, Scoring.made_at)
    yield table(session, Score, scored.join(Score).order_by(Score.scale), rules, name="scores")
    listed = summaries.order_by(*BY_VISIT, Summary.number)
    yield table(session, Summary, listed, WHOSE, name="summaries", without={"visit_id", "content"})
    kept = summaries.join(SummaryDocument).order_by(*BY_VISIT, Summary.number, SummaryDocument.language)
    yield table(session, SummaryDocument, kept, (*WHOSE, Summary.number), name="summary_documents", without={"pdf"})
    lived = summaries.join(SummaryEvent).order_by(*BY_VISIT, Summary.number, SummaryEvent.at)
    yield table(session, SummaryEvent, lived, (*WHOSE, Summary.number), name="summary_events")
    given = visits.join(Summary).join(Signature, Signature.summary_id == Summary.id)
    given = given.order_by(*BY_VISIT, Summary.number, Signature.signed_at, Signature.id)
    yield table(session, Signature, given, (*WHOSE, Summary.number), name="signatures", without={"visit_id"})
    copies = given.join(SignedDocument).order_by(SignedDocument.language)
    yield table(session, SignedDocument, copies, (*WHOSE, Summary.number), name="signed_documents", without={"pdf"})
    yield from copied_messages.messages(session, site_id)
    yield from copied_messages.doors(session, site_id)
    names = ("id", "name", "role")
    yield Table("staff", names, plain_rows(session.execute(staff.order_by(Staff.name, Staff.id, StaffRole.role))))
    yield _trail(session, site_id)


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
    yield table(session, Query, asked.order_by(*by_query), _WHAT, name="queries")
    notes = asked.join(QueryNote).order_by(*by_query, QueryNote.id)
    yield table(session, QueryNote, notes, _WHAT, name="query_notes")
    wishes = answered.join(CorrectionRequest, CorrectionRequest.response_id == Response.id)
    wishes = wishes.order_by(*_BY_RESPONSE, CorrectionRequest.asked_at, CorrectionRequest.id)
    yield table(session, CorrectionRequest, wishes, _WHAT, name="correction_requests")
    made = answered.join(Correction, Correction.response_id == Response.id).order_by(*_BY_RESPONSE, Correction.number)
    yield table(session, Correction, made, _WHAT, name="corrections")
    changed = made.join(CorrectedAnswer, CorrectedAnswer.correction_id == Correction.id)
    numbers = (*_WHAT, Correction.response_id, Correction.number)
    yield table(session, CorrectedAnswer, changed.order_by(CorrectedAnswer.link_id), numbers, name="corrected_answers")


def _trail(session: Session, site_id: UUID) -> Table:
    columns = list(AuditEvent.__table__.columns)
    chosen = _events(site_id).with_only_columns(*columns).execution_options(yield_per=AT_ONCE)
    return Table("trail", tuple(column.name for column in columns), plain_rows(session.execute(chosen)))


def _events(site_id: UUID) -> Select[Any]:
    """Choose what was done to the site's participants, to the notices of its staff, and the copies made of the site."""
    ours = select(Participant.id).where(Participant.site_id == site_id)
    told = select(Notice.id).where(Notice.site_id == site_id)
    chosen = or_(AuditEvent.participant_id.in_(ours), AuditEvent.subject_id == site_id, AuditEvent.subject_id.in_(told))
    return select(AuditEvent).where(chosen).order_by(AuditEvent.id).execution_options(yield_per=AT_ONCE)
