"""Answers to text messages: STOP, in whatever way it is written, stops all messages to whose number it came from."""

import unicodedata
from datetime import datetime

from sqlalchemy.orm import Session

from portal.db.participant import Participant
from portal.db.stop import StopWay
from portal.domain.telephone import mobile
from portal.services import actor, stops, studies
from portal.services.contacts import Contacts

_STOPPING = {"stop", "arret", "arreter", "desabonner", "unsubscribe", "cancel", "end", "quit", "fin"}


def take(session: Session, contacts: Contacts, number: str, text: str, *, at: datetime) -> None:
    """Stop the messages of everyone who is written to at this number, when the text says so; else nothing follows.

    Some providers leave out the + before the country's code.
    """
    if not is_stop(text):
        return
    for participant_id, kept in contacts.list_telephones():
        if _last(kept) != _last(number):
            continue
        participant = session.get(Participant, participant_id)
        if participant is None:
            continue
        country = studies.for_site(session, participant.site_id).site.holidays.country
        if mobile(kept, country) in {mobile(number, country), mobile(f"+{number}", country)} - {None}:
            stops.ask(session, participant, StopWay.SMS, by=actor.patient(participant.id), at=at)


def is_stop(text: str) -> bool:
    """Whether the first word is one by which people stop messages, whatever its case, accents and signs."""
    bare = unicodedata.normalize("NFD", text.casefold())
    words = "".join(sign if sign.isalpha() else " " for sign in bare if not unicodedata.combining(sign)).split()
    return bool(words) and words[0] in _STOPPING


def _last(number: str) -> str:
    """Give the digits in which all ways to write a number agree."""
    return "".join(sign for sign in number if sign.isdigit())[-7:]
