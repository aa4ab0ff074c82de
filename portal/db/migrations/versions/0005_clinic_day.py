"""What the clinic's day needs: signatures, queries, corrections, the paper road, and scores after a correction."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "attachment",
    "blank_form",
    "corrected_answer",
    "correction",
    "keying",
    "keying_settlement",
    "paper_issue",
    "query_note",
    "signed_document",
)
_CODES = (
    ("response", "ck_response_source", "source IN ('phone', 'paper'", ", 'interview')"),
    ("staff_role", "ck_staff_role_role", "role IN ('nurse', 'investigator'", ", 'data-manager')"),
)
_ONE_SCORING = "uq_scoring_response_id_rule_rule_version_options_hash"
_UNIQUE = f"CONSTRAINT {_ONE_SCORING} UNIQUE (response_id, rule, rule_version, options_hash)"
_RUN = ["rule", "rule_version", "options_hash"]
_AS_SENT = sa.text("correction_id IS NULL")
# What of a signature may never be another, once it was given.
_SIGNED = "id, summary_id, visit_id, signed_by, printed_name, meaning, content_hash, signed_at"


def upgrade() -> None:
    op.create_table(
        "blank_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["wording"], ["wording.hash"], name=op.f("fk_blank_form_wording_wording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blank_form")),
        sa.UniqueConstraint("wording", "large", "layout", name=op.f("uq_blank_form_wording_large_layout")),
    )
    op.create_table(
        "appointment",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("hour", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_appointment_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_appointment")),
    )
    op.create_table(
        "paper_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("by_staff", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_paper_issue_by_staff_staff")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_paper_issue_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_issue")),
    )
    op.create_index(op.f("ix_paper_issue_visit_id"), "paper_issue", ["visit_id"], unique=False)
    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("summary_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("printed_name", sa.String(), nullable=False),
        sa.Column(
            "meaning",
            sa.Enum("seen", "discussed", name="meaning", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("voided_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL)", name=op.f("ck_signature_void_by_an_edition")),
        sa.CheckConstraint("length(trim(printed_name)) > 0", name=op.f("ck_signature_has_printed_name")),
        sa.ForeignKeyConstraint(["signed_by"], ["staff.id"], name=op.f("fk_signature_signed_by_staff")),
        sa.ForeignKeyConstraint(["summary_id"], ["summary.id"], name=op.f("fk_signature_summary_id_summary")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_signature_visit_id_visit")),
        sa.ForeignKeyConstraint(["voided_by"], ["summary.id"], name=op.f("fk_signature_voided_by_summary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_summary_id"), "signature", ["summary_id"], unique=False)
    op.create_index(
        "uq_signature_open",
        "signature",
        ["visit_id", "signed_by"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("mimetype", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("attached_by", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attached_by"], ["staff.id"], name=op.f("fk_attachment_attached_by_staff")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_attachment_response_id_response")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("response_id", "sha256", name=op.f("uq_attachment_response_id_sha256")),
    )
    op.create_index(op.f("ix_attachment_response_id"), "attachment", ["response_id"], unique=False)
    op.create_table(
        "keying",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("keyed_by", sa.Uuid(), nullable=False),
        sa.Column("keyed_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("form", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint("number IN (1, 2)", name=op.f("ck_keying_once_or_twice")),
        sa.ForeignKeyConstraint(["keyed_by"], ["staff.id"], name=op.f("fk_keying_keyed_by_staff")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_keying_response_id_response")),
        sa.ForeignKeyConstraint(["wording"], ["wording.hash"], name=op.f("fk_keying_wording_wording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keying")),
        sa.UniqueConstraint("response_id", "keyed_by", name=op.f("uq_keying_response_id_keyed_by")),
        sa.UniqueConstraint("response_id", "number", name=op.f("uq_keying_response_id_number")),
    )
    op.create_table(
        "query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.String(length=16), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (close_reason IS NULL)",
            name=op.f("ck_query_closed_by_somebody_for_a_reason"),
        ),
        sa.CheckConstraint(
            "close_reason IS NULL OR length(trim(close_reason)) > 0", name=op.f("ck_query_reason_is_said")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_query_closed_by_staff")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_query_opened_by_staff")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_query_response_id_response")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
    )
    op.create_index(op.f("ix_query_response_id"), "query", ["response_id"], unique=False)
    op.create_index(
        "uq_query_open_on_item",
        "query",
        ["response_id", "link_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_query_open_on_response",
        "query",
        ["response_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND link_id IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND link_id IS NULL"),
    )
    op.create_table(
        "signed_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_signed_document_signature_id_signature")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_document")),
        sa.UniqueConstraint("signature_id", "language", name=op.f("uq_signed_document_signature_id_language")),
    )
    op.create_table(
        "correction_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.String(length=16), nullable=True),
        sa.Column("query_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", portal.db.base.Instant(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "corrected", "declined", name="requestoutcome", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("settled_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'declined' OR length(trim(coalesce(settled_reason, ''))) > 0",
            name=op.f("ck_correction_request_declined_for_a_reason"),
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_correction_request_settled_by_somebody"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_correction_request_says_what_is_wrong")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_correction_request_asked_by_staff")),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_correction_request_query_id_query")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_correction_request_response_id_response")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_correction_request_settled_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    op.create_index(op.f("ix_correction_request_response_id"), "correction_request", ["response_id"], unique=False)
    op.create_table(
        "query_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("by_staff", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_query_note_says_something")),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_query_note_by_staff_staff")),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_query_note_query_id_query")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_note")),
    )
    op.create_index(op.f("ix_query_note_query_id"), "query_note", ["query_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column(
            "requested_by",
            sa.Enum("patient", "staff", name="requestedby", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_correction_has_a_reason")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_correction_number_from_one")),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("fk_correction_entered_by_staff")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["correction_request.id"], name=op.f("fk_correction_request_id_correction_request")
        ),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_correction_response_id_response")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("request_id", name=op.f("uq_correction_request_id")),
        sa.UniqueConstraint("response_id", "number", name=op.f("uq_correction_response_id_number")),
    )
    op.create_index(op.f("ix_correction_response_id"), "correction", ["response_id"], unique=False)
    op.create_table(
        "corrected_answer",
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.String(length=16), nullable=False),
        sa.Column("old_value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("old_empty", sa.String(length=16), nullable=True),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("empty", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(old_value IS NULL) <> (old_empty IS NULL)", name=op.f("ck_corrected_answer_old_value_or_empty")
        ),
        sa.CheckConstraint("(value IS NULL) <> (empty IS NULL)", name=op.f("ck_corrected_answer_value_or_empty")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_corrected_answer_correction_id_correction")
        ),
        sa.PrimaryKeyConstraint("correction_id", "link_id", name=op.f("pk_corrected_answer")),
    )
    op.create_table(
        "keying_settlement",
        sa.Column("keying_id", sa.Uuid(), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=False),
        sa.Column("at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.Column("correction_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_keying_settlement_correction_id_correction")
        ),
        sa.ForeignKeyConstraint(["keying_id"], ["keying.id"], name=op.f("fk_keying_settlement_keying_id_keying")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_keying_settlement_settled_by_staff")),
        sa.PrimaryKeyConstraint("keying_id", name=op.f("pk_keying_settlement")),
    )
    for table, name, old, more in _CODES:
        _change_check(table, name, f"{old})", f"{old}{more}")
    _score_corrections()
    for table in APPEND_ONLY:
        _refuse_change(table)
    _refuse_other_signature()


def downgrade() -> None:
    _score_once()
    for table, name, old, more in _CODES:
        _change_check(table, name, f"{old}{more}", f"{old})")
    op.drop_table("appointment")
    op.drop_table("keying_settlement")
    op.drop_table("corrected_answer")
    op.drop_index(op.f("ix_correction_response_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_query_note_query_id"), table_name="query_note")
    op.drop_table("query_note")
    op.drop_index(op.f("ix_correction_request_response_id"), table_name="correction_request")
    op.drop_table("correction_request")
    op.drop_table("signed_document")
    op.drop_index(
        "uq_query_open_on_response",
        table_name="query",
        sqlite_where=sa.text("closed_at IS NULL AND link_id IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND link_id IS NULL"),
    )
    op.drop_index(
        "uq_query_open_on_item",
        table_name="query",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_query_response_id"), table_name="query")
    op.drop_table("query")
    op.drop_table("keying")
    op.drop_index(op.f("ix_attachment_response_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(
        "uq_signature_open",
        table_name="signature",
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_index(op.f("ix_signature_summary_id"), table_name="signature")
    op.drop_table("signature")
    op.drop_index(op.f("ix_paper_issue_visit_id"), table_name="paper_issue")
    op.drop_table("paper_issue")
    op.drop_table("blank_form")
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_other_signature()")


def _score_corrections() -> None:
    """Let a response be scored by one rule again after each correction."""
    uuid = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE scoring ADD COLUMN correction_id {uuid} "
        "CONSTRAINT fk_scoring_correction_id_correction REFERENCES correction (id)"
    )
    if _is_sqlite():
        _make_anew("scoring", f", \n\t{_UNIQUE}", "")
    else:
        op.drop_constraint(op.f(_ONE_SCORING), "scoring", type_="unique")
    op.create_index("ix_scoring_response_id", "scoring", ["response_id"])
    op.create_index("uq_scoring_corrected", "scoring", ["correction_id", *_RUN], unique=True)
    op.create_index(
        "uq_scoring_as_sent",
        "scoring",
        ["response_id", *_RUN],
        unique=True,
        sqlite_where=_AS_SENT,
        postgresql_where=_AS_SENT,
    )


def _score_once() -> None:
    for name in ("uq_scoring_as_sent", "uq_scoring_corrected", "ix_scoring_response_id"):
        op.drop_index(name, "scoring")
    if _is_sqlite():
        reference = "CONSTRAINT fk_scoring_correction_id_correction REFERENCES correction (id)"
        _make_anew("scoring", f", correction_id CHAR(32) {reference}", f", \n\t{_UNIQUE}", without=("correction_id",))
    else:
        op.drop_column("scoring", "correction_id")
        op.create_unique_constraint(op.f(_ONE_SCORING), "scoring", ["response_id", *_RUN])


def _change_check(table: str, name: str, old: str, new: str) -> None:
    if _is_sqlite():
        _make_anew(table, f"CHECK ({old})", f"CHECK ({new})")
    else:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, new)


def _make_anew(table: str, old: str, new: str, *, without: tuple[str, ...] = ()) -> None:
    """Change a table's definition on SQLite, which cannot alter it: emptied, dropped and filled again in its place.

    Foreign keys are checked at the end of the transaction, when the rows that others refer to are back.
    """
    connection = op.get_bind()
    kept = "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL AND type "
    sql = connection.execute(sa.text(f"{kept} = 'table'"), {"table": table}).scalar_one()
    others = connection.execute(sa.text(f"{kept} <> 'table'"), {"table": table}).scalars().all()
    if old not in sql:
        raise RuntimeError(f"{table} is not defined as this migration expects")
    columns = [row.name for row in connection.execute(sa.text(f"PRAGMA table_info({table})"))]
    listed = ", ".join(f'"{column}"' for column in columns if column not in without)
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        f"CREATE TABLE made_anew AS SELECT {listed} FROM {table}",  # noqa: S608 - names of our own
        f"DROP TABLE {table}",
        sql.replace(old, new),
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM made_anew",  # noqa: S608 - names of our own
        "DROP TABLE made_anew",
        *others,
    ):
        connection.exec_driver_sql(statement)


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


def _refuse_other_signature() -> None:
    """Let an open signature become void, and nothing else of it change."""
    message = "a signature can only become void, once"
    if _is_sqlite():
        refusal = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        op.execute(f"CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature {refusal}")
        op.execute(f"CREATE TRIGGER signature_as_given BEFORE UPDATE OF {_SIGNED} ON signature {refusal}")
        op.execute(
            "CREATE TRIGGER signature_void_once BEFORE UPDATE OF voided_at, voided_by ON signature "
            f"WHEN OLD.voided_at IS NOT NULL {refusal}"
        )
        return
    op.execute(f"""
        CREATE FUNCTION refuse_other_signature() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{message}'; END $$
    """)
    run = "EXECUTE FUNCTION refuse_other_signature()"
    op.execute(f"CREATE TRIGGER signature_no_delete BEFORE DELETE OR TRUNCATE ON signature FOR EACH STATEMENT {run}")
    op.execute(f"CREATE TRIGGER signature_as_given BEFORE UPDATE OF {_SIGNED} ON signature FOR EACH ROW {run}")
    op.execute(
        "CREATE TRIGGER signature_void_once BEFORE UPDATE ON signature FOR EACH ROW "
        f"WHEN (OLD.voided_at IS NOT NULL) {run}"
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
