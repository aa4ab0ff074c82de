"""Joins tagged documents into one that stays tagged (PDF/UA-1), with an outline; never in a web process."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from pikepdf import Array, Dictionary, Name, ObjectStreamMode, OutlineItem, Page, Pdf, String

_SAVE = b"q\n"
_SET_BAND = (
    b"Q\n/Artifact <</Type /Pagination /Subtype /Header>> BDC\nq\n1 0 0 1 %.3f %.3f cm\n/PrevisitBand Do\nQ\nEMC\n"
)
_BAND = "/PrevisitBand"


class Source:
    """A document whose pages are taken; `placed` are the places in the new document of those that were."""

    def __init__(self, content: bytes) -> None:
        self.pdf = Pdf.open(io.BytesIO(content))
        self.pages = len(self.pdf.pages)
        self.placed: dict[int, int] = {}


@dataclass(frozen=True)
class Shared:
    """A document that is taken many times: its pages' marks and letters are kept once for all of them."""

    content: bytes
    pages: int
    kept: list[tuple[Any, Any]]

    @classmethod
    def of(cls, content: bytes) -> "Shared":
        """Look at a document, and keep nothing of it yet."""
        return cls(content, Source(content).pages, [])


class JoinedDocument:
    """A document in the making: `take` pages of others, then `save`.

    Each taking becomes a section of the structure, in the language of its words.
    """

    def __init__(self, title: str, language: str, at: datetime) -> None:
        self._pdf = Pdf.new()
        self._language, self._title, self._at = language, title, at
        self._root = self._indirect(Type=Name.StructTreeRoot)
        self._document = self._element(Name.Document, self._root, language)
        self._root.K = Array([self._document])
        self._sections: dict[int, Any] = {}  # by the place of each page
        self._sources: list[Source] = []
        self._outline: list[tuple[int, str, int]] = []
        self._save = self._pdf.make_stream(_SAVE)
        self._set: dict[tuple[float, float], Any] = {}
        self._parents: list[Any] = []  # key and value in turn
        self._keys = 0

    @property
    def pages(self) -> int:
        """How many pages there are by now."""
        return len(self._pdf.pages)

    def open(self, content: bytes) -> Source:
        """Give a document to take pages of."""
        source = Source(content)
        self._sources.append(source)
        return source

    def take(self, source: Source, numbers: Iterable[int], language: str) -> range:
        """Append pages (from 0) of a document, each at most once; gives their places."""
        section = self._element(Name.Sect, self._document, language)
        self._document.K.append(section)
        first = self.pages
        for number in numbers:
            source.placed[number] = place = self.pages
            self._pdf.pages.append(source.pdf.pages[number])
            self._sections[place] = section
        return range(first, self.pages)

    def take_whole(self, content: bytes, language: str) -> range:
        """Append every page of a document; gives their places."""
        source = self.open(content)
        return self.take(source, range(source.pages), language)

    def take_shared(self, shared: Shared, language: str) -> range:
        """Append every page of a document that is taken again and again."""
        places = self.take_whole(shared.content, language)
        for number, place in enumerate(places):
            page = self._pdf.pages[place].obj
            if number == len(shared.kept):
                shared.kept.append((self._pdf.make_indirect(page.Contents), page.Resources))
            page.Contents, page.Resources = shared.kept[number]
        return places

    def add_blank_page(self) -> None:
        """Append an empty page: the back of a sheet."""
        self._pdf.add_blank_page(page_size=(595.276, 841.89))

    def bands(self, content: bytes) -> Sequence[Any]:
        """Give each page of an untagged document as something that `set_band` draws."""
        source = Source(content)
        self._kept = source  # its content is read when all is written
        return [self._pdf.copy_foreign(Page(page).as_form_xobject()) for page in source.pdf.pages]

    def set_band(self, places: Iterable[int], band: Any, at: tuple[float, float]) -> None:
        """Draw a band on pages, its lower left corner at a point, as what repeats on each page and is not read out."""
        if at not in self._set:
            self._set[at] = self._pdf.make_stream(_SET_BAND % at)
        for place in places:
            page = self._pdf.pages[place].obj
            drawn = dict(page.Resources.get("/XObject", {}).items()) | {_BAND: band}
            resources = {**dict(page.Resources.items()), "/XObject": Dictionary(drawn)}
            page.Resources = Dictionary(resources)
            page.Contents = Array([self._save, page.Contents, self._set[at]])

    def bookmark(self, level: int, title: str, place: int) -> None:
        """Add an entry of the outline: level 0, or 1 under the last one of level 0."""
        self._outline.append((level, title, place))

    def save(self, out: BinaryIO) -> None:
        """Write the document into a file."""
        for source in self._sources:
            if source.placed:
                self._take_structure(source)
        self._root.ParentTree = self._indirect(Nums=Array(self._parents))
        self._root.ParentTreeNextKey = self._keys
        root = self._pdf.Root
        root.StructTreeRoot, root.Lang = self._root, String(self._language)
        root.MarkInfo, root.ViewerPreferences = Dictionary(Marked=True), Dictionary(DisplayDocTitle=True)
        self._write_outline()
        self._describe()
        self._pdf.save(out, object_stream_mode=ObjectStreamMode.generate, compress_streams=True, deterministic_id=True)

    def _take_structure(self, source: Source) -> None:
        """Copy a document's structure: pages are numbered on from those before, elements go to their page's section."""
        tree = self._pdf.copy_foreign(source.pdf.Root.StructTreeRoot)
        numbers = tree.ParentTree.Nums
        base = self._keys
        for at in range(0, len(numbers), 2):
            self._parents += [base + int(numbers[at]), numbers[at + 1]]
            self._keys = max(self._keys, base + int(numbers[at]) + 1)
        for place in source.placed.values():
            page = self._pdf.pages[place].obj
            page.StructParents = base + int(page.StructParents)
        for document in tree.K:
            for element in document.K:
                section = self._sections[Page(_page_of(element)).index]
                element.P = section
                section.K.append(element)

    def _write_outline(self) -> None:
        with self._pdf.open_outline() as outline:
            for level, title, place in self._outline:
                above = outline.root if level == 0 else outline.root[-1].children
                above.append(OutlineItem(title, place))

    def _describe(self) -> None:
        with self._pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
            metadata["dc:title"] = self._title
            metadata["pdfuaid:part"] = "1"
            metadata["xmp:CreateDate"] = self._at.astimezone(UTC).isoformat(timespec="seconds")

    def _element(self, kind: Name, parent: Any, language: str) -> Any:
        return self._indirect(Type=Name.StructElem, S=kind, P=parent, K=Array(), Lang=String(language))

    def _indirect(self, **entries: Any) -> Any:
        return self._pdf.make_indirect(Dictionary(**entries))


def _page_of(element: Any) -> Any:
    """Give the page on which an element begins."""
    while Name.Pg not in element:
        element = element.K[0]
    return element.Pg
