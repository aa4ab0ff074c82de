"""What "How are we doing" costs with 28, 1,000 and 20,000 participants of a study, each part of it."""

from datetime import UTC, datetime
from time import process_time

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import clinic, crowd
from benchmarks.figure import Figure
from benchmarks.lists import counted, sign_in
from benchmarks.rounds import Course
from portal.app import create_app
from portal.domain import instruments
from portal.domain.roles import Role
from tests.factories import load_study

_SIZES = (28, 1000, 20000)
_PARTS = ("completion", "times", "scores")
_MOST_SECONDS = 4.0


def measure() -> list[Figure]:
    """Give the statements and the CPU time of each part, with each size of the study."""
    measured = {size: _measure(size) for size in _SIZES}
    figures = []
    for part in _PARTS:
        first = measured[_SIZES[0]][part]
        for size in _SIZES:
            queries, milliseconds = measured[size][part]
            figures.append(
                Figure(
                    name=f"progress, {part}, {size:,} participants: queries",
                    value=queries,
                    unit="",
                    reference=first[0],
                    limit=1,
                    limits_ratio=True,
                )
            )
            figures.append(Figure(name="  time of the page", value=milliseconds / 1000, unit="s", limit=_MOST_SECONDS))
    return figures


def _measure(size: int) -> dict[str, tuple[int, float]]:
    with clinic.settings() as settings:
        person = clinic.add_staff(settings, Role.NURSE)
        with clinic.writing(settings) as session:
            crowd.fill(session, load_study(session)[0], person.row, size, at=datetime.now(UTC))
            _answer(session)
        app = create_app(settings)
        client = sign_in(app, person)
        found = {}
        for part in _PARTS:

            def ask(address: str = f"/staff/progress?part={part}") -> None:
                reply = client.get(address)
                assert reply.status_code == 200, f"{address} answered {reply.status}"

            ask()
            with counted(app) as queries:
                ask()
            page = Course(ask, process_time)
            for _ in range(3):
                page.run(1)
            found[part] = queries(), page.milliseconds
        return found


def _answer(session: Session) -> None:
    """Give the crowd's responses the hours, scores and messages of a study that was lived; in SQLite's own words."""
    session.execute(text("PRAGMA cache_size = -500000"))  # KB; two million rows are written out of order
    session.execute(text(_HOURS))
    session.execute(text(_SCORINGS), {"nothing": "[]"})
    session.execute(text("CREATE TEMP TABLE scale (instrument, code, steps, step)"))
    for code in instruments.CODES:
        for scale in instruments.get(code).scales:
            steps = 100 if scale.link_id else scale.high if scale.places is None else scale.high * 8
            made = {"instrument": code, "code": scale.code, "steps": steps + 1, "step": scale.high / steps}
            session.execute(text("INSERT INTO scale VALUES (:instrument, :code, :steps, :step)"), made)
    session.execute(text(_SCORES))
    for kind, days in (("opening", 7), ("reminder-1", 5)):
        session.execute(text(_MESSAGES), {"kind": kind, "days": f"-{days} days"})


_ID = "lower(hex(randomblob(16)))"
_HOURS = """
UPDATE response SET
    completed_at = datetime(v.planned_on, '-' || (abs(random()) % 7) || ' days', '+18 hours') || '.000000',
    started_at = datetime(v.planned_on, '-7 days', '+18 hours') || '.000000'
FROM assignment a JOIN visit v ON v.id = a.visit_id
WHERE a.id = response.assignment_id AND response.frozen_hash = a.id
"""
_SCORINGS = f"""
INSERT INTO scoring (id, response_id, rule, rule_version, options, options_hash, counts, flags, trace, made_at)
SELECT {_ID}, r.id, 'rule', '1', '{{}}', '', '{{}}', '[]', :nothing, r.completed_at
FROM response r WHERE r.completed_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM scoring WHERE scoring.response_id = r.id)
"""  # noqa: S608 - nothing in it comes from anyone
_SCORES = f"""
INSERT INTO score (id, scoring_id, scale, value)
SELECT {_ID}, s.id, scale.code, (abs(random()) % scale.steps) * scale.step
FROM scoring s JOIN response r ON r.id = s.response_id JOIN assignment a ON a.id = r.assignment_id
JOIN scale ON scale.instrument = a.instrument
WHERE s.rule = 'rule'
"""  # noqa: S608 - nothing in it comes from anyone
_MESSAGES = f"""
INSERT OR IGNORE INTO message (id, visit_id, kind, recipient, edition, status, due_at, sent_at, attempts)
SELECT {_ID}, v.id, :kind, 'participant', 1, 'sent', v.planned_on || ' 08:00:00.000000',
    datetime(v.planned_on, :days, '+8 hours') || '.000000', 1
FROM visit v
"""  # noqa: S608 - nothing in it comes from anyone
