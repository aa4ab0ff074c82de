"""Every table of the store is in a site's copy, or belongs to no site; what staff were told is in its copy alone."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.message import MessageStatus
from portal.db.models import Base
from portal.db.notice import Notice, NoticeKind
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import actor, audit
from tests import factories
from tests.adapters.test_site_archives import NOW, copy
from tests.web.staff_people import make_staff

NAMED_OTHERWISE = {
    "assignment": "responses",
    "audit_event": "trail",
    "query": "queries",
    "staff": "staff",
    "staff_role": "staff",
    "summary": "summaries",
}
OF_NO_SITE = {
    "study": "of every site",
    "site": "what the archive itself is of",
    "wording": "of every site",
    "licence": "of every site",
    "blank_form": "of every site",
    "lease": "which worker does what",
    "render_fault": "by the hash of what did not come out",
    "sign_in_attempt": "of people who may be at several sites, or at none",
    "fresh_link_request": "before doors that may be nobody's",
    "asked_tally": "made from the others",
    "opened_summary": "made from the others",
    "visit_listing": "made from the others",
    "visit_tally": "made from the others",
}


def test_every_table_is_in_the_copy_or_belongs_to_no_site(session: Session) -> None:
    place, _there = factories.load_study(session)
    tables = set(Base.metadata.tables)
    held = {name.removesuffix(".csv") for name in copy(session, place).headings()}
    assert held == {NAMED_OTHERWISE.get(name, f"{name}s") for name in tables - set(OF_NO_SITE)} | {"current_values"}
    assert set(OF_NO_SITE) | set(NAMED_OTHERWISE) <= tables


def test_what_staff_were_told_is_in_their_sites_copy_alone(session: Session) -> None:
    places = factories.load_study(session)
    shared = {"kind": NoticeKind.DAILY, "on": NOW.date(), "status": MessageStatus.PLANNED, "due_at": NOW, "attempts": 0}
    for place in places:
        person = make_staff(session, (place.site_id, Role.NURSE), email=f"nurse@{place.site.code}.example.org")
        session.add(Notice(id=uuid4(), site_id=place.site_id, staff_id=person.id, **shared))
    session.flush()
    ids = {notice.site_id: notice.id for notice in session.scalars(select(Notice))}
    for notice_id in ids.values():
        planned = audit.Event(deed=Deed.MESSAGE_PLANNED, subject_kind="notice", subject_id=notice_id)
        audit.record(session, planned, by=actor.SYSTEM, at=NOW)
    made = copy(session, places[0])
    (row,) = made.rows("notices")
    assert (row["id"], row["kind"], row["on"]) == (str(ids[places[0].site_id]), "daily", "2027-03-03")
    assert row["staff_id"] in {each["id"] for each in made.rows("staff")}
    assert [each["subject_id"] for each in made.rows("trail") if each["subject_kind"] == "notice"] == [row["id"]]
