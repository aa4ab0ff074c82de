"""What lists of queries, of wishes for a correction and of summaries to sign are read from, kept by the database.

The site of each query and wish stands beside it, always the participant's; they are counted by site; and what a person
has opened that nobody has seen yet is found by itself, however much she has opened. Patients are found and counted by
how they stand to the study.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LISTED = {
    "query": ["site_id", "closed_at", "opened_at", "id"],
    "correction_request": ["site_id", "settled_at", "asked_at", "id"],
}
_SITE_OF = """
    SELECT participant.site_id FROM response JOIN assignment ON assignment.id = response.assignment_id
    JOIN visit ON visit.id = assignment.visit_id JOIN participant ON participant.id = visit.participant_id
    WHERE response.id = {response_id}
"""
# When the participant of a response, or her site, becomes another one: whose rows follow, and to which site.
_MOVES = (
    ("participant", "site_id", "visit.participant_id = NEW.id", "NEW.site_id"),
    ("visit", "participant_id", "visit.id = NEW.id", "(SELECT site_id FROM participant WHERE id = NEW.participant_id)"),
)
_FOLLOW = """
    UPDATE {table} SET site_id = {site} WHERE response_id IN (
        SELECT response.id FROM visit JOIN assignment ON assignment.visit_id = visit.id
        JOIN response ON response.assignment_id = assignment.id WHERE {whose})
"""
_KINDS = {"query": ("query", "closed_at"), "correction_request": ("wish", "settled_at")}
_COUNT = """
    INSERT INTO asked_tally (site_id, kind, done, number)
    VALUES (NEW.site_id, '{kind}', NEW.{done_at} IS NOT NULL, 1)
    ON CONFLICT (site_id, kind, done) DO UPDATE SET number = asked_tally.number + 1
"""
_UNCOUNT = """
    UPDATE asked_tally SET number = number - 1
    WHERE site_id = OLD.site_id AND kind = '{kind}' AND done = (OLD.{done_at} IS NOT NULL)
"""
_SEEN = "EXISTS (SELECT 1 FROM summary_event AS other WHERE other.summary_id = {id} AND other.kind = 'seen')"
_NEWER = """
    EXISTS (SELECT 1 FROM summary AS own JOIN summary AS other
            ON other.visit_id = own.visit_id AND other.number > own.number WHERE own.id = {id})
"""
_OPENED = f"""
    INSERT INTO opened_summary (by_staff, summary_id) SELECT NEW.by_staff, NEW.summary_id
    WHERE NOT {_SEEN.format(id="NEW.summary_id")} AND NOT {_NEWER.format(id="NEW.summary_id")}
    ON CONFLICT (by_staff, summary_id) DO NOTHING
