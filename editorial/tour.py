"""The guided tour as a state machine: where somebody is, what they ask for, what comes next.

Knows neither Rasa nor wording. A button carries the step it leads to, so an old button, a second
tap or a message that comes twice leads to that step and no further.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from editorial.models import Tour

Status = Literal["new", "choosing", "running", "left", "stopped", "finished"]
Kind = Literal[
    "start", "again", "begin", "step", "next", "back", "skip", "list", "end", "finish", "stop",
    "place", "quiz",
]  # fmt: skip
Kept = dict[str, Any]

# What a payload may say beside its intent; domain.yml lists them as entities.
PATH, STEP, QUIZ, ANSWER = "path", "step", "quiz", "answer"
LIST, END, AGAIN = "list", "end", "again"

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_STEP = re.compile(rf"\bstep\s+(?:number\s+|no\.?\s*)?(\d{{1,3}}|{'|'.join(_NUMBERS)})\b", re.I)
_SKIP = re.compile(r"\bskip\b", re.I)
_LIST = re.compile(r"\b(?:list|(?:all|show|which) (?:the )?steps)\b", re.I)
_WHERE = re.compile(
    r"\b(?:where|place|left off|leave off|(?:which|what) step|how (?:far|many|much)|tour)\b", re.I
)
_RESUME = re.compile(r"\b(?:back|continue|carry on|resume|return|pick up|go on|keep going)\b", re.I)
_QUIZ = re.compile(r"\bquiz\b", re.I)
_FINISH = re.compile(r"\bfinish\b", re.I)
_AGAIN = re.compile(r"\b(?:again|start over|from the (?:start|beginning|top))\b", re.I)


@dataclass(frozen=True)
class Place:
    """Where somebody is. `step` counts from 1; `seen` and `skipped` are ids of steps.

    `aside`: something else has been answered since the tour last spoke.
    """

    status: Status = "new"
    path: str = ""
    step: int = 0
    seen: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    aside: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether there is a step to come back to."""
        return bool(self.path) and self.status in ("running", "left", "stopped")

    @property
    def is_open(self) -> bool:
        """Whether the tour is under way, so that the way back is offered after other answers."""
        return self.status in ("choosing", "running")


@dataclass(frozen=True)
class Wish:
    """What somebody asks of the tour; `path` is empty where the one they are on is meant."""

    kind: Kind
    path: str = ""
    number: int = 0
    choice: int = 0


# What the words for "next" may mean more closely; the first that is heard counts.
_TYPED_NEXT: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_LIST, "list"),
    (_WHERE, "place"),
    (_SKIP, "skip"),
    (_FINISH, "finish"),
)


@dataclass(frozen=True)
class View:
    """What is to be shown. `note` names a line of the tour's words that comes first."""

    kind: Literal[
        "paths", "resume", "step", "list", "end", "stopped", "question", "explained", "quiz_done"
    ]
    path: str = ""
    number: int = 0
    choice: int = 0
    note: str = ""
    is_beginning: bool = False


@dataclass(frozen=True)
class Event:
    """Something worth counting; nothing in it tells who it was."""

    what: Literal["started", "reached", "left", "resumed", "finished"]
    path: str
    step: int = 0


@dataclass(frozen=True)
class Move:
    """The place afterwards, what is shown, and what is counted."""

    place: Place
    view: View
    events: tuple[Event, ...] = field(default=())


def payload(intent: str, **values: str | int) -> str:
    """The payload of a button: payload("next", step=3, path="me")."""
    named = {name: str(value) for name, value in values.items()}
    return f"/{intent}{json.dumps(named, separators=(',', ':'))}" if named else f"/{intent}"


def kept(place: Place) -> Kept:
    """`place` as the memory of a conversation keeps it."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(place).items()}


def read_place(memory: object, tour: Tour) -> Place:
    """The place in a memory, however old: what today's tour no longer has is left out."""
    if not isinstance(memory, Mapping):
        return Place()
    path, step = memory.get("path"), memory.get("step")
    status: Status = memory["status"] if memory.get("status") in get_args(Status) else "new"
    if status == "new":
        return Place()
    if path not in tour.paths:
        return Place("choosing", aside=True) if status == "choosing" else Place()
    count = len(tour.paths[path].steps)
    return Place(
        status,
        path,
        min(max(step, 1), count) if isinstance(step, int) else 1,
        _known(memory.get("seen"), tour),
        _known(memory.get("skipped"), tour),
        bool(memory.get("aside")),
    )


