"""The summary's content: changes, thresholds, trends, and what stands out, worked by hand."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from portal.domain import summary_json
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.summary import (
    Arrival,
    Content,
    Direction,
    Observation,
    ObservationKind,
    PointState,
    Received,
    ScaleSummary,
)
from portal.domain.summary_observations import AT_MOST
from tests import summary_cases as cases
from tests.summary_cases import answers, both, content, sheet, visits


def scale(made: Content, instrument: str, code: str) -> ScaleSummary:
    return made.scale(instrument, code)


def observed(made: Content, kind: ObservationKind) -> list[Observation]:
    return [each for each in made.observations if each.kind is kind]


def test_change_since_inclusion_and_since_the_last_visit() -> None:
    # ten questions at 1 make 10, at 2 make 20 (question 7: N and how much)
    made = content(visits(both(2), both(1), both(2)), "M3")
    total = scale(made, "DLQI", "total")
    assert total.value == 20
    assert total.band == "very_large"
    assert total.since_inclusion is not None
    assert (total.since_inclusion.since, total.since_inclusion.direction) == ("INC", Direction.NONE)
    assert total.since_last is not None
    assert (total.since_last.since, total.since_last.value) == ("M1", Fraction(10))
    assert (total.since_last.direction, total.since_last.reaches) == (Direction.WORSENING, True)


@pytest.mark.parametrize(
    ("changed", "difference", "reaches"),
    [
        ({"DLQI101": 0, "DLQI102": 0, "DLQI103": 0}, -3, False),
        ({"DLQI101": 0, "DLQI102": 0, "DLQI103": 0, "DLQI104": 0}, -4, True),  # the threshold itself counts
    ],
)
def test_a_fall_is_an_improvement_from_four_points_on(changed: dict[str, Any], difference: int, reaches: bool) -> None:
    made = content(visits(both(1), (answers("DLQI", 1, **changed), both(1)[1])), "M1")
    change = scale(made, "DLQI", "total").since_inclusion
    assert change is not None
    assert (change.value, change.direction, change.reaches) == (Fraction(difference), Direction.IMPROVEMENT, reaches)


def test_a_hair_below_the_threshold_of_the_haq_di_stays_below() -> None:
    # one category of eight from 1 to 2: 1/8 = 0.125, below 0.14; two categories: 0.25
    one = content(visits(both(1), (both(1)[0], answers("SHAQ", 1, HAQ0101=2))), "M1")
    two = content(visits(both(1), (both(1)[0], answers("SHAQ", 1, HAQ0101=2, HAQ0103=2))), "M1")
    first, second = (scale(made, "SHAQ", "haq_di").since_last for made in (one, two))
    assert first is not None
    assert second is not None
    assert (first.value, first.reaches) == (Fraction(1, 8), False)
    assert (second.value, second.reaches) == (Fraction(1, 4), True)


def test_the_last_scored_visit_is_compared_with_when_one_was_missed_or_unscorable() -> None:
    made = content(visits(both(1), (None, None), cases.unscorable(), both(2)), "M6")
    total = scale(made, "DLQI", "total")
    assert total.since_last is not None
    assert total.since_last.since == "INC"
    assert [(p.visit, p.state, p.value) for p in total.trend] == [
        ("INC", PointState.SCORED, 10),
        ("M1", PointState.NOT_RECEIVED, None),
        ("M3", PointState.NOT_SCORED, None),
        ("M6", PointState.SCORED, 20),
        ("M9", PointState.AHEAD, None),
        ("M12", PointState.AHEAD, None),
    ]


def test_without_a_score_at_inclusion_nothing_is_said_about_it() -> None:
    total = scale(content(visits((None, None), both(1), both(2)), "M3"), "DLQI", "total")
    assert total.since_inclusion is None
    assert total.since_last is not None
    assert total.since_last.value == 10


def test_later_visits_are_not_looked_at() -> None:
    early = content(visits(both(1), both(2)), "M1")
    assert summary_json.to_json(content(visits(both(1), both(2), both(3)), "M1")) == summary_json.to_json(early)


def test_why_a_total_is_not_scored_with_its_numbers() -> None:
    made = content(visits(cases.unscorable()), "INC")
    total, haq_di = scale(made, "DLQI", "total"), scale(made, "SHAQ", "haq_di")
    assert (total.value, total.missing, total.numbers) == (None, "too_many_unanswered", {"missing": 4, "allowed": 1})
    assert (haq_di.missing, haq_di.numbers) == ("too_few_categories", {"count": 4, "minimum": 6})
    assert [each.kind for each in made.observations[:2]] == [ObservationKind.NOT_SCORED] * 2
    assert made.instruments[0].flags == ("q7_partial",)


def test_aids_show_beside_a_category_what_it_is_without_them() -> None:
    made = content(visits((both(1)[0], answers("SHAQ", 1, HAQ0110=True))), "INC")
    walking = scale(made, "SHAQ", "walking")
    assert (walking.value, walking.unaided) == (Fraction(2), Fraction(1))
    assert scale(made, "SHAQ", "grip").unaided is None
    # (7 x 1 + 2) / 8 with aids, 1 without
    assert scale(made, "SHAQ", "haq_di").value == Fraction(9, 8)
    assert scale(made, "SHAQ", "haq_di_alternative").value == 1


def test_the_dlqi_r_is_shown_only_when_the_study_asks_for_it() -> None:
    given = answers("DLQI", 1, DLQI106="NR")
    on = sheet("DLQI", given, date(2027, 3, 3), options={"dlqi_r": True})
    asked = content(visits((on, both(1)[1])), "INC")
    assert scale(asked, "DLQI", "dlqi_r").value == 10  # 9 x 10 / (10 - 1)
    with pytest.raises(KeyError):
        scale(content(visits((given, both(1)[1])), "INC"), "DLQI", "dlqi_r")


def test_four_kinds_of_empty_stay_apart() -> None:
    given = answers("DLQI", 1, DLQI106="NR", DLQI109=None, DLQI110=..., DLQI107="Y", DLQI107A=...)
    dlqi = content(visits((given, both(1)[1])), "INC").instruments[0]
    assert {kind: [q.code for q in dlqi.empty(kind)] for kind in Emptiness} == {
        Emptiness.NOT_RELEVANT: ["DLQI106"],
        Emptiness.SKIPPED: ["DLQI109"],
        Emptiness.NOT_ANSWERED: ["DLQI110"],
        Emptiness.NOT_SHOWN: ["DLQI107A"],
    }


def test_asked_again_too_soon_is_a_warning_from_the_seventh_day_on_none() -> None:
    first = sheet("DLQI", both(1)[0], date(2027, 3, 27))
    for day, expected in ((date(2027, 4, 2), 6), (date(2027, 4, 3), None)):
        again = sheet("DLQI", both(1)[0], day)
        made = content(visits((first, None), (again, None)), "M1")
        assert made.instruments[0].days_since_last == expected


def test_how_much_was_received() -> None:
    assert content(visits(both(1)), "INC").received is Received.COMPLETE
    part = content(visits((both(1)[0], None)), "INC")
    assert (part.received, part.instruments[1].arrival) == (Received.PARTIAL, Arrival.NOTHING)
    nothing = content(visits((None, None)), "INC")
    assert (nothing.received, nothing.observations) == (Received.NOTHING, ())


def test_what_stands_out_is_ranked_and_short() -> None:
    worse = answers("SHAQ", 1, HAQ0104=3, HAQ0110=True, SHAQ04=50, HAQ0146=49)
    made = content(visits(both(1), (both(1)[0], worse)), "M1")
    # HAQ-DI: arising 1 -> 3, walking 1 -> 2 by the cane: +3/8; ulcers 30 -> 50 reaches 20, pain 30 -> 49 does not
    assert [(o.kind, o.scale, o.change, o.link_ids) for o in made.observations] == [
        (ObservationKind.WORSE, "haq_di", Fraction(3, 8), ()),
        (ObservationKind.SYMPTOM_UP, "digital_ulcers", 20, ()),
        (ObservationKind.ANSWER_JUMPED, None, None, ("HAQ0104",)),
        (ObservationKind.NEW_AID, None, None, ("HAQ0110",)),
    ]
    assert (made.observations[0].band_before, made.observations[0].band) == ("no_to_mild", "moderate")


def test_never_more_than_five_and_always_the_same() -> None:
    made = content(visits(both(0), cases.ceiling()), "M1")
    assert len(made.observations) == AT_MOST
    assert [each.kind for each in made.observations[:4]] == [
        ObservationKind.WORSE,
        ObservationKind.WORSE,
        ObservationKind.CEILING,
        ObservationKind.CEILING,
    ]
    assert made.observations == content(visits(both(0), cases.ceiling()), "M1").observations


def test_a_sensitive_question_passed_over_stands_out() -> None:
    made = content(visits((answers("DLQI", 0, DLQI109=None), both(0)[1])), "INC")
    assert [(o.kind, o.link_ids) for o in made.observations] == [(ObservationKind.SENSITIVE_SKIPPED, ("DLQI109",))]


def test_a_slow_drift_since_inclusion_stands_out_too() -> None:
    # 10, 13, 14: the last step is 1 point, but 4 since inclusion
    history = [answers("DLQI", 1, **dict.fromkeys(changed, 2)) for changed in _drift((0, 3, 4))]
    made = content(visits(*((given, both(1)[1]) for given in history)), "M3")
    (worse,) = observed(made, ObservationKind.WORSE)
    assert (worse.since, worse.change) == ("INC", Fraction(4))


def _drift(counts: tuple[int, ...]) -> list[tuple[str, ...]]:
    return [("DLQI101", "DLQI102", "DLQI103", "DLQI104")[:count] for count in counts]


@pytest.mark.parametrize("kind", cases.kinds())
def test_a_content_comes_back_from_json_and_names_nobody(kind: str) -> None:
    made = cases.kinds()[kind]
    plain = summary_json.to_json(made)
    assert summary_json.from_json(plain) == made
    assert not {"name", "arm", "treatment_arm", "birth_date"} & set(plain)


def test_a_content_kept_before_it_was_asked_who_filled_it_in_is_read_and_keeps_its_hash() -> None:
    made = content(visits(both(1)), "INC")
    plain = summary_json.to_json(made)
    assert "filled_in_by" not in str(plain)
    assert {each.filled_in_by for each in summary_json.from_json(plain).instruments} == {None}
    said = summary_json.to_json(cases.said_by("with-help", made))
    assert not summary_json.says_the_same(plain, said)
    assert {each.filled_in_by for each in summary_json.from_json(said).instruments} == {"with-help"}


def test_who_filled_it_in_is_told_of_what_was_sent_only() -> None:
    helped = replace(sheet("DLQI", both(1)[0], date(2027, 3, 3)), filled_in_by="with-help")
    made = content(visits((helped, None)), "INC")
    assert [each.filled_in_by for each in made.instruments] == ["with-help", None]


def test_only_edition_and_time_may_differ_between_two_that_say_the_same() -> None:
    first = content(visits(both(1)), "INC")
    again = replace(first, number=2, made_at=first.made_at.replace(hour=20))
    other = content(visits(both(2)), "INC")
    plain = summary_json.to_json(first)
    assert summary_json.says_the_same(plain, summary_json.to_json(again))
    assert not summary_json.says_the_same(plain, summary_json.to_json(other))
    assert summary_json.hash_of(plain) != summary_json.hash_of(summary_json.to_json(again))
