"""What keeping promises needs: notices to a site, stops, bounces, and what watches over the worker."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "render_fault",
        sa.Column(
            "kind",
            sa.Enum(
                "summary",
                "signature",
                "blank-form",
                name="rendersubject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=64), nullable=False),
        sa.Column("last_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("next_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("given_up_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject", "language", name=op.f("pk_render_fault")),
    )
    op.create_table(
        "notice",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("daily", "weekly", name="noticekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "claimed",
                "sent",
                "failed",
                "cancelled",
                "unknown",
                name="messagestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("due_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("claimed_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("handed_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("sent_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("repeated_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_notice_sent_has_time")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_notice_site_id_site")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("site_id", "kind", "staff_id", "on", name=op.f("uq_notice_site_id_kind_staff_id_on")),
    )
    op.create_index("ix_notice_status_due_at", "notice", ["status", "due_at"], unique=False)
    op.create_table(
        "notice_choice",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("daily", "weekly", name="noticekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chosen_by"], ["staff.id"], name=op.f("fk_notice_choice_chosen_by_staff")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_notice_choice_site_id_site")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_choice_staff_id_staff")),
        sa.PrimaryKeyConstraint("site_id", "staff_id", "kind", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "stop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "page",
                "mail-program",
                "sms",
                "staff",
                name="stopway",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("lifted_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_at IS NOT NULL", name=op.f("ck_stop_lifted_has_time")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_stop_lifted_by_staff")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_stop_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stop")),
    )
    op.create_index(op.f("ix_stop_participant_id"), "stop", ["participant_id"], unique=False)
    op.create_index(
        "uq_stop_open",
        "stop",
        ["participant_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "shortfall",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("found_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("cleared_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_shortfall_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortfall")),
        sa.UniqueConstraint("visit_id", "what", "due_on", name=op.f("uq_shortfall_visit_id_what_due_on")),
    )
    op.create_table(
        "bounce",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("permanent", "delayed", name="bouncekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column(
            "source",
            sa.Enum("mailbox", "webhook", name="bouncesource", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_bounce_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint("report", name=op.f("uq_bounce_report")),
    )
    op.create_index(op.f("ix_bounce_message_id"), "bounce", ["message_id"], unique=False)
    # In plain SQL, which both databases take as it is: making SQLite's table anew would drop what refers to it.
    op.execute(
        "ALTER TABLE message ADD COLUMN channel VARCHAR(32) "
        "CONSTRAINT ck_message_channel CHECK (channel IN ('mail', 'sms'))"
    )
    op.add_column("message", sa.Column("parts", sa.Integer(), nullable=True))
    op.add_column("message", sa.Column("provider_id", sa.String(length=128), nullable=True))
    op.add_column("message", sa.Column("claimed_by", sa.String(length=64), nullable=True))
    op.add_column("message", sa.Column("handed_at", portal.db.base.Instant(timezone=True), nullable=True))
    op.add_column("message", sa.Column("repeated_at", portal.db.base.Instant(timezone=True), nullable=True))
    op.create_index("ix_message_provider_id", "message", ["provider_id"], unique=False)
    for table in ("summary_document", "signed_document"):  # whoever holds a file asks by its hash
        op.create_index(f"ix_{table}_sha256", table, ["sha256"], unique=False)
    _refuse_change("bounce")


def downgrade() -> None:
    for table in ("summary_document", "signed_document"):
        op.drop_index(f"ix_{table}_sha256", table_name=table)
    op.drop_index("ix_message_provider_id", table_name="message")
    for column in ("repeated_at", "handed_at", "claimed_by", "provider_id", "parts", "channel"):
        op.execute(f"ALTER TABLE message DROP COLUMN {column}")
    for table in ("bounce", "shortfall", "stop", "notice_choice", "notice", "render_fault", "lease"):
        op.drop_table(table)


def _refuse_change(table: str) -> None:
    if _is_sqlite():
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
