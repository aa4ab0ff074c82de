"""How participant numbers are formed: a site and a running number, never initials or a date of birth."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = re.compile(r"\{number(?::0([1-9]))?\}")
_ALLOWED = re.compile(r"[A-Z0-9./-]*")


class InvalidPatternError(ValueError):
    """The pattern is not one site, one number, and capitals, digits, dot, slash or hyphen around them."""


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A pattern such as "{site}-{number:03}": the site's code, a hyphen and three digits."""

    text: str

    def __post_init__(self) -> None:
        """Refuse a pattern that could hold anything but a site and a number."""
        around = _NUMBER.sub("", self.text.replace("{site}", ""))
        once = self.text.count("{site}") == 1 and len(_NUMBER.findall(self.text)) == 1
        if not once or not _ALLOWED.fullmatch(around):
            raise InvalidPatternError(self.text)

    def make(self, site_code: str, number: int) -> str:
        """Form the number of the site's n-th participant, n from 1."""
        return self.text.format(site=site_code, number=number)

    def find_parts(self, participant_number: str, site_codes: Iterable[str]) -> tuple[str, int] | None:
        """Take a participant number apart into site code and number; None when it was not formed by this pattern."""
        for code in site_codes:
            before, after = (
                re.escape(part) for part in _NUMBER.sub("\0", self.text).replace("{site}", code).split("\0")
            )
            if found := re.fullmatch(f"{before}([0-9]+){after}", participant_number):
                number = int(found[1])
                if number > 0 and self.make(code, number) == participant_number:
                    return code, number
        return None
