"""Two visits side by side: each scale's difference and whether it matters, each answer that is not the same."""

from fractions import Fraction

from portal.domain.comparison import InstrumentPair, compare
from portal.domain.summary import Direction
from tests import summary_cases as cases

HISTORY = cases.visits(
    cases.both(1),
    (cases.answers("DLQI", 1, DLQI101=3, DLQI109=None), cases.answers("SHAQ", 2)),
    (None, cases.both(1)[1]),
)


def pairs(earlier: str, later: str) -> dict[str, InstrumentPair]:
    made = compare(cases.content(HISTORY, earlier), cases.content(HISTORY, later))
    return {pair.code: pair for pair in made}


def test_a_scale_tells_difference_direction_and_threshold() -> None:
    total = pairs("INC", "M1")["DLQI"].scales[0]
    # Ten questions at 1 make 10; the first at 3 and the ninth skipped make 11: below the threshold of 4.
    assert [each.value for each in (total.earlier, total.later) if each] == [10, 11]
    assert total.change is not None
    assert (total.change.value, total.change.direction) == (Fraction(1), Direction.WORSENING)
    assert total.change.reaches is False
    index = pairs("INC", "M1")["SHAQ"].scales[0].change
    assert index is not None
    assert (index.value, index.reaches) == (Fraction(1), True)


def test_the_answers_that_differ_are_told_also_by_their_kind_of_empty() -> None:
    differing = [pair.either.code for pair in pairs("INC", "M1")["DLQI"].questions if pair.differs]
    assert differing == ["DLQI101", "DLQI109"]
    assert len(pairs("INC", "M1")["DLQI"].questions) == 11


def test_the_same_twice_differs_in_nothing() -> None:
    for pair in pairs("M1", "M1").values():
        assert not any(each.differs for each in pair.scales)
        assert not any(each.differs for each in pair.questions)


def test_what_was_not_sent_has_an_empty_side_and_no_difference() -> None:
    dlqi = pairs("INC", "M3")["DLQI"]
    assert {(each.later, each.change) for each in dlqi.scales} == {(None, None)}
    assert all(each.earlier and each.later is None and not each.differs for each in dlqi.questions)
    assert pairs("M3", "M6")["DLQI"].scales == ()
