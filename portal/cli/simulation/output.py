"""The folder that a simulation fills: a calendar as page and table in each language, what looks wrong, the mails."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.adapters import protocol_words, simulated_calendar
from portal.adapters.simulated_calendar import Played, Sites
from portal.cli.settings import Refused
from portal.domain.protocol_faults import ProtocolFault
from portal.services.chronicle_lines import Chronicle

MAILBOX = "mailbox"
_OURS = ("calendar*.html", "calendar*.csv", "faults*.txt", MAILBOX)


@dataclass(frozen=True)
class Output:
    """What was simulated; every language of the study gets its files, the first under the plain names."""

    played: Played
    faults: Sequence[ProtocolFault]
    chronicles: Sequence[Chronicle]
    sites: Sites

    def write(self, folder: Path) -> None:
        """Write every file but the mails, which are there already."""
        languages = self.played.definition.languages
        pages = {language: self._name("calendar", language, "html") for language in languages}
        for language in languages:
            page = simulated_calendar.page(
                self.played, self.faults, self.chronicles, self.sites, language=language, files=pages
            )
            (folder / pages[language]).write_text(page, encoding="utf-8")
            with (folder / self._name("calendar", language, "csv")).open("wb") as table:
                simulated_calendar.write_table(table, self.chronicles, language=language)
            told = protocol_words.told(self.faults, language)
            (folder / self._name("faults", language, "txt")).write_text(told, encoding="utf-8")

    def _name(self, name: str, language: str, kind: str) -> str:
        first = self.played.definition.languages[0]
        return f"{name}.{kind}" if language == first else f"{name}-{language}.{kind}"


def make_room(folder: Path) -> None:
    """Make the folder, or empty it of an earlier simulation.  Raises Refused when it holds anything else."""
    folder.mkdir(parents=True, exist_ok=True)
    ours = {path for pattern in _OURS for path in folder.glob(pattern)}
    others = sorted(set(folder.iterdir()) - ours)
    if others:
        raise Refused(f"{folder} holds something else ({others[0].name}): give --out an empty folder")
    for path in ours:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
