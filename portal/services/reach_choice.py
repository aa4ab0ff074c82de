"""By what somebody is written to, given what is known of her and what the study has."""

from dataclasses import dataclass, field

from portal.db.message import Channel
from portal.domain.study import ChannelRule
from portal.domain.telephone import mobile
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class Reachable:
    """What is known of how to reach a participant; None where nothing is."""

    email: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)


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
