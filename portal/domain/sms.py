"""Text messages: which signs are cheap, how a text is made of them, and how many parts it is charged as.

Source: 3GPP TS 23.038 (the alphabet of 7 bits and its extension) and TS 23.040 (parts: 160 or 70 signs alone, 153 or
67 where there are several).
"""

import unicodedata
from itertools import accumulate

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # each takes two places, and is never cut in two
_ALONE, _EACH = 160, 153  # places in the alphabet of 7 bits
_WIDE_ALONE, _WIDE_EACH = 70, 67  # units of UTF-16, as soon as one sign is of no other alphabet

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "œ": "oe", "Œ": "OE"}
    | dict.fromkeys("\u00a0\u202f\u2009", " ")
    | dict.fromkeys("\u00ad\u2011", "-")
)


def fitted(text: str) -> str:
    """Give the text as it is sent: typographers' signs as a keyboard has them, and no letter that makes it dearer.

    « août » becomes « aout » where that keeps the text in the alphabet of 7 bits, which has é, è, à and ù and neither
    ê, ç nor û. A text in another script stays as it is.
    """
    plain = " ".join(text.translate(_PLAIN).split())
    bare = "".join(sign if is_cheap(sign) else _without_accent(sign) for sign in plain)
    return bare if is_cheap(bare) else plain


def is_cheap(text: str) -> bool:
    """Whether every sign is of the alphabet of 7 bits."""
    return all(sign in _BASIC or sign in _EXTENDED for sign in text)


def parts(text: str) -> int:
    """Give as how many messages a text is charged, 1 or more."""
    if is_cheap(text):
        return _count([2 if sign in _EXTENDED else 1 for sign in text], _ALONE, _EACH)
    return _count([len(sign.encode("utf-16-le")) // 2 for sign in text], _WIDE_ALONE, _WIDE_EACH)


def _count(places: list[int], alone: int, each: int) -> int:
    """Fill one part after the other; no sign is cut in two."""
    if sum(places) <= alone:
        return 1

    def fill(filled: int, taken: int) -> int:
        room = each - filled % each
        return filled + taken + (room if room < taken else 0)

    *_, last = accumulate(places, fill, initial=0)
    return -(-last // each)


def _without_accent(sign: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", sign) if not unicodedata.combining(each))
