"""The page in the mail that announces it: for a study that wishes so, a site with a passphrase, and once it is printed.

The visit is planned on Friday 5 March 2027 in Paris; she sends everything on 27 February at 18:00.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.db.contact import SitePassphrase
from portal.db.message import Message
from portal.db.participant import Participant
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.audit import Deed
from portal.domain.study import SummaryMail
from portal.services import site_passphrases, studies, summaries, summary_documents
from portal.services.actor import SYSTEM
from portal.services.contacts import Contacts, ContactUnreadableError, NoContactKeyError
from portal.services.letters import Accepted, Letter
from portal.services.site_passphrases import PassphraseFault, PassphraseRefusedError, SitePassphrases
from tests import factories
from tests.services.mailing import paris, work

PASSPHRASE = "K7QM-2VXD-9HTA-0WPC-4RBN"
SENT = paris(2, 27, 18)


@pytest.fixture
def summary(session: Session, participant: Participant, investigator: Staff) -> Summary:
    """A summary, just made, of a study that attaches pages; its investigator reads English."""
    attach(session, SummaryMail.ATTACHED)
    factories.complete_visit(session, participant, at=SENT)
    found = summaries.find_current(session, factories.get_visit(session, participant).id)
    assert found
    return found


def attach(session: Session, mail: SummaryMail) -> None:
    study = factories.demonstration_study()
    studies.load(session, replace(study, summary=replace(study.summary, mail=mail)), by=SYSTEM, at=factories.AT)


def give_passphrase(session: Session, contacts: Contacts, participant: Participant) -> None:
    SitePassphrases(contacts).keep(session, participant.site_id, PASSPHRASE, by=SYSTEM, at=factories.AT)


def printed(session: Session, summary: Summary, language: str = "en") -> None:
    summary_documents.keep_document(session, summary, language, f"%PDF {language}".encode(), by=SYSTEM, at=SENT)


def announced(session: Session, contacts: Contacts, minutes: int = 0) -> list[Letter]:
    letters = work(session, contacts, SENT + timedelta(minutes=minutes))
    return [letter for letter in letters if letter.mail == "summary"]


def test_the_page_in_the_readers_language_goes_with_the_link(
    session: Session, contacts: Contacts, participant: Participant, summary: Summary
) -> None:
    give_passphrase(session, contacts, participant)
    printed(session, summary, "fr")
    printed(session, summary)
    (letter,) = announced(session, contacts)
    assert letter.attachment
    assert (letter.attachment.content, letter.attachment.passphrase) == (b"%PDF en", PASSPHRASE)
    assert letter.attachment.name == "01-001-2027-03-05-1.pdf"
    assert (letter.values["attached"], letter.path) == (True, f"/investigator/summaries/{summary.id}")
    left = session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_EXPORTED)).one()
    assert (left.subject_id, left.field) == (summary.id, "en")


def test_the_mail_waits_until_the_page_is_printed_and_that_is_no_attempt(
    session: Session, contacts: Contacts, participant: Participant, summary: Summary
) -> None:
    give_passphrase(session, contacts, participant)
    printed(session, summary, "fr")  # not hers
    assert announced(session, contacts) == []
    waiting = session.scalars(select(Message).where(Message.kind == "summary")).one()
    assert (waiting.due_at, waiting.attempts) == (SENT + timedelta(minutes=1), 0)
    printed(session, summary)
    (letter,) = announced(session, contacts, minutes=1)
    assert letter.attachment


def test_a_page_that_will_not_print_does_not_hold_the_link_up(
    session: Session, contacts: Contacts, participant: Participant, summary: Summary
) -> None:
    give_passphrase(session, contacts, participant)
    assert announced(session, contacts, minutes=14) == []
    (letter,) = announced(session, contacts, minutes=15)
    assert (letter.attachment, letter.values["attached"]) == (None, False)


@pytest.mark.parametrize("why", ["no passphrase", "the study sends links", "another key"])
def test_otherwise_the_link_goes_alone_and_at_once(
    session: Session, contacts: Contacts, participant: Participant, summary: Summary, why: str
) -> None:
    printed(session, summary)
    if why != "no passphrase":
        give_passphrase(session, contacts, participant)
    if why == "the study sends links":
        attach(session, SummaryMail.LINK)
    if why == "another key":
        contacts.session.get_one(SitePassphrase, participant.site_id).passphrase = b"sealed with something else"
    (letter,) = announced(session, contacts)
    assert letter.attachment is None
    assert session.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SUMMARY_EXPORTED)).all() == []


def test_the_trail_knows_that_a_passphrase_was_changed_and_never_which(
    session: Session, contacts: Contacts, participant: Participant
) -> None:
    kept = SitePassphrases(contacts)
    assert kept.changed_at(participant.site_id) is None
    for passphrase in (PASSPHRASE, "another passphrase"):
        kept.keep(session, participant.site_id, passphrase, by=SYSTEM, at=SENT)
        assert (kept.find(participant.site_id), kept.changed_at(participant.site_id)) == (passphrase, SENT)
    events = select(AuditEvent).where(AuditEvent.deed == Deed.PASSPHRASE_CHANGED).order_by(AuditEvent.id)
    assert [(each.subject_id, each.old, each.new) for each in session.scalars(events)] == [
        (participant.site_id, "none", "set"),
        (participant.site_id, "set", "set"),
    ]
    row = contacts.session.get_one(SitePassphrase, participant.site_id)
    assert b"passphrase" not in row.passphrase
    row.passphrase = b"sealed with something else"
    with pytest.raises(ContactUnreadableError):
        kept.find(participant.site_id)


def test_without_a_key_nothing_is_kept_or_found(session: Session, contacts: Contacts, participant: Participant) -> None:
    give_passphrase(session, contacts, participant)
    keyless = SitePassphrases(Contacts(contacts.session, ""))
    assert (keyless.find(participant.site_id), keyless.changed_at(participant.site_id)) == (None, None)
    with pytest.raises(NoContactKeyError):
        keyless.keep(session, participant.site_id, PASSPHRASE, by=SYSTEM, at=SENT)


@pytest.mark.parametrize(
    ("passphrase", "fault"),
    [
        ("elevensigns", PassphraseFault.SHORT),
        ("a1" * 51, PassphraseFault.LONG),
        ("mot de passe chiffré", PassphraseFault.SIGNS),
        ("twelve\tsigns!", PassphraseFault.SIGNS),
        ("aaaaaaaaaaab", PassphraseFault.SIMPLE),
    ],
)
def test_what_would_not_do_is_refused(passphrase: str, fault: PassphraseFault) -> None:
    with pytest.raises(PassphraseRefusedError) as refused:
        site_passphrases.check(passphrase)
    assert refused.value.fault is fault


def test_what_is_proposed_will_do_and_is_another_each_time() -> None:
    proposed = {site_passphrases.propose() for _ in range(20)}
    assert len(proposed) == 20
    for passphrase in proposed:
        site_passphrases.check(passphrase)


def test_an_accepted_mail_with_a_page_counts_as_delivered(
    session: Session, contacts: Contacts, participant: Participant, summary: Summary
) -> None:
    give_passphrase(session, contacts, participant)
    printed(session, summary)
    work(session, contacts, SENT, Accepted())
    assert session.scalars(select(Message.status).where(Message.kind == "summary")).one().value == "sent"
