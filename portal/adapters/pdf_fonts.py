"""The weights of Inter that documents are set in, cut out of the package's variable font once a process."""

import io
from collections.abc import Sequence
from functools import cache

import fontpkg_inter
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

OPTICAL_SIZE = 14
# Latin with accents, the punctuation and spaces of both languages, and mathematical signs.
LETTERS = (*range(0x20, 0x180), *range(0x2001, 0x2040), 0x20AC, 0x2212, 0x2264, 0x2265)
# No kerning: at 9 points nobody misses it, and each pair costs a number in the file.
FEATURES = ("ccmp", "locl", "tnum")
FIGURES = frozenset(map(ord, "0123456789+±\N{MINUS SIGN}"))
EM_SPACE = "\u2003"
WIDE_SPACE = "\u2001"
WIDE_EMS = 4
THIN_SPACE = "\u2009"
# From four ems down to a hair.
BLANKS = (WIDE_SPACE, EM_SPACE, "\u2002", "\u2004", "\u2005", "\u2006", "\u200a")


@cache
def cut(weight: int) -> bytes:
    """Cut one weight (400 regular, 600 semibold) as a TrueType file with the letters we need, always the same bytes.

    Takes about a second: WeasyPrint would cut every weight anew for each document.
    """
    font = TTFont(io.BytesIO(_letters()))
    instantiateVariableFont(font, {"wght": weight, "opsz": OPTICAL_SIZE}, inplace=True, static=True)
    _make_figures_tabular(font)
    font["hmtx"][font.getBestCmap()[ord(WIDE_SPACE)]] = (WIDE_EMS * font["head"].unitsPerEm, 0)
    return _saved(font)


def _make_figures_tabular(font: TTFont) -> None:
    """Let each figure and sign stand in its tabular form, so that no text has to ask for it: asking costs each line."""
    table = font["GSUB"].table
    features = [each.Feature for each in table.FeatureList.FeatureRecord if each.FeatureTag == "tnum"]
    forms: dict[str, str] = {}
    for number in {number for feature in features for number in feature.LookupListIndex}:
        for subtable in table.LookupList.Lookup[number].SubTable:
            forms |= getattr(subtable, "ExtSubTable", subtable).mapping
    for cmap in font["cmap"].tables:
        cmap.cmap = {code: forms.get(name, name) if code in FIGURES else name for code, name in cmap.cmap.items()}


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


@cache
def _advances(weight: int) -> dict[str, float]:
    font = TTFont(io.BytesIO(cut(weight)))
    names, widths = font.getBestCmap(), font["hmtx"]
    return {chr(code): widths[name][0] / font["head"].unitsPerEm for code, name in names.items()}


def width(text: str, points: float = 9) -> float:
    """Give the width of `text` (regular weight), in points."""
    advances = _advances(400)
    return sum(advances.get(letter, 1) for letter in text) * points


def place(words: Sequence[tuple[str, float, float]], points: float = 9) -> str:
    """Set words in one line with blanks between them; each is (text, place in points, share of its width before it).

    A word stands within half a point of its place (a share of 0.5 centres it), or a thin space after the one before.
    """
    line, end = "", 0.0
    for text, at, share in words:
        room = at - share * width(text, points) - end
        blanks = _blanks(room / points) or (THIN_SPACE if line else "")
        line += blanks + text
        end += width(blanks + text, points)
    return line


def _blanks(ems: float) -> str:
    advances = _advances(400)
    blanks = ""
    for blank in BLANKS:
        count = max(int((ems + (advances[blank] / 2 if blank == BLANKS[-1] else 0)) / advances[blank]), 0)
        blanks += blank * count
        ems -= count * advances[blank]
    return blanks


def fill(text: str, millimetres: float, points: float = 9) -> str:
    """Give `text` (regular weight) with blanks up to an em and a half before a tab stop at `millimetres`, and the tab.

    WeasyPrint 70 draws the blank of a tab a fortieth too wide (it divides by 1,000 what Pango measures in 1,024ths of
    a pixel): over half a column answers would not stand under each other, over an em nobody sees it.
    """
    advances = _advances(400)
    taken = width(text, points)
    # A space, the one that Pango wants before a stop or else takes the next, and the pixel it may round away.
    room = millimetres * 72 / 25.4 - taken - 2 * advances[" "] * points - 0.75
    ems = max(int(room / (advances[EM_SPACE] * points)), 0)
    # Each blank is drawn and written like a letter: an em quad of four ems, a width that only our cut of Inter has.
    return f"{text} {WIDE_SPACE * (ems // WIDE_EMS)}{EM_SPACE * (ems % WIDE_EMS)}\t"
