"""Two summaries of one participant side by side: scales with their difference, questions with both answers; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain import instruments
from portal.domain.summary import Arrival, Change, Content, InstrumentSummary, ScaleSummary
from portal.domain.summary_answers import QuestionSummary
from portal.domain.summary_scales import change


@dataclass(frozen=True, slots=True)
class ScalePair:
    """One scale at both visits; None where it is not shown. `change` is None when either has no value."""

    earlier: ScaleSummary | None
    later: ScaleSummary | None
    change: Change | None

    @property
    def either(self) -> ScaleSummary:
        """The scale at the later visit, or at the earlier one."""
        shown = self.later or self.earlier
        assert shown is not None
        return shown

    @property
    def differs(self) -> bool:
        """Whether both are shown and the values are not the same: also when one of them could not be scored."""
        return self.earlier is not None and self.later is not None and self.earlier.value != self.later.value


@dataclass(frozen=True, slots=True)
class QuestionPair:
    """One question at both visits; None where the questionnaire was not sent."""

    earlier: QuestionSummary | None
    later: QuestionSummary | None

    @property
    def either(self) -> QuestionSummary:
        """The question at the later visit, or at the earlier one."""
        shown = self.later or self.earlier
        assert shown is not None
        return shown

    @property
    def differs(self) -> bool:
        """Whether both were asked, and an answer or its kind of empty is not the same."""
        if self.earlier is None or self.later is None:
            return False
        before, after = ([(item.value, item.empty) for item in each.items] for each in (self.earlier, self.later))
        return before != after


@dataclass(frozen=True, slots=True)
class InstrumentPair:
    """One questionnaire at both visits, None where it was not asked; its scales in order, the main one first."""

    code: str
    earlier: InstrumentSummary | None
    later: InstrumentSummary | None
    scales: tuple[ScalePair, ...]
    questions: tuple[QuestionPair, ...]


def compare(earlier: Content, later: Content) -> tuple[InstrumentPair, ...]:
    """Put two summaries of one participant side by side; differences are those of `later` from `earlier`."""
    before = {each.code: each for each in earlier.instruments}
    after = {each.code: each for each in later.instruments}
    codes = list(dict.fromkeys([*after, *before]))
    return tuple(_instrument(code, before.get(code), after.get(code), earlier.visit) for code in codes)


def _instrument(
    code: str, earlier: InstrumentSummary | None, later: InstrumentSummary | None, since: str
) -> InstrumentPair:
    one, two = (each if each and each.arrival is Arrival.SENT else None for each in (earlier, later))
    scales = tuple(_scales(code, one, two, since))
    questions = [{each.code: each for each in sheet.questions} if sheet else {} for sheet in (one, two)]
    pairs = [QuestionPair(questions[0].get(each), questions[1].get(each)) for each in {**questions[1], **questions[0]}]
    return InstrumentPair(code, earlier, later, scales, tuple(pairs))


def _scales(
    code: str, earlier: InstrumentSummary | None, later: InstrumentSummary | None, since: str
) -> Iterator[ScalePair]:
    before, after = ({each.scale: each for each in sheet.scales} if sheet else {} for sheet in (earlier, later))
    for scale in {**after, **before}:
        one, two = before.get(scale), after.get(scale)
        spec = instruments.get(code).scale(scale)
        known = (since, one.value) if one and one.value is not None else None
        threshold = (two or one or before[scale]).threshold
        yield ScalePair(one, two, change(spec, two.value if two else None, known, threshold))
