"""`portal migrate`: makes or updates the tables of both stores."""

import click

from portal.cli.settings import read_settings, store_faults
from portal.db.migrate import Store, upgrade


@click.command()
def migrate() -> None:
    """Make or update the tables of the clinical and the contact store; again changes nothing.

    Example: DATABASE_URL=sqlite:///study.db portal migrate
    """
    settings = read_settings()
    for store, url in ((Store.CLINICAL, settings.database_url), (Store.CONTACT, settings.contact_database_url)):
        with store_faults(store):
            upgrade(url, store)
        click.echo(f"The {store.name.lower()} store is up to date.")
