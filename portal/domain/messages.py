"""The kinds of message: a participant's first, a visit's own, what staff send again or she asks for, and the site's."""

from enum import StrEnum


class MessageKind(StrEnum):
    """One kind for each message of a visit, so that several reminders stay distinct under the unique key."""

    INVITATION = "invitation"
    OPENING = "opening"
    REMINDER_1 = "reminder-1"
    REMINDER_2 = "reminder-2"
    REMINDER_3 = "reminder-3"
    REMINDER_4 = "reminder-4"
    REMINDER_5 = "reminder-5"
    LAST_CALL = "last-call"
    RESENT = "resent"
    FRESH_LINK = "fresh-link"
    CONTACT_TEST = "contact-test"
    SUMMARY = "summary"
    NOTHING_RECEIVED = "nothing-received"

    @property
    def to_patient(self) -> bool:
        """Whether the patient receives it; else the site does."""
        return self not in TO_SITE

    @property
    def tells_of_visit(self) -> bool:
        """Whether the patient learns from it of a visit: a fresh link and a test of the address tell of none."""
        return self.to_patient and self not in NOT_OF_A_VISIT


REMINDERS = (
    MessageKind.REMINDER_1,
    MessageKind.REMINDER_2,
    MessageKind.REMINDER_3,
    MessageKind.REMINDER_4,
    MessageKind.REMINDER_5,
)

REMINDING = (*REMINDERS, MessageKind.LAST_CALL)
"""What goes only to who has not sent everything, each on a day of its own."""

TO_SITE = (MessageKind.SUMMARY, MessageKind.NOTHING_RECEIVED)
"""Sent to staff, each about one edition of a visit's summary."""

NOT_OF_A_VISIT = (MessageKind.FRESH_LINK, MessageKind.CONTACT_TEST)
"""Sent beside a visit because every message is, and because somebody has asked for it, at whatever hour."""
