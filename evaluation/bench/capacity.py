"""How many people a machine can serve, reckoned from the bench by one stated formula."""

from dataclasses import dataclass

from evaluation.bench.figures import Measured
from evaluation.report import Table

SYSTEM = 300.0  # MB for the operating system and a proxy
HEADROOM = 1.25  # a process may take so much more than the bench saw
BUSY = 0.5  # share of a core that may be used, so that nobody queues
BUSIEST_HOUR = 0.12  # of a day's messages
DAYS = 30
MESSAGES_A_PERSON = 10

FORMULA = (
    f"processes = the lesser of cores and (memory − {SYSTEM:.0f} MB) / ({HEADROOM:g} × resident); "
    f"messages a second = processes × {BUSY:g} / processor seconds of a message; "
    f"messages a month = messages a second × 3,600 / {BUSIEST_HOUR:g} × {DAYS}, where "
    f"{BUSIEST_HOUR:g} is the share of the busiest hour in a day; "
    f"people = messages / {MESSAGES_A_PERSON}."
)


@dataclass(frozen=True)
class Machine:
    """Memory in MB and processor cores."""

    memory: float
    cores: int


MACHINES = (Machine(1024, 1), Machine(2048, 1), Machine(4096, 2))


@dataclass(frozen=True)
class Capacity:
    """Guide processes, and the messages they answer in a second and in a month."""

    processes: int
    a_second: float

    @property
    def messages(self) -> float:
        """In a month whose busiest hour is just bearable."""
        return self.a_second * 3600 / BUSIEST_HOUR * DAYS


def capacity(machine: Machine, guide: Measured) -> Capacity:
    """What a machine like the measured one, but of this size, can do; 0 where none fits."""
    room = int((machine.memory - SYSTEM) // (HEADROOM * guide.resident))
    processes = max(0, min(machine.cores, room))
    return Capacity(processes, processes * BUSY / (guide.cpu_per_thousand / 1000))


def capacity_table(guide: Measured) -> Table:
    """One row a machine; figures rounded down to two digits."""
    rows = []
    for machine in MACHINES:
        able = capacity(machine, guide)
        rows.append(
            (
                f"{machine.memory / 1024:g} GB, {machine.cores} core{'s' * (machine.cores > 1)}",
                str(able.processes),
                f"{able.a_second:.0f}",
                f"{_two_digits(able.messages):,}",
                f"{_two_digits(able.messages / MESSAGES_A_PERSON):,}",
            )
        )
    columns = ("machine", "processes", "messages a second", "messages a month", "people a month")
    return Table("Capacity", columns, rows)


def _two_digits(value: float) -> int:
    whole = int(value)
    unit = int(10 ** max(0, len(str(whole)) - 2))
    return whole // unit * unit
