"""`portal user`: adds, lists and deactivates members of staff."""

import secrets
import sys
from uuid import UUID

import click
from sqlalchemy.orm import Session

from portal import clock
from portal.cli.settings import Refused, read_settings, unit_of_work
from portal.domain.roles import Role
from portal.domain.study import LANGUAGES
from portal.services import staff, studies
from portal.services.actor import SYSTEM

_SAMPLE = "portal user add --email nurse@example.org --name 'Ada Byron' --role nurse --site 01"


@click.group()
def user() -> None:
    """Add, list and deactivate the staff who sign in.

    Example: portal user list
    """


@user.command(epilog=f"Example: {_SAMPLE}")
@click.option("--email", required=True, help="The address to sign in with, where mails go too.")
@click.option("--name", required=True, help="The name shown on the pages and kept with each deed.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="What the person is at the sites; may be repeated.",
)
@click.option("--site", "site_codes", required=True, metavar="CODE[,CODE…]", help="The sites, by their codes.")
@click.option(
    "--language", default="fr", show_default=True, type=click.Choice(LANGUAGES), help="Language of the pages."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, its first line.")
def add(*, email: str, name: str, roles: tuple[str, ...], site_codes: str, language: str, password_stdin: bool) -> None:
    """Add a person and print, once, the secret for the authenticator app.

    Without --password-stdin a password is asked for at a terminal; leave it empty, or have no terminal, and one is
    made and printed.
    """
    if "@" not in email or any(sign.isspace() for sign in email.strip()):
        raise Refused(f"{email!r} is no e-mail address.")
    if not name.strip() or not name.isprintable():
        raise Refused("--name wants the person's name: it is kept with each deed.")
    settings = read_settings()
    password, made = _read_password(password_stdin)
    with unit_of_work(settings.database_url) as session:
        site_ids = [_site_id(session, code.strip()) for code in site_codes.split(",")]
        try:
            person = staff.add(
                session,
                email=email,
                name=name,
                password=password,
                roles={(site_id, Role(role)) for site_id in site_ids for role in roles},
                language=language,
                by=SYSTEM,
                at=clock.now(),
            )
        except staff.EmailTakenError as error:
            raise Refused(f"Somebody with the address {error} is there already.") from None
        except staff.WeakPasswordError:
            raise Refused(f"The password needs {staff.SHORTEST_PASSWORD} characters or more.") from None
    click.echo(f"Added {person.name}, who signs in at {settings.base_url}/staff/sign-in")
    if made:
        click.echo(f"Password (shown once):     {password}")
    click.echo(f"TOTP secret (shown once):  {person.totp_secret}")
    click.echo(f"For an authenticator app:  {staff.provisioning_uri(person)}")


@user.command("list", epilog="Example: portal user list")
def list_users() -> None:
    """List everyone with roles and sites."""
    with unit_of_work(read_settings().database_url) as session:
        people = staff.list_all(session)
        for person in people:
            roles = ", ".join(sorted(f"{each.role.value} at {each.site.code}" for each in person.roles))
            click.echo(f"{person.email}  {person.name}  {roles}{'' if person.active else '  (deactivated)'}")
    if not people:
        click.echo(f"Nobody yet: {_SAMPLE}")


@user.command(epilog="Example: portal user deactivate --email nurse@example.org")
@click.option("--email", required=True, help="The address of the person.")
def deactivate(email: str) -> None:
    """Close a person's way in at once; what the person did stays in the trail."""
    with unit_of_work(read_settings().database_url) as session:
        try:
            person = staff.deactivate(session, email, by=SYSTEM, at=clock.now())
        except staff.StaffNotFoundError as error:
            raise Refused(f"Nobody has the address {error}.") from None
    click.echo(f"{person.name} cannot sign in any more.")


def _read_password(from_standard_input: bool) -> tuple[str, bool]:
    """Give the password and whether it was made here."""
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        asked = click.prompt("Password (empty: one is made)", default="", hide_input=True, confirmation_prompt=True)
        if asked:
            return asked, False
    return secrets.token_urlsafe(15), True


def _site_id(session: Session, code: str) -> UUID:
    places = {place.site.code: place.site_id for place in studies.list_sites(session)}
    if not places:
        raise Refused("No study is loaded yet: `portal study load FILE` first.")
    if code not in places:
        raise Refused(f"There is no site {code!r}; there are {', '.join(sorted(places))}.")
    return places[code]
