"""Table of the contact store."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("telephone", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_contact")),
    )


def downgrade() -> None:
    op.drop_table("contact")
