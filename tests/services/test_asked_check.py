"""What lists of queries, wishes and summaries to sign are read from says what is true, or is found not to."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.db.opened_summary import OpenedSummary
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.services import actor, asked_check, correction_requests, queries, summaries
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.db.clinic_rows import response_of


@pytest.fixture
def summary(session: Session, participant: Participant) -> Summary:
    factories.complete_visit(session, participant)
    made = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert made is not None
    return made


def desk(session: Session) -> Sequence[UUID]:
    return session.scalars(select(OpenedSummary.summary_id)).all()


def test_what_she_opened_is_told_of_until_somebody_has_seen_it(
    session: Session, summary: Summary, investigator: Staff
) -> None:
    by = actor.staff(investigator.id)
    for _twice in range(2):
        summaries.opened(session, summary, by=by, at=NOW)
    assert list(desk(session)) == [summary.id]
    summaries.seen(session, summary, by=by, at=NOW)
    summaries.opened(session, summary, by=by, at=NOW)
    assert list(desk(session)) == []
    assert asked_check.count_wrong(session) == 0


def test_a_newer_edition_is_to_be_opened_again(session: Session, summary: Summary, investigator: Staff) -> None:
    by = actor.staff(investigator.id)
    summaries.opened(session, summary, by=by, at=NOW)
    content = {**summary.content, "number": 2}
    newer = Summary(visit_id=summary.visit_id, number=2, content=content, content_hash="0" * 64, made_at=NOW)
    session.add(newer)
    session.flush()
    assert list(desk(session)) == []
    summaries.opened(session, summary, by=by, at=NOW)  # the older one once more: nothing to sign
    assert list(desk(session)) == []
    summaries.opened(session, newer, by=by, at=NOW)
    assert list(desk(session)) == [newer.id]
    assert asked_check.count_wrong(session) == 0


def test_what_was_tampered_with_is_found(
    session: Session, place: StudyAtSite, summary: Summary, investigator: Staff
) -> None:
    by, response = actor.staff(investigator.id), response_of(session, summary)
    query = queries.open_on(session, response, "Is this so?", by=by, at=NOW)
    correction_requests.ask(session, response, "Ask her.", query=query, by=by, at=NOW)
    summaries.opened(session, summary, by=by, at=NOW)
    assert asked_check.count_wrong(session) == 0
    session.execute(text("UPDATE asked_tally SET number = 2 WHERE kind = 'query'"))
    assert queries.count_open(session, [place.site_id]) == 2
    assert asked_check.count_wrong(session) == 1
    session.execute(text("DELETE FROM opened_summary"))
    assert asked_check.count_wrong(session) == 2
