"""Who of a site's staff is sent its notices: whom a nurse or an investigator of the site has ticked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.db.notice import NoticeChoice, NoticeKind
from portal.db.staff import Staff, StaffRole
from portal.domain.audit import Deed
from portal.domain.roles import Role
from portal.services import audit
from portal.services.actor import Actor

READERS = (Role.NURSE, Role.INVESTIGATOR)
"""What one must be at a site to be sent its notices: they lead to lists that only these may open."""


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be sent a site's notices, and which are."""

    staff: Staff
    roles: tuple[Role, ...]
    chosen: frozenset[NoticeKind]


def list_colleagues(session: Session, site_id: UUID) -> list[Colleague]:
    """Give everybody who may be sent a site's notices, by name."""
    rows = session.execute(
        select(Staff, StaffRole.role)
        .join(StaffRole)
        .where(StaffRole.site_id == site_id, StaffRole.role.in_(READERS), Staff.active)
        .order_by(Staff.name, Staff.email, StaffRole.role)
    ).all()
    chosen = _chosen(session, site_id)
    roles: dict[Staff, list[Role]] = {}
    for person, role in rows:
        roles.setdefault(person, []).append(role)
    return [
        Colleague(person, tuple(held), frozenset(kind for kind in NoticeKind if (person.id, kind) in chosen))
        for person, held in roles.items()
    ]


def recipients(session: Session, site_id: UUID, kind: NoticeKind) -> list[Staff]:
    """Give who is sent a kind of notice: whom the site has ticked; if that is nobody, the day's goes to its nurses."""
    colleagues = list_colleagues(session, site_id)
    ticked = [each.staff for each in colleagues if kind in each.chosen]
    if ticked or kind is not NoticeKind.DAILY:
        return ticked
    return [each.staff for each in colleagues if Role.NURSE in each.roles]


def choose(
    session: Session,
    site_id: UUID,
    ticked: Collection[tuple[UUID, NoticeKind]],
    *,
    by: Actor,
    at: datetime,
) -> bool:
    """Keep who is sent what; who is none of the site's is passed over. Says whether anything has changed."""
    known = {each.staff.id for each in list_colleagues(session, site_id)}
    wanted = {(staff_id, kind) for staff_id, kind in ticked if staff_id in known}
    before = _chosen(session, site_id, held=True)
    if wanted == before:
        return False
    for staff_id, kind in before - wanted:
        session.execute(
            delete(NoticeChoice).where(
                NoticeChoice.site_id == site_id, NoticeChoice.staff_id == staff_id, NoticeChoice.kind == kind
            )
        )
    for staff_id, kind in wanted - before:
        session.add(NoticeChoice(site_id=site_id, staff_id=staff_id, kind=kind, chosen_by=by.id, chosen_at=at))
    session.flush()
    event = audit.Event(
        deed=Deed.NOTICES_CHOSEN,
        subject_kind="site",
        subject_id=site_id,
        field="notices",
        old=_plain(before),
        new=_plain(wanted),
    )
    audit.record(session, event, by=by, at=at)
    return True


def _chosen(session: Session, site_id: UUID, *, held: bool = False) -> set[tuple[UUID, NoticeKind]]:
    """Give the ticks of a site; `held` until the transaction ends, so that two people's choices do not mix."""
    rows = select(NoticeChoice).where(NoticeChoice.site_id == site_id)
    return {(row.staff_id, row.kind) for row in session.scalars(rows.with_for_update() if held else rows)}


def _plain(ticks: Collection[tuple[UUID, NoticeKind]]) -> dict[str, list[str]]:
    return {kind.value: sorted(str(staff_id) for staff_id, each in ticks if each is kind) for kind in NoticeKind}
