"""How the worker and its printer talk through their pipes: whether it went well, how many bytes follow, the bytes."""

import struct
from typing import BinaryIO

_HEAD = struct.Struct("!?Q")


def send(pipe: BinaryIO, done: bool, content: bytes) -> None:
    """Write one message whole."""
    pipe.write(_HEAD.pack(done, len(content)) + content)
    pipe.flush()


def receive(pipe: BinaryIO) -> tuple[bool, bytes]:
    """Read one message whole.  Raises EOFError when the other side is gone."""
    done, size = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    return done, _exactly(pipe, size)


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content
