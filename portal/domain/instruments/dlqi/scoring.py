"""Scoring of the DLQI: ten questions added up, with its six subscores and the DLQI-R.

Range:   total 0..30, higher is worse; DLQI-R 0..30, unrounded; subscores 0..3 or 0..6.
Missing: one unanswered question counts 0, two or more leave the total unscored (`missing_rule` strict: one is enough);
         a subscore needs all of its questions. Nothing is ever pro-rated.
Source:  Finlay & Khan 1994 and Cardiff's instructions for use; DLQI-R Rencz 2018, BJD 179:1102. See SOURCE.md.
"""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.instruments.dlqi.definition import (
    CODE,
    DLQI_R,
    HOW_MUCH,
    PREVENTED,
    QUESTIONS,
    RULE,
    RULE_VERSION,
    SUBSCALES,
    TOTAL,
)
from portal.domain.instruments.model import NOT_RELEVANT, Answers, Code, Value
from portal.domain.instruments.options import Options
from portal.domain.instruments.scores import Scale, ScaleScore, Scoring, Step

UNANSWERED_ALLOWED = {"cardiff": 1, "strict": 0}

# Of several ticks on paper the highest counts: "prevented" over "not prevented", any of the two over "not relevant".
PREVENTED_ORDER = ("Y", "N", NOT_RELEVANT)


@dataclass(frozen=True, slots=True)
class _Question:
    """One of the ten questions, read: its score (None = unanswered) and whether it counts as not relevant."""

    number: int
    score: int | None
    not_relevant: bool
    step: Step
    flag: str | None = None


def score(answers: Answers, options: Options) -> Scoring:
    """Score checked answers under complete options."""
    read = [
        _seventh(answers)
        if question is PREVENTED
        else _plain(question.number, question.code, answers.get(question.code))
        for question in QUESTIONS
        if question is not HOW_MUCH
    ]
    missing = sum(question.score is None for question in read)
    not_relevant = sum(question.not_relevant for question in read)
    total, total_step = _total(read, missing, UNANSWERED_ALLOWED[str(options["missing_rule"])])
    subscores = [_subscore(spec, numbers, read) for spec, numbers in SUBSCALES]
    dlqi_r, dlqi_r_step = _dlqi_r(total, not_relevant)
    trace = [Step("dlqi_rule", {"rule": RULE, "version": RULE_VERSION, "missing_rule": options["missing_rule"]})]
    trace += [question.step for question in read]
    trace.append(total_step)
    if total.value is not None:
        trace.append(Step("dlqi_band", {"total": total.value, "band": total.band}))
    trace += [step for _, step in subscores]
    trace.append(dlqi_r_step)
    return Scoring(
        instrument=CODE,
        rule=RULE,
        rule_version=RULE_VERSION,
        options=options,
        scales=(total, *(subscore for subscore, _ in subscores), dlqi_r),
        counts={"missing": missing, "not_relevant": not_relevant},
        flags=tuple(question.flag for question in read if question.flag),
        trace=tuple(trace),
    )


def _ticks(value: Value | None) -> list[Code]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _highest(ticks: list[Code]) -> int | None:
    return max((tick for tick in ticks if isinstance(tick, int)), default=None)


def _plain(number: int, link_id: str, value: Value | None) -> _Question:
    ticks = _ticks(value)
    highest = _highest(ticks)
    params: dict[str, object] = {"number": number, "link_id": link_id, "score": highest, "ticks": tuple(ticks)}
    if highest is not None:
        code = "dlqi_several_ticks" if len(ticks) > 1 else "dlqi_answer"
        return _Question(number, highest, False, Step(code, params))
    if ticks:
        return _Question(number, 0, True, Step("dlqi_not_relevant", params))
    return _Question(number, None, False, Step("dlqi_unanswered", params))


def _seventh(answers: Answers) -> _Question:
    """Read question 7 from its two answers; the rows stand as in instruments.md."""
    ticks = _ticks(answers.get("DLQI107"))
    prevented = next((code for code in PREVENTED_ORDER if code in ticks), None)
    part = _highest(_ticks(answers.get("DLQI107A")))
    score: int | None
    match prevented, part:
        case "Y", _:
            code, score = "dlqi_q7_prevented", 3
        case "N", None:
            code, score = "dlqi_q7_partial", 0
        case "N", _:
            code, score = "dlqi_q7_how_much", part
        case "NR", None | 0:
            code, score = "dlqi_q7_not_relevant", 0
        case "NR", _:
            code, score = "dlqi_q7_scored_after_all", part
        case None, None:
            code, score = "dlqi_q7_unanswered", None
        case _:
            code, score = "dlqi_q7_second_part_only", part
    return _Question(
        number=7,
        score=score,
        not_relevant=code == "dlqi_q7_not_relevant",
        step=Step(code, {"ticks": tuple(ticks), "part": part}),
        flag="q7_partial" if code == "dlqi_q7_partial" else None,
    )


def _total(read: list[_Question], missing: int, allowed: int) -> tuple[ScaleScore, Step]:
    if missing > allowed:
        step = Step("dlqi_total_unscored", {"missing": missing, "allowed": allowed})
        return ScaleScore(TOTAL, None, "too_many_unanswered", missing), step
    numbers = tuple(question.score or 0 for question in read)
    total = sum(numbers)
    return ScaleScore(TOTAL, total), Step("dlqi_total", {"numbers": numbers, "total": total, "missing": missing})


def _subscore(spec: Scale, numbers: tuple[int, ...], read: list[_Question]) -> tuple[ScaleScore, Step]:
    scores = [read[number - 1].score for number in numbers]
    answered = [score for score in scores if score is not None]
    unanswered = len(scores) - len(answered)
    params: dict[str, object] = {"scale": spec.code, "questions": numbers}
    if unanswered:
        return ScaleScore(spec, None, "unanswered", unanswered), Step("dlqi_subscore_unscored", params)
    value = sum(answered)
    return ScaleScore(spec, value), Step("dlqi_subscore", {**params, "numbers": tuple(answered), "value": value})


def _dlqi_r(total: ScaleScore, not_relevant: int) -> tuple[ScaleScore, Step]:
    if total.value is None:
        return ScaleScore(DLQI_R, None, "total_not_scored"), Step("dlqi_r_unscored")
    # at most eight questions offer "not relevant", so that the divisor is at least 2
    value = Fraction(total.value * 10, 10 - not_relevant)
    step = Step("dlqi_r", {"total": total.value, "not_relevant": not_relevant, "value": value})
    return ScaleScore(DLQI_R, value), step
