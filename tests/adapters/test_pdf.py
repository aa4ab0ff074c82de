"""The printed summary: one page for the visit and one for the answers, legible, tagged, and the same every time."""

import io
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from pypdf import PdfReader
from weasyprint import HTML

from portal.adapters import pdf
from portal.adapters.localisation import environment
from portal.db.response import FilledInBy
from portal.domain.instruments import CODES, get
from portal.domain.summary import Received
from tests import summary_cases as cases

pytestmark = pytest.mark.xdist_group("summaries on paper")  # in one process, so that each is rendered once
KINDS = tuple(cases.kinds())
LANGUAGES = ("fr", "en")
A4_POINTS = (595.28, 841.89)
SMALLEST_POINTS = 9


@cache
def rendered(kind: str, language: str) -> bytes:
    return pdf.render(cases.page(cases.kinds()[kind], language))


def read(kind: str, language: str) -> PdfReader:
    return PdfReader(io.BytesIO(rendered(kind, language)))


def text_of(kind: str, language: str, page: int = 0) -> str:
    """Give a page's text with every run of spaces as one."""
    return re.sub(r"\s+", " ", read(kind, language).pages[page].extract_text())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_one_a4_page_and_one_of_answers(kind: str, language: str) -> None:
    pages = read(kind, language).pages
    assert len(pages) == (1 if cases.kinds()[kind].received is Received.NOTHING else 2)
    for page in pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4_POINTS, abs=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_set_smaller_than_nine_points_and_every_font_is_ours_and_embedded(kind: str, language: str) -> None:
    for page in read(kind, language).pages:
        sizes: set[float] = set()

        def note(
            text: str, cm: list[float], tm: list[float], _font: object, size: float, into: set[float] = sizes
        ) -> None:
            if text.strip():
                into.add(round(size * abs(tm[3]) * abs(cm[3]), 2))

        page.extract_text(visitor_text=note)
        assert min(sizes) >= SMALLEST_POINTS
        fonts: Any = page["/Resources"]
        for font in fonts["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"]
            assert "Inter" in descendant.get_object()["/BaseFont"]
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_text_comes_in_the_order_in_which_it_is_read() -> None:
    text = text_of("twelfth", "fr")
    landmarks = (
        "Patient 01-007 · Mois 36",
        "Visite",
        "À aborder pendant la visite",
        "DLQI Votre peau",
        "Sous-scores",
        "SHAQ Vos gestes",
        "Symptômes, repère",
        "Catégories",
        "Passé, sans objet, sans réponse",
        "Comment cette page a été établie",
    )
    places = [text.index(landmark) for landmark in landmarks]
    assert places == sorted(places)
    answers = text_of("twelfth", "fr", page=1)
    assert answers.index("1 Douleurs, démangeaisons") < answers.index("SHAQ") < answers.index("30 Maladie")


def test_a_change_is_said_in_words_with_its_threshold() -> None:
    # ten questions from 1 to 2: +10; the HAQ-DI from 1 to 2: +1.00
    french, english = text_of("second", "fr"), text_of("second", "en")
    assert "+10 depuis Inclusion : aggravation, atteint le seuil de 4" in french
    assert "+1,00 depuis Inclusion : aggravation, atteint le seuil de 0,14" in french
    assert "+1.00 since Inclusion: worsening, reaches the threshold of 0.14" in english
    assert "20 / 30 very large effect" in english


def test_what_could_not_be_scored_says_why() -> None:
    text = text_of("unscorable", "en")
    assert "DLQI total not scored: 4 questions unanswered, at most 1 may be" in text
    assert "HAQ-DI not scored: 4 categories of 8 answered, at least 6 are needed" in text
    assert "DLQI, questions skipped (3): Pain, burning, itching" in text


def test_a_page_with_nothing_received_says_whom_to_telephone() -> None:
    text = text_of("nothing", "fr")
    assert "Rien n’a été reçu pour cette visite" in text
    assert "+33 1 99 00 21 35" in text
    assert "/ 30" not in text


def test_paper_and_correction_are_named() -> None:
    text = text_of("paper-and-corrected", "en")
    assert "on paper" in text
    assert "corrected since" in text


@pytest.mark.parametrize("kind", KINDS)
def test_the_mark_of_demonstration_wording_stands_on_every_page(kind: str) -> None:
    for number in range(len(read(kind, "en").pages)):
        assert "demonstration wording" in text_of(kind, "en", number).lower()


