"""Documents as PDF/UA-1, the summary above all; the one place where WeasyPrint is imported, and never by a web process.

The same content gives the same bytes: its date comes from the content, and the font from its package.
"""

import gc
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal.adapters import pdf_fonts, qr
from portal.adapters.localisation import environment
from portal.domain import summary_data
from portal.domain.summary import Content, Received
from portal.resources import PACKAGE, templates_folder
from portal.services.summaries import SummaryPage

# Characters that an answer in her own words could hold, and that XML has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r">\s*\n\s*<")

_LOGGER = logging.getLogger("weasyprint")


Check = Callable[[Sequence[Any]], str | None]
"""Says what is wrong with pages that were laid out; None when nothing is."""


class RenderingFault(Exception):
    """The page would not come out as it should; the text is what the renderer complained of."""


def render(page: SummaryPage) -> bytes:
    """Print a summary on A4 in the page's language, its data inside.

    Raises RenderingFault rather than keep a faulty document.
    """
    check, data = partial(_fault_of_pages, page.content), Data.of(page)
    document, _pages = lay_out(written(page), "pdf/summary.css", check=check, data=data)
    return document


def lay_out(
    text: str, sheet: str, *, tagged: bool = True, check: Check = lambda _pages: None, data: "Data | None" = None
) -> tuple[bytes, int]:
    """Print what a template of ours has written, styled by `sheet`; gives the document and its number of pages.

    Untagged is what becomes a part of a tagged page; `check` says what is wrong with the pages; `data` is a file that
    the document carries.  Raises RenderingFault.
    """
    # No pdf_identifier, which PDF 1.7 leaves optional: for one, every object would be made and deflated a second time.
    options = {"pdf_variant": "pdf/ua-1"} if tagged else {}
    stylesheets = [_stylesheet("pdf/elements.css"), _stylesheet(sheet)]
    with _complaints() as said, _without_collecting():
        laid_out = _Source(text).render(stylesheets=stylesheets, font_config=_font_configuration(), **options)
        document = laid_out.write_pdf(**options, **(data.options() if data else {}))
    if fault := check(laid_out.pages):
        said.append(fault)
    if said:
        raise RenderingFault("; ".join(said))
    assert isinstance(document, bytes)
    return document, len(laid_out.pages)


def make_ready(*sheets: str) -> None:
    """Read these sheets, so that processes forked from here on have them."""
    for sheet in ("pdf/elements.css", *sheets):
        _stylesheet(sheet)


def _fault_of_pages(content: Content, pages: Sequence[Any]) -> str | None:
    """Say what is wrong with the number of pages: one for the visit, one of answers, more only with corrections."""
    if content.is_corrected:
        return None if "answers" in pages[1].anchors else "the first page goes on on the second"
    wanted = 1 if content.received is Received.NOTHING else 2
    return None if len(pages) == wanted else f"{len(pages)} pages in place of {wanted}"


def written(page: SummaryPage) -> str:
    """Give a summary as the text that is laid out."""
    template = environment(page.language).get_template("pdf/summary.html")
    typesetting = {"fill": pdf_fonts.fill, "place": pdf_fonts.place, "width": pdf_fonts.width}
    return template.render(page=page, qr=qr.png_uri(page.verify_url), **typesetting)


@dataclass(frozen=True)
class Data:
    """A file inside a document: named, dated, and as the source of what the document shows."""

    content: bytes
    name: str
    description: str
    at: datetime

    @classmethod
    def of(cls, page: SummaryPage) -> "Data":
        """Give the data of a summary, described in the page's language."""
        words = environment(page.language).get_template("pdf/data_words.html").module
        about: str = words.about(page)  # type: ignore[attr-defined] # a macro of the template
        return cls(summary_data.write(page.content), summary_data.NAME, about, page.content.made_at.astimezone(UTC))

    def options(self) -> dict[str, Any]:
        """Give what WeasyPrint is told to put the file into a document."""
        file = Attachment(
            string=self.content, name=self.name, description=self.description, created=self.at, modified=self.at
        )
        return {"attachments": [file], "finisher": _relate}


def _relate(_document: Any, written: Any) -> None:
    """Say that the file inside is the data of the page (ISO 32000-2, 14.13): WeasyPrint does so in PDF/A-3 only."""
    files: list[Any] = [each for each in written.objects if isinstance(each, dict) and each.get("Type") == "/Filespec"]
    for file in files:
        file["AFRelationship"] = "/Data"
    written.catalog["AF"] = f"[{' '.join(file.reference.decode() for file in files)}]"


class _Source(HTML):  # type: ignore[misc] # WeasyPrint ships no types
    """A page that our own template wrote, as well-formed XML, and that our own sheets style from the ground up.

    An XML parser takes a twentieth of the time of an HTML5 parser; and WeasyPrint's sheet for whatever HTML there is
    would give each element five pseudo-elements that no page of ours uses.  Together a fifth of the whole document.
    """

    def __init__(self, text: str) -> None:
        super().__init__(string="-", url_fetcher=_Closed())
        # Without the template's own line ends, each of which would be a box to make, split and throw away.
        written = _LINE_ENDS.sub("><", _UNWRITABLE.sub("", text))
        root = ElementTree.fromstring(written)  # noqa: S314 - our template's text, with no DTD
        self.wrapper_element: Any = type(self.wrapper_element).from_html_root(root, content_language=None)
        self.etree_element = root

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002 - WeasyPrint asks so
        return []


class _Closed(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Fetches pictures that stand in the page itself, and our own font; nothing else, from nowhere."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Give the content of a data: URL, or of previsit-font:400; ValueError for every other."""
        scheme, _, name = url.partition(":")
        if scheme == "previsit-font":
            return URLFetcherResponse(url, pdf_fonts.cut(int(name)), {"Content-Type": "font/ttf"})
        return super().fetch(url, headers)


@cache
def _stylesheet(name: str) -> CSS:
    tokens = dict(re.findall(r"(--[\w-]+): ([^;]+);", _read(PACKAGE / "web/static/tokens.css").partition("@media")[0]))
    # With the values in place: WeasyPrint would look each variable up again for every element.
    text = re.sub(r"var\((--[\w-]+)\)", lambda found: tokens[found[1]], _read(templates_folder() / name))
    with _complaints() as said:
        made = CSS(string=text, font_config=_font_configuration(), url_fetcher=_Closed())
    if said:
        raise RenderingFault("; ".join(said))
    gc.freeze()  # what is loaded by now lives as long as the process; the collector need not walk it again
    return made


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the garbage collector wait: it would walk the thousands of boxes of a page again and again, all in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs as warning or error: each is a fault of our page, and none may go by unseen."""
    collector = _Collector()
    _LOGGER.addHandler(collector)
    try:
        yield collector.said
    finally:
        _LOGGER.removeHandler(collector)
