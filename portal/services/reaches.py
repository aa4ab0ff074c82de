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
    by_text = choose(place, email=None, telephone=known.telephone) if mails_come_back else None
    if by_text:
        return by_text
    return choose(place, email=known.email, telephone=known.telephone)


def is_by_text(place: StudyAtSite, contacts: Contacts, participant_id: UUID, *, mails_come_back: bool = False) -> bool:
    """Whether a participant is written to by text message; not where the study sends none, or nothing can be read."""
    if place.definition.messages.channel is ChannelRule.MAIL:
        return False
    try:
        reach = of_participant(place, contacts, participant_id, mails_come_back=mails_come_back)
    except ContactUnreadableError:
        return False
    return reach is not None and reach.channel is Channel.SMS
