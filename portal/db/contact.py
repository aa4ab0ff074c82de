"""The contact store: how to reach a participant, encrypted, in a database of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import ContactBase


class Contact(ContactBase):
    """Address and telephone of one participant, each encrypted with the contact key; any may be absent."""

    __tablename__ = "contact"

    participant_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    telephone: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]


class SitePassphrase(ContactBase):
    """What opens the summaries that are attached to a site's mails, encrypted with the contact key."""

    __tablename__ = "site_passphrase"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    passphrase: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]
