"""The worker's pulse, as staff feel it."""

from sqlalchemy.orm import Session

from portal.services import pulse
from portal.services.pulse import Pulse
from tests.services.mailing import paris


def test_a_worker_that_never_worked_is_silent(session: Session) -> None:
    assert pulse.feel(session, at=paris(3, 3, 9)) == Pulse(None, is_silent=True)


def test_each_round_is_felt_until_a_quarter_of_an_hour_later(session: Session) -> None:
    pulse.beat(session, "one", at=paris(3, 3, 8))
    pulse.beat(session, "two", at=paris(3, 3, 9))
    assert pulse.feel(session, at=paris(3, 3, 9, 14)) == Pulse(paris(3, 3, 9), is_silent=False)
    assert pulse.feel(session, at=paris(3, 3, 9, 15)) == Pulse(paris(3, 3, 9), is_silent=True)
