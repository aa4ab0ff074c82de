"""A text message by the real worker to a real provider on this machine: sent, refused, over the limit, or kept here."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.sms import LocalTexter
from portal.cli.work import open_worker
from portal.cli.working import Worker
from portal.config import Settings
from portal.db.engine import for_writing, open_engine
from portal.db.message import Channel, Message
from portal.domain.study import ChannelRule
from portal.services import studies
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts
from tests import factories
from tests.adapters.test_sms import Provider

RoundOf = Callable[..., list[tuple[str, str, str | None]]]
AT = datetime(2027, 2, 26, 9, 0, tzinfo=UTC)
"""Friday 26 February 2027, 10:00 in Paris: the opening of the inclusion visit of 5 March."""


@pytest.fixture
def round_of(settings: Settings, store: Session) -> Iterator[RoundOf]:
    """Have a worker with other settings make a round, for a patient with a telephone and no address."""
    study = factories.demonstration_study()
    rule = replace(study.messages, channel=ChannelRule.MAIL_THEN_SMS, sms_most_a_month=3)
    studies.load(store, replace(study, messages=rule), by=SYSTEM, at=factories.AT)
    participant = factories.make_participant(store, studies.list_sites(store)[0], included_on=date(2027, 3, 5))
    engine = for_writing(open_engine(settings.contact_database_url))
    with Session(engine) as opened:
        contacts = Contacts(opened, settings.contact_key)
        contacts.keep(store, participant.id, telephone="06 12 34 56 78", by=SYSTEM, at=factories.AT)
        opened.commit()
    engine.dispose()
    store.commit()
    with ExitStack() as stack:

        def work(at: datetime = AT, **changed: Any) -> list[tuple[str, str, str | None]]:
            worker: Worker = open_worker(replace(settings, **changed), threading.Event())
            stack.callback(worker.clinical.dispose)
            stack.callback(worker.contact.dispose)
            worker.now, worker.render, worker.render_blank = lambda: at, None, None
            worker.round()
            found = store.execute(select(Message.kind, Message.status, Message.reason).order_by(Message.due_at)).all()
            store.rollback()
            return [(row.kind, row.status.value, row.reason) for row in found if row.status.value != "planned"]

        yield work


def test_it_is_handed_to_the_provider_and_its_name_and_cost_are_kept(round_of: RoundOf, store: Session) -> None:
    provider = Provider()
    with provider.serving() as url:
        assert round_of(sms_url=url, sms_from="Previsit") == [("opening", "sent", None)]
    ((_, _, body),) = provider.received
    assert b'"to": "+33612345678"' in body
    message = store.scalars(select(Message).where(Message.kind == "opening")).one()
    assert (message.channel, message.parts, message.provider_id) == (Channel.SMS, 2, "abc-1")


def test_over_the_months_limit_it_is_not_sent_and_shows(round_of: RoundOf, store: Session) -> None:
    provider = Provider()
    with provider.serving() as url:
        round_of(sms_url=url)
        two_days_later = AT.replace(day=28)
        assert round_of(two_days_later, sms_url=url) == [
            ("opening", "sent", None),
            ("reminder-1", "failed", "sms-limit"),
        ]
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("provider", "status", "reason"),
    [(Provider(status=422), "failed", "http-422"), (Provider(hangs_up=True), "unknown", "connection-lost")],
)
def test_what_became_of_it_shows(round_of: RoundOf, provider: Provider, status: str, reason: str) -> None:
    with provider.serving() as url:
        assert round_of(sms_url=url) == [("opening", status, reason)]
    assert len(provider.received) == 1


def test_a_trial_keeps_it_with_the_mails(round_of: RoundOf, settings: Settings) -> None:
    assert round_of() == [("opening", "sent", None)]
    kept = LocalTexter(settings.mailbox)
    (name,) = kept.names()
    message = kept.find(name)
    assert message
    assert message.number == "+33612345678"
    assert "vos questionnaires avant la visite du 5 mars 2027" in message.text