"""
# What is no longer waited for leaves again: when what happens to a table, and which summaries (as SQL over NEW).
_LEAVES = (
    ("summary_event", "NEW.kind = 'seen'", "NEW.summary_id"),
    ("summary", "", "SELECT id FROM summary WHERE visit_id = NEW.visit_id AND id <> NEW.id"),
)
_COLUMN = "\n\tresponse_id CHAR(32) NOT NULL, "
_REFERENCE = "CONSTRAINT fk_{table}_site_id_site REFERENCES site (id)"
_WRONG = "it is of the site of its patient"


def upgrade() -> None:
    for table, listed in _LISTED.items():
        if _is_sqlite():
            with_site = f"{_COLUMN}\n\tsite_id CHAR(32) NOT NULL {_REFERENCE.format(table=table)}, "
            _make_anew(table, _COLUMN, with_site, kept=_columns(table), site=True)
        else:
            op.add_column(table, sa.Column("site_id", sa.Uuid(), nullable=True))
            site = _SITE_OF.format(response_id=f"{table}.response_id")
            op.execute(f"UPDATE {table} SET site_id = ({site})")  # noqa: S608 - names of our own
            op.alter_column(table, "site_id", nullable=False)
            op.create_foreign_key(op.f(f"fk_{table}_site_id_site"), table, "site", ["site_id"], ["id"])
        op.create_index(f"ix_{table}_listed", table, listed)
    op.create_table(
        "asked_tally",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("query", "wish", name="asked", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "kind", "done", name=op.f("pk_asked_tally")),
    )
    op.create_table(
        "opened_summary",
        sa.Column("by_staff", sa.Uuid(), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("by_staff", "summary_id", name=op.f("pk_opened_summary")),
    )
    op.create_index("ix_opened_summary_summary_id", "opened_summary", ["summary_id"])
    standing = ["site_id", "withdrawn_on", "paused_on", "participant_number"]
    op.create_index("ix_participant_standing", "participant", standing)
    _fill()
    if _is_sqlite():
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()


def downgrade() -> None:
    _let_go()
    op.drop_index("ix_participant_standing", "participant")
    op.drop_table("opened_summary")
    op.drop_table("asked_tally")
    for table in reversed(_LISTED):
        op.drop_index(f"ix_{table}_listed", table)
        if _is_sqlite():
            with_site = f"{_COLUMN}\n\tsite_id CHAR(32) NOT NULL {_REFERENCE.format(table=table)}, "
            kept = [each for each in _columns(table) if each != "site_id"]
            _make_anew(table, with_site, _COLUMN, kept=kept, site=False)
        else:
            op.drop_column(table, "site_id")


def _fill() -> None:
    for table, (kind, done_at) in _KINDS.items():
        op.execute(
            f"INSERT INTO asked_tally (site_id, kind, done, number) "  # noqa: S608 - names of our own
            f"SELECT site_id, '{kind}', {done_at} IS NOT NULL, count(*) FROM {table} "
            f"GROUP BY site_id, {done_at} IS NOT NULL"
        )
    op.execute(
        "INSERT INTO opened_summary (by_staff, summary_id) "  # noqa: S608 - names of our own
        "SELECT DISTINCT by_staff, summary_id FROM summary_event AS opened WHERE kind = 'opened' "
        f"AND NOT {_SEEN.format(id='opened.summary_id')} AND NOT {_NEWER.format(id='opened.summary_id')}"
    )


def _columns(table: str) -> list[str]:
    return [row.name for row in op.get_bind().execute(sa.text(f"PRAGMA table_info({table})"))]


def _make_anew(table: str, old: str, new: str, *, kept: list[str], site: bool) -> None:
    """Change a table's definition on SQLite, which cannot alter it: emptied, dropped and filled again in its place.

    Foreign keys are checked at the end of the transaction, when the rows that others refer to are back.
    """
    connection = op.get_bind()
    made = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL AND type "
    sql = connection.execute(sa.text(f"{made} = 'table'"), {"table": table}).scalar_one()
    others = connection.execute(sa.text(f"{made} <> 'table'"), {"table": table}).scalars().all()
    if old not in sql:
        raise RuntimeError(f"{table} is not defined as this migration expects")
    listed = ", ".join(kept)
    filled = f"{listed}, ({_SITE_OF.format(response_id='made_anew.response_id')})" if site else listed
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        f"CREATE TABLE made_anew AS SELECT {listed} FROM {table}",  # noqa: S608 - names of our own
        f"DROP TABLE {table}",
        sql.replace(old, new),
        f"INSERT INTO {table} ({listed}{', site_id' * site}) SELECT {filled} FROM made_anew",  # noqa: S608 - names of our own
        "DROP TABLE made_anew",
        *others,
    ):
        connection.exec_driver_sql(statement)


def _keep_on_sqlite() -> None:
    for name, deed, when, body in _triggers():
        op.execute(f"CREATE TRIGGER {name} {deed} {f'WHEN {when}' if when else ''} BEGIN {body}; END")


def _triggers() -> Iterator[tuple[str, str, str, str]]:
    """Give SQLite's triggers: name, deed, condition and what is done."""
    for table, (kind, done_at) in _KINDS.items():
        wrong = f"NEW.site_id IS NOT ({_SITE_OF.format(response_id='NEW.response_id')})"
        refusal = f"SELECT RAISE(ABORT, '{table}: {_WRONG}')"
        yield f"{table}_at_its_site", f"BEFORE INSERT ON {table}", wrong, refusal
        yield f"{table}_stays_at_its_site", f"BEFORE UPDATE OF site_id, response_id ON {table}", wrong, refusal
        count, uncount = (each.format(kind=kind, done_at=done_at) for each in (_COUNT, _UNCOUNT))
        yield f"{table}_counted", f"AFTER INSERT ON {table}", "", count
        yield f"{table}_recounted", f"AFTER UPDATE OF site_id, {done_at} ON {table}", "", f"{uncount}; {count}"
        yield f"{table}_uncounted", f"AFTER DELETE ON {table}", "", uncount
    for source, column, whose, site in _MOVES:
        follow = "; ".join(_FOLLOW.format(table=table, site=site, whose=whose) for table in _LISTED)
        changed = f"NEW.{column} <> OLD.{column}"
        yield f"{source}_site_followed", f"AFTER UPDATE OF {column} ON {source}", changed, follow
    yield "summary_event_opens", "AFTER INSERT ON summary_event", "NEW.kind = 'opened'", _OPENED
    for source, when, summaries in _LEAVES:
        leave = f"DELETE FROM opened_summary WHERE summary_id IN ({summaries})"  # noqa: S608 - names of our own
        yield f"{source}_closes", f"AFTER INSERT ON {source}", when, leave


