"""By what a participant is written to, and where: an address or a mobile number, as the study has it."""

from uuid import UUID

from portal.db.message import Channel
from portal.domain.study import ChannelRule
from portal.services.contacts import Contacts, ContactUnreadableError
from portal.services.reach_choice import Reach, choose, of_address
from portal.services.studies import StudyAtSite

__all__ = ["Reach", "choose", "of_address", "of_participant"]


def of_participant(
    place: StudyAtSite, contacts: Contacts, participant_id: UUID, *, mails_come_back: bool = False
) -> Reach | None:
    """Choose by what a participant is written to now: not by mail when mails come back and there is another way.

    Raises ContactUnreadableError.
    """
    known = contacts.find(participant_id)
    as_text = choose(place, email=None, telephone=known.telephone) if mails_come_back else None
    if as_text:
        return as_text
    return choose(place, email=known.email, telephone=known.telephone)


def by_text(place: StudyAtSite, contacts: Contacts, participant_id: UUID) -> Reach | None:
    """Give the mobile number to which a participant's text messages go; None when there is none, or none is sent.

    Raises ContactUnreadableError.
    """
    return choose(place, email=None, telephone=contacts.find(participant_id).telephone)


def has_mobile(place: StudyAtSite, contacts: Contacts, participant_id: UUID) -> bool:
    """Whether text messages would reach a participant; not where the study sends none, or nothing can be read."""
    if place.definition.messages.channel is ChannelRule.MAIL:
        return False
    try:
        return by_text(place, contacts, participant_id) is not None
    except ContactUnreadableError:
        return False


def is_by_text(place: StudyAtSite, contacts: Contacts, participant_id: UUID, *, mails_come_back: bool = False) -> bool:
    """Whether a participant is written to by text message; not where the study sends none, or nothing can be read."""
    if place.definition.messages.channel is ChannelRule.MAIL:
        return False
    try:
        reach = of_participant(place, contacts, participant_id, mails_come_back=mails_come_back)
    except ContactUnreadableError:
        return False
    return reach is not None and reach.channel is Channel.SMS
