"""`portal simulate`: a study team tries its protocol before it goes live."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from portal.adapters import protocol_words
from portal.adapters.public_holidays import is_public_holiday
from portal.adapters.simulated_calendar import STATES, Played, befell
from portal.cli.settings import Refused
from portal.cli.simulation.chance import drawn_from
from portal.cli.simulation.habits import Behaviour
from portal.cli.simulation.output import MAILBOX, Output, make_room
from portal.cli.simulation.play import Cast, Play
from portal.cli.simulation.stage import Stage, set_up
from portal.cli.study_files import FIRST_YEAR, LAST_YEAR, read
from portal.db.watch import Shortfall
from portal.domain import protocol_faults, schedule
from portal.domain.schedule import ONE_DAY, add_months
from portal.domain.states import Mode
from portal.services import chronicles, studies
from portal.services.chronicle_lines import CAME_BACK, Chronicle, What

_BEHAVIOURS = click.Choice([each.value for each in Behaviour])

_STATUSES = {"cancelled": "held back", CAME_BACK: "came back"}
_BEFELL = {
    "withdrawn": "withdrew",
    "paused": "paused",
    "stopped": "asked for no more messages",
    "came-back": "had a mail come back",
    "paper": "answered on paper",
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "begins", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The study's first day.")
@click.option("--months", default=14, show_default=True, type=click.IntRange(1, 60), help="How long is played.")
@click.option("--participants", default=28, show_default=True, type=click.IntRange(1, 500))
@click.option("--behaviour", default="typical", show_default=True, type=_BEHAVIOURS, help="How the patients answer.")
@click.option("--seed", default=1, show_default=True, type=int, help="Another seed invents other patients.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to fill.")
def simulate(
    file: Path, *, begins: datetime, months: int, participants: int, behaviour: str, seed: int, out: Path
) -> None:
    """Play a whole study on the real services, and show every message, opening, delivery and promise.

    Example: portal simulate study.toml --from 2027-01-01 --months 14 --out simulation
    """
    definition, first = read(file), begins.date()
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise Refused(f"--from {first}: give a day from {FIRST_YEAR} to {LAST_YEAR}.")
    last = add_months(first, months) - ONE_DAY
    make_room(out)
    played = Played(definition, definition.mode is Mode.LIVE, first, last, behaviour, seed)
    demonstration = replace(definition, mode=Mode.DEMONSTRATION)
    cast = Cast(demonstration, first, last, participants, Behaviour(behaviour), seed)
    faults = protocol_faults.find(definition, is_public_holiday, first=first, last=add_months(first, 12) - ONE_DAY)
    with drawn_from(seed), TemporaryDirectory(prefix="previsit-simulation-") as stores:
        opens = min(schedule.local_instant(first, time(0), site.zone) for site in definition.sites)
        with set_up(Path(stores), out / MAILBOX, seed=seed, at=opens) as stage:
            _play(stage, cast)
            places = studies.list_sites(stage.session)
            told = [
                each
                for place in places
                for each in chronicles.read(stage.session, place, is_public_holiday, at=stage.moment)
            ]
            sites = [(place, chronicles.notices(stage.session, place)) for place in places]
            Output(played, faults, told, sites).write(out)
            missing = stage.session.scalars(select(Shortfall.what)).all()
    _say(played, told, missing)
    click.echo(f"\n{protocol_words.told(faults, 'en')}\nThe calendar: {out / 'calendar.html'}")


def _play(stage: Stage, cast: Cast) -> None:
    """Play until the end of the last day, and look that the worker met no fault of its own."""
    until = schedule.local_instant(cast.last + ONE_DAY, time(0), ZoneInfo(cast.definition.time_zone))
    days = (cast.last - cast.first).days
    with click.progressbar(
        length=days, label="Playing a study", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        Play(stage, cast, watch=lambda at: bar.update((at - stage.moment).days)).run(until)
    stage.moment = until
    if stage.worker.faults:
        failed = next(line for line in stage.said if "FAILED" in line)
        raise Refused(f"the worker met {stage.worker.faults} faults of its own, the first: {failed}")


def _say(played: Played, told: Sequence[Chronicle], missing: Sequence[str]) -> None:
    lines = [line for each in told for line in each.lines]
    mails = Counter(line.state for line in lines if line.what in {What.MESSAGE, What.TO_SITE})
    promises = Counter(visit.state for each in told for visit in each.visits)
    if played.was_live:
        click.echo("The study is live: it was played with the demonstration wording of its questionnaires.")
    click.echo(f"Played {played.first} to {played.last}: {len(told)} patients, {sum(promises.values())} visits.")
    click.echo(
        f"Messages: {', '.join(f'{count} {_STATUSES.get(state, state)}' for state, count in mails.most_common())}."
    )
    happened = [f"{len(whom)} {_BEFELL[what]}" for what, whom in befell(told)]
    if happened:
        click.echo(f"Patients: {', '.join(happened)}.")
    click.echo(f"Promises: {', '.join(f'{promises[state]} {state}' for state in STATES)}.")
    click.echo(
        f"Found missing by the daily check: {len(missing)}{''.join(f', {what}' for what in sorted(set(missing)))}."
    )
