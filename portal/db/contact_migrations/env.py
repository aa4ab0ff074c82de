"""Alembic's entry for the contact store; the connection is handed in by portal.db.migrate."""

from alembic import context

from portal.db.base import ContactBase
from portal.db.contact import Contact

assert Contact.metadata is ContactBase.metadata
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ContactBase.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
