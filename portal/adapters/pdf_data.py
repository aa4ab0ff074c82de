"""Takes the data of a summary back out of its PDF."""

import io

import pikepdf

from portal.domain.summary_data import NAME

LARGEST = 4 * 1024 * 1024  # bytes; the data of a summary are some twenty thousand


class NoDataError(Exception):
    """The file is no PDF that carries the data of a summary; the text says why."""


def read(document: bytes) -> bytes:
    """Give the file inside a PDF.  Raises NoDataError."""
    try:
        with pikepdf.open(io.BytesIO(document)) as pdf:
            if NAME not in pdf.attachments:
                raise NoDataError(f"it carries no {NAME}")
            content = pdf.attachments[NAME].get_file().read_bytes()
    except (pikepdf.PdfError, pikepdf.PasswordError) as fault:
        raise NoDataError(f"no PDF that can be read ({type(fault).__name__})") from None
    if len(content) > LARGEST:
        raise NoDataError(f"its {NAME} is too large")
    return content
