"""`portal copy`: writes a site's own copy into a folder, for cron."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters import site_archives
from portal.cli.settings import Refused, open_store, read_settings, unit_of_work
from portal.db.engine import for_snapshots
from portal.db.revision import Store
from portal.domain.study import LANGUAGES
from portal.services import site_copies, studies
from portal.services.actor import SYSTEM
from portal.services.studies import StudyAtSite


@click.command(epilog="Example, each night in a crontab: 30 2 * * * portal copy 01 --out /srv/copies")
@click.argument("site")
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    required=True,
    help="The folder to write into.",
)
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
def copy(site: str, out: Path, language: str) -> None:
    """Write a copy of all data of SITE (its code) into a folder, under a name with the site, day and minute.

    It is the copy that the site's staff can take themselves; --language says how its tables are laid out. The file
    appears once it is whole, and copies made before stay.
    """
    settings, at = read_settings(), clock.now()
    engine = open_store(settings.database_url, Store.CLINICAL)
    part = out / f".{at:%Y%m%dT%H%M%S}.part"
    try:
        with Session(for_snapshots(engine)) as reading, part.open("w+b") as file:
            place = _find(reading, site)
            written = site_archives.write(file, reading, place, language=language, at=at)
        whole = out / site_archives.file_name(place, at)
        with unit_of_work(settings.database_url) as session:
            site_copies.copied(session, place.site_id, written.told(), by=SYSTEM, at=at)
            part.replace(whole)
    finally:
        part.unlink(missing_ok=True)
        engine.dispose()
    click.echo(f"{whole}: {written.files} files, {written.bytes} bytes, {written.sha256}")


def _find(session: Session, code: str) -> StudyAtSite:
    places = studies.list_sites(session)
    found = [place for place in places if place.site.code == code]
    if not found:
        codes = ", ".join(sorted({place.site.code for place in places})) or "none yet"
        raise Refused(f"There is no site {code!r}; there are {codes}.")
    if len(found) > 1:
        raise Refused(f"Several studies have a site {code!r}.")
    return found[0]
