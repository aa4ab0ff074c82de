"""The signed copy of a summary: the signature stands on page one, which stays one page, and the bytes stay the same."""

import io
import re
from dataclasses import replace

import pytest
from pypdf import PdfReader

from portal.adapters import pdf
from portal.domain.summary import Received
from tests import summary_cases as cases

KINDS = tuple(cases.kinds())


@pytest.mark.parametrize("kind", KINDS)
def test_the_signature_stands_on_page_one_and_adds_no_page(kind: str) -> None:
    content = cases.kinds()[kind]
    pages = PdfReader(io.BytesIO(pdf.render(cases.signed(cases.page(content, "fr"))))).pages
    assert len(pages) == (1 if content.received is Received.NOTHING else 2)
    said = (
        "Signée électroniquement par Professeure Marie-Hélène de La Rochefoucauld-Montbel "
        "le 4 mars 2027, 9 h 15 (Paris) : vue, et discutée avec le patient"
    )
    assert said in re.sub(r"\s+", " ", pages[0].extract_text())


def test_the_same_signature_gives_the_same_bytes_and_the_original_stays_as_it_was() -> None:
    page = cases.page(cases.kinds()["second"], "en")
    original = pdf.render(page)
    assert pdf.render(cases.signed(page)) == pdf.render(cases.signed(page)) != original
    assert pdf.render(replace(cases.signed(page), signed=None)) == original
    assert b"Signed electronically" not in original


def test_the_copy_is_dated_by_the_signature() -> None:
    reader = PdfReader(io.BytesIO(pdf.render(cases.signed(cases.page(cases.kinds()["nothing"], "en")))))
    assert reader.metadata is not None
    assert reader.metadata.get("/ModDate", "").startswith("D:20270304081500")
    assert reader.metadata.get("/CreationDate", "").startswith("D:20270303180200")
