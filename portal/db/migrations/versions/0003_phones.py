"""What a phone adds: who filled a response in, answers given unseen of each other, fresh links, a lent device."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FILLED_IN_BY = "'alone', 'with-help', 'someone-else'"


def upgrade() -> None:
    bigint = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "answer_conflict",
        sa.Column("id", bigint, autoincrement=True, nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.String(length=16), nullable=False),
        sa.Column("kept_id", bigint, nullable=False),
        sa.Column("other_id", bigint, nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("kept_id <> other_id", name=op.f("ck_answer_conflict_two_answers")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_answer_conflict_response_id_response")),
        sa.ForeignKeyConstraint(["kept_id"], ["answer.id"], name=op.f("fk_answer_conflict_kept_id_answer")),
        sa.ForeignKeyConstraint(["other_id"], ["answer.id"], name=op.f("fk_answer_conflict_other_id_answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_conflict")),
    )
    op.create_index(op.f("ix_answer_conflict_response_id"), "answer_conflict", ["response_id"])
    op.create_table(
        "fresh_link_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("door_id", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("handled_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fresh_link_request")),
    )
    op.create_index("ix_fresh_link_request_door_at", "fresh_link_request", ["door_id", "at"])
    unhandled = sa.text("handled_at IS NULL")
    op.create_index(
        "ix_fresh_link_request_open",
        "fresh_link_request",
        ["at"],
        sqlite_where=unhandled,
        postgresql_where=unhandled,
    )
    # In plain SQL, which both databases take as it is: making SQLite's tables anew would drop what refers to them.
    op.execute(
        "ALTER TABLE response ADD COLUMN filled_in_by VARCHAR(32) "
        f"CONSTRAINT ck_response_filledinby CHECK (filled_in_by IN ({_FILLED_IN_BY}))"
    )
    uuid = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE device ADD COLUMN handed_over_by {uuid} "
        "CONSTRAINT fk_device_handed_over_by_staff REFERENCES staff (id)"
    )
    _refuse_change("answer_conflict")


def downgrade() -> None:
    op.execute("ALTER TABLE response DROP COLUMN filled_in_by")
    with op.batch_alter_table("device") as batch:  # SQLite drops no column that refers to another table
        batch.drop_column("handed_over_by")
    op.drop_table("fresh_link_request")
    op.drop_table("answer_conflict")


def _refuse_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
