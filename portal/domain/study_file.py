"""study.toml: reading it, naming every fault in it, and writing a study back as canonical plain data."""

import itertools
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from portal.domain import instruments
from portal.domain.checked_table import CheckedTable, Fault, cut, show
from portal.domain.participant_number import InvalidPatternError, NumberPattern
from portal.domain.schedule import planned_on
from portal.domain.states import Mode
from portal.domain.study import (
    LANGUAGES,
    ChannelRule,
    Contact,
    MessageRule,
    NoticeRule,
    Offset,
    OffsetUnit,
    Reminders,
    Study,
    SummaryMail,
    SummaryRule,
    Visit,
    WindowRule,
)
from portal.domain.study_keys import STUDY
from portal.domain.study_scoring import read_scoring, read_thresholds
from portal.domain.study_sites import (
    A_CODE,
    A_TELEPHONE,
    CODE,
    TELEPHONE,
    KnowsCalendar,
    read_sites,
    read_texts,
    read_time_zone,
    refuse_twins,
)

AN_EMAIL = 'an address such as "study@example.org"'
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
DEFAULT_PATTERN = "{site}-{number:03}"
MOST_DAYS = 90
MOST_REMINDERS = 5
TOML_ADVICE = "See https://toml.io for how it is written"
TOML_WORDS = {
    "Cannot overwrite a value": "the key stands in this table already",
    "Cannot declare ('sites',) twice": "write [[sites]], with two brackets",
    "Cannot declare ('visits',) twice": "write [[visits]], with two brackets",
    "Invalid value": "the value is none (a text wants quotation marks around it)",
    "Illegal character '\\n'": "the quotation mark at the end of the text is missing",
}
"""What Python's reader of TOML says, in words for the person who wrote the file."""
ANY_DAY = date(2027, 1, 31)
"""A day of inclusion on which the order of the visits is tried out."""


class StudyFileError(ValueError):
    """The study file is not right; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep all the faults, and say them one to a line."""
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def from_toml(data: bytes, *, knows_calendar: KnowsCalendar | None = None) -> Study:
    """Read the bytes of a study.toml; raises StudyFileError with every fault."""
    try:
        values = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise StudyFileError((Fault(f"line {line}", "is not written in UTF-8", "Save the file as UTF-8"),)) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError of Python's own
        raise StudyFileError((_toml_fault(error, data),)) from None
    return from_mapping(values, knows_calendar=knows_calendar)


def _toml_fault(error: Exception, data: bytes) -> Fault:
    """Name the line that is no TOML, with what stands there, since its key cannot be told."""
    found = re.fullmatch(r"(.*) \(at (?:line ([0-9]+).*|end of document)\)", str(error), re.DOTALL)
    if found is None:
        return Fault("the file", "is not TOML: something in it is too long or nested too deep", TOML_ADVICE)
    problem = f"is not TOML: {TOML_WORDS.get(found[1], found[1])}".rstrip(".")
    if found[2] is None:
        return Fault("the end of the file", problem, TOML_ADVICE)
    line = cut(data.decode("utf-8-sig").split("\n")[int(found[2]) - 1].strip())
    return Fault(f"line {found[2]}", f"{line} {problem}", TOML_ADVICE)


def from_mapping(values: Mapping[str, object], *, knows_calendar: KnowsCalendar | None = None) -> Study:
    """Read a study from what tomllib or to_mapping gives; raises StudyFileError with every fault.

    knows_calendar: says whether a country's or subdivision's holidays are known; without it any is taken.
    """
    faults: list[Fault] = []
    study = _read_study(CheckedTable(values, STUDY, "", faults), knows_calendar or (lambda _: True))
    if faults:
        raise StudyFileError(tuple(faults))
    return study


def _read_study(table: CheckedTable, knows_calendar: KnowsCalendar) -> Study:
    languages = table.choices("languages", LANGUAGES)
    zone = read_time_zone(table, default=None)
    codes = table.choices("instruments", instruments.CODES)
    window = _window(table.table("window"), WindowRule(7, 2))
    visits = _visits(table, languages, codes, window)
    summary, messages = _summary(table.table("summary"), languages), _messages(table.table("messages"))
    return Study(
        code=table.text("code", A_CODE, pattern=CODE),
        titles=read_texts(table, "title", languages),
        mode=Mode(table.choice("mode", [mode.value for mode in Mode])),
        time_zone=zone,
        languages=languages,
        participant_number=_participant_number(table),
        instruments=codes,
        patients_see_scores=table.flag("patients_see_scores", default=False),
        contact=_contact(table.table("contact")),
        window=window,
        reminders=_reminders(table.table("reminders"), visits, summary),
        messages=messages,
        summary=summary,
        notices=_notices(table.table("notices"), messages),
        thresholds=read_thresholds(table, codes),
        scoring=read_scoring(table, codes),
        sites=read_sites(table, languages, zone, knows_calendar),
        visits=visits,
    )


def _participant_number(table: CheckedTable) -> NumberPattern:
    what = f'a pattern of one {{site}} and one {{number}}, such as "{DEFAULT_PATTERN}"'
    text = table.text("participant_number", what, default=DEFAULT_PATTERN)
    try:
        return NumberPattern(text)
    except InvalidPatternError:
        advice = (
            "Use one {site}, one {number} or {number:03}, at most one {check}, "
            "and around them only A-Z, 0-9, dot, slash and hyphen"
        )
        table.fault("participant_number", f"{show(text)} is no pattern of a participant number", advice)
        return NumberPattern(DEFAULT_PATTERN)


