"""When a summary of each visit first was at its site, and since when its day is known, beside what lists are read from.

So how promises were kept is counted without reading the summaries' mails and looks. A mail that came back no longer
counts as one that brought a summary. The lines are all made anew: they are reckoned from the rows they tell of. As
ever, a later migration that makes one of these tables anew drops its triggers with it, on SQLite, and has to bring
them back.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# When what happens to a table, for which visits (as SQL over NEW) their lines are made anew.
_OF_PARTICIPANT = "SELECT id FROM visit WHERE participant_id = NEW.id"
_OF_ASSIGNMENT = "SELECT visit_id FROM assignment WHERE id = NEW.assignment_id"
_OF_SUMMARY = "SELECT visit_id FROM summary WHERE id = NEW.summary_id"
_OF_MAIL = "SELECT visit_id FROM message WHERE id = NEW.message_id AND kind = 'summary'"
_SENT = "NEW.kind = 'summary' AND NEW.status = 'sent'"
_NO_LONGER_SENT = "NEW.kind = 'summary' AND OLD.status = 'sent' AND NEW.status <> 'sent'"
_BEFORE = (
    ("visit", "INSERT", "", "SELECT NEW.id"),
    ("visit", "UPDATE OF code, planned_on, participant_id", "", "SELECT NEW.id"),
    ("participant", "UPDATE OF participant_number, site_id, withdrawn_on", "", _OF_PARTICIPANT),
    ("assignment", "INSERT", "", "SELECT NEW.visit_id"),
    ("response", "INSERT", "", _OF_ASSIGNMENT),
    ("response", "UPDATE OF status", "", _OF_ASSIGNMENT),
    ("paper_issue", "INSERT", "", "SELECT NEW.visit_id"),
    ("audit_event", "INSERT", "NEW.deed = 'patient.telephoned'", "SELECT NEW.subject_id"),
    ("summary", "INSERT", "", "SELECT NEW.visit_id"),
    ("summary_event", "INSERT", "NEW.kind <> 'delivered'", _OF_SUMMARY),
    ("message", "INSERT", _SENT, "SELECT NEW.visit_id"),
    ("message", "UPDATE OF status", f"{_SENT} AND OLD.status <> 'sent'", "SELECT NEW.visit_id"),
    ("message", "UPDATE OF status", _NO_LONGER_SENT, "SELECT NEW.visit_id"),
)
_NOW = (
    *_BEFORE[:2],
    ("participant", "UPDATE OF participant_number, site_id, withdrawn_on, enrolled_at", "", _OF_PARTICIPANT),
    *_BEFORE[3:7],
    ("audit_event", "INSERT", "NEW.deed IN ('patient.telephoned', 'visit.moved')", "SELECT NEW.subject_id"),
    *_BEFORE[8:11],
    ("message", "UPDATE OF status, sent_at, claimed_at", _SENT, "SELECT NEW.visit_id"),
    _BEFORE[12],
    ("bounce", "INSERT", "NEW.kind = 'permanent'", _OF_MAIL),
)
_KEYS = ("site_id", "planned_on", "code", "withdrawn_after", "received", "paper", "reading")
_FORGET = "DELETE FROM visit_listing WHERE visit_id IN ({visits})"
# In words that no index is kept of: SQLite would go through all that was sent (portal.db.planning.unindexed).
_IS_SENT = "COALESCE(message.status, '') = 'sent'"
_CAME_BACK = """EXISTS (SELECT 1 FROM bounce
                                       WHERE bounce.message_id = message.id AND bounce.kind = 'permanent'
                                       AND bounce.at >= COALESCE(message.claimed_at, bounce.at))"""
_TELL = """
    INSERT INTO visit_listing (visit_id, participant_number, site_id, planned_on, code, withdrawn_after, received,
                               paper, reading, whereabouts, summary_id{columns})
    SELECT id, participant_number, site_id, planned_on, code,
           CASE WHEN withdrawn_on IS NULL OR received = 'sent' THEN 9999
                WHEN withdrawn_on < planned_on THEN -1 ELSE {days} END,
           received, paper AND received <> 'sent',
           CASE WHEN summary_id IS NULL THEN 'none'
                WHEN EXISTS (SELECT 1 FROM summary_event
                             WHERE summary_event.summary_id = told.summary_id AND kind = 'seen') THEN 'seen'
                ELSE 'waiting' END,
           CASE WHEN summary_id IS NULL THEN 'none'
                WHEN EXISTS (SELECT 1 FROM summary_event
                             WHERE summary_event.summary_id = told.summary_id AND kind <> 'delivered')
                OR EXISTS (SELECT 1 FROM message
                           WHERE message.visit_id = told.id AND message.kind = 'summary' AND {is_sent}
                           AND edition >= (SELECT max(number) FROM summary WHERE summary.visit_id = told.id){arrived})
                THEN 'at-site' ELSE 'away' END,
           summary_id{arrivals}
    FROM (
        SELECT visit.id, participant.participant_number, participant.site_id, visit.planned_on, visit.code,
               participant.withdrawn_on, participant.enrolled_at,
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
_ARRIVALS = f""",
           (SELECT min(at) FROM (
                SELECT sent_at AS at FROM message
                WHERE message.visit_id = told.id AND message.kind = 'summary' AND {_IS_SENT}
                AND NOT {_CAME_BACK}
                UNION ALL
                SELECT summary_event.at FROM summary JOIN summary_event ON summary_event.summary_id = summary.id
                WHERE summary.visit_id = told.id AND summary_event.kind <> 'delivered') AS arrivals),
           COALESCE((SELECT max(at) FROM audit_event
                     WHERE subject_kind = 'visit' AND subject_id = told.id AND deed = 'visit.moved'
                     AND at > told.enrolled_at), told.enrolled_at)"""  # noqa: S608 - names of our own
_PRIMARY_KEY = "pk_visit_listing"
_INDICES = (
    ("day", ["site_id", "planned_on", "participant_number", "visit_id"]),
    ("number", ["participant_number", "planned_on", "visit_id"]),
)
_WHEREABOUTS = ["site_id", "whereabouts", "planned_on"]
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
    _make_anew(_BEFORE, _NOW, with_arrivals=True)


def downgrade() -> None:
    _make_anew(_NOW, _BEFORE, with_arrivals=False)


def _make_anew(before: tuple[Any, ...], sources: tuple[Any, ...], *, with_arrivals: bool) -> None:
    for number, (table, *_rest) in enumerate(before):
        op.execute(f"DROP TRIGGER {table}_listed_{number}" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION list_anew_{number}()")
    op.drop_table("visit_listing")
    op.execute("DELETE FROM visit_tally")
    op.create_table("visit_listing", *_columns(with_arrivals), sa.PrimaryKeyConstraint("visit_id", name=_PRIMARY_KEY))
    arrivals = ["first_at", "known_at"] if with_arrivals else []
    for name, columns in (*_INDICES, ("whereabouts", [*_WHEREABOUTS, *arrivals, "visit_id"])):
        op.create_index(f"ix_visit_listing_{name}", "visit_listing", columns)
    keep = _keep_on_sqlite if _is_sqlite() else _keep_on_postgresql
    keep(sources, with_arrivals)
    op.execute(_telling("SELECT id FROM visit", with_arrivals))


def _columns(with_arrivals: bool) -> list[sa.Column[Any]]:
    instant = sa.DateTime(timezone=True)
    arrivals = [sa.Column("first_at", instant, nullable=True), sa.Column("known_at", instant, nullable=False)]
    return [
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("participant_number", sa.String(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("withdrawn_after", sa.Integer(), nullable=False),
        sa.Column("received", _code("received", "nothing", "begun", "sent"), nullable=False),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("reading", _code("reading", "none", "waiting", "seen"), nullable=False),
        sa.Column("whereabouts", _code("whereabouts", "none", "away", "at-site"), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=True),
        *(arrivals if with_arrivals else []),
    ]


def _keep_on_sqlite(sources: tuple[Any, ...], with_arrivals: bool) -> None:
    for number, (table, event, when, visits) in enumerate(sources):
        op.execute(
            f"CREATE TRIGGER {table}_listed_{number} AFTER {event} ON {table} {f'WHEN {when}' if when else ''} "
            f"BEGIN {_FORGET.format(visits=visits)}; {_telling(visits, with_arrivals)}; END"
        )
    op.execute(f"CREATE TRIGGER visit_listing_counted AFTER INSERT ON visit_listing BEGIN {_COUNT[0]}; END")
    op.execute(f"CREATE TRIGGER visit_listing_uncounted AFTER DELETE ON visit_listing BEGIN {'; '.join(_UNCOUNT)}; END")


def _keep_on_postgresql(sources: tuple[Any, ...], with_arrivals: bool) -> None:
    """Whoever changes a line takes its place in the trail's chain first (portal.services.audit)."""
    op.execute(f"""
        CREATE OR REPLACE FUNCTION list_anew(wanted UUID) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(7091994);
            {_FORGET.format(visits="wanted")};
            {_telling("wanted", with_arrivals)};
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


def _telling(visits: str, with_arrivals: bool) -> str:
    days = "CAST(julianday(withdrawn_on) - julianday(planned_on) AS INTEGER)"
    return _TELL.format(
        visits=visits,
        days=days if _is_sqlite() else "withdrawn_on - planned_on",
        is_sent=_IS_SENT,
        columns=", first_at, known_at" if with_arrivals else "",
        arrived=f"\n                           AND NOT {_CAME_BACK}" if with_arrivals else "",
        arrivals=_ARRIVALS if with_arrivals else "",
    )


def _code(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
