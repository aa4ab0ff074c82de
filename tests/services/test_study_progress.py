"""How a study is doing, on both databases: whose visits are counted, in which zone, and what answering took."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from portal.adapters.public_holidays import is_public_holiday
from portal.db.message import Message, MessageStatus
from portal.db.participant import Participant
from portal.db.response import Source
from portal.domain import instruments
from portal.domain.completion import Outcome
from portal.domain.messages import MessageKind
from portal.domain.quantiles import Spread
from portal.services import actor, answer_times, answering, enrolment, study_progress
from portal.services.study_progress import Completion, Scope
from tests import factories

NOW = datetime(2027, 3, 9, 9, 0, tzinfo=UTC)
"""The day on which nothing more can be sent for a visit of 5 March: its window closed on the 7th."""


@pytest.fixture
def scope(session: Session) -> Scope:
    """The study as somebody of site 01 is shown it."""
    places = factories.load_study(session)
    (found,) = study_progress.scopes(session, [places[0].site_id])
    return found


def include(session: Session, scope: Scope, on: date = date(2027, 3, 5)) -> Participant:
    return factories.make_participant(session, scope.places[0], included_on=on)


def tell(session: Session, scope: Scope) -> Completion:
    return study_progress.completion(session, scope, is_public_holiday, at=NOW)


def begin(session: Session, participant: Participant, code: str, at: datetime) -> None:
    answers = dict(list(factories.full_answers(instruments.get(code)).items())[:2])
    answering.save(
        session,
        participant.id,
        factories.get_assignment(session, participant, code).id,
        factories.given(code, answers, device="before", at=at),
        by=actor.patient(participant.id),
        at=at,
    )


def test_a_reader_is_shown_her_own_sites_and_the_pool_is_the_whole_study(session: Session, scope: Scope) -> None:
    assert [place.site.code for place in scope.places] == ["01"]
    assert len(scope.pool) == 2
    assert study_progress.scopes(session, []) == []


def test_each_visit_is_counted_once_by_what_became_of_it(session: Session, scope: Scope) -> None:
    factories.complete_visit(session, include(session, scope), at=datetime(2027, 3, 3, 22, 59, tzinfo=UTC))
    factories.complete_visit(session, include(session, scope), at=datetime(2027, 3, 3, 23, 1, tzinfo=UTC))  # Paris: 4th
    begin(session, include(session, scope), "DLQI", datetime(2027, 3, 1, 9, tzinfo=UTC))
    include(session, scope)
    gone = include(session, scope)
    enrolment.withdraw(session, gone, on=date(2027, 3, 1), reason="moved", by=actor.SYSTEM, at=NOW)
    include(session, scope, date(2027, 3, 12))  # open since the 5th
    include(session, scope, date(2027, 4, 30))
    other = factories.load_study(session)[1]
    factories.complete_visit(
        session, factories.make_participant(session, other), at=datetime(2027, 3, 2, 9, tzinfo=UTC)
    )
    told = tell(session, scope)
    assert told.of_visit("INC").counts == Counter(
        {
            Outcome.IN_TIME: 1,
            Outcome.SENT_LATE: 1,
            Outcome.PARTLY: 1,
            Outcome.NOTHING: 1,
            Outcome.WITHDRAWN: 1,
            Outcome.OPEN: 1,
        }
    )
    assert told.of_site("01").counts == told.whole.counts == told.of_visit("INC").counts
    assert told.of_site("02").is_empty
    assert told.sources == {("INC", Source.PHONE): 4}


def test_minutes_are_counted_from_the_first_answer_and_not_for_what_arrived_whole(
    session: Session, scope: Scope
) -> None:
    sent = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)
    for minutes in (4, 7, 12):
        participant = include(session, scope)
        begin(session, participant, "DLQI", sent - timedelta(minutes=minutes, seconds=30))
        factories.complete_visit(session, participant, at=sent)
    told = answer_times.measure(session, scope)
    minutes_of_dlqi = told.minutes["INC", "DLQI"]
    assert minutes_of_dlqi == Spread(3, *map(Fraction, ("4", "11/2", "7", "19/2", "12")))
    assert ("INC", "SHAQ") not in told.minutes
    assert told.at_once == {("INC", "SHAQ"): 3}


def test_days_and_messages_are_counted_until_everything_was_sent(session: Session, scope: Scope) -> None:
    for days, messages in ((1, 0), (4, 3)):
        participant = include(session, scope)  # opened on 26 February
        visit = factories.get_visit(session, participant)
        for number, kind in enumerate((MessageKind.OPENING, MessageKind.REMINDER_1, MessageKind.RESENT)):
            # Of the first one they leave after everything was sent, of the second one before.
            at = datetime(2027, 2, 26, 9, number, tzinfo=UTC) + timedelta(days=0 if messages else 3)
            session.add(_message(visit.id, kind, MessageStatus.SENT, at))
        session.add(_message(visit.id, MessageKind.REMINDER_2, MessageStatus.CANCELLED, None))
        session.add(
            _message(visit.id, MessageKind.FRESH_LINK, MessageStatus.SENT, datetime(2027, 2, 26, 8, tzinfo=UTC))
        )
        # 23:30 in UTC is the next day in Paris.
        factories.complete_visit(
            session, participant, at=datetime(2027, 2, 25, 23, 30, tzinfo=UTC) + timedelta(days=days)
        )
    half = include(session, scope)
    begin(session, half, "DLQI", datetime(2027, 3, 1, 9, tzinfo=UTC))
    told = answer_times.measure(session, scope)
    days_of_visit = told.days["INC"]
    assert days_of_visit == Spread(2, *map(Fraction, ("1", "7/4", "5/2", "13/4", "4")))
    assert told.messages == {"INC": Counter({0: 1, 3: 1})}


def _message(visit_id: object, kind: MessageKind, status: MessageStatus, sent_at: datetime | None) -> Message:
    return Message(
        visit_id=visit_id,
        kind=kind,
        recipient="participant",
        status=status,
        due_at=datetime(2027, 2, 26, 9, tzinfo=UTC),
        sent_at=sent_at,
    )
