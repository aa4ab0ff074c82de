"""`portal study`: loads a study file, shows what it would do, and keeps licensed wordings."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import click

from portal import clock
from portal.adapters import protocol_words
from portal.adapters.public_holidays import is_public_holiday
from portal.cli.settings import Refused, read_settings, unit_of_work
from portal.cli.study_files import FIRST_YEAR, LAST_YEAR, read
from portal.domain import instruments, protocol_faults, schedule
from portal.domain.instruments.wording import InvalidWording, Wording
from portal.services import actor, studies, wordings

_A_YEAR = timedelta(days=364)
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def study() -> None:
    """Load a study, preview its calendar, keep licensed wordings.

    Example: portal study load study.toml
    """


@study.command()
@_FILE
def load(file: Path) -> None:
    """Load the study FILE; again changes nothing, and what was answered is never touched.

    Example: portal study load study.toml
    """
    settings = read_settings()
    definition = read(file)
    with unit_of_work(settings.database_url) as session:
        try:
            done = studies.load(session, definition, by=actor.SYSTEM, at=clock.now())
            studies.check_settings(session, settings.demonstration_only)
        except (wordings.LicenceMissingError, studies.InUseError, studies.NotForLiveError) as error:
            raise Refused(str(error)) from None
    click.echo(f"Study {definition.code}: {done.value}.")


@study.command()
@_FILE
@click.option(
    "--included-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of inclusion to show the calendar for (default: today).",
)
@click.option("--language", type=click.Choice(["fr", "en"]), default="en", show_default=True)
def preview(file: Path, included_on: date | None, language: str) -> None:
    """Show every day on which something happens, for one participant of each site, and what looks wrong; loads nothing.

    Example: portal study preview study.toml --included-on 2027-01-31
    """
    definition = read(file)
    day = included_on.date() if included_on else clock.now().date()  # type: ignore[attr-defined] # click gives a datetime
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(f"--included-on {day}: give a day from {FIRST_YEAR} to {LAST_YEAR}.")
    click.echo(f"{definition.title(language)} ({definition.code}, {definition.mode})")
    for place in definition.sites:
        click.echo(f"\nSite {place.code}, {place.name} ({place.time_zone}), included on {day}")
        if definition.messages.invitation:
            click.echo("  invitation as soon as her address is known, unless questionnaires are open that day")
        for planned in definition.visits:
            on = schedule.planned_on(day, planned)
            window = schedule.window(planned, on)
            click.echo(f"  {planned.code:5} {on} {on:%a}  {planned.label(language)}: {', '.join(planned.instruments)}")
            click.echo(f"        open {window.opens_on} to {window.closes_on}")
            for message in schedule.planned_messages(definition, place, planned, on, is_public_holiday):
                local = message.due_at.astimezone(place.zone)
                click.echo(f"        {local:%Y-%m-%d %a %H:%M}  {message.kind}")
    faults = protocol_faults.find(definition, is_public_holiday, first=day, last=day + _A_YEAR)
    click.echo(f"\n{protocol_words.told(faults, language)}", nl=False)


@study.command()
@_FILE
@click.option("--holder", required=True, help="Who holds the licence.")
@click.option("--scope", required=True, help="What it covers, for example the study's code.")
@click.option("--certificate", required=True, help="Number of the licence or certificate.")
@click.option("--expires-on", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the licence, if it has one.")
def wording(file: Path, holder: str, scope: str, certificate: str, expires_on: date | None) -> None:
    """Keep the licensed wording of one instrument in one language; a live study needs one for each.

    FILE is TOML in the form of docs/wording-packs.md, with demonstration = false.

    Example: portal study wording dlqi-fr.toml --holder "CHU X" --scope SCLERO-2 --certificate CU-123
    """
    settings = read_settings()
    licence = wordings.Licence(holder, scope, certificate, expires_on and expires_on.date())  # type: ignore[attr-defined] # click gives a datetime
    pack = _read_wording(file)
    with unit_of_work(settings.database_url) as session:
        try:
            new = wordings.keep_licensed(session, pack, licence, by=actor.SYSTEM, at=clock.now())
        except ValueError as error:
            raise Refused(f"{file}: {error}") from None
    click.echo(f"Wording of {pack.instrument} in {pack.language} ({pack.hash[:12]}): {'kept' if new else 'unchanged'}.")


def _read_wording(file: Path) -> Wording:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        if "instrument" not in content:
            raise Refused(f"{file}: instrument: is missing; docs/wording-packs.md shows what a wording pack holds.")
        return Wording.from_mapping(instruments.get(str(content.get("instrument"))), content)
    except UnicodeDecodeError:
        raise Refused(f"{file}: is not written in UTF-8. Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{file}: is not TOML: {error}") from None
    except LookupError as error:
        raise Refused(f"{file}: {error}") from None
    except InvalidWording as error:
        for fault in error.faults[1:]:
            click.echo(f"portal: {file}: {fault}", err=True)
        raise Refused(f"{file}: {error.faults[0]}") from None
