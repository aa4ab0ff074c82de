"""`python -m benchmarks [NAME …]`: measures, prints the table, and ends with 1 when a target is not met."""

import sys
from collections.abc import Callable

import click

from benchmarks import (
    audits,
    first_question,
    journey,
    lists,
    packs,
    phone,
    printing,
    progress,
    queued,
    saving,
    scoring,
    simulating,
    starting,
)
from benchmarks.figure import Figure, table

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "saving": saving.measure,
    "journey": journey.measure,
    "first-question": first_question.measure,
    "phone": phone.measure,
    "printing": printing.measure,
    "queued": queued.measure,
    "scoring": scoring.measure,
    "simulating": simulating.measure,
    "starting": starting.measure,
    "lists": lists.measure,
    "packs": packs.measure,
    "progress": progress.measure,
    "lighthouse": audits.measure,
}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…", type=click.Choice(list(BENCHMARKS)))
def main(names: tuple[str, ...]) -> None:
    """Measure what the portal costs; without a NAME, everything."""
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        click.echo(f"measuring {name} …", err=True)
        figures += BENCHMARKS[name]()
    click.echo(table(figures))
    sys.exit(0 if all(figure.is_met for figure in figures) else 1)


if __name__ == "__main__":
    main()
