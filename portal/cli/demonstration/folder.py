"""The folder of a demonstration: its keys and sign-ins, made once, and the settings that follow from them."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp
from cryptography.fernet import Fernet

from portal.cli.demonstration.staff import COLLEAGUES
from portal.cli.settings import Refused
from portal.config import Settings

_UNFINISHED = "unfinished"


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
    """Give the folder at `path`; what it holds already stays."""
    place = path.resolve()
    kept = place / "secrets.json"
    if not kept.exists():
        kept.write_text(json.dumps(_new_secrets(), indent=2), encoding="utf-8")
        kept.chmod(0o600)
    try:
        content = json.loads(kept.read_text(encoding="utf-8"))
        missing = {email: made for email, made in _new_sign_ins().items() if email not in content["sign_ins"]}
        if missing:  # the folder is older than a colleague
            content["sign_ins"] |= missing
            kept.write_text(json.dumps(content, indent=2), encoding="utf-8")
        sign_ins = {each.email: SignIn(**content["sign_ins"][each.email]) for each in COLLEAGUES}
        secret_key, contact_key = str(content["secret_key"]), str(content["contact_key"])
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{kept} is damaged: add --reset to start afresh") from None
    settings = Settings(
        secret_key=secret_key,
        contact_key=contact_key,
        database_url=f"sqlite:///{place}/previsit.db",
        contact_database_url=f"sqlite:///{place}/contacts.db",
        base_url=f"http://127.0.0.1:{port}",
        mailbox=place / "mailbox",
        demonstration=place / "demo.json",
    )
    return Folder(settings, sign_ins)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the folder, made if it is not there: two demonstrations in one would write over each other's doors."""
    path.mkdir(parents=True, exist_ok=True)
    folder = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused(f"another demonstration is running in {path}: stop it first, or give another --data") from None
    finally:
        os.close(folder)


@contextmanager
def inventing(settings: Settings) -> Iterator[None]:
    """Mark the folder while its people are being invented, so that half a study is never taken for a whole one."""
    mark = settings.mailbox.parent / _UNFINISHED
    mark.touch()
    yield
    mark.unlink()


def is_unfinished(path: Path) -> bool:
    """Whether the people of this folder were stopped being invented halfway."""
    return (path / _UNFINISHED).exists()


def throw_away(path: Path) -> None:
    """Remove what a demonstration made, and nothing else: a mistyped folder must not be lost."""
    if path.exists() and any(path.iterdir()) and not (path / "secrets.json").exists():
        raise Refused(f"{path} holds no demonstration: --reset does not touch it")
    for name in ("secrets.json", "demo.json", "web.log", "worker.log", _UNFINISHED):
        (path / name).unlink(missing_ok=True)
    shutil.rmtree(path / "mailbox", ignore_errors=True)
    for database in path.glob("*.db*"):
        database.unlink()


def _new_secrets() -> dict[str, object]:
    return {
        "secret_key": secrets.token_urlsafe(48),
        "contact_key": Fernet.generate_key().decode(),
        "sign_ins": _new_sign_ins(),
    }


def _new_sign_ins() -> dict[str, dict[str, str]]:
    return {
        each.email: {"password": f"demo-{secrets.token_hex(4)}", "totp_secret": pyotp.random_base32()}
        for each in COLLEAGUES
    }
