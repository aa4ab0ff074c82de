"""Telephone numbers as people write them, and the one form in which a text message can be sent to them.

Sources: ITU-T E.164 (the international form); the national numbering plans (ARCEP 2018-0881 for France and overseas).
"""

import re

_MOBILES: dict[str, tuple[tuple[str, str, int], ...]] = {
    # country -> (national numbers of mobile telephones, country code, how many digits are left out before it)
    "FR": (
        (r"0639[0-9]{6}", "262", 1),
        (r"069[01][0-9]{6}", "590", 1),
        (r"069[23][0-9]{6}", "262", 1),
        (r"0694[0-9]{6}", "594", 1),
        (r"069[67][0-9]{6}", "596", 1),
        (r"0[67][0-9]{8}", "33", 1),
    ),
    "AT": ((r"06[0-9]{8,12}", "43", 1),),
    "BE": ((r"04[0-9]{8}", "32", 1),),
    "CA": ((r"1?[2-9][0-9]{9}", "", 0),),
    "CH": ((r"07[0-9]{8}", "41", 1),),
    "DE": ((r"01[567][0-9]{8,9}", "49", 1),),
    "ES": ((r"[67][0-9]{8}", "34", 0),),
    "GB": ((r"07[0-9]{9}", "44", 1),),
    "IT": ((r"3[0-9]{8,9}", "39", 0),),
    "LU": ((r"6[0-9]{8}", "352", 0),),
    "NL": ((r"06[0-9]{8}", "31", 1),),
    "PT": ((r"9[0-9]{8}", "351", 0),),
}
_FIXED = re.compile(r"\+33[1-589][0-9]{8}|\+33[67](?![0-9]{8}$)[0-9]*")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")


def mobile(number: str, country: str) -> str | None:
    """Give the number as +33612345678 if a text message can reach it, None when it cannot or nobody can tell.

    country: ISO 3166-1, of the site, by whose habits a number without a country's code is read. Where its mobile
    numbers are not told apart here, only a number with its country's code will do.
    """
    written = number.replace("(0)", "")
    digits = re.sub(r"[^0-9]", "", written)
    if written.lstrip().startswith("+") or digits.startswith("00"):
        full = f"+{digits.removeprefix('00')}"
        return full if _INTERNATIONAL.fullmatch(full) and not _FIXED.fullmatch(full) else None
    for pattern, code, left_out in _MOBILES.get(country, ()):
        if re.fullmatch(pattern, digits):
            bare = digits[left_out:]
            return f"+{code}{bare}" if code else f"+1{digits[-10:]}"
    return None
