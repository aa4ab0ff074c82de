"""How a text message is counted and made cheap; worked by the tables of 3GPP TS 23.038 and 23.040."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import sms


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),  # 2 × 153
        ("a" * 307, 3),
        ("é" * 160, 1),  # é, è, à, ù and Ç are of the alphabet …
        ("ê" * 70, 1),  # … ê and ç are not: every sign then takes 16 bits
        ("ç" * 71, 2),
        ("ê" + "a" * 133, 2),  # 2 × 67
        ("ê" + "a" * 134, 3),
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 151, 2),  # the euro sign would be cut in two: 152 + 2 + 151, one place is lost
        ("a" * 152 + "€" + "a" * 152, 3),
        ("🙂" * 35, 1),  # two units of UTF-16 each
        ("🙂" * 36, 2),
        ("🙂" * 67, 3),  # 33 whole ones fit into 67
    ],
)
def test_the_parts_are_counted_as_the_network_counts_them(text: str, parts: int) -> None:
    assert sms.parts(text) == parts


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (
            "Hôpital des Tilleuls : vos questionnaires sont prêts",
            "Hopital des Tilleuls : vos questionnaires sont prets",
        ),
        ("avant la visite du 3\u00a0août 2027\u202f!", "avant la visite du 3 aout 2027 !"),
        ("Ça déjà gêne, où c’est “là”…", 'Ça déjà gene, où c\'est "là"...'),
        ("cœur", "coeur"),
        ("Αθήνα, Νοσοκομείο", "Αθήνα, Νοσοκομείο"),  # another script stays
    ],
)
def test_a_text_is_made_of_cheap_signs_where_that_is_possible(text: str, sent: str) -> None:
    assert sms.fitted(text) == sent


@given(st.text())
def test_what_is_sent_is_never_dearer_for_having_been_fitted_twice(text: str) -> None:
    assert sms.fitted(sms.fitted(text)) == sms.fitted(text)


@given(st.text(min_size=1))
def test_a_longer_text_is_never_cheaper(text: str) -> None:
    assert sms.parts(text) >= sms.parts(text[:-1])
