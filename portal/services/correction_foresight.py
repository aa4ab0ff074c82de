"""What a correction will do, before it is done: the form after it, what changes, and the scores before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.participant import Participant, Visit
from portal.db.response import Response, Source
from portal.domain import instruments
from portal.domain.instruments.emptiness import Emptiness
from portal.domain.instruments.model import Instrument, InvalidAnswer, Value
from portal.domain.instruments.scores import Scoring
from portal.domain.states import SENT_STATUSES
from portal.services import answered_forms, studies
from portal.services.answered_forms import AnsweredForm, Form

Change = Value | Emptiness | None
"""What an item is to be: a value, Emptiness.SKIPPED, or None (as Emptiness.NOT_ANSWERED) for not answered."""
Changes = Mapping[str, Change]

_GIVEN_EMPTY = {Emptiness.SKIPPED, Emptiness.NOT_ANSWERED}  # the others follow from the answers


class NotSentError(Exception):
    """The response was not sent: until then she changes her answers herself."""


class NothingChangesError(Exception):
    """Everything stands so already."""


class RefusedChangesError(Exception):
    """Changes that are no answers; `faults` by link id, each saying what the item takes."""

    def __init__(self, faults: Mapping[str, InvalidAnswer]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults.values()))
        self.faults = faults


@dataclass(frozen=True)
class Foreseen:
    """What a correction will do: the form before and after, the items that change, and the scores of each."""

    form: AnsweredForm
    after: Form
    link_ids: tuple[str, ...]
    scored_before: Scoring
    scored_after: Scoring


def foresee(session: Session, response: Response, changes: Changes, *, at: datetime) -> Foreseen:
    """Give what `corrections.correct` would do, and do nothing.

    Raises NotSentError, RefusedChangesError or NothingChangesError.
    """
    if response.status not in SENT_STATUSES:
        raise NotSentError
    instrument = instruments.get(response.assignment.instrument)
    _check(instrument, changes)
    form = answered_forms.read(session, [response])[response.id]
    after = _after(instrument, response, form.now, changes, at)
    stands = answered_forms.stands
    link_ids = tuple(link_id for link_id in after if stands(after, link_id) != stands(form.now, link_id))
    if not link_ids:
        raise NothingChangesError
    options = scoring_options(session, response)
    before, then = (instrument.score(answered_forms.values_of(each), options) for each in (form.now, after))
    return Foreseen(form, after, link_ids, before, then)


def scoring_options(session: Session, response: Response) -> Mapping[str, object]:
    """Give the options that the study scores this response with."""
    of_visit = select(Participant.site_id).join(Visit).where(Visit.id == response.assignment.visit_id)
    place = studies.for_site(session, session.scalars(of_visit).one())
    return place.definition.scoring_options(response.assignment.instrument)


def _check(instrument: Instrument, changes: Changes) -> None:
    faults: dict[str, InvalidAnswer] = {}
    for link_id, change in changes.items():
        try:
            instrument.check_answer(link_id, None if isinstance(change, Emptiness) else change)
            if isinstance(change, Emptiness) and change not in _GIVEN_EMPTY:
                raise InvalidAnswer(link_id, "a value, skipped or not-answered", f"{link_id}: {change} is not given")
        except InvalidAnswer as fault:
            faults[link_id] = fault
    if faults:
        raise RefusedChangesError(faults)


def _after(instrument: Instrument, response: Response, form: Form, changes: Changes, at: datetime) -> Form:
    after = answered_forms.with_changes(instrument, form, changes, at=at)
    if response.source is not Source.PHONE:
        return after
    values = answered_forms.values_of(after)
    hidden = [item.link_id for item in instrument.items if item.shown_when and not item.shown_when.holds(values)]
    return answered_forms.with_changes(instrument, form, {**changes, **dict.fromkeys(hidden)}, at=at)
