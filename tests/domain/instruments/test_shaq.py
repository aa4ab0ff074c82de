"""The modified SHAQ: categories, aids, scales, composites and their options; expected values worked by hand."""

from fractions import Fraction
from typing import Any

import pytest

from portal.domain import instruments
from portal.domain.instruments.model import InvalidAnswer, ItemType
from portal.domain.instruments.options import InvalidOption
from portal.domain.instruments.shaq.definition import CATEGORIES

SHAQ = instruments.get("SHAQ")
SCALES = ("SHAQ01", "SHAQ02", "SHAQ03", "SHAQ04", "SHAQ05")


def answers(difficulty: int = 0, **changes: Any) -> dict[str, Any]:
    """All twenty items at one difficulty, with changes; None takes an answer away."""
    items = {item.link_id: difficulty for item in SHAQ.items if item.type is ItemType.CHOICE}
    return {link_id: value for link_id, value in (items | changes).items() if value is not None}


def without(*categories: str) -> dict[str, None]:
    return {link_id: None for category in CATEGORIES if category.code in categories for link_id in category.items}


def test_the_form_has_thirty_numbered_screens() -> None:
    assert [question.number for question in SHAQ.questions] == list(range(1, 31))
    codes = [question.code for question in SHAQ.questions]
    assert codes[8:12] == ["HAQ0109", "SHAQAIDS1", "SHAQHELP1", "HAQ0123"]
    assert codes[21:25] == ["HAQ0133", "SHAQAIDS2", "SHAQHELP2", "HAQ0146"]
    aids = " ".join(item.link_id for item in SHAQ.question("SHAQAIDS1").items)
    assert aids == "HAQ0114 HAQ0116 HAQ0115 HAQ0110 HAQ0111 HAQ0112 HAQ0113 HAQ0117 HAQ0118"
    assert [item.link_id for item in SHAQ.question("SHAQAIDS2").texts] == ["HAQ0141"]


def test_codes_of_loinc_and_cdisc() -> None:
    loinc = [item.loinc for item in SHAQ.items if item.loinc]
    assert (len(loinc), loinc[0], loinc[-1]) == (20, "75820-1", "75839-1")
    assert (SHAQ.loinc, SHAQ.scale("haq_di").loinc) == ("71950-0", "75874-8")
    assert [item.link_id for item in SHAQ.items if item.cdisc is None] == list(SCALES)


@pytest.mark.parametrize(("difficulty", "score"), [(0, 2), (1, 2), (2, 2), (3, 3)])
@pytest.mark.parametrize("category", [category for category in CATEGORIES if category.aids], ids=lambda c: c.code)
def test_each_aid_raises_its_own_category_to_two_and_never_further(category: Any, difficulty: int, score: int) -> None:
    for aid in category.aids:
        scoring = SHAQ.score(answers(difficulty, **{aid: True}))
        raised = {c.code: scoring.value(c.code) for c in CATEGORIES if scoring.value(c.code) != difficulty}
        assert raised == ({category.code: score} if score != difficulty else {})
        assert scoring.value("haq_di_alternative") == difficulty


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c.code)
def test_help_raises_its_category(category: Any) -> None:
    assert SHAQ.score(answers(1, **{category.help: True})).value(category.code) == 2
    assert SHAQ.score(answers(1, **{category.help: False})).value(category.code) == 1


def test_a_box_does_not_bring_back_a_category_without_answers() -> None:
    scoring = SHAQ.score(answers(1, **without("eating"), HAQ0115=True, HAQ0121=True))
    eating = scoring.scale("eating")
    assert (eating.value, eating.missing, eating.count) == (None, "no_item_answered", 3)
    assert scoring.value("haq_di") == 1


@pytest.mark.parametrize(("rule", "grip"), [("any_item", 2), ("all_items", None)])
def test_one_blank_item(rule: str, grip: int | None) -> None:
    scoring = SHAQ.score(answers(0, HAQ0128=2, HAQ0130=None), {"category_rule": rule})
    assert scoring.value("grip") == grip
    assert scoring.value("grip_alternative") == grip
    # 2 / 8 with grip, 0 / 7 without
    assert scoring.value("haq_di") == (Fraction(1, 4) if grip else 0)


@pytest.mark.parametrize(
    ("minimum", "missing", "value"),
    [
        (6, ("grip", "reach"), 1),
        (6, ("grip", "reach", "eating"), None),
        (5, ("grip", "reach", "eating"), 1),
        (8, ("grip",), None),
        (8, (), 1),
    ],
)
def test_how_many_categories_the_index_needs(minimum: int, missing: tuple[str, ...], value: int | None) -> None:
    scoring = SHAQ.score(answers(1, **without(*missing)), {"min_categories": minimum})
    assert scoring.value("haq_di") == scoring.value("haq_di_alternative") == value
    if value is None:
        assert (scoring.scale("haq_di").missing, scoring.scale("haq_di").count) == (
            "too_few_categories",
            8 - len(missing),
        )


def test_severity_is_read_on_the_unrounded_value() -> None:
    band = SHAQ.scale("haq_di").band
    assert [band(value) for value in (0, 1, Fraction(1001, 1000), 2, Fraction(17, 8), 3)] == [
        "no_to_mild",
        "no_to_mild",
        "moderate",
        "moderate",
        "severe",
        "severe",
    ]


