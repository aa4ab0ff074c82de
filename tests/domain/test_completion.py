"""What became of a visit, day by day: expected once it can be told, and late after the summary's day."""

from datetime import date
from fractions import Fraction

import pytest

from portal.domain.completion import Outcome, Tally, outcome
from portal.domain.states import ResponseStatus, visit_progress

# A visit on Friday 5 March 2027: open from 26 February to 7 March, the summary due on Wednesday 3 March.
OPENS, DUE, CLOSES = date(2027, 2, 26), date(2027, 3, 3), date(2027, 3, 7)
SENT, BEGUN = ResponseStatus.COMPLETED, ResponseStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("today", "responses", "sent_on", "withdrawn_on", "became"),
    [
        (date(2027, 2, 25), [None, None], None, None, None),
        (date(2027, 2, 26), [None, None], None, None, Outcome.OPEN),
        (date(2027, 3, 7), [SENT, BEGUN], date(2027, 3, 1), None, Outcome.OPEN),
        (date(2027, 3, 3), [SENT, SENT], date(2027, 3, 3), None, Outcome.IN_TIME),
        (date(2027, 3, 4), [SENT, SENT], date(2027, 3, 4), None, Outcome.SENT_LATE),
        (date(2027, 3, 8), [SENT, None], date(2027, 3, 1), None, Outcome.PARTLY),
        (date(2027, 3, 8), [BEGUN, None], None, None, Outcome.PARTLY),
        (date(2027, 3, 8), [None, ResponseStatus.ENTERED_IN_ERROR], None, None, Outcome.NOTHING),
        (date(2027, 3, 7), [None, None], None, date(2027, 2, 1), None),
        (date(2027, 3, 8), [BEGUN, None], None, date(2027, 3, 7), Outcome.WITHDRAWN),
        (date(2027, 3, 9), [None, None], None, date(2027, 3, 8), Outcome.NOTHING),
        (date(2027, 3, 8), [SENT, ResponseStatus.AMENDED], date(2027, 3, 2), date(2027, 3, 4), Outcome.IN_TIME),
    ],
)
def test_each_day_has_its_outcome(
    today: date,
    responses: list[ResponseStatus | None],
    sent_on: date | None,
    withdrawn_on: date | None,
    became: Outcome | None,
) -> None:
    progress = visit_progress(
        today=today,
        opens_on=OPENS,
        closes_on=CLOSES,
        summary_due_on=DUE,
        responses=responses,
        withdrawn_on=withdrawn_on,
    )
    assert outcome(progress, today=today, closes_on=CLOSES, summary_due_on=DUE, sent_on=sent_on) is became


def test_shares_are_of_what_was_expected() -> None:
    tally = Tally({Outcome.IN_TIME: 2, Outcome.NOTHING: 1, Outcome.WITHDRAWN: 4, Outcome.OPEN: 7})
    assert tally.expected == 3
    assert tally.share(Outcome.IN_TIME) == Fraction(2, 3)
    both = tally + Tally({Outcome.PARTLY: 1})
    assert (both.expected, both[Outcome.PARTLY], both[Outcome.OPEN]) == (4, 1, 7)
    assert Tally({Outcome.OPEN: 1}).share(Outcome.IN_TIME) is None
    assert Tally({}).is_empty
    assert not tally.is_empty