def _keep_on_postgresql() -> None:
    """Whoever opens or settles one, and whoever moves a participant, takes the trail's end first (services.audit).

    So neither misses what the other has not committed yet, and none waits for a count while it holds the trail.
    """
    held = "PERFORM pg_advisory_xact_lock(7091994)"
    for name, table, deed, when, body in _functions():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {held}; {body}; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} {deed} ON {table} FOR EACH ROW {f'WHEN ({when})' if when else ''} "
            f"EXECUTE FUNCTION {name}()"
        )


def _functions() -> Iterator[tuple[str, str, str, str, str]]:
    """Give PostgreSQL's triggers, each with a function of its name: name, table, deed, condition and what is done."""
    for table, (kind, done_at) in _KINDS.items():
        site = _SITE_OF.format(response_id="NEW.response_id")
        refuse = f"IF NEW.site_id IS DISTINCT FROM ({site}) THEN RAISE EXCEPTION '{table}: {_WRONG}'; END IF"
        yield f"{table}_at_its_site", table, "BEFORE INSERT OR UPDATE OF site_id, response_id", "", refuse
        count, uncount = (each.format(kind=kind, done_at=done_at) for each in (_COUNT, _UNCOUNT))
        both = f"IF TG_OP <> 'INSERT' THEN {uncount}; END IF; IF TG_OP <> 'DELETE' THEN {count}; END IF"
        yield f"{table}_counted", table, f"AFTER INSERT OR DELETE OR UPDATE OF site_id, {done_at}", "", both
    for source, column, whose, site in _MOVES:
        follow = "; ".join(_FOLLOW.format(table=table, site=site, whose=whose) for table in _LISTED)
        changed = f"NEW.{column} <> OLD.{column}"
        yield f"{source}_site_followed", source, f"AFTER UPDATE OF {column}", changed, follow
    yield "summary_event_opens", "summary_event", "AFTER INSERT", "NEW.kind = 'opened'", _OPENED
    for source, when, summaries in _LEAVES:
        leave = f"DELETE FROM opened_summary WHERE summary_id IN ({summaries})"  # noqa: S608 - names of our own
        yield f"{source}_closes", source, "AFTER INSERT", when, leave


def _let_go() -> None:
    if _is_sqlite():
        for name, *_rest in _triggers():
            op.execute(f"DROP TRIGGER {name}")
        return
    for name, table, *_rest in _functions():
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
