"""The page itself beside the link in the mail that announces it, where the study wishes so and the site can read it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.db.summary import Summary
from portal.domain.messages import MessageKind
from portal.domain.study import SummaryMail
from portal.services import summary_documents, summary_life
from portal.services.actor import Actor
from portal.services.contacts import Contacts, ContactUnreadableError
from portal.services.letters import Attachment
from portal.services.message_facts import Subject
from portal.services.site_passphrases import SitePassphrases

WAITS = timedelta(minutes=15)
"""How long after a summary was made its mail waits for the page to be printed; then the link goes alone."""

AGAIN = timedelta(minutes=1)
"""How long the mail waits before it is looked at again."""


@dataclass(frozen=True)
class Awaited:
    """The page is to be attached and is not printed yet."""


def find(
    session: Session, subject: Subject, contacts: Contacts, *, by: Actor, at: datetime
) -> Attachment | Awaited | None:
    """Give what is attached to a message's mail, None when the link goes alone; that it leaves is in the trail.

    A passphrase that no key opens any more counts as none.
    """
    summary, reader = subject.summary, subject.reader
    wished = subject.place.definition.summary.mail is SummaryMail.ATTACHED
    if subject.kind is not MessageKind.SUMMARY or not wished or summary is None or reader is None:
        return None
    try:
        passphrase = SitePassphrases(contacts).find(subject.place.site_id)
    except ContactUnreadableError:
        return None
    if passphrase is None:
        return None
    document = summary_documents.find_document(session, summary, reader.language)
    if document is None:
        return Awaited() if at - summary.made_at < WAITS else None
    summary_life.exported(session, summary, reader.language, document.pdf, by=by, at=at)
    return Attachment(_name(subject, summary), document.pdf, passphrase)


def _name(subject: Subject, summary: Summary) -> str:
    number = re.sub(r"[^A-Z0-9.-]", "-", subject.participant.participant_number)
    return f"{number}-{subject.visit.planned_on.isoformat()}-{summary.number}.pdf"
