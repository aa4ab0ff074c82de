"""Has a pack of paper made by a process of its own: what handles PDF files would stay in a web worker's memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import BinaryIO

from portal.adapters.pack_contents import Order, to_json


class PackFailedError(Exception):
    """The pack could not be made; the text says how its maker ended."""


def make(out: BinaryIO, order: Order, documents: Iterable[bytes]) -> int:
    """Write the pack into `out`, a real file; gives its number of pages.  Raises PackFailedError.

    `documents` come in the order of the order's sizes, one at a time, and none is kept here.
    """
    out.flush()
    with TemporaryDirectory(prefix="previsit-") as folder:  # the maker ends as it stands, and leaves its fonts
        return _make(out, order, documents, os.environ | {"TMPDIR": folder})


def _make(out: BinaryIO, order: Order, documents: Iterable[bytes], environment: dict[str, str]) -> int:
    maker = subprocess.Popen(
        [sys.executable, "-m", "portal.adapters.packs"],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.PIPE,
    )
    pipe, said = maker.stdin, maker.stderr
    assert pipe is not None
    assert said is not None
    try:
        pipe.write(json.dumps(to_json(order)).encode() + b"\n")
        for document in documents:
            pipe.write(document)
    except BrokenPipeError:
        pass  # it has ended already; its exit code says so below
    except BaseException:
        maker.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            pipe.close()
        last_line = said.read().decode(errors="replace").strip().rpartition("\n")[2]
        said.close()
        ended = maker.wait()
    if ended:
        raise PackFailedError(f"the maker of the pack ended with {ended}: {last_line}")
    return int(last_line)
