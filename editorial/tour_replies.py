"""Puts the tour's views into words and buttons; the words are content/tour.yml's."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from editorial.models import Content, TourStep
from editorial.replies import (
    Button,
    Custom,
    Memory,
    Reply,
    disclaimer_if_due,
    long_disclaimer,
    provenance,
    review_label,
    service,
    topic_buttons,
)
from editorial.tour import AGAIN, END, LIST, Place, View, kept, payload

MENU = "/help_menu"


def tour_replies(
    content: Content, place: Place, view: View, memory: Memory, now: float
) -> list[Reply]:
    """What is said for `view`, at `place`. Updates `memory`; `now` is in seconds since 1970."""
    memory.tour = kept(place)
    memory.not_understood = 0
    replies = _SHOWN[view.kind](content, place, view, memory)
    if view.is_beginning:
        return [*_lines(long_disclaimer(content, memory, now)), *replies]
    if view.kind == "end":
        *before, last = replies
        [line] = _lines(long_disclaimer(content, memory, now))
        return [*before, replace(last, buttons=()), replace(line, buttons=last.buttons)]
    if view.kind in ("step", "question", "explained"):
        return [*_lines(disclaimer_if_due(content, memory, now)), *replies]
    return replies


def way_back(content: Content, place: Place) -> list[Button]:
    """The button that leads back to the tour, where there is a place in it."""
    words = content.tour.words
    if place.status == "choosing":
        return [Button(words.back_to_tour, payload("start_tour"))]
    if not place.is_kept:
        return []
    title = words.back_to_step if place.status == "running" else words.go_on
    count = len(content.tour.paths[place.path].steps)
    return [_step_button(content, place.path, place.step, filled(title, place.step, count))]


def start_button(content: Content) -> Button:
    """The button that starts the tour."""
    return Button(content.tour.words.guided_tour, payload("start_tour"))


def tour_payloads(content: Content) -> Iterable[Button]:
    """Every button the tour can show."""
    tour, words = content.tour, content.tour.words
    yield start_button(content)
    yield from _path_buttons(content)
    yield Button(words.back_to_tour, payload("start_tour"))
    yield _start_again(content)
    yield Button(words.stop, payload("stop"))
    yield from _quiz_start(content)
    for path_id, path in tour.paths.items():
        count = len(path.steps)
        yield from _list_buttons(content, path_id)
        yield _end_button(content, path_id)
        yield Button(words.see_steps, payload("next", step=LIST, path=path_id))
        yield Button(words.list, payload("next", step=LIST, path=path_id))
        for number in range(1, count + 1):
            yield from _step_buttons(content, path_id, number)
            for title in (words.back_to_step, words.go_on):
                yield _step_button(content, path_id, number, filled(title, number, count))
    for number in range(1, len(tour.quiz) + 1):
        yield from _option_buttons(content, number)
        yield from _after_question(content, number)


def _paths(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    custom = {"kind": "tour"}
    return [Reply(content.tour.words.welcome, tuple(_path_buttons(content)), custom)]


def _resume(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    words, step = content.tour.words, _step_at(content, view.path, view.number)
    count = len(content.tour.paths[view.path].steps)
    text = filled(words.resume, view.number, count, step.title)
    title = filled(words.go_on, view.number, count)
    buttons = (
        _step_button(content, view.path, view.number, title),
        _start_again(content),
        Button(words.topics, MENU),
    )
    return [Reply(text, buttons, {"kind": "tour"})]


def _step(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    tour = content.tour
    step_id = tour.paths[view.path].steps[view.number - 1]
    step, topic = tour.steps[step_id], content.topics[tour.topic_of(step_id)]
    count = len(tour.paths[view.path].steps)
    header = filled(tour.words.header, view.number, count, step.title)
    note = [getattr(tour.words, view.note)] if view.note else []
    # "Tell me more" and "how sure are you" are then about this step.
    memory.last_topic = topic.id
    custom: Custom = {
        **provenance(content, topic),
        "kind": "tour",
        "path": view.path,
        "step": view.number,
        "of": count,
        "sources": [_cited(content, step.source)],
        "review": {"label": _review(content)},
    }
    text = "\n\n".join([header, *note, content.fill(step.text)])
    return [Reply(text, tuple(_step_buttons(content, view.path, view.number)), custom)]


def _list(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    words = content.tour.words
    note = getattr(words, view.note) if view.note else words.steps
    path = content.tour.paths[view.path]
    lines = []
    for number, step_id in enumerate(path.steps, 1):
        line = filled(words.step_line, number, len(path.steps), content.tour.steps[step_id].title)
        marks = _marks(content, place, view.path, number)
        lines.append(f"{line} ({', '.join(marks)})" if marks else line)
    buttons = tuple(_list_buttons(content, view.path))
    return [Reply("\n".join([note, *lines]), buttons, {"kind": "tour", "path": view.path})]


def _marks(content: Content, place: Place, path: str, number: int) -> list[str]:
    words, step_id = content.tour.words, content.tour.paths[path].steps[number - 1]
    if place.is_kept and (place.path, place.step) == (path, number):
        return [words.here]
    if step_id in place.skipped:
        return [words.skipped]
    return [words.seen] if step_id in place.seen else []


def _end(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    tour, path = content.tour, content.tour.paths[view.path]
    seen = [tour.steps[step_id].recap for step_id in path.steps if step_id in place.seen]
    recap = _listed(tour.words.recap, seen) if seen else tour.words.nothing_seen
    custom: Custom = {"kind": "tour", "path": view.path, "step": END}
    last = [*_quiz_start(content), *topic_buttons(content, tour.links)]
    if len(seen) < len(path.steps):
        last.append(Button(tour.words.see_steps, payload("next", step=LIST, path=view.path)))
    card = _listed(tour.words.gp_card, path.gp_ask)
    return [
        Reply(recap, custom=custom),
        Reply(_listed(tour.words.try_this_week, path.try_this_week), custom=custom),
        Reply(card, (*last, *_thumbs(content)), custom | {"card": "gp"}),
    ]


def _stopped(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    if not view.path:
        return [service(content, "stopped", memory.replies_given)]
    count = len(content.tour.paths[view.path].steps)
    text = filled(content.tour.words.stopped, view.number, count)
    buttons = (*way_back(content, place), Button(content.tour.words.topics, MENU))
    return [Reply(text, buttons, {"kind": "tour"})]


def _question(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    asked = content.tour.quiz[view.number - 1]
    header = filled(content.tour.words.question, view.number, len(content.tour.quiz))
    text = f"{header}\n\n{content.fill(asked.question)}"
    return [Reply(text, tuple(_option_buttons(content, view.number)), {"kind": "tour"})]


def _explained(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    asked = content.tour.quiz[view.number - 1]
    custom: Custom = {
        "kind": "tour",
        "sources": [_cited(content, asked.source)],
        "review": {"label": _review(content)},
    }
    buttons = tuple(_after_question(content, view.number))
    return [Reply(content.fill(asked.explained), buttons, custom)]


def _quiz_done(content: Content, place: Place, view: View, memory: Memory) -> list[Reply]:
    buttons = (*topic_buttons(content, content.tour.links), *_thumbs(content))
    return [Reply(content.tour.words.quiz_done, buttons, {"kind": "tour"})]


_SHOWN: dict[str, Callable[[Content, Place, View, Memory], list[Reply]]] = {
    "paths": _paths,
    "resume": _resume,
    "step": _step,
    "list": _list,
    "end": _end,
    "stopped": _stopped,
    "question": _question,
    "explained": _explained,
    "quiz_done": _quiz_done,
}


def _path_buttons(content: Content) -> Iterable[Button]:
    for path_id, path in content.tour.paths.items():
        yield Button(path.title, payload("start_tour", path=path_id))


def _step_buttons(content: Content, path: str, number: int) -> Iterable[Button]:
    """Always in this order: on, back, list, stop."""
    words = content.tour.words
    if number < len(content.tour.paths[path].steps):
        title = filled(words.next, title=_step_at(content, path, number + 1).title)
        yield _step_button(content, path, number + 1, title)
    else:
        yield _end_button(content, path)
    if number > 1:
        yield Button(words.back, payload("back", step=number - 1, path=path))
    yield Button(words.list, payload("next", step=LIST, path=path))
    yield Button(words.stop, payload("stop"))


def _list_buttons(content: Content, path: str) -> Iterable[Button]:
    words = content.tour.words
    for number in range(1, len(content.tour.paths[path].steps) + 1):
        step = _step_at(content, path, number)
        yield _step_button(
            content, path, number, filled(words.step_button, number, title=step.title)
        )
    yield Button(words.another_path, payload("start_tour", step=AGAIN))
    yield Button(words.topics, MENU)


def _option_buttons(content: Content, number: int) -> Iterable[Button]:
    for choice, option in enumerate(content.tour.quiz[number - 1].options, 1):
        yield Button(option, payload("next", quiz=number, answer=choice))
    yield Button(content.tour.words.skip_quiz, payload("next", quiz=END))


def _after_question(content: Content, number: int) -> Iterable[Button]:
    words = content.tour.words
    if number < len(content.tour.quiz):
        yield Button(words.next_question, payload("next", quiz=number + 1))
        yield Button(words.skip_quiz, payload("next", quiz=END))
    else:
        yield Button(words.finish, payload("next", quiz=END))


def _quiz_start(content: Content) -> list[Button]:
    return [Button(content.tour.words.quiz, payload("next", quiz=1))]


def _thumbs(content: Content) -> list[Button]:
    words = content.tour.words
    return [Button(words.helpful, "/feedback_good"), Button(words.not_helpful, "/feedback_bad")]


def _start_again(content: Content) -> Button:
    return Button(content.tour.words.start_again, payload("start_tour", step=AGAIN))


def _end_button(content: Content, path: str) -> Button:
    return Button(content.tour.words.finish, payload("next", step=END, path=path))


def _step_button(content: Content, path: str, number: int, title: str) -> Button:
    return Button(title, payload("next", step=number, path=path))


def _step_at(content: Content, path: str, number: int) -> TourStep:
    return content.tour.steps[content.tour.paths[path].steps[number - 1]]


def filled(text: str, number: int = 0, count: int = 0, title: str = "") -> str:
    """`text` with the values it names in braces."""
    return text.format(number=number, count=count, title=title)


def _listed(heading: str, lines: Iterable[str]) -> str:
    return "\n".join([heading, *(f"- {line}" for line in lines)])


def _lines(texts: Iterable[str]) -> list[Reply]:
    return [Reply(text, custom={"kind": "tour"}) for text in texts]


def _cited(content: Content, key: str) -> dict[str, str | None]:
    source = content.sources[key]
    return {"title": source.title, "publisher": source.publisher, "url": source.url}


def _review(content: Content) -> str:
    return review_label(content, content.tour)
