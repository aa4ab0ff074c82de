"""The worker's sending: messages to patients and staff and notices to staff, one after the other, each once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.mail import Mailer
from portal.adapters.outlets import Outlet
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.sms import Texter
from portal.cli.duty import Duty
from portal.cli.units import Units
from portal.config import Settings
from portal.db.message import Message
from portal.db.notice import Notice
from portal.domain.sending import Reason
from portal.services import deliveries, leases, messages, notice_sending
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from portal.services.deliveries import AnyDelivery
from portal.services.doors import DoorKeys
from portal.services.letters import Letter, Outcome, Postponed, Unknown

_A_ROUND = timedelta(seconds=60)  # a mail server that hangs must not keep summaries from being made


@dataclass(frozen=True)
class _Post(Generic[AnyDelivery]):
    """One kind of delivery: its rows, how one is decided on, and how its outcome is kept."""

    kind: type[AnyDelivery]
    prepare: Callable[[Session, AnyDelivery], Letter | None]
    conclude: Callable[[Session, AnyDelivery, Outcome], None]


@dataclass
class Sending(Units):
    """Sends what is due, for at most a minute a round; `duty` outlives the rounds."""

    clinical: Engine
    contact: Engine
    settings: Settings
    mailer: Mailer
    texter: Texter
    duty: Duty
    now: Callable[[], datetime]
    say: Callable[[str], None]
    stopping: Callable[[], bool]
    faults: int = 0

    def round(self) -> int:
        """Take up what was left behind, then send what is due; nothing of it while another worker holds the lease."""
        until = self.now() + _A_ROUND
        if self.hold():
            to_visits, to_sites = self._posts()
            self._take_up(to_visits)
            self._take_up(to_sites)
            self._send_all(to_visits, until)
            self._send_all(to_sites, until)
        return self.faults

    def hold(self) -> bool:
        """Take or renew the lease; say whenever it changes hands."""
        duty, at = self.duty, self.now()
        if duty.is_held(at):
            return True
        found: list[leases.Hold] = []
        with self._unit("taking the lease") as session:
            found.append(leases.take(session, duty.name, at=at))
        if not found:
            return False
        hold = found[0]
        duty.until = hold.until if hold.holder == duty.name else None
        if hold.holder != duty.name:
            if duty.waits_for != hold.holder:
                self._say(f"{hold.holder} sends; {duty.name} waits")
            duty.waits_for = hold.holder
            return False
        if hold.before or duty.waits_for:
            self._say(f"{duty.name} sends from now on, after {hold.before or duty.waits_for}")
        duty.waits_for = ""
        return True

    def _posts(self) -> "tuple[_Post[Message], _Post[Notice]]":
        return (
            _Post(Message, self._prepare_message, lambda *of: messages.conclude(*of, by=SYSTEM, at=self.now())),
            _Post(
                Notice,
                self._prepare_notice,
                lambda *of: deliveries.keep_outcome(*of, by=SYSTEM, at=self.now()),
            ),
        )

    def _prepare_notice(self, session: Session, notice: Notice) -> Letter | None:
        return notice_sending.prepare(session, notice, is_public_holiday=is_public_holiday, by=SYSTEM, at=self.now())

    def _prepare_message(self, session: Session, message: Message) -> Letter | None:
        with Session(self.contact) as contact_session:
            contacts = Contacts(contact_session, self.settings.contact_key)
            keys = DoorKeys(self.settings.secret_key)
            return messages.prepare(session, message, contacts, keys, by=SYSTEM, at=self.now())

    def _take_up(self, post: _Post[AnyDelivery]) -> None:
        """Write down what could not be, then see to what lost workers left behind and to what nobody knows the fate of.

        Nothing is in this worker's hands now: what still bears its name was lost to a fault.
        """
        for delivery_id in self.duty.unkept_of(post.kind):
            self._conclude(post, delivery_id)
        with self._unit(f"taking up lost {post.kind.__tablename__}s") as session:
            at = self.now()
            alive = leases.alive(session, at=at) - {self.duty.name}
            in_hand = self.duty.unkept_of(post.kind)
            for row in deliveries.take_up_lost(session, post.kind, alive=alive, in_hand=in_hand, by=SYSTEM, at=at):
                self._say(f"{_name(row)} {row.status}: its worker was lost")
            for row in deliveries.take_up_unknown(session, post.kind, by=SYSTEM, at=at):
                self._say(f"{_name(row)} planned once more: nobody knows whether it left")

    def _send_all(self, post: _Post[AnyDelivery], until: datetime) -> None:
        while not self.stopping() and self.now() <= until and self.hold():
            claimed: list[AnyDelivery] = []
            with self._unit(f"claiming {post.kind.__tablename__}s") as session:
                claimed = deliveries.claim(session, post.kind, worker=self.duty.name, at=self.now())
            if not claimed:
                return
            self._send(post, claimed[0].id)

    def _send(self, post: _Post[AnyDelivery], delivery_id: UUID) -> None:
        """Decide on what was claimed, send it, keep the outcome: three steps, the middle one outside any transaction.

        When the first step fails, nothing has left, and it waits for another try.
        """
        outcome: Outcome = Postponed(Reason.FAULT)
        letter: Letter | None = None
        decided = False
        with self._unit(f"preparing {post.kind.__tablename__} {delivery_id}") as session:
            row = deliveries.find_in_hand(session, post.kind, delivery_id, worker=self.duty.name)
            letter = post.prepare(session, row) if row else None
            session.commit()
            decided = True
            if row and letter is None:
                self._say(f"{_name(row)} {row.status}: {row.reason or 'waits'}")
        if decided and letter is None:
            return
        if letter and decided:
            outcome = self._hand_over(letter)
        self.duty.unkept[post.kind, delivery_id] = outcome
        self._conclude(post, delivery_id)

    def _conclude(self, post: _Post[AnyDelivery], delivery_id: UUID) -> None:
        """Keep an outcome; should that fail it is tried again with the next round."""
        outcome = self.duty.unkept[post.kind, delivery_id]
        with self._guarded(f"keeping the outcome of {post.kind.__tablename__} {delivery_id}"):
            with Session(self.clinical, expire_on_commit=False) as session:
                row = deliveries.find_in_hand(session, post.kind, delivery_id, worker=self.duty.name)
                if row:
                    post.conclude(session, row, outcome)
                session.commit()
            del self.duty.unkept[post.kind, delivery_id]
            if row:
                self._say(f"{_name(row)} {row.status}" + (f": {row.reason}" if row.reason else ""))

    def _hand_over(self, letter: Letter) -> Outcome:
        outcome: Outcome = Postponed(Reason.FAULT)
        with self._guarded(f"sending message {letter.message_id}"):
            hand_over = Outlet(self.settings, self.mailer, self.texter).write(letter, at=self.now())
            outcome = Unknown(Reason.FAULT)  # should the mailer fail in a way it does not know, the mail may have left
            return hand_over()
        return outcome


def _name(row: Message | Notice) -> str:
    return f"{row.__tablename__} {row.id} ({row.kind})"
