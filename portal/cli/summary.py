"""`portal summary`: writes the current summary of a visit as a PDF."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.adapters import pdf
from portal.cli.settings import Refused, read_settings, unit_of_work
from portal.db.participant import Participant, Visit
from portal.db.summary import Summary
from portal.domain.study import LANGUAGES
from portal.services import summaries
from portal.services.actor import SYSTEM


@click.command(epilog="Example: portal summary 01-007 M6 --language fr --out summary.pdf")
@click.argument("participant_number")
@click.argument("visit")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
def summary(participant_number: str, visit: str, language: str, out: Path) -> None:
    """Write the current summary of PARTICIPANT_NUMBER's VISIT (its code, such as M6) as a PDF.

    The original that the portal keeps is written where there is one; else the page is rendered anew, byte for byte
    as the portal would keep it.
    """
    settings = read_settings()
    with unit_of_work(settings.database_url) as session:
        current = _find(session, participant_number, visit)
        kept = summaries.find_document(session, current, language)
        document = (
            kept.pdf
            if kept
            else pdf.render(summaries.page_of(session, current, language=language, base_url=settings.base_url))
        )
        summaries.exported(session, current, language, document, by=SYSTEM, at=clock.now())
    try:
        out.write_bytes(document)
    except OSError as fault:
        raise Refused(f"{out}: {fault.strerror}") from None
    click.echo(f"{out}: edition {current.number}, {current.content_hash[:12]}")


def _find(session: Session, participant_number: str, visit: str) -> Summary:
    visits = session.execute(
        select(Visit.id, Visit.code)
        .join(Participant)
        .where(Participant.participant_number == participant_number)
        .order_by(Visit.planned_on, Visit.code)
    ).all()
    if not visits:
        raise Refused(f"There is no participant {participant_number!r}.")
    codes = [row.code for row in visits]
    ids = [row.id for row in visits if row.code == visit]
    if not ids:
        raise Refused(f"{participant_number} has no visit {visit!r}; there are {', '.join(codes)}.")
    if len(ids) > 1:
        raise Refused(f"Several studies have a participant {participant_number!r} with a visit {visit!r}.")
    current = summaries.find_current(session, ids[0])
    if current is None:
        raise Refused(f"No summary of {participant_number}'s visit {visit} has been made yet.")
    return current
