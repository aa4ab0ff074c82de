"""A day to remember, as a calendar file (RFC 5545): an all-day event with an alarm in the morning."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.utils import import_string

MEDIA_TYPE = "text/calendar"

_MORNING = timedelta(hours=9)  # after the day's first instant, by the clock of whoever keeps the calendar


@dataclass(frozen=True)
class Reminder:
    """What the calendar says; `uid` is the same whenever the same day is asked for, so that it is kept once."""

    uid: str
    on: date
    title: str
    text: str
    language: str


def calendar_file(reminder: Reminder, *, at: datetime) -> bytes:
    """Write the file.  The day has no zone: it is that day wherever the phone is."""
    # Loaded when the first file is asked for: 3 MB that most web processes never need.
    ical: Any = import_string("icalendar")
    alarm = ical.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", reminder.title)
    alarm.add("trigger", _MORNING)
    event = ical.Event()
    event.add("uid", reminder.uid)
    event.add("dtstamp", at)
    event.add("dtstart", reminder.on)
    event.add("dtend", reminder.on + timedelta(days=1))
    event.add("summary", reminder.title, parameters={"LANGUAGE": reminder.language})
    event.add("description", reminder.text, parameters={"LANGUAGE": reminder.language})
    event.add("transp", "TRANSPARENT")  # it takes no time of the day
    event.add_component(alarm)
    calendar = ical.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Previsit//Previsit//EN")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()  # untyped in the library
    return written
