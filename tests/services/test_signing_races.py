"""Two deeds at the same moment: one page signed by two people, by one person twice, or replaced while it is signed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.db.engine import for_writing, open_engine
from portal.db.participant import Participant
from portal.db.signature import Signature
from portal.db.staff import Staff
from portal.db.summary import Summary
from portal.domain.roles import Role
from portal.domain.signing import Meaning
from portal.services import actor, audit, second_factor, signatures, summaries
from tests import factories
from tests.services.test_races import Deed, meet
from tests.web.staff_people import make_staff

NOW = datetime(2027, 3, 3, 9, 0, 10, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = for_writing(open_engine(database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def people(engine: Engine) -> list[Staff]:
    """Two investigators who have both opened the page of a visit with nothing received."""
    with Session(engine, expire_on_commit=False) as session:
        place = factories.load_study(session)[0]
        participant = factories.make_participant(session, place)
        visit = factories.get_visit(session, participant)
        summary = summaries.make(session, visit.id, by=actor.SYSTEM, at=NOW)
        found = [
            make_staff(session, (place.site_id, Role.INVESTIGATOR), email=f"{name}@example.org", name=name)
            for name in ("Ada", "Grace")
        ]
        for person in found:
            summaries.opened(session, summary, by=actor.staff(person.id), at=NOW)
        session.commit()
    return found


def signing(person: Staff, refused: list[type[Exception]] | None = None) -> Deed:
    """Sign the first edition with the code of now; a refusal is noted in `refused`."""

    def sign(session: Session) -> None:
        first = session.scalars(select(Summary).where(Summary.number == 1)).one()
        code = pyotp.TOTP(person.totp_secret).at(NOW)
        try:
            signatures.sign(session, [first], Meaning.SEEN, code, by=actor.staff(person.id), at=NOW)
        except (second_factor.SignInRefusedError, signatures.AlreadySignedError, signatures.SupersededError) as refusal:
            assert refused is not None
            refused.append(type(refusal))

    return sign


def answering_all(session: Session) -> None:
    """Send the whole visit, which makes a second edition."""
    participant = session.scalars(select(Participant)).one()
    factories.complete_visit(session, participant, at=NOW)


def test_two_people_sign_one_page_at_once_and_both_signatures_stand(engine: Engine, people: list[Staff]) -> None:
    meet(engine, signing(people[0]), signing(people[1]))
    with Session(engine) as session:
        assert sorted(session.scalars(select(Signature.printed_name))) == ["Ada", "Grace"]
        assert audit.first_broken(session) is None


def test_one_person_pressing_twice_signs_once(engine: Engine, people: list[Staff]) -> None:
    refused: list[type[Exception]] = []
    meet(engine, signing(people[0]), signing(people[0], refused))
    assert refused == [signatures.AlreadySignedError]
    with Session(engine) as session:
        assert session.scalars(select(Signature.printed_name)).all() == ["Ada"]


def test_a_newer_edition_that_waited_for_the_signature_makes_it_void(engine: Engine, people: list[Staff]) -> None:
    meet(engine, signing(people[0]), answering_all)
    with Session(engine) as session:
        signature = session.scalars(select(Signature)).one()
        newer = session.scalars(select(Summary).where(Summary.number == 2)).one()
        assert signature.voided_by == newer.id
        assert audit.first_broken(session) is None


def test_a_signature_that_waited_for_the_newer_edition_is_refused(engine: Engine, people: list[Staff]) -> None:
    refused: list[type[Exception]] = []
    meet(engine, answering_all, signing(people[0], refused))
    assert refused == [signatures.SupersededError]
    with Session(engine) as session:
        assert session.scalars(select(Signature)).all() == []
