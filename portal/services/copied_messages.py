"""What a site's own copy tells of doors, messages and what was amiss: who was reached, by which phone, and who not."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.db.door import AccessLink, CodeAttempt, Device
from portal.db.message import Bounce, Message
from portal.db.notice import Notice, NoticeChoice
from portal.db.participant import Visit
from portal.db.stop import Stop
from portal.db.watch import Shortfall
from portal.services.copied_rows import BY_VISIT, WHOSE, Table, of_site, table


def messages(session: Session, site_id: UUID) -> Iterator[Table]:
    """Give what was sent about the site's participants, and to its staff about the site as a whole."""
    visits = of_site(site_id).join(Visit)
    sent = visits.join(Message).order_by(*BY_VISIT, Message.due_at, Message.id)
    yield table(session, Message, sent, WHOSE, name="messages", without={"visit_id"})
    came_back = visits.join(Message).join(Bounce).order_by(*BY_VISIT, Bounce.id)
    yield table(session, Bounce, came_back, WHOSE, name="bounces")
    wished = of_site(site_id).join(Stop).order_by(*BY_VISIT[:1], Stop.asked_at, Stop.id)
    yield table(session, Stop, wished, WHOSE[:1], name="stops", without={"participant_id"})
    told = _of(Notice, site_id).order_by(Notice.on, Notice.kind, Notice.staff_id)
    yield table(session, Notice, told, (), name="notices", without={"site_id"})
    chosen = _of(NoticeChoice, site_id).order_by(NoticeChoice.kind, NoticeChoice.staff_id)
    yield table(session, NoticeChoice, chosen, (), name="notice_choices", without={"site_id"})
    missed = visits.join(Shortfall).order_by(*BY_VISIT, Shortfall.id)
    yield table(session, Shortfall, missed, WHOSE, name="shortfalls", without={"visit_id"})


def doors(session: Session, site_id: UUID) -> Iterator[Table]:
    """Give the links, the phones that were let in, and the tries at personal codes; nothing here opens a door."""
    opened = of_site(site_id).join(AccessLink)
    by_door = (*BY_VISIT[:1], AccessLink.issued_at, AccessLink.id)
    secret = {"participant_id", "short_code_digest"}
    yield table(session, AccessLink, opened.order_by(*by_door), WHOSE[:1], name="access_links", without=secret)
    phones = opened.join(Device).order_by(*by_door, Device.enrolled_at, Device.id)
    yield table(session, Device, phones, WHOSE[:1], name="devices", without={"token_digest"})
    tried = opened.join(CodeAttempt).order_by(*by_door, CodeAttempt.at, CodeAttempt.id)
    yield table(session, CodeAttempt, tried, WHOSE[:1], name="code_attempts")


def _of(kind: type[Notice | NoticeChoice], site_id: UUID) -> Select[Any]:
    return select(kind).where(kind.site_id == site_id)
