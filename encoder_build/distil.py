"""Teaches all-MiniLM-L6-v2 to see our phrases as all-mpnet-base-v2, four times its size, does.

Not part of the running guide: it needs PyTorch. README.md beside this file says how to run it.
No label is used, only the texts: the student learns the teacher's vectors (through a linear map
that is thrown away) and the teacher's similarities between the texts of a batch. Reimers and
Gurevych (2020), "Making Monolingual Sentence Embeddings Multilingual using Knowledge
Distillation", is the method; the similarity term keeps the student's own space in order.
"""

import argparse
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
import yaml
from torch.nn.functional import normalize
from transformers import AutoModel, AutoTokenizer

PROJECT = Path(__file__).resolve().parent.parent
# sha256 of the published model.safetensors
TEACHER_WEIGHTS = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
STUDENT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TEACHER_BATCH, BATCH, MAX_WORD_PIECES = 64, 64, 96
WARM_UP_STEPS = 50
HEAD_RATE = 5  # the linear map starts from scratch and learns faster
SIMILARITY_WEIGHT = 4.0
TEXTS_FOR_FIRST_MAP = 3000
DISTURBED_COPIES = 1
LETTERS = "aeiostrn"


class Encoder(torch.nn.Module):
    """Mean-pooled, L2-normalised sentence vectors."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, attn_implementation="eager")

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """Shape (texts, dimensions)."""
        batch = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=MAX_WORD_PIECES,
            return_tensors="pt",
        )
        # Half precision takes a third of the teacher's time and half of the student's; of 256
        # vectors of the teacher none moved by more than 0.0001 in cosine.
        with torch.autocast("cpu", torch.bfloat16):
            states = self.model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"][..., None]
        return normalize((states * mask).sum(1) / mask.sum(1))


def main() -> None:
    """Distil and save the student in the folder `target`, in the published format."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("teacher", type=Path, help="folder of all-mpnet-base-v2")
    arguments.add_argument("student", type=Path, help="folder of all-MiniLM-L6-v2")
    arguments.add_argument("target", type=Path, help="folder to write")
    arguments.add_argument("--epochs", type=int, default=4)
    arguments.add_argument("--rate", type=float, default=1e-4)
    args = arguments.parse_args()
    _check(args.teacher, TEACHER_WEIGHTS)
    _check(args.student, STUDENT_WEIGHTS)
    random.seed(0)
    torch.manual_seed(0)
    texts = corpus()
    goal = vectors(Encoder(args.teacher).eval(), texts)
    student = Encoder(args.student)
    distil(student, texts, goal, args.epochs, args.rate)
    student.model.save_pretrained(args.target)


def _check(folder: Path, expected: str) -> None:
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != expected:
        raise SystemExit(f"{folder} does not hold the published weights (sha256 {found})")


def corpus() -> list[str]:
    """Training phrases, sentences of the content, and disturbed copies of each phrase."""
    nlu = yaml.safe_load((PROJECT / "data/nlu.yml").read_text(encoding="utf-8"))["nlu"]
    phrases = [line[2:] for block in nlu for line in block["examples"].splitlines()]
    files = sorted((PROJECT / "content").rglob("*.yml"))
    said = [s for path in files for s in _sentences(yaml.safe_load(path.read_text("utf-8")))]
    disturbed = [_disturbed(phrase, phrases) for _ in range(DISTURBED_COPIES) for phrase in phrases]
    return list(dict.fromkeys([*phrases, *said, *disturbed]))


def vectors(encoder: Encoder, texts: Sequence[str]) -> torch.Tensor:
    """The encoder's vectors of all texts, in their order."""
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    found: dict[int, torch.Tensor] = {}
    with torch.no_grad():
        for start in range(0, len(texts), TEACHER_BATCH):
            batch = by_length[start : start + TEACHER_BATCH]
            found.update(zip(batch, encoder([texts[i] for i in batch]), strict=True))
    return torch.stack([found[index] for index in range(len(texts))])


def distil(
    student: Encoder, texts: Sequence[str], goal: torch.Tensor, epochs: int, rate: float
) -> None:
    """Train `student` in place until its vectors, mapped linearly, resemble `goal`."""
    head = _first_map(student, texts[:TEXTS_FOR_FIRST_MAP], goal[:TEXTS_FOR_FIRST_MAP])
    groups = [
        {"params": list(student.model.parameters()), "lr": rate},
        {"params": list(head.parameters()), "lr": rate * HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    batches = [batch for _ in range(epochs) for batch in _batches(texts)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, (n + 1) / WARM_UP_STEPS) * max(0.0, 1 - n / len(batches))
    )
    student.train()
    for number, batch in enumerate(batches):
        own, wanted = student([texts[i] for i in batch]), goal[batch]
        apart = (1 - (normalize(head(own)) * wanted).sum(1)).mean()
        similar = ((own @ own.T - wanted @ wanted.T) ** 2).mean()
        loss = apart + SIMILARITY_WEIGHT * similar
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if number % 100 == 0:
            print(f"{number}/{len(batches)}: cosine distance {apart.item():.3f}", flush=True)


def _first_map(student: Encoder, texts: Sequence[str], goal: torch.Tensor) -> torch.nn.Linear:
    """The best linear map before training, by least squares."""
    own = vectors(student.eval(), texts)
    head = torch.nn.Linear(own.shape[1], goal.shape[1], bias=False)
    with torch.no_grad():
        head.weight.copy_(torch.linalg.lstsq(own, goal).solution.T)
    return head


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Texts of alike length together, batches in random order."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]) + random.random() * 20)
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    random.shuffle(batches)
    return batches


def _sentences(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield from (s for s in re.split(r"(?<=[.!?])\s+", part) if 2 < len(s.split()) < 40)
    elif isinstance(part, dict):
        for value in part.values():
            yield from _sentences(value)
    elif isinstance(part, list):
        for value in part:
            yield from _sentences(value)


def _disturbed(phrase: str, phrases: Sequence[str]) -> str:
    """Two phrases joined, a word dropped, letters mistyped, or a piece alone."""
    kind, words = random.random(), phrase.split()
    if kind < 0.3 or len(words) < 4:
        return phrase + random.choice([". ", " and ", ", ", "? "]) + random.choice(phrases)
    if kind < 0.55:
        gone = random.randrange(len(words))
        return " ".join(words[:gone] + words[gone + 1 :])
    if kind < 0.8:
        return _mistyped(phrase)
    start = random.randrange(len(words) - 2)
    return " ".join(words[start : start + random.randint(3, len(words))])


def _mistyped(phrase: str) -> str:
    letters = list(phrase)
    for _ in range(max(1, len(letters) // 25)):
        place = random.randrange(len(letters) - 1)
        kind = random.random()
        if kind < 0.4:
            del letters[place]
        elif kind < 0.7:
            letters[place : place + 2] = reversed(letters[place : place + 2])
        else:
            letters.insert(place, random.choice(LETTERS))
    return "".join(letters)


if __name__ == "__main__":
    main()
