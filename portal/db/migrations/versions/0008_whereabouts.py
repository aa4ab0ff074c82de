"""Where the current summary of each visit is, beside what lists are read from.

So those that are not at their site are found by themselves, however many there are. The lines are all made anew: they
are reckoned from the rows they tell of. As ever, a later migration that makes one of these tables anew drops its
triggers with it, on SQLite, and has to bring them back.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# When what happens to a table, for which visits (as SQL over NEW) their lines are made anew.
_ALWAYS = (
    ("visit", "INSERT", "", "SELECT NEW.id"),
    ("visit", "UPDATE OF code, planned_on, participant_id", "", "SELECT NEW.id"),
    (
        "participant",
        "UPDATE OF participant_number, site_id, withdrawn_on",
        "",
        "SELECT id FROM visit WHERE participant_id = NEW.id",
    ),
    ("assignment", "INSERT", "", "SELECT NEW.visit_id"),
    ("response", "INSERT", "", "SELECT visit_id FROM assignment WHERE id = NEW.assignment_id"),
    ("response", "UPDATE OF status", "", "SELECT visit_id FROM assignment WHERE id = NEW.assignment_id"),
    ("paper_issue", "INSERT", "", "SELECT NEW.visit_id"),
    ("audit_event", "INSERT", "NEW.deed = 'patient.telephoned'", "SELECT NEW.subject_id"),
    ("summary", "INSERT", "", "SELECT NEW.visit_id"),
)
_OF_SUMMARY = "SELECT visit_id FROM summary WHERE id = NEW.summary_id"
_BEFORE = (*_ALWAYS, ("summary_event", "INSERT", "NEW.kind = 'seen'", _OF_SUMMARY))
_SENT = "NEW.kind = 'summary' AND NEW.status = 'sent'"
_NO_LONGER_SENT = "NEW.kind = 'summary' AND OLD.status = 'sent' AND NEW.status <> 'sent'"
_NOW = (
    *_ALWAYS,
    ("summary_event", "INSERT", "NEW.kind <> 'delivered'", _OF_SUMMARY),
    ("message", "INSERT", _SENT, "SELECT NEW.visit_id"),
    ("message", "UPDATE OF status", f"{_SENT} AND OLD.status <> 'sent'", "SELECT NEW.visit_id"),
    ("message", "UPDATE OF status", _NO_LONGER_SENT, "SELECT NEW.visit_id"),
)
_KEYS = ("site_id", "planned_on", "code", "withdrawn_after", "received", "paper", "reading")
_FORGET = "DELETE FROM visit_listing WHERE visit_id IN ({visits})"
_WHEREABOUTS = """,
           CASE WHEN summary_id IS NULL THEN 'none'
                WHEN EXISTS (SELECT 1 FROM summary_event
                             WHERE summary_event.summary_id = told.summary_id AND kind <> 'delivered')
                OR EXISTS (SELECT 1 FROM message
                           WHERE message.visit_id = told.id AND kind = 'summary' AND status = 'sent'
                           AND edition >= (SELECT max(number) FROM summary WHERE summary.visit_id = told.id))
                THEN 'at-site' ELSE 'away' END"""
_TELL = """
    INSERT INTO visit_listing (visit_id, participant_number, site_id, planned_on, code, withdrawn_after, received,
                               paper, reading, summary_id{column})
    SELECT id, participant_number, site_id, planned_on, code,
           CASE WHEN withdrawn_on IS NULL OR received = 'sent' THEN 9999
                WHEN withdrawn_on < planned_on THEN -1 ELSE {days} END,
           received, paper AND received <> 'sent',
           CASE WHEN summary_id IS NULL THEN 'none'
                WHEN EXISTS (SELECT 1 FROM summary_event
                             WHERE summary_event.summary_id = told.summary_id AND kind = 'seen') THEN 'seen'
                ELSE 'waiting' END,
           summary_id{whereabouts}
    FROM (
        SELECT visit.id, participant.participant_number, participant.site_id, visit.planned_on, visit.code,
               participant.withdrawn_on,
               (SELECT CASE WHEN count(response.id) = 0 THEN 'nothing'
                            WHEN count(CASE WHEN response.status IN ('completed', 'amended') THEN 1 END) = count(*)
                            THEN 'sent' ELSE 'begun' END
                FROM assignment LEFT JOIN response
                ON response.assignment_id = assignment.id AND response.status <> 'entered-in-error'
                WHERE assignment.visit_id = visit.id) AS received,
               EXISTS (SELECT 1 FROM paper_issue WHERE paper_issue.visit_id = visit.id)
               OR COALESCE((SELECT CAST(new AS TEXT) = '"wants-paper"' FROM audit_event
                            WHERE subject_kind = 'visit' AND subject_id = visit.id AND deed = 'patient.telephoned'
                            ORDER BY audit_event.id DESC LIMIT 1), FALSE) AS paper,
               (SELECT summary.id FROM summary WHERE summary.visit_id = visit.id
                ORDER BY number DESC LIMIT 1) AS summary_id
        FROM visit JOIN participant ON participant.id = visit.participant_id
        WHERE visit.id IN ({visits})
    ) AS told
