"""Stock Rasa as a yardstick: its default pipeline taught with our own phrases.

It lives in an environment of its own (Python 3.10, TensorFlow), which STOCK_RASA names; the guide
never imports it. Training takes many minutes; the model is kept in results/stock/ until a phrase
changes.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from evaluation.cases import PROJECT
from evaluation.metrics import Finding
from evaluation.model import as_finding

STOCK_VARIABLE = "STOCK_RASA"
FOLDER = PROJECT / "results" / "stock"
PHRASES = PROJECT / "data" / "nlu.yml"

# What `rasa init` of Rasa 3.6.21 writes into config.yml, uncommented.
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
  epochs: 100
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: 100
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
"""

# Answers go into a file: Rasa and TensorFlow write what they please to the other two streams.
ASK = """\
import asyncio, json, sys
from rasa.core.agent import load_agent

async def ask(model, texts):
    agent = await load_agent(model)
    return [await agent.parse_message(text) for text in texts]

model, questions, answers = sys.argv[1:]
parsed = asyncio.run(ask(model, json.load(open(questions, encoding="utf-8"))))
kept = [{"intent": {key: one["intent"][key] for key in ("name", "confidence")}} for one in parsed]
json.dump(kept, open(answers, "w", encoding="utf-8"))
"""


class StockProblem(Exception):
    """Stock Rasa could not be asked; the message says why."""


def answers(python: Path, texts: Sequence[str]) -> list[Finding]:
    """What stock Rasa makes of each text, in the same order; trains it first where needed.

    `python` is the interpreter of the environment that holds it. Raises StockProblem.
    """
    if not python.is_file():
        raise StockProblem(f"{STOCK_VARIABLE} names {python}, which is not there")
    model = _trained(python)
    asked, answered = FOLDER / "questions.json", FOLDER / "answers.json"
    asked.write_text(json.dumps(list(texts)), encoding="utf-8")
    answered.unlink(missing_ok=True)
    _run(python, "-c", ASK, str(model), str(asked), str(answered))
    parsed = json.loads(answered.read_text(encoding="utf-8"))
    return [as_finding(one) for one in parsed]


def _trained(python: Path) -> Path:
    """A model for the phrases as they are now."""
    name = hashlib.sha256(PHRASES.read_bytes() + CONFIG.encode()).hexdigest()[:16]
    model = FOLDER / f"{name}.tar.gz"
    if not model.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        config = FOLDER / "config.yml"
        config.write_text(CONFIG, encoding="utf-8")
        train = ["-m", "rasa", "train", "nlu", "--nlu", str(PHRASES), "--config", str(config)]
        _run(python, *train, "--out", str(FOLDER), "--fixed-model-name", name)
    if not model.exists():
        raise StockProblem(f"Stock Rasa left no model in {FOLDER}")
    return model


def _run(python: Path, *arguments: str) -> None:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [str(python), *arguments],
        cwd=FOLDER,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise StockProblem(f"Stock Rasa ended with code {done.returncode}: {' '.join(last)}")
