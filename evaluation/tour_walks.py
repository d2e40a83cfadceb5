"""Random walks through the guided tour: `python -m evaluation.tour_walks` prints what they met.

Each walk taps buttons, old ones too, types, asks in between, meets red flags, restarts, and sends
payloads nobody was ever shown. After each move the tour must stand where it was last shown, say
something, show a step that exists, and lead on.
"""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from editorial import replies
from editorial.content import load_content
from editorial.models import Content
from editorial.replies import Memory, Reply
from editorial.tour import END, Move, kept, leave, move, read_place, set_aside, wish_of
from editorial.tour_replies import tour_replies, way_back

WALKS = 10_000
MOVES = 20
SEED = 2026
NOW = 1_800_000_000.0

TYPED = (
    ("next", "next"),
    ("go back", "back"),
    ("skip this", "next"),
    ("step 4", "next"),
    ("step 12", "next"),
    ("step nine", "next"),
    ("where was I", "next"),
    ("tour", "start_tour"),
    ("start the tour again", "start_tour"),
    ("stop", "stop"),
)
FORGED = (
    '/next{"step":"0"}',
    '/next{"step":"7"}',
    '/next{"step":"999999"}',
    '/next{"step":"two","path":"me"}',
    '/next{"step":"3","path":"nowhere"}',
    '/next{"step":"end"}',
    '/next{"step":"list","path":"nowhere"}',
    '/next{"quiz":"9","answer":"9"}',
    '/next{"quiz":"1","answer":"0"}',
    '/back{"step":"5"}',
    '/start_tour{"path":"nowhere"}',
    '/next{"path":"me"}',
)
HEADER = re.compile(r"Step (\d+) of (\d+) · .+")
PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<values>\{.*\})?")


class Fault(Exception):
    """A walk met something that must not be."""


@dataclass
class Summary:
    """What the walks met."""

    walks: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    payloads: set[str] = field(default_factory=set)
    finished: int = 0


@dataclass
class Walk:
    """One person's walk; `shown` is the step the tour showed last, as (path, number)."""

    content: Content
    memory: Memory = field(default_factory=Memory)
    buttons: list[str] = field(default_factory=lambda: ["/start_tour"])
    shown: tuple[str, int] | None = None
    steps_shown: set[str] = field(default_factory=set)

    def say(self, text: str, intent: str = "") -> str:
        """Tap `text` or type it; what kind of thing was shown."""
        tapped = PAYLOAD.fullmatch(text)
        values = json.loads(tapped["values"] or "{}") if tapped else {}
        place = read_place(self.memory.tour, self.content.tour)
        wish = wish_of(tapped["intent"] if tapped else intent, values, text)
        there = move(self.content.tour, place, wish)
        if there is None:
            self.ask()
            return "not the tour's"
        said = tour_replies(self.content, there.place, there.view, self.memory, NOW)
        self._note(there, said)
        return there.view.kind

    def ask(self) -> None:
        """A question in between; the way back must lead to the step that was shown last."""
        place = read_place(self.memory.tour, self.content.tour)
        replies.answer(self.content, self.content.topics["fibre"], self.memory, NOW)
        self.memory.tour = kept(set_aside(place))
        back = way_back(self.content, place)
        if place.is_kept:
            assert self.shown
            path, number = self.shown
            wanted = f'/next{{"step":"{number}","path":"{path}"}}'
            _require([b.payload for b in back] == [wanted], f"way back {back}, not {wanted}")
        self._add(back)

    def meet_red_flag(self) -> None:
        """An emergency."""
        place = read_place(self.memory.tour, self.content.tour)
        self.memory.tour = kept(leave(place)[0])

    def restart(self) -> None:
        """The server forgets all but what the database holds."""
        stored = json.loads(json.dumps(self.memory.tour))
        self.memory = Memory(tour=stored)

    def require_place(self) -> None:
        """The tour stands where it was last shown."""
        place = read_place(self.memory.tour, self.content.tour)
        if place.is_kept:
            _require((place.path, place.step) == self.shown, f"{place}, but {self.shown} was shown")
        _require(set(place.seen) <= self.steps_shown, f"{place.seen} were not all shown")

    def _note(self, there: Move, said: list[Reply]) -> None:
        _require(all(bubble.text.strip() for bubble in said), "an empty bubble")
        _require(bool(said[-1].buttons) or not there.view.path, "a dead end")
        if there.view.kind == "step":
            self._note_step(there, said[-1])
        elif there.view.kind == END:
            self._require_recap(there, said[0])
        for bubble in said:
            self._add(bubble.buttons)

    def _note_step(self, there: Move, bubble: Reply) -> None:
        path, number = there.view.path, there.view.number
        steps = self.content.tour.paths[path].steps
        header = HEADER.match(bubble.text)
        _require(header is not None, f"no header in {bubble.text!r}")
        assert header
        _require((int(header[1]), int(header[2])) == (number, len(steps)), f"{header[0]}")
        _require(1 <= number <= len(steps), f"step {number} of {path} is not there")
        self.shown = (path, number)
        self.steps_shown.add(steps[number - 1])

    def _require_recap(self, there: Move, bubble: Reply) -> None:
        recaps = {self.content.tour.steps[step_id].recap for step_id in self.steps_shown}
        lines = [line[2:] for line in bubble.text.split("\n") if line.startswith("- ")]
        _require(set(lines) <= recaps, "the recap lists a step that was not seen")
        self.shown = (there.view.path, len(self.content.tour.paths[there.view.path].steps))

    def _add(self, buttons: list[replies.Button] | tuple[replies.Button, ...]) -> None:
        self.buttons += [button.payload for button in buttons]


