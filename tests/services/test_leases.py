"""Leases: on SQLite one worker sends at a time, on PostgreSQL each has its own; who does not renew is not alive."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal.services import leases
from tests import factories

ONE, OTHER = "host-1-aaaaaaaa", "host-2-bbbbbbbb"
AT = factories.AT
SECOND = timedelta(seconds=1)


def is_shared_out(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def test_on_sqlite_the_second_worker_waits_and_takes_over_when_the_lease_has_run_out(session: Session) -> None:
    assert leases.take(session, ONE, at=AT).holder == ONE
    while_it_runs = leases.take(session, OTHER, at=AT + leases.LASTS - SECOND)
    assert while_it_runs.holder == (OTHER if is_shared_out(session) else ONE)
    after = leases.take(session, OTHER, at=AT + leases.LASTS)
    assert after.holder == OTHER
    assert after.before == (None if is_shared_out(session) else ONE)


def test_a_renewed_lease_runs_on(session: Session) -> None:
    leases.take(session, ONE, at=AT)
    renewed = leases.renew(session, ONE, at=AT + 30 * SECOND)
    assert renewed
    assert renewed.until == AT + 30 * SECOND + leases.LASTS
    assert leases.alive(session, at=AT + 89 * SECOND) == {ONE}
    assert leases.alive(session, at=AT + 90 * SECOND) == set()


def test_who_was_replaced_has_no_lease_to_renew(session: Session) -> None:
    leases.take(session, ONE, at=AT)
    leases.take(session, OTHER, at=AT + leases.LASTS)
    renewed = leases.renew(session, ONE, at=AT + leases.LASTS)
    assert (renewed is not None) == is_shared_out(session)


def test_a_lease_that_is_given_back_is_free_at_once(session: Session) -> None:
    leases.take(session, ONE, at=AT)
    leases.give_back(session, ONE)
    assert leases.alive(session, at=AT) == set()
    assert leases.take(session, OTHER, at=AT) == leases.Hold(OTHER, AT + leases.LASTS)


def test_a_lease_from_a_clock_that_ran_ahead_holds_nobody_up(session: Session) -> None:
    leases.take(session, ONE, at=AT + timedelta(days=400))
    assert leases.alive(session, at=AT) == set()
    assert leases.take(session, OTHER, at=AT).holder == OTHER


def test_leases_that_ran_out_long_ago_are_forgotten(session: Session) -> None:
    leases.take(session, ONE, at=AT)
    later = AT + timedelta(days=2)
    leases.alive(session, at=later)
    session.flush()
    assert leases.renew(session, ONE, at=later) is None
