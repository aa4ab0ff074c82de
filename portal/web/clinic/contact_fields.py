"""An address and a telephone number as they are typed, each twice; what is wrong is a code for the page's words."""

from collections.abc import Mapping

from portal.services import contacts
from portal.services.contacts import ContactRefusedError

FIELDS = ("email", "email_again", "telephone", "telephone_again")


def faults_of(typed: Mapping[str, str], *, can_keep: bool) -> dict[str, str]:
    """Give, by field, what is wrong; what is left empty is never wrong."""
    faults = {}
    for name in ("email", "telephone"):
        if not typed[name] and not typed[f"{name}_again"]:
            continue
        if not can_keep:
            faults[name] = "no-key"
            continue
        try:
            contacts.check(**{"email": None, "telephone": None, name: typed[name]})
        except ContactRefusedError:
            faults[name] = "form"
        if typed[name] != typed[f"{name}_again"]:
            faults[f"{name}_again"] = "differs"
    return faults
