"""One visit of one of the demonstration's people: its rows in the store, and what she answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.demonstration.answers import invent, leave_out
from portal.cli.demonstration.people import Person
from portal.db.participant import Visit
from portal.domain import instruments
from portal.domain.instruments import wordings
from portal.services import answering
from portal.services.answering import GivenAnswer
from portal.services.studies import StudyAtSite


@dataclass(frozen=True)
class PlayedVisit:
    """One visit of one person; `order` counts her visits from 0, `enrolled` holds her id once that was played."""

    person: Person
    place: StudyAtSite
    enrolled: list[UUID]
    code: str
    order: int

    @property
    def participant_id(self) -> UUID:
        """Her id, known once the enrolment was played."""
        return self.enrolled[0]

    def row(self, session: Session) -> Visit:
        """Give the visit itself."""
        found = select(Visit).where(Visit.participant_id == self.participant_id, Visit.code == self.code)
        return session.scalars(found).one()

    def assignment(self, session: Session, instrument: str) -> UUID:
        """Give the id of what she is asked at this visit."""
        return next(each.id for each in self.row(session).assignments if each.instrument == instrument)

    def given(self, code: str, now: datetime, *, unscorable: bool = False) -> list[GivenAnswer]:
        """Give her answers to one questionnaire, as her phone would send them; `unscorable`: too much left out."""
        instrument = instruments.get(code)
        answers = invent(instrument, self.person.course, self.order, str(self.participant_id))
        if unscorable:
            answers = leave_out(instrument, answers)
        first = now - timedelta(seconds=9 * len(answers))
        return [
            GivenAnswer(
                device="demonstration",
                seq=seq,
                link_id=link_id,
                value=value,
                empty=answering.SKIPPED if value is None else None,
                at=first + timedelta(seconds=9 * seq),
                language=self.person.language,
                wording=wordings.demonstration(code, self.person.language).hash,
            )
            for seq, (link_id, value) in enumerate(answers.items())
        ]
