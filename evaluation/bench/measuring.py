"""Measures one or two servers in turn, so that what slows the machine down meets both."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.bench.client import Answers, Grown, Growth, Load, run_growth, run_load
from evaluation.bench.figures import MEMORY_AFTER, USERS, Measured
from evaluation.cases import PROJECT
from evaluation.server import Server, ServerProblem
from evaluation.stock_project import Training, cpu_of_children

STARTS = 2  # the faster one counts: a start is slowed down by others, never sped up
WARM_UP = 20
ROUNDS = 3
TURNS = 10  # messages of a conversation where several people write
ALONE = Load(users=1, turns=1, messages=60, seconds=60.0)
TOGETHER_SECONDS = 6.0
NO_END = 1_000_000  # messages; the seconds end it
GROWTH = Growth(lengths=(1, 46, 488), window=8, repeats=3, seconds=240.0)
GROWTH_QUESTIONS = 20

TRAIN = """
import pathlib, sys
import runtime.train as training
training.MODELS = pathlib.Path(sys.argv[1])
sys.exit(training.main())
"""


@dataclass
class Contestant:
    """A server that can be started, and what is known before it runs."""

    start: Callable[[], AbstractContextManager[Server]]
    installed: float
    training: Training
    starts: list[float] = field(default_factory=list)
    loads: dict[int, Answers] = field(default_factory=lambda: {n: Answers() for n in USERS})
    grown: list[Grown] = field(default_factory=list)
    cpu: float = 0.0
    messages: int = 0
    resident: float = 0.0

    def measured(self, name: str) -> Measured:
        return Measured(
            name=name,
            installed=self.installed,
            training=self.training,
            start=min(self.starts),
            loads=self.loads,
            grown=self.grown,
            resident=self.resident,
            cpu_per_thousand=1000 * self.cpu / len(self.loads[1].seconds),
        )


def measure(contestants: Sequence[Contestant], texts: Sequence[str]) -> list[Measured]:
    """All measurements, in the order of the contestants; raises ServerProblem."""
    for _ in range(STARTS - 1):
        for contestant in contestants:
            with contestant.start() as server:
                contestant.starts.append(server.seconds_to_first_answer)
    with ExitStack() as running:
        pairs = []
        for contestant in contestants:
            server = running.enter_context(contestant.start())
            contestant.starts.append(server.seconds_to_first_answer)
            _say(f"{server.name} answered after {server.seconds_to_first_answer:.1f} s")
            for text in islice(texts, WARM_UP):
                server.say(text)
            pairs.append((contestant, server))
        for number in range(ROUNDS):
            _say(f"Round {number + 1} of {ROUNDS} …")
            for contestant, server in pairs:
                put_loads(contestant, server, texts)
        for contestant, server in pairs:
            fill_up(contestant, server, texts)
            contestant.resident = server.resident_megabytes()
            _say(f"Long conversations with {server.name} …")
            contestant.grown = run_growth(server.url, texts[:GROWTH_QUESTIONS], GROWTH)
        return [contestant.measured(server.name) for contestant, server in pairs]


def put_loads(contestant: Contestant, server: Server, texts: Sequence[str]) -> None:
    """Every load once; processor time is counted where one person writes."""
    for users in USERS:
        load = ALONE if users == 1 else Load(users, TURNS, NO_END, TOGETHER_SECONDS)
        used = server.cpu_seconds()
        answers = run_load(server.url, texts, load)
        if users == 1:
            contestant.cpu += server.cpu_seconds() - used
        if not answers.seconds:
            raise ServerProblem(f"{server.name} answered nothing to {users} users")
        contestant.loads[users].add(answers)
        contestant.messages += len(answers.seconds)


def fill_up(contestant: Contestant, server: Server, texts: Sequence[str]) -> None:
    """New conversations until the server has answered enough for its memory to be read."""
    missing = MEMORY_AFTER - contestant.messages
    if missing > 0:
        answers = run_load(server.url, texts, Load(4, TURNS, missing, 120.0))
        contestant.messages += len(answers.seconds)


def train_guide() -> Training:
    """Train the guide's model anew, nothing of earlier trainings reused, and throw it away."""
    results = PROJECT / "results"
    results.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=results, prefix="training-") as folder:
        environment = os.environ | {"RASA_CACHE_DIRECTORY": f"{folder}/cache"}
        load, start, used = os.getloadavg()[0], time.perf_counter(), cpu_of_children()
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, folder],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not any(Path(folder).glob("*.tar.gz")):
            raise ServerProblem(f"The guide could not be trained:\n{done.stderr[-500:]}")
        return Training(time.perf_counter() - start, cpu_of_children() - used, load)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
