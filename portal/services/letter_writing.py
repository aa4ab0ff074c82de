"""Fills the letters: which words, in whose language, leading where; what is true of them stands in message_facts."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.db.message import Channel, Message
from portal.domain.messages import MessageKind
from portal.services import doors, sms_costs, stops
from portal.services.actor import Actor
from portal.services.doors import DoorKeys
from portal.services.letters import DOOR_PATH, NURSES_LIST_PATH, STOP_PATH, SUMMARY_PATH, Attachment, Letter
from portal.services.message_facts import Subject
from portal.services.reaches import Reach


def write_letter(
    session: Session,
    subject: Subject,
    message: Message,
    reach: Reach,
    keys: DoorKeys,
    *,
    attachment: Attachment | None = None,
    by: Actor,
    at: datetime,
) -> Letter:
    """Fill the letter; a participant without an open door gets one, since the link is what the mail is for.

    A fresh link is never sent without a door: who asks for it must not undo what staff revoked. A test of an address
    leads nowhere, and stops nothing: it may be somebody else's.
    """
    if subject.summary and subject.reader:
        return _to_staff(subject, message, reach, attachment)
    values, path, stop_path = _for_patient(subject), "", ""
    if subject.kind is not MessageKind.CONTACT_TEST:
        stop_path = STOP_PATH.format(token=stops.token(keys, subject.participant.id))
        door = doors.find_open(session, subject.participant.id)
        door = door or doors.issue(session, subject.participant, keys, by=by, at=at)
        values, path = values | {"visit_on": subject.visit.planned_on}, DOOR_PATH.format(token=doors.token(keys, door))
    if subject.kind is MessageKind.INVITATION:
        values |= {"opens_on": subject.window.opens_on}
    return Letter(
        message_id=message.id,
        mail=mail_of(subject),
        language=subject.participant.language,
        channel=reach.channel,
        to=reach.to,
        path=path,
        stop_path=stop_path,
        values=values,
        allowance=sms_costs.allowance(session, subject.place, at=at) if reach.channel is Channel.SMS else None,
    )


def _to_staff(subject: Subject, message: Message, reach: Reach, attachment: Attachment | None) -> Letter:
    reader, summary = subject.reader, subject.summary
    assert reader
    assert summary
    is_silent = subject.kind is MessageKind.NOTHING_RECEIVED
    about = {} if is_silent else {"edition": summary.number, "attached": attachment is not None}
    return Letter(
        message_id=message.id,
        mail=_MAILS[subject.kind],
        language=reader.language,
        to=reach.to,
        path=NURSES_LIST_PATH if is_silent else SUMMARY_PATH.format(summary_id=summary.id),
        values=_for_staff(subject) | about,
        attachment=attachment,
    )


_MAILS = {
    MessageKind.INVITATION: "invitation",
    MessageKind.OPENING: "opening",
    MessageKind.LAST_CALL: "last_call",
    MessageKind.FRESH_LINK: "fresh_link",
    MessageKind.CONTACT_TEST: "contact_test",
    MessageKind.SUMMARY: "summary",
    MessageKind.NOTHING_RECEIVED: "nothing_received",
}


def mail_of(subject: Subject) -> str:
    """Name the words of a message to a participant; what is sent again has those of the one that is current."""
    if subject.moved:
        return "moved"
    if subject.kind in _MAILS:
        return _MAILS[subject.kind]
    if subject.kind is MessageKind.RESENT and not subject.reminded and not subject.begun:
        return _MAILS[MessageKind.OPENING]
    return "reminder_started" if subject.begun else "reminder_not_started"


def _for_patient(subject: Subject) -> dict[str, str | int | date]:
    site = subject.place.site
    return {
        "site_name": site.name,
        "telephone": site.telephone,
        "emergency": site.emergency.get(subject.participant.language, ""),
    }


def _for_staff(subject: Subject) -> dict[str, str | int | date]:
    return {
        "visit_on": subject.visit.planned_on,
        "site_name": subject.place.site.name,
        "participant_number": subject.participant.participant_number,
    }
