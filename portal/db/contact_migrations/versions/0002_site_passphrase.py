"""What opens the summaries attached to a site's mails."""

import sqlalchemy as sa
from alembic import op

import portal.db.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_passphrase",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("passphrase", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", portal.db.base.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_passphrase")),
    )


def downgrade() -> None:
    op.drop_table("site_passphrase")
