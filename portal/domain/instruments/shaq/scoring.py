"""Scoring of the modified SHAQ: the HAQ-DI with and without aids and help, six scales, and a composite.

Range:   every score 0..3, higher is worse, exact.
Missing: a category with no item answered is missing (`category_rule` all_items: with any item blank); the HAQ-DI needs
         `min_categories`; the composite needs a HAQ-DI and `min_vas` of the five scleroderma scales, and is then
         the mean of what is there. Pain is one more component only when asked for and answered; it never withholds.
Source:  Steen & Medsger 1997; Georges 2005, Clin Rheumatol 24:3; severity Khanna 2008. See SOURCE.md.
"""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.instruments.model import Answers, Value
from portal.domain.instruments.options import Options
from portal.domain.instruments.scores import Number, Scale, ScaleScore, Scoring, Step
from portal.domain.instruments.shaq.definition import (
    ALTERNATIVE_SCALES,
    CATEGORIES,
    CATEGORY_SCALES,
    CODE,
    COMPOSITE,
    HAQ_DI,
    HAQ_DI_ALTERNATIVE,
    OTHER_AIDS,
    PAIN,
    RULE,
    RULE_VERSION,
    VAS,
    VAS_FACTOR,
    VAS_SCALES,
    Category,
)

RAISED_TO = 2


@dataclass(frozen=True, slots=True)
class _Read:
    """One category, read: its score with and without aids and help (None = missing, and why), and how that came."""

    standard: int | None
    alternative: int | None
    step: Step
    missing: str | None = None
    count: int | None = None


def score(answers: Answers, options: Options) -> Scoring:
    """Score checked answers under complete options."""
    assigned = _assigned_aids(answers, options)
    read = [_category(category, answers, options, assigned.get(category.code)) for category in CATEGORIES]
    standard = [category.standard for category in read if category.standard is not None]
    alternative = [category.alternative for category in read if category.alternative is not None]
    minimum = int(options["min_categories"])
    haq_di, haq_di_step = _index(HAQ_DI, standard, minimum)
    haq_di_alternative, alternative_step = _index(HAQ_DI_ALTERNATIVE, alternative, minimum)
    marks = {link_id: _mark(answers.get(link_id)) for link_id in VAS}
    composite, composite_step = _composite(haq_di, standard, marks, options)
    vas = [_vas_score(spec, mark) for spec, mark in zip(VAS_SCALES, marks.values(), strict=True)]
    trace = [Step("shaq_rule", {"rule": RULE, "version": RULE_VERSION, **options})]
    trace += [category.step for category in read]
    trace += _unassigned_aids(answers, options)
    trace += [haq_di_step, alternative_step]
    if haq_di.value is not None:
        trace.append(Step("shaq_severity", {"value": haq_di.value, "severity": haq_di.band}))
    trace += [_mark_step(link_id, mark) for link_id, mark in marks.items()]
    trace.append(composite_step)
    return Scoring(
        instrument=CODE,
        rule=RULE,
        rule_version=RULE_VERSION,
        options=options,
        scales=(haq_di, haq_di_alternative, *_category_scores(read), *vas, composite),
        counts={},
        flags=(),
        trace=tuple(trace),
    )


def _mark(value: Value | None) -> int | None:
    return value if isinstance(value, int) else None


def _difficulty(value: Value | None) -> int | None:
    # of several ticks on paper the highest counts
    if isinstance(value, list):
        return max(tick for tick in value if isinstance(tick, int))
    return value if isinstance(value, int) else None


def _assigned_aids(answers: Answers, options: Options) -> dict[str, str]:
    """Give the "other aid" boxes that are ticked and that staff assigned, by category."""
    return {
        str(options[option]): box
        for box, _, option in OTHER_AIDS.values()
        if answers.get(box) is True and options[option] != "none"
    }


def _unassigned_aids(answers: Answers, options: Options) -> list[Step]:
    return [
        Step("shaq_other_aid_unassigned", {"link_id": box})
        for box, _, option in OTHER_AIDS.values()
        if answers.get(box) is True and options[option] == "none"
    ]


