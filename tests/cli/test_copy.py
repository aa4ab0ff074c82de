"""`portal copy`: a site's own copy in a folder, whole or not at all, as often as a schedule wishes."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db.audit_event import AuditEvent
from portal.domain.audit import ActorKind, Deed
from portal.services import site_copies
from tests import factories
from tests.cli.conftest import Portal


@pytest.fixture(autouse=True)
def answered(store: Session) -> None:
    """One participant, 01-001, who has answered for her inclusion."""
    factories.complete_visit(store, factories.make_participant(store, factories.load_study(store)[0]))
    store.commit()


def test_it_writes_a_dated_archive_for_its_owner_only_and_tells_the_trail(
    portal: Portal, store: Session, tmp_path: Path
) -> None:
    said = portal("copy", "01", "--out", str(tmp_path), "--language", "en")
    assert said.code == 0, said.err
    (whole,) = tmp_path.glob("*")
    assert whole.name.startswith("PREVISIT_01_20")
    assert whole.stat().st_mode & 0o777 == 0o600
    digest = hashlib.sha256(whole.read_bytes()).hexdigest()
    assert said.out.startswith(f"{whole}: ")
    assert said.out.strip().endswith(digest)
    assert b"01-001,INC" in zipfile.ZipFile(whole).read("answers.csv")
    event = store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SITE_COPIED)).one()
    assert (event.actor_kind, (event.new or {})["sha256"]) == (ActorKind.SYSTEM, digest)


def test_what_breaks_off_leaves_no_file_and_no_record(
    portal: Portal, store: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device", "the disk")

    monkeypatch.setattr(site_copies, "trail_lines", full)
    said = portal("copy", "01", "--out", str(tmp_path))
    assert (said.code, said.err.strip()) == (2, "portal: the disk: No space left on device")
    assert list(tmp_path.iterdir()) == []
    assert store.scalars(select(AuditEvent).where(AuditEvent.deed == Deed.SITE_COPIED)).all() == []


@pytest.mark.parametrize(
    ("site", "folder", "line"),
    [("99", ".", "There is no site '99'; there are 01, 02."), ("01", "nowhere", "does not exist")],
)
def test_what_cannot_be_copied_is_said_in_one_line(
    portal: Portal, tmp_path: Path, site: str, folder: str, line: str
) -> None:
    said = portal("copy", site, "--out", str(tmp_path / folder))
    assert said.code == 2
    assert line in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
