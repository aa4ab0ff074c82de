"""How to reach a participant: e-mail and telephone, encrypted in a store of their own; all works without them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.contact import Contact
from portal.domain.audit import Deed
from portal.domain.study_sites import TELEPHONE
from portal.services import audit, invitation_mails
from portal.services.actor import Actor
from portal.services.reach_choice import Reachable

LONGEST_ADDRESS = 254  # characters, RFC 5321

_A_TIME = 500  # numbers in memory: a web worker reads them all when somebody answers STOP


class NoContactKeyError(Exception):
    """CONTACT_KEY is not set (or is no key), so that no contact can be kept or read."""


class ContactUnreadableError(Exception):
    """A contact was encrypted with another key than those given."""


class ContactRefusedError(Exception):
    """No e-mail address or telephone number; `field` says which of the two."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Known:
    """Whether an address and a telephone number are kept, without a look at them."""

    email: bool = False
    telephone: bool = False


class Contacts:
    """The contact store, opened with its key: one Fernet key, or several after a change, the newest first.

    Without a key nothing is ever found, and keeping is refused.  Raises NoContactKeyError for what is no key.
    """

    def __init__(self, session: Session, key: str) -> None:
        self._session = session
        self._fernet = _fernet(key)

    @staticmethod
    def check_key(key: str) -> None:
        """Raise NoContactKeyError when `key` is given and is none."""
        _fernet(key)

    @property
    def session(self) -> Session:
        """The session on the contact store."""
        return self._session

    @property
    def can_keep(self) -> bool:
        """Whether there is a key, without which no contact is kept."""
        return self._fernet is not None

    def find(self, participant_id: UUID) -> Reachable:
        """Give what is known of a participant.  Raises ContactUnreadableError."""
        row = self._session.get(Contact, participant_id) if self._fernet else None
        return Reachable(self._read(row.email), self._read(row.telephone)) if row else Reachable()

    def known(self, participant_id: UUID) -> Known:
        """Say what is kept of a participant; nothing is decrypted for it."""
        row = self._session.get(Contact, participant_id) if self._fernet else None
        return Known(row.email is not None, row.telephone is not None) if row else Known()

    def find_email(self, participant_id: UUID) -> str | None:
        """Give her address, None when there is none.  Raises ContactUnreadableError."""
        return self.find(participant_id).email

    def list_telephones(self) -> Iterator[tuple[UUID, str]]:
        """Give every number that is kept and can be read, with whose it is."""
        if self._fernet is None:
            return
        kept = select(Contact.participant_id, Contact.telephone).where(Contact.telephone.is_not(None))
        for participant_id, sealed in self._session.execute(kept.execution_options(yield_per=_A_TIME)):
            try:
                number = self._read(sealed)
            except ContactUnreadableError:
                continue
            if number:
                yield participant_id, number

    def keep(
        self,
        clinical: Session,
        participant_id: UUID,
        *,
        email: str | None = None,
        telephone: str | None = None,
        by: Actor,
        at: datetime,
    ) -> None:
        """Replace what is known of a participant; None or empty forgets it. The trail learns that, never what.

        Whom no message could reach until now gets her invitation. `clinical` is the session in which the trail is
        written; the caller commits both, this store's first.
        Raises ContactRefusedError, NoContactKeyError or ContactUnreadableError.
        """
        if self._fernet is None:
            raise NoContactKeyError
        wanted = check(email=email, telephone=telephone)
        before = self.find(participant_id)
        changed = [name for name in ("email", "telephone") if getattr(before, name) != getattr(wanted, name)]
        if not changed:
            return
        row = self._session.get(Contact, participant_id)
        if row is None:
            row = Contact(participant_id=participant_id)
            self._session.add(row)
        row.email, row.telephone = self._encrypted(wanted.email), self._encrypted(wanted.telephone)
        row.changed_at = at
        self._session.flush()
        audit.record(clinical, *_events(participant_id, changed, before, wanted), by=by, at=at)
        invitation_mails.plan(clinical, participant_id, before=before, now=wanted, by=by, at=at)

    def forget(self, clinical: Session, participant_id: UUID, what: str, *, by: Actor, at: datetime) -> None:
        """Forget the address or the number (`what`: "email", "telephone"), also one that no key opens any more."""
        row = self._session.get(Contact, participant_id)
        if row is None or getattr(row, what) is None:
            return
        setattr(row, what, None)
        row.changed_at = at
        self._session.flush()
        event = _event(participant_id, what, "known", "none")
        audit.record(clinical, event, by=by, at=at)

    def seal(self, text: str) -> bytes:
        """Encrypt a text as everything in this store is.  Raises NoContactKeyError."""
        sealed = self._encrypted(text) if self._fernet else None
        if sealed is None:
            raise NoContactKeyError
        return sealed

    def unseal(self, kept: bytes) -> str:
        """Decrypt what was sealed.  Raises NoContactKeyError or ContactUnreadableError."""
        text = self._read(kept) if self._fernet else None
        if text is None:
            raise NoContactKeyError
        return text

    def _read(self, kept: bytes | None) -> str | None:
        assert self._fernet is not None
        try:
            return self._fernet.decrypt(kept).decode() if kept else None
        except InvalidToken:
            raise ContactUnreadableError from None

    def _encrypted(self, value: str | None) -> bytes | None:
        assert self._fernet is not None
        return self._fernet.encrypt(value.encode()) if value else None


def check(*, email: str | None, telephone: str | None) -> Reachable:
    """Give what would be kept of these, without blanks around; None for what is empty.  Raises ContactRefusedError."""
    return Reachable(_checked_email(email), _checked_telephone(telephone))


def _fernet(key: str) -> MultiFernet | None:
    keys = key.replace(",", " ").split()
    try:
        return MultiFernet([Fernet(each) for each in keys]) if keys else None
    except ValueError:
        raise NoContactKeyError("CONTACT_KEY is no key: `portal doctor --new-keys` makes one") from None


def _checked_email(email: str | None) -> str | None:
    """Give the address without blanks around it, None when it is empty.  Raises ContactRefusedError."""
    address = (email or "").strip()
    if not address:
        return None
    try:
        parsed = Address(addr_spec=address)
    except (MessageError, ValueError, IndexError):
        raise ContactRefusedError("email") from None
    if parsed.addr_spec != address or not parsed.domain or not address.isascii() or len(address) > LONGEST_ADDRESS:
        raise ContactRefusedError("email")
    return address


def _checked_telephone(telephone: str | None) -> str | None:
    number = (telephone or "").strip()
    if number and not re.fullmatch(TELEPHONE, number):
        raise ContactRefusedError("telephone")
    return number or None


def _events(participant_id: UUID, changed: Sequence[str], before: Reachable, wanted: Reachable) -> list[audit.Event]:
    return [
        _event(participant_id, name, _presence(getattr(before, name)), _presence(getattr(wanted, name)))
        for name in changed
    ]


def _event(participant_id: UUID, name: str, old: str, new: str) -> audit.Event:
    return audit.Event(
        deed=Deed.CONTACT_CHANGED,
        subject_kind="contact",
        subject_id=participant_id,
        participant_id=participant_id,
        field=name,
        old=old,
        new=new,
    )


def _presence(value: str | None) -> str:
    return "known" if value else "none"
