"""What it costs to play a whole study: fourteen months of 28 patients, in a process of its own, as a person does."""

import resource
import subprocess
import sys
from importlib.resources import files
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.figure import Figure

_MOST = 60.0  # seconds: a study team tries its protocol over and over
_CALL = ("--from", "2027-01-01", "--months", "14", "--participants", "28")


def measure() -> list[Figure]:
    """Play the demonstration study once."""
    study = str(files("portal.studies") / "demonstration.toml")
    with TemporaryDirectory(prefix="previsit-bench-") as folder:
        command = [sys.executable, "-m", "portal.cli.main", "simulate", study, *_CALL, "--out", f"{folder}/out"]
        before, began = _cpu_of_children(), monotonic()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program and arguments
        took = monotonic() - began
        cpu = _cpu_of_children() - before
    return [
        Figure(name="simulating 14 months of 28 patients, CPU", value=cpu, unit="s", limit=_MOST),
        Figure(name="simulating 14 months of 28 patients, waiting", value=took, unit="s", limit=_MOST),
    ]


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
