"""What `portal doctor` says of a worker that stands still and of what has not left, and what the worker itself says."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from portal.services import pulse
from tests import factories
from tests.cli.conftest import Portal


def test_doctor_says_that_no_worker_works_and_what_should_have_left(portal: Portal, store: Session) -> None:
    now = datetime.now(UTC)
    place = factories.load_study(store)[0]
    factories.make_participant(store, place, included_on=place.today(now), at=now - timedelta(days=30))
    store.commit()
    said = portal("doctor")
    assert said.code == 2
    assert "wrong  worker: no round was ever made: start `portal work`" in said.out
    assert "wrong  promises: " in said.out
    assert "things should have left and did not" in said.out
    pulse.beat(store, "worker", at=now - timedelta(hours=1))
    store.commit()
    assert f"no round was made since {now - timedelta(hours=1):%Y-%m-%d %H:%M}Z" in portal("doctor").out


def test_a_round_is_a_pulse_and_its_check_says_what_it_found(portal: Portal, store: Session) -> None:
    now = datetime.now(UTC)
    place = factories.load_study(store)[0]
    visit_day = place.today(now) - timedelta(days=1)
    factories.make_participant(store, place, included_on=visit_day, at=now - timedelta(days=30))
    store.commit()
    first = portal("work", "--once")
    assert "daily check: " in first.out
    assert " things found missing, 0 cleared" in first.out
    assert "daily check" not in portal("work", "--once").out
    assert "ok     worker" in portal("doctor").out
