"""The columns of the table by which many are enrolled at once, and the headings that each may have."""

import re
import unicodedata
from enum import StrEnum


class Column(StrEnum):
    """What a column says of a participant."""

    NUMBER = "participant_number"
    LANGUAGE = "language"
    DAY = "included_on"
    EMAIL = "email"
    TELEPHONE = "telephone"


_HEADINGS = {
    Column.NUMBER: "number|participant|patient|participant number|patient number|patient s number|subject number|"
    "numero|numero de patient|numero du patient|numero de participant|numero du participant|n patient|n participant",
    Column.LANGUAGE: "language|language of the questionnaires|langue|langue des questionnaires",
    Column.DAY: "inclusion|day of inclusion|inclusion day|date of inclusion|inclusion date|included on|"
    "jour d inclusion|jour de l inclusion|date d inclusion|date de l inclusion|inclus le",
    Column.EMAIL: "email|e mail|mail|email address|e mail address|"
    "adresse electronique|adresse email|adresse e mail|adresse mail|courriel",
    Column.TELEPHONE: "telephone|telephone number|phone|phone number|mobile|mobile number|mobile phone|"
    "tel|numero de telephone|portable|telephone portable",
}
_COLUMNS = {heading: column for column, headings in _HEADINGS.items() for heading in headings.split("|")}


def find_column(heading: str) -> Column | None:
    """Give the column that is headed so, in French or English, however it is written; None when none is."""
    return _COLUMNS.get(plain(heading))


def plain(text: str) -> str:
    """Write a word without capitals, accents and signs, so that it is found however it was typed."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())
