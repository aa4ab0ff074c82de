"""What a day's pack holds, on both databases: summaries, slips, blank questionnaires, and nothing for who has left."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.paper import PaperIssue
from portal.db.signature import SignedDocument
from portal.db.staff import Staff
from portal.db.summary import LifeEvent, Summary, SummaryEvent
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.instruments import wordings
from portal.services import (
    actor,
    appointments,
    blank_forms,
    completing,
    enrolment,
    made_packs,
    packs,
    paper_issues,
    summaries,
    summary_documents,
    withdrawing,
)
from portal.services.made_packs import Made
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.db import clinic_rows
from tests.services.statements import statements_of

DAY = date(2027, 3, 5)


def sent(session: Session, place: StudyAtSite) -> Summary:
    """A patient of the day who has sent everything; gives her summary."""
    participant = factories.make_participant(session, place, included_on=DAY)
    factories.complete_visit(session, participant, at=NOW)
    summary = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert summary is not None
    return summary


def test_visits_come_by_number_whatever_their_state(session: Session, place: StudyAtSite) -> None:
    people = [factories.make_participant(session, place, included_on=DAY) for _ in range(4)]
    factories.make_participant(session, place, included_on=DAY + timedelta(days=1))
    factories.make_participant(session, factories.load_study(session)[1], included_on=DAY)
    factories.complete_visit(session, people[0], at=NOW)
    enrolment.withdraw(session, people[2], on=NOW.date(), reason="moved", by=actor.SYSTEM, at=NOW)
    withdrawing.pause(session, people[3], reason="away", by=actor.SYSTEM, at=NOW)
    listed = packs.list_day(session, place, DAY)
    assert [visit.participant_number for visit in listed] == ["01-001", "01-002", "01-003", "01-004"]
    assert [visit.has_summary for visit in listed] == [True, False, False, False]
    assert [visit.has_slip for visit in listed] == [False, True, False, True]
    assert [visit.blanks for visit in listed] == [(), ("DLQI", "SHAQ"), (), ("DLQI", "SHAQ")]
    assert listed[3].paused_on == NOW.date()


def test_the_pack_is_in_the_order_of_the_hours_of_its_day(session: Session, place: StudyAtSite) -> None:
    people = [factories.make_participant(session, place, included_on=DAY) for _ in range(3)]
    first, second, third = (factories.get_visit(session, each) for each in people)
    wanted = {third.id: time(9, 30), second.id: time(11, 0), first.id: None}
    for _ in range(2):  # the same again changes nothing
        appointments.set_hours(session, wanted, by=actor.SYSTEM, at=NOW)
    listed = packs.list_day(session, place, DAY)
    assert [(visit.visit_id, visit.hour) for visit in listed] == [
        (third.id, time(9, 30)),
        (second.id, time(11, 0)),
        (first.id, None),
    ]
    appointments.set_hours(session, {third.id: time(14, 15), second.id: None}, by=actor.SYSTEM, at=NOW)
    events = session.execute(
        select(AuditEvent.old, AuditEvent.new)
        .where(AuditEvent.deed == Deed.VISIT_APPOINTED, AuditEvent.subject_id == third.id)
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(event) for event in events] == [(None, "09:30"), ("09:30", "14:15")]
    third.planned_on = DAY + timedelta(days=1)  # it was moved: the hour was for the other day
    session.flush()
    assert [visit.hour for visit in packs.list_day(session, place, third.planned_on)] == [None]
    appointments.set_hours(session, {third.id: time(8, 0)}, by=actor.SYSTEM, at=NOW)
    assert [visit.hour for visit in packs.list_day(session, place, third.planned_on)] == [time(8, 0)]


def test_what_is_missing_beside_a_summary_is_printed_blank(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=DAY)
    assignment = factories.get_assignment(session, participant, "SHAQ")
    answers = factories.given("SHAQ", factories.full_answers(instruments.get("SHAQ")), at=NOW)
    completing.complete(session, participant.id, assignment.id, answers, by=actor.patient(participant.id), at=NOW)
    visit_id = factories.get_visit(session, participant).id
    summaries.make(session, visit_id, by=actor.SYSTEM, at=NOW)  # its deadline has come
    found = packs.get_one(session, visit_id)
    assert (found.has_summary, found.has_slip, found.blanks, found.begun) == (True, False, ("DLQI",), True)


def test_a_summary_of_nothing_gives_way_to_a_slip(session: Session, place: StudyAtSite) -> None:
    participant = factories.make_participant(session, place, included_on=DAY)
    visit_id = factories.get_visit(session, participant).id
    summaries.make(session, visit_id, by=actor.SYSTEM, at=NOW)
    found = packs.get_one(session, visit_id)
    assert (found.has_summary, found.has_slip, found.begun) == (False, True, False)
    assert found.summary is not None


def test_a_day_costs_the_same_queries_however_many_come(session: Session, place: StudyAtSite) -> None:
    counts = set()
    for _ in range(2):
        sent(session, place)
        factories.make_participant(session, place, included_on=DAY)
        session.flush()
        with statements_of(session.get_bind().engine) as statements:
            packs.list_day(session, place, DAY)
        counts.add(len(statements))
    assert len(counts) == 1


def test_the_signed_copy_goes_before_the_plain_one_while_its_signature_holds(
    session: Session, place: StudyAtSite, investigator: Staff
) -> None:
    summary = sent(session, place)
    assert packs.find_documents(session, [summary.id], "fr") == {}
    summary_documents.keep_document(session, summary, "fr", b"%PDF plain", by=actor.SYSTEM, at=NOW)
    plain = packs.find_documents(session, [summary.id], "fr")[summary.id]
    assert (plain.is_signed, plain.size, packs.read_document(session, plain)) == (False, 10, b"%PDF plain")
    signature = clinic_rows.signature(summary, investigator)
    session.add(signature)
    session.flush()
    document = SignedDocument(
        signature_id=signature.id, language="fr", pdf=b"%PDF signed", sha256=clinic_rows.HASH, made_at=NOW
    )
    session.add(document)
    session.flush()
    signed = packs.find_documents(session, [summary.id], "fr")[summary.id]
    assert (signed.is_signed, packs.read_document(session, signed)) == (True, b"%PDF signed")
    assert packs.find_documents(session, [summary.id], "en") == {}


def test_a_blank_form_is_kept_once(session: Session, place: StudyAtSite) -> None:
    wording = wordings.demonstration("DLQI", "fr")
    assert len(blank_forms.unrendered(session, at=NOW)) == 8
    for content in (b"%PDF first", b"%PDF second"):
        blank_forms.keep(session, wording, content, large=False, by=actor.SYSTEM, at=NOW)
    assert blank_forms.read(session, wording, large=False) == b"%PDF first"
    assert blank_forms.find_size(session, wording, large=False) == len(b"%PDF first")
    assert blank_forms.find_size(session, wording, large=True) is None
    assert len(blank_forms.unrendered(session, at=NOW)) == 7


def test_a_pack_is_made_then_printed_once_at_the_editions_that_were_in_it(
    session: Session, place: StudyAtSite, investigator: Staff
) -> None:
    first = sent(session, place)
    silent = factories.make_participant(session, place, included_on=DAY)
    by, later = actor.staff(investigator.id), NOW + timedelta(minutes=5)
    visits = packs.list_day(session, place, DAY)
    made = Made(uuid4(), place.site_id, DAY, "ab" * 32, 12, "fr")
    made_packs.note_made(session, made, visits, {}, by=by, at=NOW)
    (pack,) = made_packs.list_made(session, place.site_id, DAY)
    assert (pack.pack_id, pack.visits, pack.pages, pack.by) == (made.pack_id, 2, 12, investigator.name)
    assert (pack.summaries, pack.printed_at) == ((first.id,), None)
    assert made_packs.list_made(session, place.site_id, DAY + timedelta(days=1)) == []
    issue = session.scalars(select(PaperIssue)).one()
    assert issue.visit_id == factories.get_visit(session, silent).id
    assert paper_issues.last_by_visit(session, [issue.visit_id]) == {issue.visit_id: NOW}
    for _ in range(2):
        where = made_packs.note_printed(session, [place.site_id], made.pack_id, by=by, at=later)
        assert where == (place.site_id, DAY)
    printed = session.scalars(select(SummaryEvent).where(SummaryEvent.kind == LifeEvent.PRINTED)).all()
    assert [(each.summary_id, each.at) for each in printed] == [(first.id, later)]
    deeds = session.scalars(select(AuditEvent.deed).where(AuditEvent.subject_kind == "pack")).all()
    assert sorted(deeds) == [Deed.PACK_MADE, Deed.PACK_PRINTED]
    (pack,) = made_packs.list_made(session, place.site_id, DAY)
    assert pack.printed_at == later


def test_another_sites_pack_is_not_found(session: Session, place: StudyAtSite, investigator: Staff) -> None:
    made = Made(uuid4(), place.site_id, DAY, "ab" * 32, 1, "fr")
    made_packs.note_made(session, made, (), {}, by=actor.staff(investigator.id), at=NOW)
    other = factories.load_study(session)[1]
    for sites, pack_id in (([other.site_id], made.pack_id), ([place.site_id], uuid4()), ([], made.pack_id)):
        with pytest.raises(made_packs.PackNotFoundError):
            made_packs.note_printed(session, sites, pack_id, by=actor.staff(investigator.id), at=NOW)