def wish_of(intent: str, values: Mapping[str, str], text: str = "") -> Wish:
    """What a tapped button (`values` of its payload) or typed words ask of the tour."""
    path = values.get(PATH, "")
    if QUIZ in values:
        return Wish("quiz", path, _number(values[QUIZ]), _number(values.get(ANSWER, "")))
    if STEP in values:
        return _wish_for(values[STEP], path)
    if intent == "start_tour" and path:
        return Wish("begin", path)
    if intent == "stop":
        return Wish("finish" if _FINISH.search(text) else "stop")
    return _typed_wish(intent, "" if text.startswith("/") else text)


def move(tour: Tour, place: Place, wish: Wish) -> Move | None:
    """What follows from a wish; None where it is not about the tour ("next", without one)."""
    return _MOVES[wish.kind](tour, place, wish)


def leave(place: Place) -> tuple[Place, tuple[Event, ...]]:
    """A red flag leaves the tour and keeps the place."""
    if place.status == "choosing":
        return Place(), ()
    if place.status != "running":
        return replace(place, aside=True), ()
    event = Event("left", place.path, place.step)
    return replace(place, status="left", aside=True), (event,)


def set_aside(place: Place) -> Place:
    """The place after something else has been answered."""
    return replace(place, aside=True)


def _wish_for(step: str, path: str) -> Wish:
    if step == LIST:
        return Wish("list", path)
    if step == END:
        return Wish("end", path)
    if step == AGAIN:
        return Wish("again")
    return Wish("step", path, _number(step))


def _typed_wish(intent: str, text: str) -> Wish:
    named = _STEP.search(text)
    if named:
        return Wish("step", number=_number(named[1]))
    if intent == "start_tour":
        return _typed_start(text)
    if intent == "back":
        return Wish("back")
    if _QUIZ.search(text):
        return Wish("quiz", number=0 if _SKIP.search(text) else 1)
    for asked, kind in _TYPED_NEXT:
        if asked.search(text):
            return Wish(kind)
    return Wish("next")


def _typed_start(text: str) -> Wish:
    if _RESUME.search(text):
        return Wish("place")
    return Wish("again") if _AGAIN.search(text) else Wish("start")


def _start(tour: Tour, place: Place, wish: Wish) -> Move:
    if not place.is_kept:
        return _choose(tour, place, wish)
    # Who asks for the tour anew has been away from it.
    status: Status = "left" if place.status == "running" else place.status
    return Move(replace(place, status=status, aside=False), View("resume", place.path, place.step))


def _choose(tour: Tour, place: Place, wish: Wish) -> Move:
    chosen = place if place.path else Place("choosing")
    return Move(replace(chosen, aside=False), View("paths"))


def _begin(tour: Tour, place: Place, wish: Wish) -> Move:
    if wish.path not in tour.paths:
        return _choose(tour, place, wish)
    if place.status == "finished":
        place = Place()  # a new run: nothing of it has been seen
    return _show(tour, place, wish.path, 1, is_beginning=True)


def _step(tour: Tour, place: Place, wish: Wish) -> Move:
    path = _path(tour, place, wish)
    if not path:
        return _choose(tour, place, wish)
    if not 1 <= wish.number <= len(tour.paths[path].steps):
        return _list(tour, place, wish, note="no_such_step")
    return _show(tour, place, path, wish.number)


def _next(tour: Tour, place: Place, wish: Wish) -> Move | None:
    if place.status == "running":
        return _after(tour, place)
    if place.status == "choosing" and not place.aside:
        return _choose(tour, place, wish)
    return _paused(tour, place, wish)


def _skip(tour: Tour, place: Place, wish: Wish) -> Move | None:
    if place.status != "running":
        return _next(tour, place, wish)
    here = tour.paths[place.path].steps[place.step - 1]
    seen = tuple(step for step in place.seen if step != here)
    return _after(tour, replace(place, seen=seen, skipped=_with(place.skipped, here)))


def _back(tour: Tour, place: Place, wish: Wish) -> Move | None:
    if place.status == "finished" and not place.aside:
        return _show(tour, place, place.path, place.step)
    if place.status != "running":
        return _paused(tour, place, wish)
    if place.aside:
        return _show(tour, place, place.path, place.step)
    if place.step == 1:
        return _show(tour, place, place.path, 1, note="first_step")
    return _show(tour, place, place.path, place.step - 1)


def _where(tour: Tour, place: Place, wish: Wish) -> Move:
    if place.status == "running":
        return _show(tour, place, place.path, place.step)
    if place.status == "finished":
        return _list(tour, place, wish)
    return _start(tour, place, wish)


