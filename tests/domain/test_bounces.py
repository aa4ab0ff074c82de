"""What the code of a mail that came back says."""

import pytest

from portal.domain import bounces


@pytest.mark.parametrize("code", ["5.1.1", "5.1.10", "5.0.0", "5.2.1", "5.4.1", "5.4.4", "5.5.0", "550", "551", "553"])
def test_an_address_that_does_not_exist_is_not_tried_again(code: str) -> None:
    assert bounces.is_code(code)
    assert bounces.is_permanent(code)
    assert bounces.blames_address(code)


@pytest.mark.parametrize(
    "code", ["5.2.2", "5.2.3", "5.3.4", "5.4.7", "5.6.1", "5.7.1", "5.7.26", "552", "554", "4.4.1"]
)
def test_what_may_pass_does_not_blame_the_address(code: str) -> None:
    assert bounces.is_code(code)
    assert not bounces.blames_address(code)


@pytest.mark.parametrize("code", ["", "5", "5.1", "3.1.1", "5.1.1.1", "5.1.x", "999", "5.1111.1", "5.1.1 "])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert not bounces.is_code(code)


def test_the_class_tells_what_became_of_the_mail() -> None:
    assert bounces.has_arrived("2.1.5")
    assert not bounces.has_arrived("4.2.1")
    assert not bounces.is_permanent("451")