def walk_all(content: Content, walks: int = WALKS, seed: int = SEED) -> Summary:
    """Walk, and say what was met; raises Fault with the way that led to it."""
    chance, summary = random.Random(seed), Summary(walks=walks)
    for number in range(walks):
        walk = Walk(content)
        way: list[str] = []
        try:
            for _ in range(MOVES):
                done = _move(walk, chance, way)
                summary.moves[done] += 1
                summary.finished += done == END
                walk.require_place()
        except Exception as error:
            raise Fault(f"walk {number}: {error!r} after {way}") from error
        summary.payloads.update(walk.buttons)
    return summary


def _move(walk: Walk, chance: random.Random, way: list[str]) -> str:
    drawn = chance.random()
    if drawn < 0.45:
        return _tap(walk, chance.choice(walk.buttons[-4:]), way)
    if drawn < 0.57:
        return _tap(walk, chance.choice(walk.buttons), way)
    if drawn < 0.62:
        return _tap(walk, chance.choice(FORGED), way)
    if drawn < 0.82:
        text, intent = chance.choice(TYPED)
        way.append(text)
        return walk.say(text, intent)
    kind, act = chance.choice(
        (("question", walk.ask), ("red flag", walk.meet_red_flag), ("restart", walk.restart))
    )
    way.append(kind)
    act()
    return kind


def _tap(walk: Walk, payload: str, way: list[str]) -> str:
    way.append(payload)
    if not payload.startswith(("/start_tour", "/next", "/back", "/stop")):
        walk.ask()  # a topic, the menu or a thumb
        return "question"
    return walk.say(payload)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Fault(otherwise)


def main() -> None:
    """Walk and print the summary."""
    summary = walk_all(load_content())
    total = sum(summary.moves.values())
    print(f"{summary.walks:,} walks of {MOVES} moves, {total:,} moves, no fault.")
    print(
        f"{len(summary.payloads)} different buttons were shown; the end came up "
        f"{summary.finished:,} times."
    )
    for kind, times in summary.moves.most_common():
        print(f"  {kind:16}{times:>9,}")


if __name__ == "__main__":
    main()
