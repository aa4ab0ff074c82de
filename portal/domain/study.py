"""A study as its protocol sets it: sites, visits, windows, hours, thresholds and scoring options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from portal.domain.participant_number import NumberPattern
from portal.domain.states import Mode

LANGUAGES = ("fr", "en")
"""The languages the interface exists in, so the ones a study may choose from."""


class OffsetUnit(StrEnum):
    """What a visit's distance from inclusion is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance after inclusion: 0 or more days, weeks of 7 days, or calendar months."""

    count: int
    unit: OffsetUnit


@dataclass(frozen=True, slots=True)
class WindowRule:
    """On which days around the visit answers are taken, both ends included."""

    opens_days_before: int
    closes_days_after: int


@dataclass(frozen=True, slots=True)
class Reminders:
    """When a participant who has not sent everything is reminded; each list in ascending order of its number.

    last_call: how many days before the summary is due she is told that it is time; None for no such message.
    """

    days_after_opening: tuple[int, ...] = ()
    days_before_visit: tuple[int, ...] = ()
    last_call: int | None = None


class ChannelRule(StrEnum):
    """By what patients are written to: mail; text message; or mail, and a text message where no address is kept."""

    MAIL = "mail"
    SMS = "sms"
    MAIL_THEN_SMS = "mail-then-sms"


@dataclass(frozen=True, slots=True)
class MessageRule:
    """When and by what messages leave: local hours of the site for those to patients, and between which any may.

    invitation: whether a patient is written to as soon as her address is known, before any questionnaire is open.
    A text message that would be charged as more than `sms_most_parts` is not sent, nor one by which a calendar month
    would come to more than `sms_most_a_month` parts.
    """

    hour: time
    earliest: time
    latest: time
    invitation: bool = False
    channel: ChannelRule = ChannelRule.MAIL
    sms_most_parts: int = 2
    sms_most_a_month: int = 1000


class SummaryMail(StrEnum):
    """What the mail to an investigator holds."""

    LINK = "link"
    ATTACHED = "attached"


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """From which local hour of the site its staff are told what is amiss today, and how the week looks."""

    hour: time


@dataclass(frozen=True, slots=True)
class SummaryRule:
    """By how many working days before the visit the summary is sent, from which local hour, in what language.

    mail: whether the mail holds a link to it, or the page itself, encrypted with the site's passphrase.
    """

    working_days_before: int
    hour: time
    language: str
    mail: SummaryMail = SummaryMail.LINK


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """Whose public holidays a site keeps: ISO 3166-1 country, and ISO 3166-2 subdivision such as FR-57."""

    country: str
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers questions about the study itself."""

    name: str
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One place where participants are seen; `telephone` is what patients and the summary are told to ring."""

    code: str
    name: str
    telephone: str
    time_zone: str
    holidays: HolidayCalendar
    closures: tuple[date, ...] = ()
    emergency_telephone: str | None = None
    emergency: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the site's days and hours are counted."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of the protocol, with the questionnaires due at it (codes, in the order in which they are asked)."""

    code: str
    labels: Mapping[str, str] = field(hash=False)
    after_inclusion: Offset
    instruments: tuple[str, ...]
    window: WindowRule

    def label(self, language: str) -> str:
        """Name the visit in one of the study's languages."""
        return self.labels[language]


@dataclass(frozen=True, slots=True)
class Study:
    """Everything study.toml says, checked; see docs/study-file.md for what each key means."""

    code: str
    titles: Mapping[str, str] = field(hash=False)
    mode: Mode
    time_zone: str
    languages: tuple[str, ...]
    participant_number: NumberPattern
    instruments: tuple[str, ...]
    patients_see_scores: bool
    contact: Contact
    window: WindowRule
    reminders: Reminders
    messages: MessageRule
    summary: SummaryRule
    notices: NoticeRule
    thresholds: Mapping[str, Mapping[str, Fraction]] = field(hash=False)
    scoring: Mapping[str, Mapping[str, object]] = field(hash=False)
    sites: tuple[Site, ...]
    visits: tuple[Visit, ...]

    def title(self, language: str) -> str:
        """Name the study in one of its languages."""
        return self.titles[language]

    def get_site(self, code: str) -> Site:
        """Find the site with this code; KeyError when the study has none."""
        for site in self.sites:
            if site.code == code:
                return site
        raise KeyError(code)

    def get_visit(self, code: str) -> Visit:
        """Find the visit with this code; KeyError when the study has none."""
        for visit in self.visits:
            if visit.code == code:
                return visit
        raise KeyError(code)

    def find_threshold(self, instrument: str, scale: str) -> Fraction | None:
        """Answer from which change a scale's value matters, None when the study sets no threshold for it."""
        return self.thresholds.get(instrument, {}).get(scale)

    def scoring_options(self, instrument: str) -> Mapping[str, object]:
        """Answer the scoring options the study sets; every other option has the instrument's default."""
        return self.scoring.get(instrument, {})
