"""A project for stock Rasa, made of our own phrases: what `rasa init` would give their author.

Rasa's default pipeline and policies, the same intents, phrases and stories, one fixed answer and
one rule an intent. The stories are what its two learning policies learn from and think about at
each turn; without any they would be left out. It is written and trained below results/stock/, in
a folder named after what is in it, so that a training of many minutes is repeated only when a
phrase changes.
"""

import hashlib
import json
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from evaluation.cases import PROJECT

STOCK_VARIABLE = "STOCK_RASA"
EPOCHS_VARIABLE = "STOCK_EPOCHS"
FOLDER = PROJECT / "results" / "stock"
PHRASES = PROJECT / "data" / "nlu.yml"
STORIES = PROJECT / "data" / "stories.yml"
MODEL_NAME = "stock"
LOG = "stock.log"
FALLBACK = "nlu_fallback"
RASA_ANSWERS = {"back", "restart", "session_start"}  # by default actions; a rule would contradict
EPOCHS = 100  # Rasa's default
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}

# rasa/engine/recipes/config_files/default_config.yml of Rasa 3.6.21: what an empty config means.
CONFIG = """\
recipe: default.v1
assistant_id: stock
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: {epochs}
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
policies:
- name: MemoizationPolicy
- name: RulePolicy
- name: UnexpecTEDIntentPolicy
  max_history: 5
  epochs: {epochs}
- name: TEDPolicy
  max_history: 5
  epochs: {epochs}
  constrain_similarities: true
"""


class StockProblem(Exception):
    """Stock Rasa could not be used; the message says why."""


@dataclass(frozen=True)
class Training:
    """What a training took: wall-clock and processor seconds, and the load before it began."""

    seconds: float
    cpu_seconds: float
    load: float


@dataclass(frozen=True)
class StockProject:
    """A folder with config.yml, domain.yml and data/, as `rasa train` wants them."""

    folder: Path

    @property
    def model(self) -> Path:
        return self.folder / "models" / f"{MODEL_NAME}.tar.gz"

    @property
    def training(self) -> Training:
        """What the training of the model took; the model must be there."""
        return Training(**json.loads(self._record.read_text("utf-8")))

    @property
    def _record(self) -> Path:
        return self.folder / "models" / "training.json"

    def train(self, python: Path) -> None:
        """Train the model with the stock Rasa of `python`; raises StockProblem."""
        load, start, used = os.getloadavg()[0], time.perf_counter(), cpu_of_children()
        run(python, ["-m", "rasa", "train", "--fixed-model-name", MODEL_NAME], self.folder)
        if not self.model.exists():
            raise StockProblem(f"Stock Rasa left no model in {self.model.parent}")
        took = Training(time.perf_counter() - start, cpu_of_children() - used, load)
        self._record.write_text(json.dumps(asdict(took)), "utf-8")


def wanted_epochs(text: str) -> int:
    """The rounds named by STOCK_EPOCHS, Rasa's 100 where it is empty; raises StockProblem."""
    if not text:
        return EPOCHS
    if not text.isdecimal() or int(text) < 1:
        raise StockProblem(f"{EPOCHS_VARIABLE}={text} is no number of rounds; 100 is Rasa's own")
    return int(text)


def trained_project(python: Path, epochs: int = EPOCHS) -> StockProject:
    """The project for the phrases as they are now, trained where it is not yet.

    `python` is the interpreter of the environment that holds stock Rasa. Raises StockProblem.
    """
    if not python.is_file():
        raise StockProblem(f"{STOCK_VARIABLE} names {python}, which is not there")
    project = written_project(epochs)
    if not project.model.exists():
        project.train(python)
    return project


def written_project(epochs: int = EPOCHS) -> StockProject:
    """Write the project's files, unless they are there."""
    files = project_files(phrases_of(PHRASES), stories_of(STORIES), epochs)
    digest = hashlib.sha256("\0".join(files.values()).encode()).hexdigest()[:16]
    folder = FOLDER / digest
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return StockProject(folder)


def phrases_of(file: Path) -> dict[str, str]:
    """The phrases of each intent as Rasa's list; blocks of one intent are put together."""
    examples: defaultdict[str, str] = defaultdict(str)
    for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
        examples[block["intent"]] += block["examples"]  # what else there is, our components read
    return dict(examples)


def stories_of(file: Path) -> dict[str, list[str]]:
    """The intents of each story in turn; what answers them is the stock bot's own."""
    stories = yaml.safe_load(file.read_text("utf-8"))["stories"]
    return {
        story["story"]: [step["intent"] for step in story["steps"] if "intent" in step]
        for story in stories
    }


def project_files(
    phrases: Mapping[str, str], stories: Mapping[str, Sequence[str]], epochs: int
) -> dict[str, str]:
    """The text of each file of the project."""
    intents = [*phrases, FALLBACK]
    answered = [intent for intent in intents if intent not in RASA_ANSWERS]
    domain = {
        "version": "3.1",
        "intents": intents,
        "responses": {f"utter_{intent}": [{"text": f"This is {intent}."}] for intent in answered},
        "session_config": {
            "session_expiration_time": 60,
            "carry_over_slots_to_new_session": True,
        },
    }
    rules = [{"rule": intent, "steps": _turn(intent)} for intent in answered]
    told = [
        {"story": name, "steps": [step for intent in told for step in _turn(intent)]}
        for name, told in stories.items()
    ]
    nlu = [{"intent": intent, "examples": examples} for intent, examples in phrases.items()]
    return {
        "config.yml": CONFIG.format(epochs=epochs),
        "domain.yml": _as_yaml(domain),
        "data/nlu.yml": _as_yaml({"version": "3.1", "nlu": nlu}),
        "data/rules.yml": _as_yaml({"version": "3.1", "rules": rules}),
        "data/stories.yml": _as_yaml({"version": "3.1", "stories": told}),
    }


def _turn(intent: str) -> list[dict[str, str]]:
    return [{"intent": intent}, {"action": f"utter_{intent}"}]


def run(python: Path, arguments: Sequence[str], folder: Path) -> None:
    """Run stock Rasa's Python in `folder`, where its output goes into a log that can be followed.

    Raises StockProblem with its last line.
    """
    log = folder / LOG
    with log.open("wb") as output:
        done = subprocess.run(
            [str(python), *arguments],
            cwd=folder,
            env=os.environ | QUIET,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode:
        last = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
        raise StockProblem(f"Stock Rasa ended with code {done.returncode}: {' '.join(last)}")


def cpu_of_children() -> float:
    """Processor seconds of the processes this one has started and waited for."""
    used = os.times()
    return used.children_user + used.children_system


def _as_yaml(content: Any) -> str:
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000))
