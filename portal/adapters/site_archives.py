"""A site's own copy as one dated ZIP: tables as CSV, summaries as PDF, the trail, and what each file is, in words."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from portal.adapters.archives import MANIFEST, Archive
from portal.adapters.formats import moment
from portal.adapters.localisation import environment
from portal.services import site_copies, site_copy_files
from portal.services.site_copy_files import Document
from portal.services.studies import StudyAtSite

README = "staff/site_copy_readme.txt"
READMES = {"fr": "LISEZ-MOI.txt", "en": "README.txt"}
TRAIL = "trail.jsonl"

Words = Callable[[str, Mapping[str, Any]], str]
"""Gives the text that goes with a copy, in a language, filled with values."""


@dataclass(frozen=True)
class Written:
    """What was written: how many files and bytes, and the SHA-256 of the manifest and of the whole archive."""

    files: int
    bytes: int
    manifest_sha256: str
    sha256: str

    def told(self) -> dict[str, Any]:
        """Give it as the trail tells it."""
        return asdict(self)


def file_name(place: StudyAtSite, at: datetime) -> str:
    """Name the archive by site and local minute, and by nothing that tells of anyone's health."""
    return f"PREVISIT_{_safe(place.site.code)}_{at.astimezone(place.site.zone):%Y-%m-%d_%H%M}.zip"


def in_words(language: str, values: Mapping[str, Any]) -> str:
    """Fill in the text that goes with a copy, in one language."""
    return environment(language).get_template(README).render(values)


def write(
    out: BinaryIO, session: Session, place: StudyAtSite, *, language: str, at: datetime, words: Words = in_words
) -> Written:
    """Write the copy into `out`, a file that can be read again, while it is read from the store.

    `session` should see one state of the store (portal.db.engine.for_snapshots). `language` says how tables are
    laid out: with a decimal comma and semicolons in French. `words` is for who has templates at hand already.
    """
    archive = Archive(out, at.astimezone(place.site.zone))
    try:
        said = _fill(archive, session, place, language)
        for speaks, name in READMES.items():
            when = moment(at, place.site.zone, locale=speaks)
            text = words(speaks, said | {"language": speaks, "when": when})
            archive.add(name, [_for_any_editor(text)])
        files = len(archive.names)
        manifest = archive.close()
    except BaseException:
        archive.abandon()
        raise
    size = out.tell()
    out.seek(0)
    digest = hashlib.file_digest(out, "sha256")  # type: ignore[arg-type] # every file in binary mode has readinto
    return Written(files, size, manifest, digest.hexdigest())


def _fill(archive: Archive, session: Session, place: StudyAtSite, language: str) -> dict[str, Any]:
    """Write everything but the texts; gives what they tell of it."""
    counts: dict[str, int] = {}
    for table in site_copies.tables(session, place.site_id):
        name = f"{table.name}.csv"
        counts[name] = archive.add_table(name, table.headings, table.rows, language=language)
    archive.add(TRAIL, site_copies.trail_lines(session, place.site_id))
    documents = 0
    for document in site_copy_files.documents(session, place.site_id):
        archive.add(f"summaries/{_file_of(document)}", [document.content], compressed=document.kind != "json")
        documents += document.kind != "json"
    for name, content in site_copy_files.scans(session, place.site_id):
        archive.add(f"attachments/{name}", [content], compressed=True)
    files = {"manifest": MANIFEST, "trail": TRAIL}
    return {"place": place, "counts": counts, "documents": documents, "laid_out": language, **files}


def _for_any_editor(text: str) -> bytes:
    """Give a text so that old editors of Windows read it, too."""
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()


def _file_of(document: Document) -> str:
    whose = "_".join(_safe(each) for each in (document.participant_number, document.visit, str(document.number)))
    return f"{whose}{'.' if document.kind == 'json' else '_'}{document.kind}"


def _safe(text: str) -> str:
    """Keep letters, digits and hyphens: a number may hold a slash, which would be a folder."""
    return re.sub(r"[^A-Za-z0-9-]", "-", text)
