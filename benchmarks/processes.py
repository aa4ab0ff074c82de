"""What a running process has used: CPU time from the kernel's own clock of it, memory as the kernel counts pages."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_CPU_CLOCK = 2  # CPUCLOCK_SCHED of Linux's posix-timers: nanoseconds, all threads of the process, living and ended


@dataclass(frozen=True)
class Memory:
    """A process's memory in MB: resident, its fair share of what is shared, and what is its own alone."""

    rss: float
    pss: float
    uss: float


def cpu_seconds(pid: int) -> float:
    """Give the CPU time, user and system, that a process of this machine has used so far."""
    return time.clock_gettime_ns((~pid << 3) | _CPU_CLOCK) / 1e9


def cpu_seconds_of(command: Sequence[str], environment: dict[str, str]) -> float:
    """Run a command to its end; gives the CPU time it took.  AssertionError when it fails."""
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - commands of our own making
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime


def memory(pid: int) -> Memory:
    """Give what a process holds now."""
    kilobytes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, _ = line.split()
        kilobytes[name.rstrip(":")] = int(amount)
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] / 1000, kilobytes["Pss"] / 1000, own / 1000)


def children(pid: int) -> list[int]:
    """Give the processes that a process has started and that still run."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for thread in threads for word in thread.read_text().split()]


def has_loaded(pid: int, library: str) -> bool:
    """Tell whether a process holds a shared library whose file name contains `library`."""
    return library in Path(f"/proc/{pid}/maps").read_text()
