"""A site's passphrase, which opens the pages attached to its mails; encrypted in the contact store, shown to nobody.

Whoever sets it writes it down first; what is kept is read by the worker alone.
"""

import secrets
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.db.contact import SitePassphrase
from portal.domain.audit import Deed
from portal.domain.codes import ALPHABET
from portal.services import audit
from portal.services.actor import Actor
from portal.services.contacts import Contacts, NoContactKeyError

SHORTEST, LONGEST = 12, 100  # characters; the PDF format takes at most 127 bytes
_GROUPS, _GROUP = 5, 4  # 100 random bits


class PassphraseFault(StrEnum):
    """What is wrong with a passphrase."""

    SHORT = "short"
    LONG = "long"
    SIGNS = "signs"
    SIMPLE = "simple"


class PassphraseRefusedError(Exception):
    """It is none that would do; `fault` says why."""

    def __init__(self, fault: PassphraseFault) -> None:
        super().__init__(fault)
        self.fault = fault


class SitePassphrases:
    """The passphrases of sites, in an opened contact store."""

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts

    def changed_at(self, site_id: UUID) -> datetime | None:
        """Give when a site's passphrase was set last, None when it has none; nothing is decrypted for it."""
        row = self._contacts.session.get(SitePassphrase, site_id) if self._contacts.can_keep else None
        return row.changed_at if row else None

    def find(self, site_id: UUID) -> str | None:
        """Give a site's passphrase, None when it has none.  Raises ContactUnreadableError."""
        row = self._contacts.session.get(SitePassphrase, site_id) if self._contacts.can_keep else None
        return self._contacts.unseal(row.passphrase) if row else None

    def keep(self, clinical: Session, site_id: UUID, passphrase: str, *, by: Actor, at: datetime) -> None:
        """Replace a site's passphrase; mails that have left open with the old one.  The trail learns that, never what.

        `clinical` is the session in which the trail is written; the caller commits both, this store's first.
        Raises PassphraseRefusedError or NoContactKeyError.
        """
        if not self._contacts.can_keep:
            raise NoContactKeyError
        check(passphrase)
        row = self._contacts.session.get(SitePassphrase, site_id)
        event = audit.Event(
            deed=Deed.PASSPHRASE_CHANGED,
            subject_kind="site",
            subject_id=site_id,
            old="set" if row else "none",
            new="set",
        )
        if row is None:
            row = SitePassphrase(site_id=site_id)
            self._contacts.session.add(row)
        row.passphrase, row.changed_at = self._contacts.seal(passphrase), at
        self._contacts.session.flush()
        audit.record(clinical, event, by=by, at=at)


def check(passphrase: str) -> None:
    """Refuse what is short, of few different signs, or of signs that some PDF readers do not take.

    Raises PassphraseRefusedError.
    """
    checks = (
        (len(passphrase) < SHORTEST, PassphraseFault.SHORT),
        (len(passphrase) > LONGEST, PassphraseFault.LONG),
        (not (passphrase.isascii() and passphrase.isprintable()), PassphraseFault.SIGNS),
        (len(set(passphrase)) < SHORTEST // 2, PassphraseFault.SIMPLE),
    )
    for holds, fault in checks:
        if holds:
            raise PassphraseRefusedError(fault)


def propose() -> str:
    """Give a passphrase that nobody guesses and anybody can type: five groups of four, no O for 0, no I for 1."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
