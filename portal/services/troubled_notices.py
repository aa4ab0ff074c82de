"""Notices that did not reach the member of staff they were for, so that a colleague sees it."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.message import MessageStatus
from portal.db.notice import Notice

LOOKED_BACK = timedelta(days=14)


def last_of(session: Session, site_id: UUID, *, today: date) -> dict[UUID, Notice]:
    """Give, by reader, the last notice of a site when it was refused, is being tried again, or has an unknown fate."""
    rows = session.scalars(
        select(Notice)
        .where(Notice.site_id == site_id, Notice.on >= today - LOOKED_BACK, Notice.status != MessageStatus.CANCELLED)
        .order_by(Notice.on, Notice.due_at)
    )
    last = {notice.staff_id: notice for notice in rows}
    return {reader: notice for reader, notice in last.items() if _is_troubled(notice)}


def _is_troubled(notice: Notice) -> bool:
    is_tried_again = notice.status is MessageStatus.PLANNED and notice.attempts > 0
    return is_tried_again or notice.status in (MessageStatus.FAILED, MessageStatus.UNKNOWN)
