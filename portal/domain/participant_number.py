"""How participant numbers are formed: a site and a running number, never initials or a date of birth."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_FIELD = re.compile(r"\{(site|check|number)(?::0[1-9])?\}")
_NUMBER = re.compile(r"\{number(?::0([1-9]))?\}")
_CHECK = "{check}"
_ALLOWED = re.compile(r"[A-Z0-9./-]*")


class InvalidPatternError(ValueError):
    """The pattern is not one site, one number, at most one check digit, and capitals, digits, . / - around them."""


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A pattern such as "{site}-{number:03}": the site's code, a hyphen and three digits; `{check}` adds a digit."""

    text: str

    def __post_init__(self) -> None:
        """Refuse a pattern that could hold anything but a site, a number and a check digit."""
        around = _NUMBER.sub("", self.text.replace("{site}", "").replace(_CHECK, ""))
        once = self.text.count("{site}") == 1 and len(_NUMBER.findall(self.text)) == 1
        if not once or self.text.count(_CHECK) > 1 or not _ALLOWED.fullmatch(around):
            raise InvalidPatternError(self.text)

    def make(self, site_code: str, number: int) -> str:
        """Form the number of the site's n-th participant, n from 1."""
        unchecked = self.text.replace(_CHECK, "").format(site=site_code, number=number)
        return self.text.format(site=site_code, number=number, check=check_digit(unchecked))

    def find_parts(self, participant_number: str, site_codes: Iterable[str]) -> tuple[str, int] | None:
        """Take a participant number apart into site code and number; None when it was not formed by this pattern."""
        found = self._read(participant_number, site_codes)
        return found if found and self.make(*found) == participant_number else None

    def is_misread(self, participant_number: str, site_codes: Collection[str]) -> bool:
        """Whether it has the pattern's form, and only its check digit does not fit: a digit was mistaken."""
        found = self._read(participant_number, site_codes)
        return bool(found) and _CHECK in self.text and self.find_parts(participant_number, site_codes) is None

    def _read(self, participant_number: str, site_codes: Iterable[str]) -> tuple[str, int] | None:
        for code in site_codes:
            form, fields = "", {"site": re.escape(code), "number": "([0-9]+)", "check": "[0-9]"}
            for part in re.split(r"(\{[^}]*\})", self.text):
                field = _FIELD.fullmatch(part)
                form += fields[field[1]] if field else re.escape(part)
            if (found := re.fullmatch(form, participant_number)) and int(found[1]) > 0:
                return code, int(found[1])
        return None


def check_digit(text: str) -> str:
    """Give the digit that shows a mistaken digit or two that changed places; a letter counts as in IBANs, A as 10.

    Signs between letters and digits play no part.  Source: ISO/IEC 7064, MOD 11,10.
    """
    product = 10
    for digit in "".join(str(int(sign, 36)) for sign in text if sign.isalnum()):
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return str((11 - product) % 10)
