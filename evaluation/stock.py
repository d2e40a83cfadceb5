"""Stock Rasa as a yardstick: its default pipeline, taught with our phrases, asked our questions.

It lives in an environment of its own (Python 3.10, TensorFlow), which STOCK_RASA names; the guide
never imports it.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from evaluation.metrics import Finding
from evaluation.model import as_finding
from evaluation.stock_project import run, trained_project

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


def answers(python: Path, texts: Sequence[str]) -> list[Finding]:
    """What stock Rasa makes of each text, in the same order; trains it first where needed.

    `python` is the interpreter of the environment that holds it. Raises StockProblem.
    """
    project = trained_project(python)
    asked, answered = project.folder / "questions.json", project.folder / "answers.json"
    asked.write_text(json.dumps(list(texts)), encoding="utf-8")
    answered.unlink(missing_ok=True)
    run(python, ["-c", ASK, str(project.model), str(asked), str(answered)], project.folder)
    parsed = json.loads(answered.read_text(encoding="utf-8"))
    return [as_finding(one) for one in parsed]
