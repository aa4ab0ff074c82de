"""The folder of a demonstration: its keys and sign-ins, made once, and the settings that follow from them."""

import json
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import pyotp
from cryptography.fernet import Fernet

from portal.cli.demonstration.staff import COLLEAGUES
from portal.cli.settings import Refused
from portal.config import Settings


@dataclass(frozen=True)
class SignIn:
    """How one of the demonstration's staff signs in."""

    password: str
    totp_secret: str


@dataclass(frozen=True)
class Folder:
    """A demonstration's folder; `sign_ins` by e-mail address."""

    settings: Settings
    sign_ins: dict[str, SignIn]


def open_folder(path: Path, port: int) -> Folder:
    """Give the folder at `path`, made if it is not there; what it holds already stays."""
    path.mkdir(parents=True, exist_ok=True)
    place = path.resolve()
    kept = place / "secrets.json"
    if not kept.exists():
        kept.write_text(json.dumps(_new_secrets(), indent=2), encoding="utf-8")
        kept.chmod(0o600)
    content = json.loads(kept.read_text(encoding="utf-8"))
    settings = Settings(
        secret_key=content["secret_key"],
        contact_key=content["contact_key"],
        database_url=f"sqlite:///{place}/previsit.db",
        contact_database_url=f"sqlite:///{place}/contacts.db",
        base_url=f"http://127.0.0.1:{port}",
        mailbox=place / "mailbox",
        demonstration=place / "demo.json",
    )
    return Folder(settings, {email: SignIn(**each) for email, each in content["sign_ins"].items()})


def throw_away(path: Path) -> None:
    """Remove what a demonstration made, and nothing else: a mistyped folder must not be lost."""
    if path.exists() and any(path.iterdir()) and not (path / "secrets.json").exists():
        raise Refused(f"{path} holds no demonstration: --reset does not touch it")
    for name in ("secrets.json", "demo.json", "web.log", "worker.log"):
        (path / name).unlink(missing_ok=True)
    shutil.rmtree(path / "mailbox", ignore_errors=True)
    for database in path.glob("*.db*"):
        database.unlink()


def _new_secrets() -> dict[str, object]:
    return {
        "secret_key": secrets.token_urlsafe(48),
        "contact_key": Fernet.generate_key().decode(),
        "sign_ins": {
            each.email: {"password": f"demo-{secrets.token_hex(4)}", "totp_secret": pyotp.random_base32()}
            for each in COLLEAGUES
        },
    }
