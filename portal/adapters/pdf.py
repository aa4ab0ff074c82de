"""The summary as a PDF/UA-1 document; the one place where WeasyPrint is imported, by the worker and the command only.

The same content gives the same bytes: dates and identifier come from the content, and the font from its package.
"""

import gc
import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_inter
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal.adapters import qr
from portal.adapters.localisation import environment
from portal.domain.summary import Received
from portal.resources import PACKAGE, templates_folder
from portal.services.summaries import SummaryPage

WEIGHTS = (400, 600)
OPTICAL_SIZE = 14
# Latin with accents, the punctuation and spaces of both languages, and mathematical signs.
LETTERS = (*range(0x20, 0x180), *range(0x2002, 0x2040), 0x20AC, 0x2212, 0x2264, 0x2265)
FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "case")

_LOGGER = logging.getLogger("weasyprint")


class RenderingFault(Exception):
    """The page would not come out as it should; the text is what the renderer complained of."""


def render(page: SummaryPage) -> bytes:
    """Print a summary on A4 in the page's language.  Raises RenderingFault rather than keep a faulty document."""
    picture = qr.svg(page.verify_url)
    html = environment(page.language).get_template("pdf/summary.html").render(page=page, qr=picture)
    identifier = hashlib.sha256(f"{page.digest} {page.language}".encode()).digest()[:16]
    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": identifier}
    with _complaints() as said, _without_collecting():
        source = HTML(string=html, url_fetcher=_Closed())
        laid_out = source.render(stylesheets=_stylesheets(), font_config=_font_configuration(), **options)
        document = laid_out.write_pdf(**options)
    wanted = 1 if page.content.received is Received.NOTHING else 2
    if len(laid_out.pages) != wanted:
        said.append(f"{len(laid_out.pages)} pages in place of {wanted}")
    if said:
        raise RenderingFault("; ".join(said))
    assert isinstance(document, bytes)
    return document


class _Closed(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Fetches pictures that stand in the page itself, and our own font; nothing else, from nowhere."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Give the content of a data: URL, or of previsit-font:400; ValueError for every other."""
        scheme, _, name = url.partition(":")
        if scheme == "previsit-font":
            return URLFetcherResponse(url, _font(int(name)), {"Content-Type": "font/ttf"})
        return super().fetch(url, headers)


@cache
def _stylesheets() -> list[CSS]:
    # The rule for dark screens says nothing to paper, and WeasyPrint does not know its media feature.
    tokens = _read(PACKAGE / "web" / "static" / "tokens.css").partition("@media")[0]
    texts = [tokens, _read(templates_folder() / "pdf/summary.css")]
    with _complaints() as said:
        made = [CSS(string=text, font_config=_font_configuration(), url_fetcher=_Closed()) for text in texts]
    if said:
        raise RenderingFault("; ".join(said))
    gc.freeze()  # what is loaded by now lives as long as the process; the collector need not walk it again
    return made


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@cache
def _font(weight: int) -> bytes:
    """Cut one weight of Inter, and the letters we need, out of the package's variable font.

    Done once a process (about a second): WeasyPrint would cut every weight anew for each document.
    """
    font = TTFont(io.BytesIO(_letters()))
    instantiateVariableFont(font, {"wght": weight, "opsz": OPTICAL_SIZE}, inplace=True, static=True)
    return _saved(font)


@cache
def _letters() -> bytes:
    font = TTFont(fontpkg_inter.ROOT / "files" / "Inter[opsz,wght].ttf", recalcTimestamp=False)
    options = subset.Options(layout_features=list(FEATURES), hinting=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    return _saved(font)


def _saved(font: TTFont) -> bytes:
    file = io.BytesIO()
    font.recalcTimestamp = False
    font.save(file)
    return file.getvalue()


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
