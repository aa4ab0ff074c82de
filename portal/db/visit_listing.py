"""What the lists are read from: a line for each visit, and how many visits of a day are alike.

The database itself keeps both beside the truth, in the transaction of each change (migrations 0006, 0008, 0010): no
service, script or bulk load can forget it, and nobody writes here. There are no foreign keys: a line is made of rows
that are there, and checking that would lock them. `portal.services.visit_index` and `promise_index` read them,
`portal.services.visit_check` checks them.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of

NEVER = 9999


class Received(StrEnum):
    """How much of what a visit asks has arrived."""

    NOTHING = "nothing"
    BEGUN = "begun"
    SENT = "sent"


class Reading(StrEnum):
    """Whether a visit has a summary, and whether somebody has seen its current edition."""

    NONE = "none"
    WAITING = "waiting"
    SEEN = "seen"


class Whereabouts(StrEnum):
    """Where the current edition of a visit's summary is.

    It is at the site once a mail that announces it was taken over and did not come back for good, or once somebody
    there has looked at it.
    """

    NONE = "none"
    AWAY = "away"
    AT_SITE = "at-site"


class VisitListing(Base):
    """One visit as lists find and sort it.

    `withdrawn_after` counts the days from the visit to the participant's withdrawal: -1 is before the visit, NEVER that
    she takes part or that everything was sent. `paper` = paper was made or wished for last, and not all was sent.
    `first_at` is when any edition of its summary first was at the site, None = never; `known_at` since when the portal
    knows that the visit is on this day.
    """

    __tablename__ = "visit_listing"
    __table_args__ = (
        Index("ix_visit_listing_day", "site_id", "planned_on", "participant_number", "visit_id"),
        Index("ix_visit_listing_number", "participant_number", "planned_on", "visit_id"),
        Index(
            *("ix_visit_listing_whereabouts", "site_id", "whereabouts", "planned_on"),
            *("first_at", "known_at", "visit_id"),
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID]
    participant_number: Mapped[str]
    planned_on: Mapped[date]
    code: Mapped[str]
    withdrawn_after: Mapped[int]
    received: Mapped[Received] = mapped_column(code_of(Received))
    paper: Mapped[bool]
    reading: Mapped[Reading] = mapped_column(code_of(Reading))
    whereabouts: Mapped[Whereabouts] = mapped_column(code_of(Whereabouts))
    summary_id: Mapped[UUID | None]
    first_at: Mapped[datetime | None]
    known_at: Mapped[datetime]


class VisitTally(Base):
    """How many visits of one site and day are alike in all that a list counts by; never none."""

    __tablename__ = "visit_tally"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    planned_on: Mapped[date] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    withdrawn_after: Mapped[int] = mapped_column(primary_key=True)
    received: Mapped[Received] = mapped_column(code_of(Received), primary_key=True)
    paper: Mapped[bool] = mapped_column(primary_key=True)
    reading: Mapped[Reading] = mapped_column(code_of(Reading), primary_key=True)
    visits: Mapped[int]