def _list(tour: Tour, place: Place, wish: Wish, note: str = "") -> Move:
    path = _path(tour, place, wish)
    if not path:
        return _choose(tour, place, wish)
    return Move(replace(place, aside=False), View("list", path, note=note))


def _end(tour: Tour, place: Place, wish: Wish) -> Move:
    path = _path(tour, place, wish)
    if not path:
        return _choose(tour, place, wish)
    place = replace(place, path=path)
    last = len(tour.paths[path].steps)
    events = () if place.status == "finished" else (Event("finished", path),)
    ended = replace(place, status="finished", step=last, aside=False)
    return Move(ended, View("end", path), events)


def _finish(tour: Tour, place: Place, wish: Wish) -> Move | None:
    """At the last step its end; before that, who wants to finish wants to stop."""
    is_last = bool(place.path) and place.step == len(tour.paths[place.path].steps)
    here = _end if is_last and place.status == "running" else _stop
    return here(tour, place, wish)


def _stop(tour: Tour, place: Place, wish: Wish) -> Move | None:
    if place.status == "choosing":
        return Move(Place(), View("stopped"))
    if place.status != "running":
        # A second tap on Stop gets the same answer.
        return _stopped(place) if place.status == "stopped" and not place.aside else None
    event = Event("left", place.path, place.step)
    return replace(_stopped(replace(place, status="stopped")), events=(event,))


def _stopped(place: Place) -> Move:
    return Move(replace(place, aside=False), View("stopped", place.path, place.step))


def _quiz(tour: Tour, place: Place, wish: Wish) -> Move:
    here = replace(place, aside=False)
    if not 1 <= wish.number <= len(tour.quiz):
        return Move(here, View("quiz_done", place.path))
    if 1 <= wish.choice <= len(tour.quiz[wish.number - 1].options):
        return Move(here, View("explained", place.path, wish.number, wish.choice))
    return Move(here, View("question", place.path, wish.number))


_MOVES: dict[str, Callable[[Tour, Place, Wish], Move | None]] = {
    "start": _start,
    "again": _choose,
    "begin": _begin,
    "step": _step,
    "next": _next,
    "back": _back,
    "skip": _skip,
    "list": _list,
    "end": _end,
    "finish": _finish,
    "stop": _stop,
    "place": _where,
    "quiz": _quiz,
}


def _after(tour: Tour, place: Place) -> Move:
    """On to the step after this one, or to the end."""
    if place.step < len(tour.paths[place.path].steps):
        return _show(tour, place, place.path, place.step + 1)
    return _end(tour, place, Wish("end"))


def _paused(tour: Tour, place: Place, wish: Wish) -> Move | None:
    """Just stopped, "next" and "back" offer to go on; later they mean something else."""
    return _start(tour, place, wish) if place.is_kept and not place.aside else None


def _show(
    tour: Tour, place: Place, path: str, number: int, note: str = "", is_beginning: bool = False
) -> Move:
    step_id = tour.paths[path].steps[number - 1]
    there = replace(
        place,
        status="running",
        path=path,
        step=number,
        seen=_with(place.seen, step_id),
        skipped=tuple(step for step in place.skipped if step != step_id),
        aside=False,
    )
    view = View("step", path, number, note=note, is_beginning=is_beginning)
    return Move(there, view, _counted(place, path, number, step_id))


def _counted(place: Place, path: str, number: int, step_id: str) -> tuple[Event, ...]:
    events: list[Event] = []
    if place.path != path:
        events.append(Event("started", path))
    elif place.status in ("left", "stopped"):
        events.append(Event("resumed", path, number))
    if place.path != path or step_id not in place.seen:
        events.append(Event("reached", path, number))
    return tuple(events)


def _path(tour: Tour, place: Place, wish: Wish) -> str:
    """The path that is meant: the button's, else the one somebody is on; may be none."""
    return wish.path if wish.path in tour.paths else place.path


def _number(text: str) -> int:
    """The number in a payload or in words; 0 where there is none."""
    if text.lower() in _NUMBERS:
        return _NUMBERS.index(text.lower()) + 1
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0


def _with(ids: tuple[str, ...], step_id: str) -> tuple[str, ...]:
    return ids if step_id in ids else (*ids, step_id)


def _known(ids: object, tour: Tour) -> tuple[str, ...]:
    listed = ids if isinstance(ids, list | tuple) else ()
    return tuple(dict.fromkeys(one for one in listed if isinstance(one, str) and one in tour.steps))
