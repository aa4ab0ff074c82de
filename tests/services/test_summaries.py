"""Summaries as the store keeps them: made once, superseded by number, audited, rendered, and checked by digits."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.participant import Participant
from portal.db.summary import LifeEvent, Summary, SummaryDocument
from portal.domain.audit import Deed
from portal.domain.summary import Received
from portal.services import actor, audit, summaries, summary_life, verifying
from portal.services.studies import StudyAtSite
from tests import factories
from tests.web.staff_people import make_staff

BASE_URL = "https://previsit.example"
LATER = datetime(2027, 3, 4, 6, 0, tzinfo=UTC)


@pytest.fixture
def place(session: Session) -> StudyAtSite:
    return factories.load_study(session)[0]


@pytest.fixture
def participant(session: Session, place: StudyAtSite) -> Participant:
    return factories.make_participant(session, place)


def made(session: Session, participant: Participant, visit: str = "INC") -> Summary:
    found = summaries.find_current(session, factories.get_visit(session, participant, visit).id)
    assert found is not None
    return found


def deeds(session: Session, *wanted: Deed) -> list[str]:
    return [deed for deed in session.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)) if deed in wanted]


def test_sending_the_whole_set_makes_one_complete_summary_with_its_trail(
    session: Session, participant: Participant
) -> None:
    factories.complete_visit(session, participant)
    summary = made(session, participant)
    assert (summary.number, summary.content["received"]) == (1, Received.COMPLETE)
    assert deeds(session, Deed.SUMMARY_MADE) == [Deed.SUMMARY_MADE]
    assert audit.first_broken(session) is None


def test_making_it_again_with_nothing_new_keeps_the_current_one(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant)
    first = made(session, participant)
    assert summaries.make(session, first.visit_id, by=actor.SYSTEM, at=LATER) is first
    assert session.scalar(select(func.count()).select_from(Summary)) == 1


def test_answers_that_come_after_all_supersede_the_empty_page_by_number(
    session: Session, participant: Participant
) -> None:
    visit_id = factories.get_visit(session, participant).id
    empty = summaries.make(session, visit_id, by=actor.SYSTEM, at=factories.AT)
    assert empty.content["received"] == Received.NOTHING
    factories.complete_visit(session, participant)
    later = made(session, participant)
    assert later.number == 2
    page = summaries.page_of(session, empty, language="fr", base_url=BASE_URL)
    assert page.superseded_by == summaries.Edition(later.id, 2, later.made_at)
    assert summaries.page_of(session, later, language="fr", base_url=BASE_URL).is_current


def test_the_page_holds_the_scores_and_the_readers_words(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant, level=1)
    factories.complete_visit(session, participant, "M1", level=2)
    page = summaries.page_of(session, made(session, participant, "M1"), language="en", base_url=BASE_URL)
    total = page.content.scale("DLQI", "total")
    assert (total.value, total.band) == (Fraction(20), "very_large")
    assert total.since_last is not None
    assert (total.since_last.since, total.since_last.value) == ("INC", Fraction(10))
    assert page.wordings["DLQI"].language == "en"
    assert page.content.instruments[0].answered_in[0].language == "fr"
    assert page.verify_url == f"{BASE_URL}/verify/{page.digest}"


def test_a_summary_is_given_to_its_own_site_only(session: Session, participant: Participant) -> None:
    factories.complete_visit(session, participant)
    summary = made(session, participant)
    assert summaries.get_for(session, [participant.site_id], summary.id) is summary
    for sites in ([], [uuid4()]):
        with pytest.raises(summaries.SummaryNotFoundError):
            summaries.get_for(session, sites, summary.id)


def test_its_life_is_told_with_names_and_seen_counts_once(session: Session, participant: Participant) -> None:
    from_staff = actor.staff(make_staff(session).id)
    factories.complete_visit(session, participant)
    summary = made(session, participant)
    summaries.delivered(session, summary, by=actor.SYSTEM, at=LATER)
    summaries.opened(session, summary, by=from_staff, at=LATER)
    summaries.opened(session, summary, by=from_staff, at=LATER)
    for _ in range(2):
        summaries.seen(session, summary, by=from_staff, at=LATER)
    told = [(line.kind, line.name) for line in summaries.life(session, [summary.id])[summary.id]]
    assert sorted(told) == [
        (LifeEvent.DELIVERED, ""),
        (LifeEvent.OPENED, "Ada Byron"),
        (LifeEvent.OPENED, "Ada Byron"),
        (LifeEvent.SEEN, "Ada Byron"),
    ]
    assert deeds(session, Deed.SUMMARY_SEEN, Deed.SUMMARY_DELIVERED) == [Deed.SUMMARY_DELIVERED, Deed.SUMMARY_SEEN]
    line = summaries.current_for_visits(session, [summary.visit_id])[summary.visit_id]
    assert line.events == dict.fromkeys((LifeEvent.DELIVERED, LifeEvent.OPENED, LifeEvent.SEEN), LATER)
    assert line.received is Received.COMPLETE


def test_looks_in_a_row_are_told_as_one(session: Session, participant: Participant) -> None:
    ada, bob = (actor.staff(make_staff(session, email=f"{name}@x.org", name=name).id) for name in ("Ada", "Bob"))
    factories.complete_visit(session, participant)
    summary = made(session, participant)
    for minute, person in enumerate((ada, ada, bob, ada)):
        summaries.opened(session, summary, by=person, at=LATER.replace(minute=minute))
    told = summary_life.told(summaries.life(session, [summary.id])[summary.id])
    assert [(line.name, line.times, line.at.minute) for line in told] == [("Ada", 2, 1), ("Bob", 1, 2), ("Ada", 1, 3)]


def test_each_language_waits_to_be_rendered_and_the_first_document_stays(
    session: Session, participant: Participant
) -> None:
    factories.complete_visit(session, participant)
    summary = made(session, participant)
    assert summaries.unrendered(session, 10) == [(summary, "en"), (summary, "fr")]
    assert summaries.unrendered(session, 1) == [(summary, "en")]
    kept = summaries.keep_document(session, summary, "fr", b"%PDF one", by=actor.SYSTEM, at=LATER)
    again = summaries.keep_document(session, summary, "fr", b"%PDF two", by=actor.SYSTEM, at=LATER)
    assert (again.id, again.pdf) == (kept.id, b"%PDF one")
    assert summaries.unrendered(session, 10) == [(summary, "en")]
    assert session.scalar(select(func.count()).select_from(SummaryDocument)) == 1


def test_digits_tell_current_superseded_and_strange(session: Session, participant: Participant) -> None:
    visit_id = factories.get_visit(session, participant).id
    first = summaries.make(session, visit_id, by=actor.SYSTEM, at=factories.AT)
    digest = first.content_hash[:12]
    found = verifying.find(session, digest)
    assert found is not None
    assert found.edition == summaries.Edition(first.id, 1, first.made_at)
    assert found.later is None
    assert found.zone.key == "Europe/Paris"
    factories.complete_visit(session, participant)
    found = verifying.find(session, digest)
    assert found is not None
    assert found.later is not None
    assert found.later.number == 2
    for strange in ("0" * 12, digest[:11], digest.upper()[:11] + "G", "%" * 12, ""):
        assert verifying.find(session, strange) is None


def test_the_number_of_queries_does_not_grow_with_the_history(session: Session, participant: Participant) -> None:
    counts = []
    for visit in ("INC", "M1", "M3", "M6"):
        factories.complete_visit(session, participant, visit)
        session.expunge_all()
        counts.append(_count_queries(session, factories.get_visit(session, participant, visit).id))
    assert len(set(counts)) == 1


def _count_queries(session: Session, visit_id: Any) -> int:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    summaries.make(session, visit_id, by=actor.SYSTEM, at=LATER)
    event.remove(engine, "before_cursor_execute", note)
    return len(said)
