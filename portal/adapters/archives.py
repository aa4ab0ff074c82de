"""ZIP archives written piece by piece, closed by a manifest with the SHA-256 of every file in them."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import BinaryIO, cast

from portal.adapters.spreadsheets import Cell, Column, write_csv

MANIFEST = "manifest-sha256.txt"
_OWNER_ONLY = 0o600 << 16  # where ZIP keeps a file's permissions


class Archive:
    """One archive on its way into `out`; nothing is held in memory but the hashes.

    `at` (on the clock of its own zone) stands as every file's time.
    """

    def __init__(self, out: BinaryIO, at: datetime) -> None:
        self._zip = zipfile.ZipFile(out, "w")
        self._at = at
        self._hashes: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The files written so far."""
        return tuple(self._hashes)

    def add(self, name: str, pieces: Iterable[bytes], *, compressed: bool = False) -> str:
        """Write a file, as it is when it is `compressed` already; gives its SHA-256.  ValueError for a second."""
        with self._opened(name, compressed) as file:
            for piece in pieces:
                file.write(piece)
        return self._hashes[name]

    def add_table(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, language: str) -> int:
        """Write a table as CSV (portal.adapters.spreadsheets); gives the number of rows."""
        with self._opened(name) as file:
            return write_csv(cast(BinaryIO, file), [Column(each) for each in headings], rows, language=language)

    def close(self) -> str:
        """Write the manifest, which `sha256sum --check` reads, and end the archive; gives its own SHA-256."""
        lines = [f"{digest}  {name}\n" for name, digest in self._hashes.items()]
        digest = self.add(MANIFEST, [line.encode() for line in lines])
        self._zip.close()
        return digest

    def abandon(self) -> None:
        """Write no more: what stands in `out` is no archive."""
        self._zip.fp = None

    def _opened(self, name: str, compressed: bool = False) -> "_HashedFile":
        if name in self._hashes:
            raise ValueError(f"{name} is in the archive already")
        info = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if compressed else zipfile.ZIP_DEFLATED
        info.external_attr = _OWNER_ONLY
        return _HashedFile(self._zip, info, self._hashes)


class _HashedFile(io.BufferedIOBase):
    """A file of the archive being written; closing it keeps its hash."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, hashes: dict[str, str]) -> None:
        self._file = archive.open(info, "w", force_zip64=True)  # nobody knows yet how large it will be
        self._name, self._hashes, self._digest = info.filename, hashes, hashlib.sha256()

    def writable(self) -> bool:
        """Say so to whoever wraps it."""
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override] # whole pieces of bytes are all it is given
        """Write a piece and take it into the hash."""
        self._digest.update(piece)
        return self._file.write(piece)

    def close(self) -> None:
        """End the file."""
        if not self.closed:
            self._file.close()
            self._hashes[self._name] = self._digest.hexdigest()
        super().close()
