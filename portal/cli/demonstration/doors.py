"""demo.json: the doors of a demonstration, for its start page, for tests, and for whoever reads a file."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.adapters.public_holidays import is_public_holiday
from portal.cli.demonstration.folder import SignIn
from portal.cli.demonstration.staff import COLLEAGUES
from portal.config import Settings
from portal.db.door import AccessLink
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.domain import schedule
from portal.domain.states import VisitState, visit_progress
from portal.services import doors, studies
from portal.services.doors import DoorKeys
from portal.services.studies import StudyAtSite


def write(path: Path, session: Session, settings: Settings, sign_ins: dict[str, SignIn], now: datetime) -> None:
    """Write `path`: {"base_url", "participants": […], "staff": […], "mailbox"}.

    A participant's "state" is that of "visit", the one nearest to today, which may be the one before "next_visit_on".
    `sign_ins` holds each colleague's password and TOTP secret by e-mail address.
    """
    content = {
        "base_url": settings.base_url,
        "participants": _participants(session, settings, now),
        "staff": [
            {
                "role": each.role.value,
                "site": ",".join(each.sites),
                "name": each.name,
                "email": each.email,
                **asdict(sign_ins[each.email]),
            }
            for each in COLLEAGUES
        ],
        "mailbox": str(settings.mailbox.resolve()),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _participants(session: Session, settings: Settings, now: datetime) -> list[dict[str, Any]]:
    keys = DoorKeys(settings.secret_key)
    listed = []
    for place in studies.list_sites(session):
        today = place.today(now)
        rows = session.execute(
            select(Participant, AccessLink)
            .join(AccessLink, AccessLink.participant_id == Participant.id)
            .where(Participant.site_id == place.site_id, AccessLink.revoked_at.is_(None))
            .order_by(Participant.participant_number)
            .options(selectinload(Participant.visits).selectinload(Visit.assignments))
        )
        for participant, link in rows.all():
            visit = _nearest(participant, today)
            listed.append(
                {
                    "participant_number": participant.participant_number,
                    "site": place.site.code,
                    "language": participant.language,
                    "link": f"{settings.base_url}/o/{doors.token(keys, link)}",
                    "short_code": doors.short_code(keys, link),
                    "code": doors.personal_code(keys, link),
                    "next_visit_on": _next_on(participant, today).isoformat(),
                    "visit": visit.code,
                    "visit_on": visit.planned_on.isoformat(),
                    "state": _state(session, place, participant, visit, today).value,
                }
            )
    return listed


def _next_on(participant: Participant, today: date) -> date:
    """Give the day of her next visit, today's included; after the last one, that of the last."""
    days = [visit.planned_on for visit in participant.visits]
    return next((day for day in days if day >= today), days[-1])


def _nearest(participant: Participant, today: date) -> Visit:
    """Give the visit that lies nearest to today, the later of two that are equally near."""
    return min(participant.visits, key=lambda visit: (abs(visit.planned_on - today), -visit.planned_on.toordinal()))


def _state(session: Session, place: StudyAtSite, participant: Participant, visit: Visit, today: date) -> VisitState:
    statuses = dict(
        session.execute(
            select(Assignment.id, Response.status).join(Response).where(Assignment.visit_id == visit.id)
        ).all()
    )
    window = schedule.window(place.definition.get_visit(visit.code), visit.planned_on)
    return visit_progress(
        today=today,
        opens_on=window.opens_on,
        closes_on=window.closes_on,
        summary_due_on=schedule.summary_due_on(place.definition, place.site, visit.planned_on, is_public_holiday),
        responses=[statuses.get(assignment.id) for assignment in visit.assignments],
        withdrawn_on=participant.withdrawn_on,
    ).state
