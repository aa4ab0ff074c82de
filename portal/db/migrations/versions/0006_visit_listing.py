"""What the lists are read from, kept beside the truth by the database itself.

A line is made anew whenever something that it tells of changes, and the tally follows each line. On SQLite, a later
migration that makes one of these tables anew drops its triggers with it and has to bring them back.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# When what happens to a table, for which visits (as SQL over NEW) their lines are made anew.
_SOURCES = (
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
    ("summary_event", "INSERT", "NEW.kind = 'seen'", "SELECT visit_id FROM summary WHERE id = NEW.summary_id"),
)
_KEY = "site_id, planned_on, code, withdrawn_after, received, paper, reading"
_KEYS = tuple(_KEY.split(", "))
_FORGET = "DELETE FROM visit_listing WHERE visit_id IN ({visits})"
_TELL = f"""
    INSERT INTO visit_listing (visit_id, participant_number, {_KEY}, summary_id)
    SELECT id, participant_number, site_id, planned_on, code,
           CASE WHEN withdrawn_on IS NULL OR received = 'sent' THEN 9999
                WHEN withdrawn_on < planned_on THEN -1 ELSE {{days}} END,
           received, paper AND received <> 'sent',
           CASE WHEN summary_id IS NULL THEN 'none'
                WHEN EXISTS (SELECT 1 FROM summary_event
                             WHERE summary_event.summary_id = told.summary_id AND kind = 'seen') THEN 'seen'
                ELSE 'waiting' END,
           summary_id
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
        WHERE visit.id IN ({{visits}})
    ) AS told
"""  # noqa: S608 - names of our own
_OLD = " AND ".join(f"{key} = OLD.{key}" for key in _KEYS)
_UNCOUNT = (
    f"UPDATE visit_tally SET visits = visits - 1 WHERE {_OLD}",  # noqa: S608 - names of our own
    f"DELETE FROM visit_tally WHERE {_OLD} AND visits = 0",  # noqa: S608 - names of our own
)
_COUNT = (
    f"INSERT INTO visit_tally ({_KEY}, visits) VALUES ({', '.join(f'NEW.{key}' for key in _KEYS)}, 1) "  # noqa: S608 - names of our own
    f"ON CONFLICT ({_KEY}) DO UPDATE SET visits = visit_tally.visits + 1",
)


def upgrade() -> None:
    op.create_table(
        "visit_listing",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("participant_number", sa.String(), nullable=False),
        *_alike(),
        sa.Column("summary_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visit_listing")),
    )
    op.create_index(
        "ix_visit_listing_day", "visit_listing", ["site_id", "planned_on", "participant_number", "visit_id"]
    )
    op.create_index("ix_visit_listing_number", "visit_listing", ["participant_number", "planned_on", "visit_id"])
    op.create_table(
        "visit_tally",
        *_alike(),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEYS, name=op.f("pk_visit_tally")),
    )
    if _is_sqlite():
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()
    op.execute(_telling("SELECT id FROM visit"))


def downgrade() -> None:
    for number, (table, *_rest) in enumerate(_SOURCES):
        op.execute(f"DROP TRIGGER {table}_listed_{number}" + ("" if _is_sqlite() else f" ON {table}"))
    op.drop_table("visit_tally")
    op.drop_table("visit_listing")
    if not _is_sqlite():
        for number in range(len(_SOURCES)):
            op.execute(f"DROP FUNCTION list_anew_{number}()")
        for name in ("list_anew(UUID)", "count_line()", "uncount_line()"):
            op.execute(f"DROP FUNCTION {name}")


def _alike() -> list[sa.Column[Any]]:
    """Give the columns that a line and the tally share."""
    return [
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("withdrawn_after", sa.Integer(), nullable=False),
        sa.Column("received", _code("received", "nothing", "begun", "sent"), nullable=False),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("reading", _code("reading", "none", "waiting", "seen"), nullable=False),
    ]


def _keep_on_sqlite() -> None:
    for number, (table, event, when, visits) in enumerate(_SOURCES):
        op.execute(
            f"CREATE TRIGGER {table}_listed_{number} AFTER {event} ON {table} {f'WHEN {when}' if when else ''} "
            f"BEGIN {_FORGET.format(visits=visits)}; {_telling(visits)}; END"
        )
    op.execute(f"CREATE TRIGGER visit_listing_counted AFTER INSERT ON visit_listing BEGIN {_COUNT[0]}; END")
    op.execute(f"CREATE TRIGGER visit_listing_uncounted AFTER DELETE ON visit_listing BEGIN {'; '.join(_UNCOUNT)}; END")


def _keep_on_postgresql() -> None:
    """Whoever changes a line takes its place in the trail's chain first (portal.services.audit).

    So one transaction after the other makes lines anew, each from what the one before it left, and none waits for
    a line while it holds the chain.
    """
    op.execute(f"""
        CREATE FUNCTION list_anew(wanted UUID) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(7091994);
            {_FORGET.format(visits="wanted")};
            {_telling("wanted")};
        END $$
    """)
    for number, (table, event, when, visits) in enumerate(_SOURCES):
        op.execute(f"""
            CREATE FUNCTION list_anew_{number}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM list_anew(each) FROM ({visits}) AS found (each); RETURN NULL; END $$
        """)
        op.execute(
            f"CREATE TRIGGER {table}_listed_{number} AFTER {event} ON {table} FOR EACH ROW "
            f"{f'WHEN ({when})' if when else ''} EXECUTE FUNCTION list_anew_{number}()"
        )
    for name, event, statements in (("count_line", "INSERT", _COUNT), ("uncount_line", "DELETE", _UNCOUNT)):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {'; '.join(statements)}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER visit_listing_{name} AFTER {event} ON visit_listing FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _telling(visits: str) -> str:
    days = "CAST(julianday(withdrawn_on) - julianday(planned_on) AS INTEGER)"
    return _TELL.format(visits=visits, days=days if _is_sqlite() else "withdrawn_on - planned_on")


def _code(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
