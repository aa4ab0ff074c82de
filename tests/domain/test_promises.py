"""When a summary is promised, and how a promise stands; hours are of Paris in winter (UTC+1).

The visit is planned on Friday 5 March 2027; its summary is due two working days before, on Wednesday 3 March at 07:00,
and may reach the site until that day is over.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.domain import promises
from portal.domain.promises import Cause, Facts, Mail, PromiseState, Term
from tests import factories

PLANNED, DUE = date(2027, 3, 5), date(2027, 3, 3)


def paris(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour - 1, minute, tzinfo=UTC) if hour else datetime(2027, 3, day - 1, 23, tzinfo=UTC)


TERM = Term(DUE, paris(3, 7), paris(4, 0))
NOTHING = Facts(first_at=None, made_at=None, is_there=False, mails=(), mail_due=None, visit_ends=paris(6, 0))
MADE = replace(NOTHING, made_at=paris(3, 7))


def _term(promised_at: datetime) -> Term | None:
    study = factories.demonstration_study()
    visit = study.get_visit("INC")
    return promises.term(study, study.sites[0], visit, PLANNED, due_on=DUE, promised_at=promised_at)


def _judged(facts: Facts, at: datetime) -> tuple[PromiseState, Cause | None]:
    promise = promises.judge(TERM, facts, at)
    return promise.state, promise.cause


def test_a_promise_ends_with_its_day() -> None:
    assert _term(datetime(2027, 1, 4, tzinfo=UTC)) == TERM


def test_what_is_learnt_after_its_day_is_promised_by_the_end_of_today() -> None:
    assert _term(paris(4, 15)) == Term(DUE, paris(4, 15), paris(5, 0))


def test_what_is_learnt_after_the_window_was_never_promised() -> None:
    assert _term(paris(7, 15)) is not None
    assert _term(paris(8, 1)) is None


def test_before_its_hour_nothing_is_amiss() -> None:
    assert _judged(NOTHING, paris(3, 6, 59)) == (PromiseState.DUE, None)
    assert _judged(NOTHING, paris(3, 7, 59)) == (PromiseState.DUE, None)


@pytest.mark.parametrize(("silent", "cause"), [(False, Cause.NOT_MADE), (True, Cause.WORKER_SILENT)])
def test_what_is_not_made_is_in_danger_and_then_broken(silent: bool, cause: Cause) -> None:
    facts = replace(NOTHING, worker_silent=silent)
    assert _judged(facts, paris(3, 8)) == (PromiseState.IN_DANGER, cause)
    assert _judged(facts, paris(3, 23, 59)) == (PromiseState.IN_DANGER, cause)
    assert _judged(facts, paris(4, 0)) == (PromiseState.BROKEN, cause)


@pytest.mark.parametrize(
    ("mail", "cause"),
    [
        (Mail.NO_RECIPIENT, Cause.NO_RECIPIENT),
        (Mail.BOUNCED, Cause.BOUNCED),
        (Mail.REFUSED, Cause.REFUSED),
        (Mail.UNKNOWN, Cause.UNKNOWN),
        (Mail.TRIED, Cause.MAIL_DOWN),
    ],
)
def test_what_became_of_the_mail_is_why(mail: Mail, cause: Cause) -> None:
    facts = replace(MADE, mails=[mail])
    assert _judged(facts, paris(3, 8)) == (PromiseState.IN_DANGER, cause)
    assert _judged(facts, paris(4, 0)) == (PromiseState.BROKEN, cause)


def test_a_mail_that_waits_for_its_hour_is_no_danger_and_one_that_does_not_leave_is() -> None:
    early = replace(NOTHING, made_at=paris(1, 22), mails=[Mail.WAITING], mail_due=paris(2, 7))
    assert _judged(early, paris(2, 6)) == (PromiseState.DUE, None)
    assert _judged(early, paris(2, 7, 59)) == (PromiseState.DUE, None)
    assert _judged(early, paris(2, 8)) == (PromiseState.IN_DANGER, Cause.NOT_LEFT)


def test_answers_that_came_early_are_told_of_early_when_their_page_is_kept_from_the_site() -> None:
    early = replace(NOTHING, made_at=paris(1, 10), mails=[Mail.BOUNCED])
    assert _judged(early, paris(1, 10, 59)) == (PromiseState.DUE, None)
    assert _judged(early, paris(1, 11)) == (PromiseState.IN_DANGER, Cause.BOUNCED)


def test_it_is_kept_until_the_day_is_over_and_late_afterwards() -> None:
    there = replace(MADE, is_there=True, mails=[Mail.ARRIVED])
    assert _judged(replace(there, first_at=paris(3, 23, 59)), paris(5, 9)) == (PromiseState.KEPT, None)
    assert _judged(replace(there, first_at=paris(4, 0)), paris(5, 9)) == (PromiseState.LATE, None)


def test_one_of_two_that_took_it_is_enough() -> None:
    there = replace(MADE, is_there=True, first_at=paris(3, 8), mails=[Mail.ARRIVED, Mail.BOUNCED])
    assert _judged(there, paris(3, 9)) == (PromiseState.KEPT, None)


def test_a_newer_page_that_stays_away_presses_until_the_visit_is_over() -> None:
    newer = replace(MADE, first_at=paris(2, 9), made_at=paris(4, 10), mails=[Mail.REFUSED])
    assert _judged(newer, paris(4, 10, 30)) == (PromiseState.KEPT, None)
    assert _judged(newer, paris(4, 11)) == (PromiseState.IN_DANGER, Cause.REFUSED)
    assert _judged(newer, paris(6, 0)) == (PromiseState.KEPT, None)


def test_pages_that_cannot_be_printed_are_told_of_while_they_are_of_use() -> None:
    there = replace(MADE, first_at=paris(3, 7, 1), is_there=True, mails=[Mail.ARRIVED], unprintable=True)
    assert _judged(there, paris(3, 9)) == (PromiseState.IN_DANGER, Cause.UNPRINTABLE)
    assert _judged(there, paris(6, 0)) == (PromiseState.KEPT, None)
