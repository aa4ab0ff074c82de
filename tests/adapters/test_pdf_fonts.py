"""The fonts of documents: figures of one width, and blanks that end where a column begins."""

import io

import pytest
from fontTools.ttLib import TTFont

from portal.adapters import pdf_fonts

EM_POINTS = 9
POINTS_PER_MILLIMETRE = 72 / 25.4


def width(text: str, weight: int = 400) -> float:
    """Give the width of a text of 9 points, in points."""
    font = TTFont(io.BytesIO(pdf_fonts.cut(weight)))
    names = font.getBestCmap()
    taken: float = sum(font["hmtx"][names[ord(letter)]][0] for letter in text) / font["head"].unitsPerEm * EM_POINTS
    return taken


@pytest.mark.parametrize("weight", [400, 600])
def test_figures_and_signs_are_all_of_one_width(weight: int) -> None:
    assert len({round(width(figure, weight), 3) for figure in "0123456789\u2007"}) == 1
    assert len({round(width(sign, weight), 3) for sign in "+±\N{MINUS SIGN}"}) == 1


@pytest.mark.parametrize("question", ["4 Lit", "21 Entrer et sortir d’une voiture", "10 Poids du traitement"])
def test_blanks_end_between_a_space_and_an_em_and_a_half_before_the_tab(question: str) -> None:
    blank, tab = pdf_fonts.fill(question, 60)[:-1], pdf_fonts.fill(question, 60)[-1]
    assert tab == "\t"
    assert width(" ") < 60 * POINTS_PER_MILLIMETRE - width(blank) < 1.5 * EM_POINTS


def test_a_question_too_long_for_its_column_keeps_all_its_words() -> None:
    assert pdf_fonts.fill("1 Douleurs, brûlures, envies de gratter", 20) == "1 Douleurs, brûlures, envies de gratter \t"


def test_words_stand_within_half_a_point_of_their_places() -> None:
    line = pdf_fonts.place([("0", 1, 0), ("10", 54.7, 0.5), ("20", 108.3, 0.5), ("30", 162, 1)])
    assert line.split() == ["0", "10", "20", "30"]
    assert width(line[: line.index("0")]) == pytest.approx(1, abs=0.5)
    assert width(line[: line.index("10")] + "1") == pytest.approx(54.7, abs=0.5)
    assert width(line[: line.index("20")] + "2") == pytest.approx(108.3, abs=0.5)
    assert width(line) == pytest.approx(162, abs=0.5)


def test_words_with_no_room_between_them_stay_apart() -> None:
    assert pdf_fonts.place([("M9", 10, 0.5), ("M12", 20, 0.5)]).endswith("M9\u2009M12")


def test_the_same_font_is_cut_each_time() -> None:
    first = pdf_fonts.cut(400)
    pdf_fonts.cut.cache_clear()
    assert pdf_fonts.cut(400) == first
