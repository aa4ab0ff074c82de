"""What the code of a mail that came back says: still on its way or given up, and whether the address is at fault.

Source: RFC 3463 (class.subject.detail, such as 5.1.1); RFC 5321, 4.2 for a server that says three digits only.
"""

import re

UNSPECIFIC = "5.0.0"
"""Given up, and nobody says why."""

_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}|[245]\d\d")
_ARRIVED, _GIVEN_UP = "2", "5"
_NOT_THE_ADDRESS = ("5.2.2", "5.2.3", "5.3", "5.4.7", "5.6", "5.7", "552", "554")
"""The mailbox is full, the mail too large, its server at fault, its words or its sender not wanted: it may pass."""


def is_code(text: str) -> bool:
    """Whether this is a code that a report may hold."""
    return _CODE.fullmatch(text) is not None


def has_arrived(code: str) -> bool:
    """Whether a code says that all went well."""
    return code.startswith(_ARRIVED)


def is_permanent(code: str) -> bool:
    """Whether a code alone says that the mail was given up."""
    return code.startswith(_GIVEN_UP)


def blames_address(code: str) -> bool:
    """Whether another mail to the same address would come back, too: then none is sent until it is changed.

    Of a mail that was given up after days of trying, which has a code of class 4, this is not known.
    """
    return is_permanent(code) and not any(code == each or code.startswith(f"{each}.") for each in _NOT_THE_ADDRESS)
