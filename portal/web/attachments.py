"""A file that was made for one person: handed over piece by piece, kept by no browser, gone once it was sent."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from flask import Response

_PIECE = 64 * 1024  # bytes


def attach(out: BinaryIO, mimetype: str, name: str) -> Response:
    """Answer with the whole of an open file, to be saved under `name`; the answer closes it."""
    size = out.seek(0, os.SEEK_END)
    out.seek(0)
    response = Response(_pieces(out), mimetype=mimetype)
    response.call_on_close(out.close)  # also when nobody reads it to its end
    response.content_length = size
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _pieces(out: BinaryIO) -> Iterator[bytes]:
    with out:
        while piece := out.read(_PIECE):
            yield piece
