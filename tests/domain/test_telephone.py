"""Numbers as nurses write them, and whether a text message can reach them."""

import pytest

from portal.domain.telephone import mobile


@pytest.mark.parametrize(
    ("number", "country", "sent_to"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 6 12 34 56 78", "FR", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "CH", "+33612345678"),
        ("0033.6.12.34.56.78", "FR", "+33612345678"),
        ("07-12-34-56-78", "FR", "+33712345678"),
        ("0692 12 34 56", "FR", "+262692123456"),  # La Réunion
        ("0639 12 34 56", "FR", "+262639123456"),  # Mayotte
        ("0690 12 34 56", "FR", "+590690123456"),  # Guadeloupe
        ("01 99 00 21 35", "FR", None),  # a fixed line
        ("+33 1 99 00 21 35", "FR", None),
        ("+33 6 12 34", "FR", None),  # too short
        ("0471 12 34 56", "BE", "+32471123456"),
        ("514 555 0123", "CA", "+15145550123"),
        ("1-514-555-0123", "CA", "+15145550123"),
        ("078 123 45 67", "CH", "+41781234567"),
        ("06 12 34 56 78", "JP", None),  # nobody can tell
        ("+81 90 1234 5678", "JP", "+819012345678"),
        ("15", "FR", None),
    ],
)
def test_a_number_is_sent_to_in_its_international_form(number: str, country: str, sent_to: str | None) -> None:
    assert mobile(number, country) == sent_to