def _contact(table: CheckedTable) -> Contact:
    return Contact(
        name=table.text("name", "the name of whom to ask about the study"),
        telephone=table.find_text("telephone", A_TELEPHONE, pattern=TELEPHONE),
        email=table.find_text("email", AN_EMAIL, pattern=EMAIL),
    )


def _window(table: CheckedTable, default: WindowRule) -> WindowRule:
    return WindowRule(
        table.integer("opens_days_before", 0, MOST_DAYS, default=default.opens_days_before),
        table.integer("closes_days_after", 0, MOST_DAYS, default=default.closes_days_after),
    )


def _messages(table: CheckedTable) -> MessageRule:
    hours = MessageRule(
        hour=table.hour("hour", default=time(10)),
        earliest=table.hour("earliest", default=time(8)),
        latest=table.hour("latest", default=time(20)),
        invitation=table.flag("invitation", default=False),
        channel=ChannelRule(table.choice("channel", [each.value for each in ChannelRule], default="mail")),
        sms_most_parts=table.integer("sms_most_parts", 1, 6, default=2),
        sms_most_a_month=table.integer("sms_most_a_month", 0, 1_000_000, default=1000),
    )
    if hours.earliest >= hours.latest:
        table.fault("latest", f"is not after earliest ({hours.earliest:%H:%M})", "Give a later hour")
    elif not hours.earliest <= hours.hour <= hours.latest:
        problem = f"{hours.hour:%H:%M} is not between earliest and latest ({hours.earliest:%H:%M}–{hours.latest:%H:%M})"
        table.fault("hour", problem, "Give an hour between them")
    return hours


def _notices(table: CheckedTable, hours: MessageRule) -> NoticeRule:
    rule = NoticeRule(table.hour("hour", default=max(time(8), hours.earliest)))
    if not hours.earliest <= rule.hour <= hours.latest:
        advice = "Give one between messages.earliest and messages.latest"
        table.fault("hour", f"{rule.hour:%H:%M} is not an hour at which messages leave", advice)
    return rule


def _summary(table: CheckedTable, languages: tuple[str, ...]) -> SummaryRule:
    return SummaryRule(
        working_days_before=table.integer("working_days_before", 0, 30, default=2),
        hour=table.hour("hour", default=time(7)),
        language=table.choice("language", languages or LANGUAGES, default=(languages or LANGUAGES)[0]),
        mail=SummaryMail(table.choice("mail", [each.value for each in SummaryMail], default="link")),
    )


def _visits(
    table: CheckedTable, languages: tuple[str, ...], codes: tuple[str, ...], window: WindowRule
) -> tuple[Visit, ...]:
    tables = table.tables("visits")
    visits = tuple(
        Visit(
            code=entry.text("code", A_CODE, pattern=CODE),
            labels=read_texts(entry, "label", languages),
            after_inclusion=_offset(entry.table("after_inclusion")),
            instruments=entry.choices("instruments", codes or instruments.CODES, default=codes),
            window=_window(entry.table("window"), window),
        )
        for entry in tables
    )
    refuse_twins(tables, [visit.code for visit in visits])
    _refuse_disorder(tables, visits)
    return visits


def _refuse_disorder(tables: list[CheckedTable], visits: tuple[Visit, ...]) -> None:
    sound = [pair for pair in zip(tables, visits, strict=True) if pair[0].is_sound("after_inclusion")]
    for (_, before), (entry, visit) in itertools.pairwise(sound):
        if planned_on(ANY_DAY, visit) <= planned_on(ANY_DAY, before):
            advice = "List the visits in the order of time, each later than the one before"
            entry.fault("after_inclusion", f"is not after that of {before.code}", advice)


def _offset(table: CheckedTable) -> Offset:
    units = [unit for unit in OffsetUnit if table.has(unit.value)]
    if len(units) != 1 and table.whole:
        table.fault("", "must give one of days, weeks and months", "Write { days = 0 } or { months = 3 }")
    if len(units) != 1:
        return Offset(0, OffsetUnit.DAYS)
    most = {OffsetUnit.DAYS: 3650, OffsetUnit.WEEKS: 520, OffsetUnit.MONTHS: 120}[units[0]]
    return Offset(table.integer(units[0].value, 0, most), units[0])


def _reminders(table: CheckedTable, visits: tuple[Visit, ...], summary: SummaryRule) -> Reminders:
    reminders = Reminders(
        table.integers("days_after_opening", 1, MOST_DAYS),
        table.integers("days_before_visit", 0, MOST_DAYS),
        table.integer("last_call", 1, MOST_DAYS) if table.has("last_call") else None,
    )
    if len(reminders.days_after_opening) + len(reminders.days_before_visit) > MOST_REMINDERS:
        table.fault("", f"are more than {MOST_REMINDERS} for one visit", "Leave some out")
    if not visits:
        return reminders
    rules = {visit.window for visit in visits}
    for count in reminders.days_after_opening:
        if not any(count <= rule.opens_days_before + rule.closes_days_after for rule in rules):
            problem = f"{count} days after the opening is past the closing of every visit"
            table.fault("days_after_opening", problem, "Give fewer days, or close later")
    for count in reminders.days_before_visit:
        if not any(count < rule.opens_days_before for rule in rules):
            problem = f"{count} days before the visit is not after the opening of any visit"
            table.fault("days_before_visit", problem, "Give fewer days, or open earlier")
    if reminders.last_call is not None:
        before = reminders.last_call + summary.working_days_before
        if not any(before < rule.opens_days_before for rule in rules):
            problem = f"{reminders.last_call} days before the summary is due is not after the opening of any visit"
            table.fault("last_call", problem, "Give fewer days, or open earlier")
    return reminders
