"""The kinds of message: a visit's own, what staff send again, and the link that a participant asks for."""

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
    SUMMARY = "summary"

    @property
    def to_patient(self) -> bool:
        """Whether the patient receives it; else the site does."""
        return self is not MessageKind.SUMMARY


REMINDERS = (
    MessageKind.REMINDER_1,
    MessageKind.REMINDER_2,
    MessageKind.REMINDER_3,
    MessageKind.REMINDER_4,
    MessageKind.REMINDER_5,
)
