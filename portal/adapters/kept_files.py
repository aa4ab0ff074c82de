"""Messages that stay on this machine: each a file in a folder, there whole or not at all."""

import os
from pathlib import Path

from portal.services.letters import Accepted, Outcome, Postponed


def keep(path: Path, content: bytes) -> Outcome:
    """Write a message down so that it outlives a power cut; what the disk refuses may go another time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        return Postponed(type(fault).__name__)
    return Accepted()
