"""A pause, and how far a withdrawal goes."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_EXTENTS = "'questionnaires', 'study', 'study-and-data'"


def upgrade() -> None:
    # In plain SQL, which both databases take as it is: making SQLite's tables anew would drop what refers to them.
    op.execute(
        "ALTER TABLE participant ADD COLUMN paused_on DATE "
        "CONSTRAINT ck_participant_paused_is_active CHECK (paused_on IS NULL OR status = 'active')"
    )
    op.execute(
        "ALTER TABLE participant ADD COLUMN withdrawal_extent VARCHAR(32) "
        f"CONSTRAINT ck_participant_withdrawalextent CHECK (withdrawal_extent IN ({_EXTENTS})) "
        "CONSTRAINT ck_participant_extent_of_withdrawal CHECK (withdrawal_extent IS NULL OR status = 'withdrawn')"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE participant DROP COLUMN withdrawal_extent")
    op.execute("ALTER TABLE participant DROP COLUMN paused_on")
