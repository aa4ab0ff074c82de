"""Notices to staff of a site as a whole: what each would say now."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.db.notice import Notice
from portal.services.letters import Letter


def letter_for(session: Session, notice: Notice, at: datetime) -> Letter | None:  # noqa: ARG001 - no words yet
    """Give what a notice says now; None when there is nothing to say, or its reader wishes none any more."""
    return None
