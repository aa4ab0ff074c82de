"""A simulated study on paper: one page that asks for nothing, and one table that a spreadsheet opens."""

import html
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import BinaryIO

from portal.adapters.localisation import environment
from portal.adapters.spreadsheets import Cell, Column, write_csv
from portal.domain.messages import MessageKind
from portal.domain.protocol_faults import ProtocolFault
from portal.domain.study import Study
from portal.resources import PACKAGE
from portal.services.chronicle_lines import CAME_BACK, VOID, Chronicle, Line, SiteLine, ToldVisit, What
from portal.services.studies import StudyAtSite

Sites = Sequence[tuple[StudyAtSite, Sequence[SiteLine]]]

STATES = ("kept", "late", "broken", "in-danger", "due", VOID)
"""How promises stand, in the order in which they are told."""

BEFELL = (What.WITHDRAWN, What.PAUSED, What.STOPPED, What.CAME_BACK, What.PAPER)
"""What may befall a patient on the way, in the order in which it is told."""

_STATUSES = ("sent", "cancelled", CAME_BACK, "failed", "unknown", "claimed", "planned")
_NAMES = {"fr": "Français", "en": "English"}
_WIDTHS = (8, 12, 8, 18, 20, 18, 12, 40, 30)


@dataclass(frozen=True)
class Played:
    """What was played: the study as its file says it, from when to when, how its patients answer, from which seed."""

    definition: Study
    was_live: bool
    first: date
    last: date
    behaviour: str
    seed: int


@dataclass(frozen=True)
class _Story:
    """A chronicle as the page shows it."""

    chronicle: Chronicle

    def __getattr__(self, name: str) -> object:
        return getattr(self.chronicle, name)

    @property
    def ordered(self) -> list[ToldVisit | None]:
        """Her visits in the file's order."""
        told = {each.code: each for each in self.chronicle.visits}
        return [told.get(visit.code) for visit in self.chronicle.place.definition.visits]

    @property
    def parts(self) -> Iterator[tuple[ToldVisit | None, list[Line]]]:
        """Her lines by visit, in order of time, those that concern none before all others."""
        for told in (None, *self.chronicle.visits):
            lines = [line for line in self.chronicle.lines if line.visit == (told.code if told else "")]
            if lines:
                yield told, lines


def page(
    played: Played,
    faults: Sequence[ProtocolFault],
    chronicles: Sequence[Chronicle],
    sites: Sites,
    *,
    language: str,
    files: Mapping[str, str],
) -> str:
    """Give the calendar in one language; `files` names the page of each language."""
    messages, statuses = _messages(chronicles)
    promises = Counter(told.state for each in chronicles for told in each.visits)
    return (
        environment(language)
        .get_template("simulation/calendar.html")
        .render(
            played=played,
            faults=faults,
            stories=[_Story(each) for each in chronicles],
            sites=sites,
            messages=messages,
            statuses=statuses,
            befell=befell(chronicles),
            promises=[(state, promises[state]) for state in STATES],
            states=STATES,
            others=[(code, _NAMES[code], file) for code, file in files.items() if code != language],
            tokens=(PACKAGE / "web/static/tokens.css").read_text(encoding="utf-8"),
        )
    )


def write_table(out: BinaryIO, chronicles: Sequence[Chronicle], *, language: str) -> int:
    """Write every line of every participant as CSV, in the habits of the language; gives how many there are."""
    words = environment(language).get_template("simulation/words.html").module
    headings = str(words.headings()).split("\n")  # type: ignore[attr-defined] # macros of the template
    columns = [
        Column(html.unescape(heading.strip()), width)
        for heading, width in zip((each for each in headings if each.strip()), _WIDTHS, strict=True)
    ]

    def rows() -> Iterator[Sequence[Cell]]:
        for each in chronicles:
            site, zone = each.place.site, each.place.site.zone
            for line in each.lines:
                said = (words.line_words(line), words.state_words(line))  # type: ignore[attr-defined] # macros
                yield (
                    site.code,
                    each.participant_number,
                    line.visit,
                    line.at.astimezone(zone),
                    site.time_zone,
                    line.at.astimezone(UTC),
                    line.kind if line.what in {What.MESSAGE, What.TO_SITE} else line.what.value,
                    *(html.unescape(str(text)).replace("\u00a0", " ").strip() for text in said),
                )

    return write_csv(out, columns, rows(), language=language)


def befell(chronicles: Sequence[Chronicle]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Give what befell patients, and whom: their place in the calendar, from 1, and their number."""
    return [
        (what.value, whom)
        for what in BEFELL
        if (
            whom := [
                (position, each.participant_number)
                for position, each in enumerate(chronicles, start=1)
                if any(line.what is what for line in each.lines)
            ]
        )
    ]


def _messages(chronicles: Sequence[Chronicle]) -> tuple[list[tuple[str, list[int]]], list[str]]:
    """Count the messages by kind and by what became of them, whatever kinds there are."""
    counts = Counter(
        (line.kind, line.state)
        for each in chronicles
        for line in each.lines
        if line.what in {What.MESSAGE, What.TO_SITE}
    )
    order = list(MessageKind)
    statuses = [status for status in _STATUSES if any(state == status for _, state in counts)]
    kinds = sorted({kind for kind, _ in counts}, key=lambda kind: order.index(MessageKind(kind)))
    return [(kind, [counts[kind, status] for status in statuses]) for kind in kinds], statuses