def test_title_language_and_date_come_from_the_content() -> None:
    reader = read("first", "fr")
    assert reader.metadata is not None
    assert reader.metadata.title == "Patient 01-007 · Inclusion – Synthèse avant la visite"
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert reader.metadata.get("/CreationDate", "").startswith("D:20270303180200")


def test_a_page_in_grey_says_as_much() -> None:
    """Every colour on the page is a grey or very nearly one, so that a bad printer loses nothing."""
    for page in read("twelfth", "fr").pages:
        content = page.get_contents()
        assert content is not None
        for red, green, blue in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", content.get_data()):
            parts = [float(part) for part in (red, green, blue)]
            assert max(parts) - min(parts) < 0.1


def test_nothing_is_fetched_from_anywhere() -> None:
    for url in ("http://127.0.0.1:9/x.png", "file:///etc/passwd", "ftp://example.org/x"):
        with pdf._complaints() as said:
            HTML(string=f"<img alt='' src='{url}'>", url_fetcher=pdf._Closed()).render()
        assert said


def test_a_page_too_many_is_a_fault() -> None:
    made = cases.kinds()["second"]
    endless = replace(made, observations=made.observations * 12)
    with pytest.raises(pdf.RenderingFault, match="3 pages in place of 2"):
        pdf.render(cases.page(endless, "fr"))


def test_what_was_corrected_stands_beside_what_was_sent_and_the_older_print_is_named() -> None:
    assert "Replaces edition 2, made 4 April 2027" in text_of("corrected", "en")
    said = "by Dr Hélène Roux-Delacroix: that print is no longer current, and its signature is void."
    assert said in text_of("corrected", "en")
    answers = text_of("corrected", "en", page=1)
    assert answers.count("sent:") == 2
    assert "asked for by the patient, entered by Claire Fontaine, question 4. Reason: Elle avait lu" in answers


def test_many_corrections_take_a_page_more_and_leave_the_first_one_alone() -> None:
    made = cases.kinds()["corrected"]
    often = replace(made.instruments[1], corrections=made.instruments[1].corrections * 10)
    document = PdfReader(
        io.BytesIO(pdf.render(cases.page(replace(made, instruments=(made.instruments[0], often)), "fr")))
    )
    assert len(document.pages) == 3
    assert "3\u202f/\u202f3" in document.pages[2].extract_text()


def test_who_filled_it_in_stands_beside_each_questionnaire() -> None:
    assert "DLQI envoyé le 3 mars 2027, 19 h 02 (Paris), sur téléphone, en français, rempli sans aide" in text_of(
        "first", "fr"
    )
    assert text_of("ceiling", "en").count("filled in with help") == 2
    assert text_of("twelfth", "fr").count("rempli par quelqu’un d’autre") == 2
    assert "filled in" not in text_of("second", "en")  # not said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_know_whoever_may_have_filled_it_in(language: str) -> None:
    words = environment(language).get_template("components/summary_words.html").module
    named = {str(words.filler_name(code)) for code in FilledInBy}  # type: ignore[attr-defined] # a macro of the template
    assert len(named) == len(FilledInBy)


def test_the_words_know_every_code_of_every_instrument() -> None:
    """A scale, band or flag without words would stop the page, so each is asked for here."""
    for language in LANGUAGES:
        words = environment(language).get_template("components/summary_words.html").module
        for code in CODES:
            for scale in get(code).scales:
                if scale.section != "categories_alternative":
                    assert words.scale_name(scale.code)  # type: ignore[attr-defined] # macros of the template
                for band in scale.bands:
                    assert words.band_name(code, band.code)  # type: ignore[attr-defined] # the same
                    assert words.band_label(code, band.code)  # type: ignore[attr-defined] # the same


def test_a_name_is_printed_whatever_keys_were_pressed() -> None:
    """The page is read as XML, which has no way to write some characters: they must not stop it."""
    made = replace(cases.kinds()["nothing"], site_name="Hôpital <Nord> & Sud\x0b, \ufffeParis")
    text = PdfReader(io.BytesIO(pdf.render(cases.page(made, "fr")))).pages[0].extract_text()
    assert "Hôpital <Nord> & Sud, Paris" in re.sub(r"\s+", " ", text)
