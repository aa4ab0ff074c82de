"""The kinds of message: a visit's own, what staff send again, the link that a participant asks for, and a test."""

from enum import StrEnum


class MessageKind(StrEnum):
    """One kind for each message of a visit, so that several reminders stay distinct under the unique key."""

    OPENING = "opening"
    REMINDER_1 = "reminder-1"
    REMINDER_2 = "reminder-2"
    REMINDER_3 = "reminder-3"
    REMINDER_4 = "reminder-4"
    REMINDER_5 = "reminder-5"
    RESENT = "resent"
    FRESH_LINK = "fresh-link"
    CONTACT_TEST = "contact-test"
    SUMMARY = "summary"

    @property
    def to_patient(self) -> bool:
        """Whether the patient receives it; else the site does."""
        return self is not MessageKind.SUMMARY

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

NOT_OF_A_VISIT = (MessageKind.FRESH_LINK, MessageKind.CONTACT_TEST)
"""Sent beside a visit because every message is, and because somebody has asked for it, at whatever hour."""
