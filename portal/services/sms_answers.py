"""Answers to text messages: STOP, in whatever way it is written, stops all messages to whose number it came from.

START undoes a STOP that was sent as a text too, as providers have it. It undoes no wish that was said in another way:
two patients may share a telephone, and one who stopped by a link or a call would be written to for the other's START.
"""

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from enum import Enum

from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.stop import StopWay
from portal.domain.telephone import mobile
from portal.services import actor, stops, studies
from portal.services.contacts import Contacts

_STOPPING = {"stop", "arret", "arreter", "desabonner", "unsubscribe", "cancel", "end", "quit", "fin"}
_STARTING = {"start", "unstop", "reprendre", "reprise", "resume"}


class Wish(Enum):
    """What an answer asks for."""

    STOP = "stop"
    START = "start"


def take(session: Session, contacts: Contacts, number: str, text: str, *, at: datetime) -> None:
    """Stop, or start again, the messages of everyone who is written to at this number; else nothing follows."""
    wish = find_wish(text)
    if wish is None:
        return
    for participant in _whose(session, contacts, number):
        by = actor.patient(participant.id)
        if wish is Wish.STOP:
            stops.ask(session, participant, StopWay.SMS, by=by, at=at)
        elif _stopped_by_text(session, participant):
            stops.lift(session, participant, by=by, at=at)


def find_wish(text: str) -> Wish | None:
    """Give what the first word asks for, whatever its case, accents and signs; None when it is neither of the two."""
    bare = unicodedata.normalize("NFD", text.casefold())
    words = "".join(sign if sign.isalpha() else " " for sign in bare if not unicodedata.combining(sign)).split()
    first = words[0] if words else ""
    return Wish.STOP if first in _STOPPING else Wish.START if first in _STARTING else None


def _whose(session: Session, contacts: Contacts, number: str) -> Iterator[Participant]:
    """Give everyone who is written to at this number; some providers leave out the + before the country's code."""
    for participant_id, kept in contacts.list_telephones():
        if _last(kept) != _last(number):
            continue
        participant = session.get(Participant, participant_id)
        if participant is None:
            continue
        country = studies.for_site(session, participant.site_id).site.holidays.country
        if mobile(kept, country) in {mobile(number, country), mobile(f"+{number}", country)} - {None}:
            yield participant


def _stopped_by_text(session: Session, participant: Participant) -> bool:
    stop = stops.find_open(session, participant.id)
    return stop is not None and stop.way is StopWay.SMS


def _last(number: str) -> str:
    """Give the digits in which all ways to write a number agree."""
    return "".join(sign for sign in number if sign.isdigit())[-7:]
