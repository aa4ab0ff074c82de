"""Makes a pack of paper: `python -m portal.adapters.packs` reads an order and writes a PDF to stdout.

The first line of stdin is an order as JSON (portal.adapters.pack_contents); behind it come its documents, one after the
other.  stdout must be a real file.  The last line of stderr is the number of pages.
"""

import gc
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.adapters import blank_forms, pack_pages, pdf
from portal.adapters.joined_pdf import JoinedDocument, Shared, Source
from portal.adapters.pack_contents import Order, Pack, Part, PartKind, Recipe, Sheaf, from_json
from portal.adapters.pack_pages import COVER_ROWS
from portal.domain import instruments, summary_json
from portal.domain.instruments.wording import Wording
from portal.services.summaries import SummaryPage

_FEW = 20  # pages: fewer are printed sooner than processes start
_CORES = 2


def write(given: BinaryIO, out: BinaryIO) -> int:
    """Read an order with its documents and write the pack; gives its number of pages."""
    order = from_json(json.loads(given.readline()))
    documents = {key: given.read(size) for key, size in order.sizes.items()}
    documents |= {key: _cook(recipe) for key, recipe in order.recipes.items()}
    return _Making(order, documents).write(out)


def _cook(recipe: Recipe) -> bytes:
    """Make a document that nobody has kept yet."""
    if recipe.wording is not None:
        instrument = instruments.get(recipe.wording["instrument"])
        return blank_forms.render(Wording.from_mapping(instrument, recipe.wording), large=recipe.large)
    assert recipe.summary is not None
    return pdf.render(_summary_page(recipe.summary))


def _summary_page(plain: Mapping[str, Any]) -> SummaryPage:
    content = summary_json.from_json(plain["content"])
    words = {code: Wording.from_mapping(instruments.get(code), each) for code, each in plain["wordings"].items()}
    return SummaryPage(
        summary_id=UUID(plain["summary_id"]),
        number=plain["number"],
        digest=plain["digest"],
        verify_url=plain["verify_url"],
        language=plain["language"],
        zone=ZoneInfo(content.time_zone),
        content=content,
        wordings=words,
    )


