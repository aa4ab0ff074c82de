"""The codes of a door: derived, readable aloud, and refused when mistyped."""

from itertools import combinations
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.domain import codes

SECRET = "a secret key for tests, long enough"
DOOR = UUID("01234567-89ab-cdef-0123-456789abcdef")


def test_a_token_leads_back_to_its_door_and_to_no_other() -> None:
    token = codes.token(SECRET, DOOR)
    assert codes.find_door(SECRET, token) == DOOR
    assert codes.find_door("another secret, just as long as it", token) is None


def test_a_token_with_any_sign_changed_leads_nowhere() -> None:
    token = codes.token(SECRET, DOOR)
    for place, sign in enumerate(token[:-1]):  # the last sign holds two bits that no byte uses
        changed = token[:place] + ("A" if sign != "A" else "B") + token[place + 1 :]
        assert codes.find_door(SECRET, changed) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_token(text: str) -> None:
    assert codes.find_door(SECRET, text) is None


@given(st.uuids())
def test_a_short_code_is_read_however_it_is_typed(door: UUID) -> None:
    shown = codes.short_code(SECRET, door)
    assert len(shown) == 9
    assert shown[4] == "-"
    assert set(shown) - {"-"} <= set(codes.ALPHABET)
    for typed in (shown, shown.lower(), shown.replace("-", " "), f" {shown[:2]} {shown[2:]} "):
        assert codes.read_short_code(typed) == shown
    assert codes.read_short_code(shown.replace("0", "o").replace("1", "l")) == shown


@given(st.uuids())
def test_the_check_character_finds_one_wrong_sign_and_two_exchanged(door: UUID) -> None:
    code = codes.short_code(SECRET, door).replace("-", "")
    for place in range(len(code)):
        for sign in codes.ALPHABET:
            if sign != code[place]:
                assert codes.read_short_code(code[:place] + sign + code[place + 1 :]) is None
    for first, second in combinations(range(len(code)), 2):
        if code[first] != code[second]:
            signs = list(code)
            signs[first], signs[second] = signs[second], signs[first]
            assert codes.read_short_code("".join(signs)) is None


def test_a_personal_code_is_six_digits_and_another_for_each_door() -> None:
    doors = [UUID(int=number) for number in range(200)]
    made = {codes.personal_code(SECRET, door) for door in doors}
    assert all(len(code) == 6 and code.isdigit() for code in made)
    assert len(made) > 195  # 200 of a million: one pair may meet
    assert codes.read_personal_code(" 12 34-56 ") == "123456"


def test_a_made_up_link_leads_to_the_same_nobody_each_time() -> None:
    assert codes.phantom(SECRET, "x") == codes.phantom(SECRET, "x") != codes.phantom(SECRET, "y")


def test_nobodys_door_has_an_id_as_every_door_has() -> None:
    # it stands, signed but readable, in the cookie of whoever tries a code
    assert {codes.phantom(SECRET, str(n)).version for n in range(100)} == {uuid4().version}
