"""The pages of a pack that are made for it alone: cover, slips, and the bands above blank questionnaires."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from portal.adapters import qr
from portal.adapters.formats import day
from portal.adapters.localisation import environment
from portal.adapters.pack_contents import Pack, Part, PartKind, Sheaf

COVER_ROWS = 19
"""Visits on a page of the cover; the height of a row in pack.css lets as many in."""

BAND_AT = (51.024, 762.52)
"""Where a band's lower left corner stands on an A4 page, in points: 18 mm from the left, 28 mm below the top."""


def title(pack: Pack) -> str:
    """Name the whole document: the day's pack, or one visit's paper."""
    return _said(pack, "title", pack, date.fromisoformat(pack.day))


def cover_name(pack: Pack) -> str:
    """Name the cover in the outline."""
    return _said(pack, "cover_name")


def sheaf_name(pack: Pack, sheaf: Sheaf) -> str:
    """Name a visit's paper in the outline."""
    return f"{sheaf.participant_number} · {sheaf.labels[pack.language]}"


def part_name(pack: Pack, part: Part) -> str:
    """Name a part in the outline and on the cover."""
    return _said(pack, "part_name", part)


def front(pack: Pack, starts: Sequence[int | None], with_slip: Sequence[Sheaf]) -> str:
    """Write the cover, where `starts` tell on which page each visit's paper begins, and a slip for each visit named.

    In the language of who prints.
    """
    rows = list(zip(pack.sheaves, starts, strict=bool(starts)))
    pages = [rows[at : at + COVER_ROWS] for at in range(0, len(rows), COVER_ROWS)]
    return (
        environment(pack.language)
        .get_template("pdf/pack.html")
        .render(
            pack=pack,
            title=title(pack),
            pages=pages,
            slips=with_slip,
            at=datetime.fromisoformat(pack.at),
            zone=ZoneInfo(pack.time_zone),
            date=date.fromisoformat,
            qr=qr.png_uri,
        )
    )


def bands(pack: Pack, visits: Sequence[Sheaf]) -> str:
    """Write a band for each visit in the patient's language: number, visit, whom to ring, and the code for staff."""
    written = []
    for sheaf in visits:
        language = next(part.language for part in sheaf.parts if part.kind is PartKind.BLANK)
        values = {"pack": pack, "sheaf": sheaf, "label": sheaf.labels[language], "qr": qr.png_uri(sheaf.keying_url)}
        values["on"] = day(date.fromisoformat(sheaf.planned_on), locale=language)
        written.append(environment(language).get_template("pdf/band.html").render(values))
    return f'<html lang="{pack.language}"><head><title>–</title></head><body>{"".join(written)}</body></html>'


def _said(pack: Pack, macro: str, *values: object) -> str:
    words = environment(pack.language).get_template("pdf/pack_words.html").module
    said: Markup = getattr(words, macro)(*values)
    return said.striptags()
