"""Tables of the clinical store."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("device_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "patient", "staff", "system", name="actorkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("deed", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("old", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("new", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_event_hash")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_participant_id"), ["participant_id"], unique=False)
        batch_op.create_index("ix_audit_event_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_digest_at", ["email_digest", "at"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=False),
        sa.Column("last_totp_step", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("demonstration", "live", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("definition_hash", sa.String(), nullable=False),
        sa.Column("loaded_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("code", name=op.f("uq_study_code")),
    )
    op.create_table(
        "wording",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("imported_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_wording")),
    )
    op.create_table(
        "licence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("certificate", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("imported_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["wording"], ["wording.hash"], name=op.f("fk_licence_wording_wording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
    )
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_licence_wording"), ["wording"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_site_study_id_study")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("study_id", "code", name=op.f("uq_site_study_id_code")),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("participant_number", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("included_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active", "withdrawn", name="participantstatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("enrolled_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_on IS NOT NULL)", name=op.f("ck_participant_withdrawn_has_date")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_participant_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("site_id", "participant_number", name=op.f("uq_participant_site_id_participant_number")),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_participant_number"), ["participant_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_participant_site_id"), ["site_id"], unique=False)

    op.create_table(
        "staff_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("nurse", "investigator", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_staff_role_site_id_site")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("staff_id", "site_id", "role", name=op.f("uq_staff_role_staff_id_site_id_role")),
    )
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_role_site_id"), ["site_id"], unique=False)

    op.create_table(
        "access_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("short_code_digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_access_link_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
        sa.UniqueConstraint("short_code_digest", name=op.f("uq_access_link_short_code_digest")),
    )
    with op.batch_alter_table("access_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_link_participant_id"), ["participant_id"], unique=False)
        batch_op.create_index(
            "uq_access_link_open",
            ["participant_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name=op.f("fk_visit_participant_id_participant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("participant_id", "code", name=op.f("uq_visit_participant_id_code")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index("ix_visit_planned_on", ["planned_on"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_assignment_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("visit_id", "instrument", name=op.f("uq_assignment_visit_id_instrument")),
    )
    op.create_table(
        "code_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_link_id", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["access_link_id"], ["access_link.id"], name=op.f("fk_code_attempt_access_link_id_access_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_attempt")),
    )
    with op.batch_alter_table("code_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_code_attempt_link_at", ["access_link_id", "at"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("access_link_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("enrolled_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("forgotten_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["access_link_id"], ["access_link.id"], name=op.f("fk_device_access_link_id_access_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_device_token_digest")),
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_access_link_id"), ["access_link_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
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
        sa.Column("sent_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_message_sent_has_time")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_message_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "visit_id", "kind", "recipient", "edition", name=op.f("uq_message_visit_id_kind_recipient_edition")
        ),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_status_due_at", ["status", "due_at"], unique=False)

    op.create_table(
        "summary",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_summary_number_from_one")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_summary_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
        sa.UniqueConstraint("visit_id", "number", name=op.f("uq_summary_visit_id_number")),
    )
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_content_hash"), ["content_hash"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "in-progress",
                "completed",
                "amended",
                "entered-in-error",
                "stopped",
                name="responsestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("phone", "paper", name="source", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("started_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("completed_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("frozen", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("frozen_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "status IN ('in-progress', 'stopped', 'entered-in-error') OR completed_at IS NOT NULL",
            name=op.f("ck_response_completed_has_time"),
        ),
        sa.CheckConstraint(
            "(completed_at IS NULL) = (frozen_hash IS NULL)", name=op.f("ck_response_completed_is_frozen")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_response_assignment_id_assignment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(
            "uq_response_current",
            ["assignment_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'entered-in-error'"),
            postgresql_where=sa.text("status <> 'entered-in-error'"),
        )

    op.create_table(
        "summary_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["summary_id"], ["summary.id"], name=op.f("fk_summary_document_summary_id_summary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_document")),
        sa.UniqueConstraint("summary_id", "language", name=op.f("uq_summary_document_summary_id_language")),
    )
    op.create_table(
        "summary_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "delivered",
                "opened",
                "printed",
                "seen",
                name="lifeevent",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("by_staff", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('delivered') OR by_staff IS NOT NULL",
            name=op.f("ck_summary_event_a_person_opens_prints_and_sees"),
        ),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_summary_event_by_staff_staff")),
        sa.ForeignKeyConstraint(["summary_id"], ["summary.id"], name=op.f("fk_summary_event_summary_id_summary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_event")),
    )
    with op.batch_alter_table("summary_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_summary_event_summary_id"), ["summary_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("empty", sa.String(length=16), nullable=True),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("received_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("presentation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "set_apart",
            sa.Enum(
                "after-completion",
                "after-closing",
                name="setapart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("empty IS NULL OR empty = 'skipped'", name=op.f("ck_answer_empty_is_skipped")),
        sa.CheckConstraint("(value IS NULL) <> (empty IS NULL)", name=op.f("ck_answer_value_or_empty")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_answer_seq_from_zero")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_answer_response_id_response")),
        sa.ForeignKeyConstraint(["wording"], ["wording.hash"], name=op.f("fk_answer_wording_wording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("response_id", "device", "seq", name=op.f("uq_answer_response_id_device_seq")),
    )
    op.create_table(
        "scoring",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("options_hash", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("flags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("trace", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_scoring_response_id_response")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring")),
        sa.UniqueConstraint(
            "response_id",
            "rule",
            "rule_version",
            "options_hash",
            name=op.f("uq_scoring_response_id_rule_rule_version_options_hash"),
        ),
    )
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scoring_id", sa.Uuid(), nullable=False),
        sa.Column("scale", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("missing", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["scoring_id"], ["scoring.id"], name=op.f("fk_score_scoring_id_scoring")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("scoring_id", "scale", name=op.f("uq_score_scoring_id_scale")),
    )


def downgrade() -> None:
    op.drop_table("score")
    op.drop_table("scoring")
    op.drop_table("answer")
    with op.batch_alter_table("summary_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_event_summary_id"))

    op.drop_table("summary_event")
    op.drop_table("summary_document")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_response_current",
            sqlite_where=sa.text("status <> 'entered-in-error'"),
            postgresql_where=sa.text("status <> 'entered-in-error'"),
        )
        batch_op.drop_index(batch_op.f("ix_response_assignment_id"))

    op.drop_table("response")
    with op.batch_alter_table("summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_summary_content_hash"))

    op.drop_table("summary")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_status_due_at")

    op.drop_table("message")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_access_link_id"))

    op.drop_table("device")
    with op.batch_alter_table("code_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_code_attempt_link_at")

    op.drop_table("code_attempt")
    op.drop_table("assignment")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_planned_on")

    op.drop_table("visit")
    with op.batch_alter_table("access_link", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_access_link_open",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_access_link_participant_id"))

    op.drop_table("access_link")
    with op.batch_alter_table("staff_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_role_site_id"))

    op.drop_table("staff_role")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_site_id"))
        batch_op.drop_index(batch_op.f("ix_participant_participant_number"))

    op.drop_table("participant")
    op.drop_table("site")
    with op.batch_alter_table("licence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_licence_wording"))

    op.drop_table("licence")
    op.drop_table("wording")
    op.drop_table("study")
    op.drop_table("staff")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_digest_at")

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")
        batch_op.drop_index(batch_op.f("ix_audit_event_participant_id"))

    op.drop_table("audit_event")