"""
_OLD = " AND ".join(f"{key} = OLD.{key}" for key in _KEYS)
_UNCOUNT = (
    f"UPDATE visit_tally SET visits = visits - 1 WHERE {_OLD}",  # noqa: S608 - names of our own
    f"DELETE FROM visit_tally WHERE {_OLD} AND visits = 0",  # noqa: S608 - names of our own
)
_COUNT = (
    f"INSERT INTO visit_tally ({', '.join(_KEYS)}, visits) "  # noqa: S608 - names of our own
    f"VALUES ({', '.join(f'NEW.{key}' for key in _KEYS)}, 1) "
    f"ON CONFLICT ({', '.join(_KEYS)}) DO UPDATE SET visits = visit_tally.visits + 1",
)


def upgrade() -> None:
    _make_anew(_BEFORE, _NOW, with_whereabouts=True)
    op.create_index(
        "ix_visit_listing_whereabouts", "visit_listing", ["site_id", "whereabouts", "planned_on", "visit_id"]
    )


def downgrade() -> None:
    _make_anew(_NOW, _BEFORE, with_whereabouts=False)


def _make_anew(before: tuple[Any, ...], sources: tuple[Any, ...], *, with_whereabouts: bool) -> None:
    for number, (table, *_rest) in enumerate(before):
        op.execute(f"DROP TRIGGER {table}_listed_{number}" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION list_anew_{number}()")
    op.drop_table("visit_listing")
    op.execute("DELETE FROM visit_tally")
    op.create_table(
        "visit_listing",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("participant_number", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("withdrawn_after", sa.Integer(), nullable=False),
        sa.Column("received", _code("received", "nothing", "begun", "sent"), nullable=False),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("reading", _code("reading", "none", "waiting", "seen"), nullable=False),
        *([_whereabouts()] if with_whereabouts else []),
        sa.Column("summary_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_listing")),
    )
    op.create_index(
        "ix_visit_listing_day", "visit_listing", ["site_id", "planned_on", "participant_number", "visit_id"]
    )
    op.create_index("ix_visit_listing_number", "visit_listing", ["participant_number", "planned_on", "visit_id"])
    keep = _keep_on_sqlite if _is_sqlite() else _keep_on_postgresql
    keep(sources, with_whereabouts)
    op.execute(_telling("SELECT id FROM visit", with_whereabouts))


def _keep_on_sqlite(sources: tuple[Any, ...], with_whereabouts: bool) -> None:
    for number, (table, event, when, visits) in enumerate(sources):
        op.execute(
            f"CREATE TRIGGER {table}_listed_{number} AFTER {event} ON {table} {f'WHEN {when}' if when else ''} "
            f"BEGIN {_FORGET.format(visits=visits)}; {_telling(visits, with_whereabouts)}; END"
        )
    op.execute(f"CREATE TRIGGER visit_listing_counted AFTER INSERT ON visit_listing BEGIN {_COUNT[0]}; END")
    op.execute(f"CREATE TRIGGER visit_listing_uncounted AFTER DELETE ON visit_listing BEGIN {'; '.join(_UNCOUNT)}; END")


def _keep_on_postgresql(sources: tuple[Any, ...], with_whereabouts: bool) -> None:
    """Whoever changes a line takes its place in the trail's chain first (portal.services.audit)."""
    op.execute(f"""
        CREATE OR REPLACE FUNCTION list_anew(wanted UUID) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(7091994);
            {_FORGET.format(visits="wanted")};
            {_telling("wanted", with_whereabouts)};
        END $$
    """)
    for number, (table, event, when, visits) in enumerate(sources):
        op.execute(f"""
            CREATE FUNCTION list_anew_{number}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM list_anew(each) FROM ({visits}) AS found (each); RETURN NULL; END $$
        """)
        op.execute(
            f"CREATE TRIGGER {table}_listed_{number} AFTER {event} ON {table} FOR EACH ROW "
            f"{f'WHEN ({when})' if when else ''} EXECUTE FUNCTION list_anew_{number}()"
        )
    for name, event in (("count_line", "INSERT"), ("uncount_line", "DELETE")):
        op.execute(
            f"CREATE TRIGGER visit_listing_{name} AFTER {event} ON visit_listing FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _telling(visits: str, with_whereabouts: bool) -> str:
    days = "CAST(julianday(withdrawn_on) - julianday(planned_on) AS INTEGER)"
    return _TELL.format(
        visits=visits,
        days=days if _is_sqlite() else "withdrawn_on - planned_on",
        column=", whereabouts" if with_whereabouts else "",
        whereabouts=_WHEREABOUTS if with_whereabouts else "",
    )


def _whereabouts() -> sa.Column[Any]:
    return sa.Column("whereabouts", _code("whereabouts", "none", "away", "at-site"), nullable=False)


def _code(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
