"""Documents that would not come out: tried again later and later, and told of once that did not help."""

from datetime import timedelta
from uuid import UUID, uuid4

import pyotp
import pytest
from sqlalchemy.orm import Session

from portal.db.watch import RenderSubject
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, render_faults, signatures, summaries
from portal.services.render_faults import WAITS, Wanted
from portal.services.studies import StudyAtSite
from tests import factories
from tests.conftest import NOW
from tests.web.staff_people import make_staff


@pytest.fixture
def signed(session: Session, place: StudyAtSite) -> tuple[UUID, UUID, UUID]:
    """A visit, its summary, and the signature on it."""
    visit = factories.get_visit(session, factories.make_participant(session, place))
    summary = summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW)
    grace = make_staff(session, (place.site_id, Role.INVESTIGATOR))
    by, code = actor.staff(grace.id), pyotp.TOTP(grace.totp_secret).at(NOW)
    summaries.opened(session, summary, by=by, at=NOW)
    (signature,) = signatures.sign(session, [summary], Meaning.SEEN, code, by=by, at=NOW)
    return visit.id, summary.id, signature.id


def fail(session: Session, wanted: Wanted, times: int) -> None:
    for number in range(times):
        render_faults.note(session, wanted, "hung", at=NOW + timedelta(hours=number))


def test_staff_are_told_after_the_last_wait_and_not_before(session: Session, signed: tuple[UUID, UUID, UUID]) -> None:
    visit_id, summary_id, _ = signed
    wanted = Wanted(RenderSubject.SUMMARY, str(summary_id), "fr")
    fail(session, wanted, len(WAITS))
    assert render_faults.unprintable(session, [summary_id]) == frozenset()
    assert render_faults.unprintable_visits(session, [visit_id]) == frozenset()
    fail(session, wanted, 1)
    assert render_faults.unprintable(session, [summary_id, uuid4()]) == {summary_id}
    assert render_faults.unprintable_visits(session, [visit_id, uuid4()]) == {visit_id}
    assert render_faults.given_up(session) == {RenderSubject.SUMMARY: 1}
    render_faults.clear(session, wanted)
    assert render_faults.unprintable(session, [summary_id]) == frozenset()


def test_a_signed_copy_that_does_not_come_out_is_told_of_with_its_summary(
    session: Session, signed: tuple[UUID, UUID, UUID]
) -> None:
    _, summary_id, signature_id = signed
    fail(session, Wanted(RenderSubject.SIGNATURE, str(signature_id), "en"), len(WAITS) + 1)
    assert render_faults.unprintable(session, [summary_id]) == {summary_id}


def test_the_next_try_is_later_each_time(session: Session) -> None:
    wanted = Wanted(RenderSubject.BLANK_FORM, "0" * 64, "fr")
    waits = [render_faults.note(session, wanted, "died", at=NOW).next_at - NOW for _ in range(len(WAITS) + 2)]
    assert waits == [*WAITS, render_faults.LATER, render_faults.LATER]
    assert render_faults.tried(session) == {wanted: NOW + render_faults.LATER}
