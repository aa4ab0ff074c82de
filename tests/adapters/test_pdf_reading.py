"""The printed summary as a program reads it: its text in order, its metadata whole, its data inside."""

import io
import re
from typing import Any

import pikepdf
import pytest
from lxml import html

from portal.adapters import pdf, pdf_data
from portal.domain import summary_data, summary_json
from tests import summary_cases as cases
from tests.adapters.test_pdf import KINDS, LANGUAGES, read, rendered

BLANKS = re.compile(r"[\s\u2000-\u200f\u202f\u205f]+")
PICTURE = "\N{OBJECT REPLACEMENT CHARACTER}"

pytestmark = pytest.mark.xdist_group("summaries on paper")  # in one process, so that each is rendered once


def bare(text: str) -> str:
    """Give the letters alone, for a printer may set blanks as it likes."""
    return BLANKS.sub("", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_all_text_stands_in_the_file_in_the_order_in_which_it_is_read(kind: str, language: str) -> None:
    """Nothing lies between the parts of the page but the figures beside a chart, and no footer before a page's end."""
    body: Any = html.document_fromstring(pdf.written(cases.page(cases.kinds()[kind], language))).find("body")
    for picture in body.iter("img"):
        picture.text = PICTURE
    for number, line in enumerate(body.xpath(".//ol/li"), start=1):
        line.text = f"{number}. {line.text or ''}"
    pages = [bare(page.extract_text()) for page in read(kind, language).pages]
    text = "".join(re.sub(rf"{number}/{len(pages)}·Patient.*$", "", page) for number, page in enumerate(pages, start=1))
    end = 0
    for piece in bare(body.text_content()).split(PICTURE):
        at = text.index(piece, end)
        assert re.fullmatch(r"\d*", text[end:at])
        end = at + len(piece)
    assert text[end:] == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_metadata_are_complete(kind: str, language: str) -> None:
    made, reader = cases.page(cases.kinds()[kind], language), read(kind, language)
    about, more = reader.metadata, reader.xmp_metadata
    assert about is not None
    assert more is not None
    assert f"Patient 01-007 · {made.content.this_visit.labels[language]} – " in (about.title or "")
    assert about.author == {"fr": "Prévisite", "en": "Previsit"}[language]
    assert f"{'édition' if language == 'fr' else 'edition'} {made.number}" in (about.subject or "")
    assert set((about.keywords or "").split(", ")) >= {"01-007", made.content.visit, made.digest}
    assert about.creation_date == made.content.made_at
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert (more.dc_title or {}).get("x-default") == about.title


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_are_inside_and_associated_with_the_document(kind: str) -> None:
    made = cases.page(cases.kinds()[kind], "fr")
    documents = [rendered(kind, "fr")] + [pdf.render(cases.signed(made))] * (kind == "first")
    for document in documents:
        data = summary_data.read(pdf_data.read(document))
        assert data.content == made.content
        assert (data.is_whole, data.digest) == (True, made.digest)
        assert data.found == summary_json.hash_of(summary_json.to_json(made.content))
        with pikepdf.open(io.BytesIO(document)) as opened:
            (file,) = opened.Root.AF
            assert (file.AFRelationship, str(file.UF)) == (pikepdf.Name.Data, summary_data.NAME)
            assert str(file.Desc).startswith("Données de cette synthèse")


@pytest.mark.parametrize("kind", KINDS)
def test_made_again_it_has_the_same_bytes(kind: str) -> None:
    assert pdf.render(cases.page(cases.kinds()[kind], "en")) == rendered(kind, "en")


def test_a_signed_copy_made_again_has_the_same_bytes() -> None:
    made = cases.signed(cases.page(cases.kinds()["corrected"], "fr"))
    assert pdf.render(made) == pdf.render(made)
