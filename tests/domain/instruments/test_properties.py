"""What holds for any answers at all: ranges, monotony, order, and each kind of empty."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain import instruments
from portal.domain.instruments import emptiness
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument, Item, ItemType
from tests.domain.instruments.strategies import options, responses

INSTRUMENTS = [instruments.get(code) for code in instruments.CODES]


# a busy machine is slow now and then: that is no fault of the rules
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

every_instrument = pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.code)


@every_instrument
@unhurried
@given(data=st.data())
def test_every_score_lies_in_its_range_or_says_why_it_is_missing(instrument: Instrument, data: st.DataObject) -> None:
    scoring = instrument.score(data.draw(responses(instrument)), data.draw(options(instrument)))
    assert [score.spec for score in scoring.scales] == list(instrument.scales)
    for score in scoring.scales:
        if score.value is None:
            assert score.missing
            assert score.band is None
        else:
            assert score.spec.low <= score.value <= score.spec.high
            assert score.missing is None
            assert bool(score.band) == bool(score.spec.bands)


@every_instrument
@unhurried
@given(data=st.data())
def test_the_order_of_keys_and_blanks_never_matter(instrument: Instrument, data: st.DataObject) -> None:
    answers = data.draw(responses(instrument))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    given_only = {link_id: value for link_id, value in shuffled.items() if value is not None}
    assert instrument.score(given_only) == instrument.score(answers)


@every_instrument
@unhurried
@given(data=st.data())
def test_a_worse_answer_never_betters_a_score(instrument: Instrument, data: st.DataObject) -> None:
    answers = {link_id: value for link_id, value in data.draw(responses(instrument)).items() if value is not None}
    raisable = [item for item in instrument.items if isinstance(answers.get(item.link_id), int)]
    if not raisable:
        return
    item = data.draw(st.sampled_from(raisable))
    worse = _worse(item, answers[item.link_id])
    if worse is None:
        return
    chosen = data.draw(options(instrument))
    before, after = instrument.score(answers, chosen), instrument.score({**answers, item.link_id: worse}, chosen)
    for score in before.scales:
        value = after.value(score.scale)
        if (
            score.scale == "dlqi_r"
            and item.link_id == "DLQI107A"
            and emptiness.of_item(instrument.item("DLQI107"), answers)
        ):
            continue  # the question turns relevant, and so the divisor grows
        assert (value is None) == (score.value is None)
        assert value is None or score.value is None or value >= score.value


def _worse(item: Item, value: Any) -> Any:
    if item.type is ItemType.TICK:
        return True
    if item.type is ItemType.VAS:
        return min(value + 1, 100)
    return value + 1 if value + 1 in [option.code for option in item.options] else None


@every_instrument
@unhurried
@given(data=st.data())
def test_each_item_is_answered_or_empty_in_one_way(instrument: Instrument, data: st.DataObject) -> None:
    answers = data.draw(responses(instrument))
    skipped = data.draw(st.sets(st.sampled_from([item.link_id for item in instrument.items])))
    kinds = emptiness.of_instrument(instrument, answers, skipped)
    assert list(kinds) == [item.link_id for item in instrument.items]
    for link_id, kind in kinds.items():
        value = answers.get(link_id)
        if value is not None:
            ticks = value if isinstance(value, list) else [value]
            assert kind in (None, Emptiness.NOT_RELEVANT)
            assert (kind is Emptiness.NOT_RELEVANT) == (set(ticks) == {"NR"})
        else:
            assert kind in (Emptiness.SKIPPED, Emptiness.NOT_SHOWN, Emptiness.NOT_ANSWERED)
            assert kind is not Emptiness.SKIPPED or link_id in skipped


@every_instrument
@unhurried
@given(data=st.data())
def test_a_skipped_item_scores_as_an_unanswered_one(instrument: Instrument, data: st.DataObject) -> None:
    # skipping is kept beside the answers: it is a datum, and never a number
    answers = data.draw(responses(instrument))
    item = data.draw(st.sampled_from(instrument.items))
    without = {link_id: value for link_id, value in answers.items() if link_id != item.link_id}
    assert instrument.score({**without, item.link_id: None}) == instrument.score(without)
