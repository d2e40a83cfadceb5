"""What a process and all below it use, from /proc; Linux only."""

import os
from pathlib import Path

PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def resident_megabytes(process_id: int) -> float:
    """VmRSS of the process and its children."""
    return sum(map(_resident_kilobytes, family(process_id))) / 1024


def cpu_seconds(process_id: int) -> float:
    """Processor time of the process and its living children, in user and kernel mode."""
    return sum(map(_ticks, family(process_id))) / TICKS


def family(process_id: int) -> list[int]:
    """A process and all below it."""
    members = [process_id]
    parents = {int(entry.name): _parent(entry) for entry in PROCESSES.glob("[0-9]*")}
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


def _ticks(process_id: int) -> int:
    try:
        stat = (PROCESSES / str(process_id) / "stat").read_text("utf-8")
    except OSError:
        return 0
    # The name in brackets may hold spaces; utime and stime are the 14th and 15th field.
    after_name = stat.rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def _parent(entry: Path) -> int:
    return int(_status(entry).get("PPid", "0"))


def _resident_kilobytes(process_id: int) -> int:
    return int(_status(PROCESSES / str(process_id)).get("VmRSS", "0 kB").split()[0])


def _status(entry: Path) -> dict[str, str]:
    """The fields of /proc/…/status; none for a process that has ended meanwhile."""
    try:
        lines = (entry / "status").read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
