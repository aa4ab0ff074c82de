"""What every simulated study must hold to, whatever its year, zones and patients; read from what was written of it."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from portal.adapters.local_mailbox import LocalMailbox

Line = dict[str, str]


def lines_of(folder: Path, name: str = "calendar-en.csv") -> list[Line]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def check(folder: Path) -> list[Line]:
    """Fail when a message was lost, doubled or sent at night; gives every line.

    The hours are those of the demonstration study: 08:00 to 20:00 for patients, from 07:00 on for staff.
    """
    lines = lines_of(folder)
    messages = [line for line in lines if line["State"] and line["Code"] != "due"]
    visits = {(line["Patient"], line["Visit"]) for line in lines if line["Code"] == "opens"}
    for line in messages:
        local, utc = (datetime.fromisoformat(line[name]) for name in ("Local time", "UTC"))
        assert local == utc.replace(tzinfo=UTC).astimezone(ZoneInfo(line["Time zone"])).replace(tzinfo=None)
        earliest = "08:00" if _is_to_patient(line) else "07:00"
        assert earliest <= f"{local:%H:%M}" <= "20:00" or line["State"] != "Sent", line
    left = [line for line in messages if line["State"] == "Sent"]
    _assert_once((line["Patient"], line["Visit"], line["Local time"][:10]) for line in left if _is_to_patient(line))
    _assert_once((line["Patient"], line["Visit"], line["What happened"]) for line in left)
    for kind in ("opening", "reminder-1", "reminder-2"):
        planned = {(line["Patient"], line["Visit"]) for line in messages if line["Code"] == kind}
        assert visits - planned == set(), f"{kind}: lost"
    assert {line["State"].partition(" (")[0] for line in messages} <= {"Sent", "Held back", "Sent, and came back"}
    # Every mail in the box is a line; what staff are told besides has lines of its own.
    assert len(LocalMailbox(folder / "mailbox").names()) >= len(left) > 0
    return lines


def _is_to_patient(line: Line) -> bool:
    return line["What happened"].startswith("To the patient")


def _assert_once(things: Iterable[tuple[str, ...]]) -> None:
    counts = Counter(things)
    assert [thing for thing, count in counts.items() if count > 1] == [], "doubled"
