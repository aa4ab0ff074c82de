"""Alembic's entry for the clinical store; the connection is handed in by portal.db.migrate."""

from alembic import context

from portal.db.base import know_conditions
from portal.db.models import Base

know_conditions(Base.metadata)
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