class _Making:
    """One pack in the making: where each part begins is reckoned first, for the cover names it."""

    def __init__(self, order: Order, documents: Mapping[str, bytes]) -> None:
        self._pack = order.pack
        self._joined = JoinedDocument(pack_pages.title(order.pack), order.pack.language, _moment(order.pack))
        blanks = {part.document for part in _parts(order.pack) if part.kind is PartKind.BLANK}
        self._shared = {key: Shared.of(documents[key]) for key in blanks}
        self._fronts: list[Source] = []
        self._sources = {key: self._joined.open(each) for key, each in documents.items() if key not in blanks}

    def write(self, out: BinaryIO) -> int:
        """Put everything into its place and write it down."""
        pack, joined = self._pack, self._joined
        slips, bands = self._printed()
        if pack.cover:
            joined.bookmark(0, pack_pages.cover_name(pack), 0)
            joined.take(self._fronts[0], range(_cover_pages(pack)), pack.language)
            self._turn()
        for sheaf in pack.sheaves:
            if sheaf.parts:
                self._add(sheaf, slips, bands)
                self._turn()
        joined.save(out)
        return joined.pages

    def _printed(self) -> tuple[dict[str, tuple[Source, int]], dict[str, Any]]:
        """Print cover, slips and bands; gives, by visit, where its slip stands, and its band."""
        with_slip, with_blank = self._with(PartKind.SLIP), self._with(PartKind.BLANK)
        # Of many slips each of two cores prints a half.
        half = -(-len(with_slip) // 2) if len(with_slip) > _FEW else len(with_slip)
        halves = [each for each in (with_slip[:half], with_slip[half:]) if each]
        if self._pack.cover and not halves:
            halves = [[]]
        jobs = [
            _Job(
                pack_pages.front(self._pack, self._starts() if self._pack.cover and not order else [], half_of_them),
                "pdf/pack.css",
                (0 if order else _cover_pages(self._pack)) + len(half_of_them),
            )
            for order, half_of_them in enumerate(halves)
        ]
        if with_blank:
            jobs.append(_Job(pack_pages.bands(self._pack, with_blank), "pdf/band.css", len(with_blank), tagged=False))
        made = _print(jobs)
        bands = self._joined.bands(made.pop()) if with_blank else []
        self._fronts = [self._joined.open(each) for each in made]
        slips: dict[str, tuple[Source, int]] = {}
        for order, (source, half_of_them) in enumerate(zip(self._fronts, halves, strict=True)):
            first = 0 if order else _cover_pages(self._pack)
            slips |= {each.keying_url: (source, first + at) for at, each in enumerate(half_of_them)}
        return slips, dict(zip((each.keying_url for each in with_blank), bands, strict=True))

    def _with(self, kind: PartKind) -> list[Sheaf]:
        return [each for each in self._pack.sheaves if any(part.kind is kind for part in each.parts)]

    def _add(self, sheaf: Sheaf, slips: Mapping[str, tuple[Source, int]], bands: Mapping[str, Any]) -> None:
        joined = self._joined
        joined.bookmark(0, pack_pages.sheaf_name(self._pack, sheaf), joined.pages)
        for part in sheaf.parts:
            joined.bookmark(1, pack_pages.part_name(self._pack, part), joined.pages)
            if part.kind is PartKind.SLIP:
                source, page = slips[sheaf.keying_url]
                joined.take(source, [page], part.language)
            elif part.kind is PartKind.BLANK:
                places = joined.take_shared(self._shared[part.document], part.language)
                joined.set_band(places, bands[sheaf.keying_url], pack_pages.BAND_AT)
            else:
                source = self._sources[part.document]
                joined.take(source, range(source.pages), part.language)

    def _starts(self) -> list[int | None]:
        """Give the page of the pack, from 1, on which each visit's paper begins; None where it has none."""
        starts: list[int | None] = []
        place = self._turned(_cover_pages(self._pack))
        for sheaf in self._pack.sheaves:
            starts.append(place + 1 if sheaf.parts else None)
            place = self._turned(place + sum(self._pages(part) for part in sheaf.parts))
        return starts

    def _pages(self, part: Part) -> int:
        if part.kind is PartKind.SLIP:
            return 1
        return self._shared[part.document].pages if part.kind is PartKind.BLANK else self._sources[part.document].pages

    def _turned(self, pages: int) -> int:
        """Give the number of pages once a sheet that is begun is full, where both sides are printed on."""
        return pages + pages % 2 if self._pack.both_sides else pages

    def _turn(self) -> None:
        while self._joined.pages < self._turned(self._joined.pages):
            self._joined.add_blank_page()


@dataclass(frozen=True)
class _Job:
    """Pages to be printed for the pack alone: what a template wrote, its sheet, and how many they must come to."""

    text: str
    sheet: str
    pages: int
    tagged: bool = True

    def print(self) -> bytes:
        printed, pages = pdf.lay_out(self.text, self.sheet, tagged=self.tagged)
        if pages != self.pages:
            raise pdf.RenderingFault(f"{pages} pages of {self.sheet} in place of {self.pages}")
        return printed


def _print(jobs: Sequence[_Job]) -> list[bytes]:
    """Print each job; many pages on two cores at once."""
    if len(jobs) < 2 or sum(job.pages for job in jobs) <= _FEW:
        return [job.print() for job in jobs]
    pdf.make_ready(*(job.sheet for job in jobs))
    with ProcessPoolExecutor(_CORES, mp_context=get_context("fork")) as pool:
        return list(pool.map(_Job.print, jobs))


def _parts(pack: Pack) -> list[Part]:
    return [part for sheaf in pack.sheaves for part in sheaf.parts]


def _cover_pages(pack: Pack) -> int:
    return -(-len(pack.sheaves) // COVER_ROWS) if pack.cover else 0


def _moment(pack: Pack) -> datetime:
    return datetime.fromisoformat(pack.at)


if __name__ == "__main__":
    gc.disable()  # the process ends with its one pack: what would be collected or freed goes with it
    made = io.BytesIO()
    count = write(sys.stdin.buffer, made)
    sys.stdout.buffer.write(made.getbuffer())
    sys.stdout.flush()
    sys.stderr.write(f"{count}\n")
    sys.stderr.flush()
    os._exit(0)