def test_other_aid_counts_only_where_staff_assigned_it() -> None:
    ticked = answers(0, HAQ0117=True, HAQ0118="page turner", HAQ0140=True)
    assert SHAQ.score(ticked).value("haq_di") == 0
    scoring = SHAQ.score(ticked, {"other_aid_1": "eating", "other_aid_2": "grip"})
    assert (scoring.value("eating"), scoring.value("grip"), scoring.value("haq_di")) == (2, 2, Fraction(1, 2))
    assert SHAQ.score(answers(0), {"other_aid_1": "eating"}).value("eating") == 0
    with pytest.raises(InvalidOption, match="none or dressing or arising or eating or walking"):
        SHAQ.parse_options({"other_aid_1": "grip"})


def test_the_raw_mark_of_a_scale_times_three_hundredths() -> None:
    scoring = SHAQ.score({"HAQ0146": 0, "SHAQ03": 33, "SHAQ05": 100})
    assert (scoring.value("pain"), scoring.value("raynaud"), scoring.value("overall")) == (0, Fraction(99, 100), 3)
    assert scoring.value("breathing") is None  # untouched is not 0
    assert scoring.to_result()["vas"]["raynaud"] == 0.99


# Twenty items at 1, scales 10, 20, 30, 40, 50 (4.5 in all), pain 60 (1.8).
MARKED = answers(1, **dict(zip(SCALES, (10, 20, 30, 40, 50), strict=True)), HAQ0146=60)


@pytest.mark.parametrize(
    ("changes", "options", "value"),
    [
        ({}, {}, Fraction(125, 130)),  # (8 + 4.5) / 13
        ({}, {"composite": "becker6"}, Fraction(55, 60)),  # (1 + 4.5) / 6
        ({}, {"composite": "none"}, None),
        ({}, {"include_pain_vas": True}, Fraction(143, 140)),  # (8 + 4.5 + 1.8) / 14
        ({}, {"include_pain_vas": True, "composite": "becker6"}, Fraction(73, 70)),  # (1 + 4.5 + 1.8) / 7
        ({"HAQ0146": None}, {"include_pain_vas": True}, Fraction(125, 130)),  # pain never withholds
        ({"SHAQ05": None}, {}, None),
        ({"SHAQ05": None}, {"include_pain_vas": True}, None),  # and never stands in for a scale
        ({"SHAQ05": None}, {"min_vas": 4}, Fraction(110, 120)),  # (8 + 3) / 12
        ({"SHAQ05": None}, {"min_vas": 4, "composite": "becker6"}, Fraction(4, 5)),  # (1 + 3) / 5
        (without("grip"), {}, Fraction(115, 120)),  # (7 + 4.5) / 12
        (without("grip"), {"composite": "becker6"}, Fraction(55, 60)),
        (without("grip", "reach", "eating"), {}, None),
    ],
)
def test_composites(changes: dict[str, Any], options: dict[str, object], value: Fraction | None) -> None:
    given = {link_id: answer for link_id, answer in (MARKED | changes).items() if answer is not None}
    assert SHAQ.score(given, options).value("composite") == value


@pytest.mark.parametrize(
    ("changes", "options", "reason"),
    [
        ({"SHAQ01": None}, {}, ("too_few_scales", 4)),
        (without("grip", "reach", "eating"), {}, ("too_few_categories", 5)),
        ({}, {"composite": "none"}, ("not_asked_for", None)),
    ],
)
def test_a_missing_composite_says_why(
    changes: dict[str, Any], options: dict[str, object], reason: tuple[str, int | None]
) -> None:
    composite = SHAQ.score({**MARKED, **changes}, options).scale("composite")
    assert (composite.missing, composite.count) == reason


@pytest.mark.parametrize(
    ("link_id", "value", "allowed"),
    [
        ("HAQ0126", 1.5, "0, 1, 2, 3"),
        ("HAQ0126", "NR", "0, 1, 2, 3"),
        ("HAQ0114", 1, "true or false"),
        ("HAQ0114", [True], "true or false"),
        ("SHAQ01", 101, "a whole number from 0 to 100"),
        ("SHAQ01", 50.0, "a whole number from 0 to 100"),
        ("SHAQ01", True, "a whole number from 0 to 100"),
        ("HAQ0118", "x" * 201, "a text of 1 to 200 characters"),
        ("HAQ0118", "  ", "a text of 1 to 200 characters"),
        ("HAQ0118", "a\0b", "a text of 1 to 200 characters"),
        ("HAQ0118", "\ud800", "a text of 1 to 200 characters"),
    ],
)
def test_an_answer_that_is_none_of_the_items_is_refused(link_id: str, value: object, allowed: str) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        SHAQ.check_answer(link_id, value)
    assert refusal.value.allowed == allowed
    assert len(str(refusal.value)) < 200


def test_a_text_may_hold_any_letters() -> None:
    SHAQ.check_answer("HAQ0118", "pince à long manche\n« maison\u00a0» 🦾")


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [("min_vas", "4", 4), ("min_vas", 4, 4), ("include_pain_vas", "true", True), ("include_pain_vas", False, False)],
)
def test_options_are_read_from_text_and_from_toml(name: str, given: object, value: object) -> None:
    assert SHAQ.parse_options({name: given})[name] is value


@pytest.mark.parametrize("given", ["", "0", "6", "4.0", "-1", "٤", 4.0, True, None])
def test_an_integer_option_out_of_range_is_refused(given: object) -> None:
    with pytest.raises(InvalidOption, match=r"^option min_vas: .* it may be a whole number from 1 to 5$"):
        SHAQ.parse_options({"min_vas": given})


def test_default_thresholds() -> None:
    assert (SHAQ.scale("haq_di").threshold, SHAQ.scale("composite").threshold) == (Fraction(14, 100), Fraction(13, 100))
