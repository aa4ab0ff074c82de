"""The contact store of this request, opened with the key from the settings."""

from flask import current_app

from portal.config import Settings
from portal.services.contacts import Contacts
from portal.web.stores import contact_session


def open_contacts() -> Contacts:
    """Give what is known of how to reach participants."""
    settings: Settings = current_app.extensions["settings"]
    return Contacts(contact_session(), settings.contact_key)
