"""How scores lie at each visit, over a whole study: one group, never by site, never by participant, never by arm."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.db.correction import Correction
from portal.db.participant import Assignment, Participant, Visit
from portal.db.response import Response
from portal.db.score import Score, Scoring
from portal.db.study import Study
from portal.domain import instruments
from portal.domain.audit import Deed
from portal.domain.blind import FEWEST_POOLED
from portal.domain.instruments.model import VAS_HIGH
from portal.domain.instruments.scores import Scale
from portal.domain.quantiles import Spread, spread
from portal.domain.rounding import exact
from portal.domain.states import WithdrawalExtent
from portal.services import audit
from portal.services.actor import Actor
from portal.services.study_progress import IS_SENT, Scope


@dataclass(frozen=True)
class PooledVisit:
    """One scale at one visit; of fewer than FEWEST_POOLED participants nothing but their number is told.

    `scored` and `unscored` count participants; `bands` counts them by band, in the order of the scale's bands.
    """

    code: str
    scored: int
    unscored: int
    spread: Spread | None
    bands: Mapping[str, int]


@dataclass(frozen=True)
class PooledScale:
    """One scale over the visits, in the study's order; `high` and `places` are those in which it is shown."""

    instrument: str
    spec: Scale
    visits: tuple[PooledVisit, ...]

    @property
    def factor(self) -> Fraction:
        """How many shown units make one of the score's: a marked line is shown as it was marked, 0 to 100."""
        return Fraction(VAS_HIGH, self.spec.high) if self.spec.link_id else Fraction(1)

    @property
    def high(self) -> int:
        """The highest value as shown."""
        return int(self.spec.high * self.factor)

    @property
    def places(self) -> int:
        """The decimals of a value as shown; a quartile may lie between two whole points."""
        return 2 if self.spec.places else 1

    @property
    def is_empty(self) -> bool:
        """Whether no visit has enough scores to be shown."""
        return all(visit.spread is None for visit in self.visits)


def pool(session: Session, scope: Scope) -> list[PooledScale]:
    """Tell how the scores lie that count now, over all sites of the study; one query, however many there are.

    A corrected response counts as corrected. A participant who asked that her data is not used counts nowhere.
    """
    wanted = list(_scales(scope))
    values: dict[tuple[str, str, str], Counter[float | None]] = defaultdict(Counter)
    for row in session.execute(_counted(scope, [spec.code for _, spec in wanted])):
        values[row.instrument, row.scale, row.code][row.value] += row.number
    return [
        PooledScale(
            code,
            spec,
            tuple(
                _at_visit(spec, visit.code, values[code, spec.code, visit.code])
                for visit in scope.definition.visits
                if code in visit.instruments
            ),
        )
        for code, spec in wanted
    ]


def read(session: Session, scope: Scope, *, by: Actor, at: datetime) -> None:
    """Note that somebody has looked at how the study's scores lie."""
    study_id = session.scalars(select(Study.id).where(Study.code == scope.definition.code)).one()
    event = audit.Event(deed=Deed.POOLED_SCORES_READ, subject_kind="study", subject_id=study_id)
    audit.record(session, event, by=by, at=at)


def _scales(scope: Scope) -> Iterator[tuple[str, Scale]]:
    """Give the scales that are shown: the main one, those with a threshold, the marked lines, if the study has them."""
    for code in scope.definition.instruments:
        options = scope.definition.scoring_options(code)
        shown = [
            spec
            for spec in instruments.get(code).scales
            if (spec.main or spec.threshold is not None or spec.link_id)
            and options.get(spec.code) not in (False, "none")
        ]
        yield from ((code, spec) for spec in sorted(shown, key=lambda spec: (not spec.main, bool(spec.link_id))))


def _at_visit(spec: Scale, code: str, counted: Counter[float | None]) -> PooledVisit:
    values = {value: number for value, number in counted.items() if value is not None}
    scored, unscored = sum(values.values()), counted[None]
    if scored < FEWEST_POOLED:
        return PooledVisit(code, scored, unscored, None, {})
    bands = dict.fromkeys((band.code for band in spec.bands), 0)
    for value, number in values.items() if bands else ():
        bands[spec.band(exact(value)) or spec.bands[-1].code] += number
    return PooledVisit(code, scored, unscored, spread(values), bands)


def _counted(scope: Scope, scales: list[str]) -> Any:
    """Count the participants who have the same value on the same scale at the same visit."""
    alike = (Assignment.instrument, Visit.code, Score.scale, Score.value)
    return (
        select(*alike, func.count().label("number"))
        .select_from(Visit)
        .join(Participant)
        .join(Assignment)
        .join(Response)
        .join(Scoring, Scoring.response_id == Response.id)
        .outerjoin(Correction, Correction.id == Scoring.correction_id)
        .join(Score)
        .where(
            Participant.site_id.in_(scope.pool),
            or_(
                Participant.withdrawal_extent.is_(None),
                Participant.withdrawal_extent != WithdrawalExtent.STUDY_AND_DATA,
            ),
            IS_SENT,
            Score.scale.in_(scales),
            _is_newest(),
        )
        .group_by(*alike)
    )


def _is_newest() -> ColumnElement[bool]:
    """Say that a scoring counts: none was made after it, as `scores.latest` orders them."""
    newer, corrected = aliased(Scoring), aliased(Correction)
    after = tuple_(newer.made_at, func.coalesce(corrected.number, 0), newer.id)
    before = tuple_(Scoring.made_at, func.coalesce(Correction.number, 0), Scoring.id)
    found = select(newer.id).outerjoin(corrected, corrected.id == newer.correction_id)
    return ~found.where(newer.response_id == Scoring.response_id, after > before).exists()
