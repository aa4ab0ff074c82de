"""Scans of paper on both databases: kept once, counted, and refused where there is no paper or no picture."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.response import Response
from portal.domain import instruments
from portal.domain.instruments import wordings
from portal.domain.roles import Role
from portal.services import actor, keying, scans
from tests import factories
from tests.factories import AT
from tests.web.staff_people import make_staff

PHOTO = b"\xff\xd8\xff\xe0 a photograph"


def keyed_in(session: Session) -> tuple[Response, actor.Actor]:
    """Give a response that a nurse keyed in from paper, and the nurse."""
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place, included_on=date(2027, 3, 5))
    by = actor.staff(make_staff(session, (place.site_id, Role.NURSE)).id)
    keyed = keying.key(
        session,
        participant.id,
        factories.get_assignment(session, participant, "DLQI").id,
        factories.full_answers(instruments.get("DLQI")),
        filled_on=date(2027, 3, 2),
        filled_in_by=None,
        wording=wordings.demonstration("DLQI", "fr"),
        by=by,
        at=AT.replace(year=2027, month=3, day=3),
    )
    return session.get_one(Response, keyed.response_id), by


def test_the_same_file_is_kept_once_and_another_beside_it(session: Session) -> None:
    response, by = keyed_in(session)
    assert scans.count_by_response(session, [response.id]) == {}
    scans.keep(session, response, PHOTO, by=by, at=AT)
    with pytest.raises(scans.KeptAlreadyError):
        scans.keep(session, response, PHOTO, by=by, at=AT)
    scans.keep(session, response, b"%PDF-1.7 a scan", by=by, at=AT + timedelta(1))
    assert scans.count_by_response(session, [response.id]) == {response.id: 2}
    assert [(each.mimetype, each.size) for each in scans.list_of(session, response.id)] == [
        ("image/jpeg", len(PHOTO)),
        ("application/pdf", 15),
    ]


def test_what_is_no_picture_is_refused_whatever_it_is_called(session: Session) -> None:
    response, by = keyed_in(session)
    for content in (b"", b"MZ a program", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(scans.LARGEST)):
        with pytest.raises(scans.NoScanError):
            scans.keep(session, response, content, by=by, at=AT)


def test_what_came_from_a_phone_has_no_paper(session: Session) -> None:
    place = factories.load_study(session)[0]
    participant = factories.make_participant(session, place)
    factories.complete_visit(session, participant)
    assignment = factories.get_assignment(session, participant, "DLQI")
    sent = session.scalars(select(Response.id).where(Response.assignment_id == assignment.id)).one()
    found = scans.get_response_for(session, [place.site_id], sent)
    assert not scans.can_hold(found)
    with pytest.raises(scans.NoScanError):
        scans.keep(session, found, PHOTO, by=actor.SYSTEM, at=AT)
    with pytest.raises(scans.ScanNotFoundError):
        scans.get_response_for(session, [factories.load_study(session)[1].site_id], found.id)
