"""`portal verify`: whether a summary's file is the latest, and whether its scores follow from the answers inside it."""

import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from portal.adapters import pdf_data
from portal.adapters.pdf_data import NoDataError
from portal.cli.settings import Refused, read_settings, unit_of_work
from portal.domain import summary_data
from portal.domain.instruments.model import InvalidAnswer
from portal.domain.instruments.options import InvalidOption
from portal.domain.rounding import show
from portal.domain.summary_data import Data, Derived, OtherRuleError, UnreadableDataError
from portal.services import verifying
from portal.services.summaries import Edition

SUPERSEDED = 1
NOT_OURS = 3
OTHERWISE = 4
"""Exit codes beside 0: a later edition took its place; not ours or altered; scores that do not follow."""
_PLACES = 4


@click.command(epilog="Example: portal verify PREVISIT_01-007_M6_1.pdf")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--recompute", is_flag=True, help="Derive every score again from the data in FILE; needs no store.")
def verify(file: Path, recompute: bool) -> None:
    """Say whether FILE, a summary's PDF, is current (exit code 0), superseded (1), or not ours or altered (3).

    The file is looked up by the SHA-256 of its bytes, as made or as signed. With --recompute: whether every score on it
    follows from the answers it carries (0), or not (4); 3 when it carries none that are whole.
    """
    document = file.read_bytes()
    if recompute:
        _recompute(file, document)
    else:
        _look_up(file, document)


def _look_up(file: Path, document: bytes) -> None:
    settings = read_settings()
    with unit_of_work(settings.database_url) as session:
        found = verifying.find_file(session, hashlib.sha256(document).hexdigest())
    if found is None or found.file is None:
        click.echo(f"{file}: not ours or altered")
        raise SystemExit(NOT_OURS)
    copy = "signed copy" if found.file.is_signed else "original"
    what = f"{copy} in {found.file.language}, {_told(found.edition, found.zone)}"
    if found.later:
        click.echo(f"{file}: superseded by {_told(found.later, found.zone)} ({what})")
        raise SystemExit(SUPERSEDED)
    click.echo(f"{file}: current ({what})")


def _told(edition: Edition, zone: ZoneInfo) -> str:
    return f"edition {edition.number} made {edition.made_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _recompute(file: Path, document: bytes) -> None:
    data, derived = _derive(file, document)
    for each in derived:
        mark = "agrees" if each.agrees else "DIFFERS"
        again = "" if each.agrees else f", derived again {_number(each.again)}"
        click.echo(f"{mark:8} {each.instrument:5} {each.scale}: {_number(each.kept)}{again}")
    wrong = sum(not each.agrees for each in derived)
    click.echo(f"{file}: {len(derived) - wrong} of {len(derived)} scores agree ({data.digest})")
    if wrong:
        raise SystemExit(OTHERWISE)


def _derive(file: Path, document: bytes) -> tuple[Data, list[Derived]]:
    """Read the data and score it again; ends with 3 where there is none that is whole."""
    try:
        data = summary_data.read(pdf_data.read(document))
    except (NoDataError, UnreadableDataError) as fault:
        click.echo(f"{file}: not ours or altered: {fault}")
        raise SystemExit(NOT_OURS) from None
    if not data.is_whole:
        click.echo(f"{file}: not ours or altered: the data are not what their hash says")
        raise SystemExit(NOT_OURS)
    try:
        return data, summary_data.derive(data.content)
    except OtherRuleError as fault:
        raise Refused(f"{file}: {fault}, which this portal does not have") from None
    except (InvalidAnswer, InvalidOption) as fault:
        click.echo(f"{file}: not ours or altered: {fault}")
        raise SystemExit(NOT_OURS) from None


def _number(value: object) -> str:
    return "none" if value is None else f"{show(value, _PLACES):f}"  # type: ignore[arg-type] # a fraction
