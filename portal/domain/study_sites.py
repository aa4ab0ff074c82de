"""The parts of study.toml that say where: sites, their zones, telephones, public holidays and closures."""

import re
import zoneinfo
from collections.abc import Callable

from portal.domain.checked_table import CheckedTable, propose, show
from portal.domain.study import LANGUAGES, HolidayCalendar, Site

CODE = "[A-Z0-9]([A-Z0-9-]{0,28}[A-Z0-9])?"
A_CODE = 'capitals, digits and hyphens, at most 30, such as "M3"'
TELEPHONE = r"\+?[0-9][0-9 ().-]{0,28}[0-9]"
A_TELEPHONE = 'a telephone number such as "+33 1 99 00 12 34"'

KnowsCalendar = Callable[[HolidayCalendar], bool]


def read_sites(
    table: CheckedTable, languages: tuple[str, ...], zone: str, knows_calendar: KnowsCalendar
) -> tuple[Site, ...]:
    """Read each [[sites]]; `zone` is the study's, for sites that give none."""
    tables = table.tables("sites")
    sites = tuple(_site(entry, languages, zone, knows_calendar) for entry in tables)
    refuse_twins(tables, [site.code for site in sites])
    return sites


def _site(table: CheckedTable, languages: tuple[str, ...], zone: str, knows_calendar: KnowsCalendar) -> Site:
    return Site(
        code=table.text("code", A_CODE, pattern=CODE),
        name=table.text("name", "the site's name"),
        telephone=table.text("telephone", A_TELEPHONE, pattern=TELEPHONE),
        time_zone=read_time_zone(table, default=zone),
        holidays=_holidays(table.table("holidays"), knows_calendar),
        closures=table.dates("closures"),
        emergency_telephone=table.find_text("emergency_telephone", A_TELEPHONE, pattern=TELEPHONE),
        emergency=read_texts(table, "emergency", languages) if table.has("emergency") else {},
    )


def _holidays(table: CheckedTable, knows_calendar: KnowsCalendar) -> HolidayCalendar:
    country = table.text("country", 'a country\'s two letters, such as "FR"', pattern="[A-Z]{2}")
    of_country = rf"{re.escape(country)}-[A-Z0-9]{{1,3}}"
    what = f'a subdivision\'s ISO 3166-2 code, such as "{country or "FR"}-57", or leave it out'
    subdivision = table.find_text("subdivision", what, pattern=of_country)
    if table.is_sound("country") and not knows_calendar(HolidayCalendar(country)):
        table.fault("country", f"the public holidays of {show(country)} are not known", "Give an ISO 3166-1 code")
    elif table.is_sound("subdivision") and not knows_calendar(HolidayCalendar(country, subdivision)):
        table.fault("subdivision", f"{show(subdivision)} has no public holidays of its own", "Leave it out")
    return HolidayCalendar(country, subdivision)


def read_time_zone(table: CheckedTable, *, default: str | None) -> str:
    """Read an IANA time zone; required unless there is a default."""
    name = table.text("time_zone", 'a time zone such as "Europe/Paris"', default=default)
    if not table.is_sound("time_zone"):
        return name
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        proposal = propose(name, zoneinfo.available_timezones())
        what = proposal if proposal.startswith("Did") else 'Give a name such as "Europe/Paris"'
        table.fault("time_zone", f"{show(name)} is no time zone", what)
    return name


def read_texts(table: CheckedTable, key: str, languages: tuple[str, ...]) -> dict[str, str]:
    """Read a text in each of the study's languages, and in others where it is given."""
    inner = table.table(key)
    return {
        language: inner.text(language, f"the text in {language}")
        for language in LANGUAGES
        if language in languages or inner.has(language)
    }


def refuse_twins(tables: list[CheckedTable], codes: list[str]) -> None:
    """Note each table whose code an earlier one has."""
    for position, (entry, code) in enumerate(zip(tables, codes, strict=True)):
        if code and code in codes[:position]:
            entry.fault("code", f"{show(code)} is the code of an earlier one too", "Give each its own code")
