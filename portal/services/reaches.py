"""By what a participant is written to, and where: an address or a mobile number, as the study has it."""

from dataclasses import dataclass, field
from uuid import UUID

from portal.db.message import Channel
from portal.domain.study import ChannelRule
from portal.domain.telephone import mobile
from portal.services.contacts import Contacts, ContactUnreadableError
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class Reach:
    """Where a message goes; a number is in the form in which it is sent to."""

    channel: Channel
    to: str = field(repr=False)


def of_address(email: str | None) -> Reach | None:
    """Reach somebody by mail, None without an address."""
    return Reach(Channel.MAIL, email) if email else None


def choose(place: StudyAtSite, *, email: str | None, telephone: str | None) -> Reach | None:
    """Choose by what somebody of this site is written to; None when nothing would reach her."""
    rule = place.definition.messages.channel
    number = mobile(telephone, place.site.holidays.country) if telephone else None
    if rule is not ChannelRule.SMS and email:
        return Reach(Channel.MAIL, email)
    return Reach(Channel.SMS, number) if rule is not ChannelRule.MAIL and number else None


def of_participant(place: StudyAtSite, contacts: Contacts, participant_id: UUID) -> Reach | None:
    """Choose by what a participant is written to now.  Raises ContactUnreadableError."""
    known = contacts.find(participant_id)
    return choose(place, email=known.email, telephone=known.telephone)


def is_by_text(place: StudyAtSite, contacts: Contacts, participant_id: UUID) -> bool:
    """Whether a participant is written to by text message; not where the study sends none, or nothing can be read."""
    if place.definition.messages.channel is ChannelRule.MAIL:
        return False
    try:
        reach = of_participant(place, contacts, participant_id)
    except ContactUnreadableError:
        return False
    return reach is not None and reach.channel is Channel.SMS
