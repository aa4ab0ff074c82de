"""How many queries, and wishes for a correction, a site has, open and done: counts that no page has to take.

The database itself keeps them beside the truth, in the transaction of each change (migration 0009); nobody writes here.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, code_of


class Asked(StrEnum):
    """What is asked about a sent answer: a query among staff, or a wish that it be corrected."""

    QUERY = "query"
    WISH = "wish"


class AskedTally(Base):
    """How many of one kind a site has that are done (closed, settled), or that are not."""

    __tablename__ = "asked_tally"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[Asked] = mapped_column(code_of(Asked), primary_key=True)
    done: Mapped[bool] = mapped_column(primary_key=True)
    number: Mapped[int]