def _category(category: Category, answers: Answers, options: Options, other_aid: str | None) -> _Read:
    items = tuple((link_id, _difficulty(answers.get(link_id))) for link_id in category.items)
    scores = [difficulty for _, difficulty in items if difficulty is not None]
    blank = len(items) - len(scores)
    params: dict[str, object] = {"category": category.code, "items": items}
    if not scores:
        return _Read(None, None, Step("shaq_category_blank", params), "no_item_answered", blank)
    if blank and options["category_rule"] == "all_items":
        return _Read(None, None, Step("shaq_category_incomplete", params), "item_unanswered", blank)
    highest = max(scores)
    boxes = (*category.aids, *((other_aid,) if other_aid else ()))
    aids = tuple(link_id for link_id in boxes if answers.get(link_id) is True)
    helped = category.help if answers.get(category.help) is True else None
    standard = max(highest, RAISED_TO) if aids or helped else highest
    ticked = {"aids": aids, "help": helped, "highest": highest, "score": standard}
    return _Read(standard, highest, Step("shaq_category", {**params, **ticked}))


def _category_scores(read: list[_Read]) -> list[ScaleScore]:
    standard = zip(CATEGORY_SCALES, read, strict=True)
    alternative = zip(ALTERNATIVE_SCALES, read, strict=True)
    return [
        *(ScaleScore(spec, category.standard, category.missing, category.count) for spec, category in standard),
        *(ScaleScore(spec, category.alternative, category.missing, category.count) for spec, category in alternative),
    ]


def _index(spec: Scale, scores: list[int], minimum: int) -> tuple[ScaleScore, Step]:
    count = len(scores)
    params: dict[str, object] = {"scale": spec.code, "numbers": tuple(scores), "count": count, "minimum": minimum}
    if count < minimum:
        return ScaleScore(spec, None, "too_few_categories", count), Step("shaq_index_unscored", params)
    value = Fraction(sum(scores), count)
    return ScaleScore(spec, value), Step("shaq_index", {**params, "sum": sum(scores), "value": value})


def _vas_score(spec: Scale, mark: int | None) -> ScaleScore:
    return ScaleScore(spec, None, "unanswered") if mark is None else ScaleScore(spec, mark * VAS_FACTOR)


def _mark_step(link_id: str, mark: int | None) -> Step:
    params: dict[str, object] = {"link_id": link_id, "scale": VAS[link_id]}
    if mark is None:
        return Step("shaq_vas_unanswered", params)
    return Step("shaq_vas", {**params, "raw": mark, "value": mark * VAS_FACTOR})


def _composite(
    haq_di: ScaleScore, categories: list[int], marks: dict[str, int | None], options: Options
) -> tuple[ScaleScore, Step]:
    form, minimum = str(options["composite"]), int(options["min_vas"])
    if form == "none":
        return ScaleScore(COMPOSITE, None, "not_asked_for"), Step("shaq_composite_none")
    if haq_di.value is None:
        count = len(categories)
        step = Step("shaq_composite_no_index", {"form": form})
        return ScaleScore(COMPOSITE, None, "too_few_categories", count), step
    answered = [mark for link_id, mark in marks.items() if link_id != PAIN and mark is not None]
    if len(answered) < minimum:
        step = Step("shaq_composite_too_few_vas", {"form": form, "count": len(answered), "minimum": minimum})
        return ScaleScore(COMPOSITE, None, "too_few_scales", len(answered)), step
    pain = marks[PAIN] if options["include_pain_vas"] else None
    raw = sum(answered) + (pain or 0)
    vas_count = len(answered) + (pain is not None)
    function: Number = sum(categories) if form == "georges13" else haq_di.value
    divisor = vas_count + (len(categories) if form == "georges13" else 1)
    value = (function + raw * VAS_FACTOR) / divisor
    params = {"form": form, "function": function, "categories": len(categories), "vas": raw * VAS_FACTOR}
    counts = {"vas_count": vas_count, "pain": pain is not None, "divisor": divisor, "value": value}
    return ScaleScore(COMPOSITE, value), Step("shaq_composite", {**params, **counts})
