"""What lists are read from says what is true, whatever happened and in whatever order."""

import random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.db.visit_listing import VisitListing, Whereabouts
from portal.domain.states import VisitState
from portal.services import (
    visit_check,
    visit_lists,
)
from portal.services.visit_choice import URGENCY, Choice, Period, Sort
from tests import factories
from tests.services.histories import History

STEPS = 110


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_the_lines_are_what_the_visits_say(session: Session, seed: int) -> None:
    History(session, random.Random(seed)).live(STEPS)
    assert set(session.scalars(select(VisitListing.whereabouts))) == set(Whereabouts), "the history proves too little"
    assert visit_check.count_wrong(session) == 0


@pytest.mark.parametrize("seed", [11])
def test_the_store_reckons_the_same_states_as_the_domain_and_every_page_has_its_rows(
    session: Session, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit_lists, "PAGE", 7)
    history = History(session, random.Random(seed))
    history.live(STEPS)
    met: set[VisitState] = set()
    for period in Period:
        whole = history.list_all(Choice(period))
        met |= {state for _, _, state in whole}
        assert history.list_all(Choice(period, sort=Sort.NUMBER)) == sorted(whole, key=lambda row: (row[1], row[0]))
        by_state = sorted(whole, key=lambda row: (URGENCY.index(row[2]), row[0], row[1]))
        assert history.list_all(Choice(period, sort=Sort.STATE)) == by_state
        for state in VisitState:
            wanted = [row for row in whole if row[2] is state]
            assert history.list_all(Choice(period, state=state)) == wanted
            assert history.listed(Choice(period, state=state)).total == len(wanted)
    assert len(met) >= 6, "the history met too few states to prove anything"


def test_a_line_that_was_tampered_with_is_found(session: Session) -> None:
    factories.make_participant(session, factories.load_study(session)[0])
    assert visit_check.count_wrong(session) == 0
    session.execute(text("UPDATE visit_listing SET received = 'sent' WHERE code = 'INC'"))
    assert visit_check.count_wrong(session) == 1
    session.execute(text("DELETE FROM visit_tally"))
    assert visit_check.count_wrong(session) > 1
