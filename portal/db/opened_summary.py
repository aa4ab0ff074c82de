"""What a person has opened and nobody has seen yet: what she may sign, found without looking through all that waits.

The database itself keeps it, from the events of summaries (migration 0009); nobody writes here. Each such summary is
here; one that was opened and seen at the same moment may stay, so that readers still ask whether it waits.
"""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class OpenedSummary(Base):
    """The current edition of a visit's summary that waits, and one who has opened it."""

    __tablename__ = "opened_summary"

    by_staff: Mapped[UUID] = mapped_column(primary_key=True)
    summary_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
