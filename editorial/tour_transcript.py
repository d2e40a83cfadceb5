"""Writes docs/tour.md: the tour as it reads, played through the state machine itself."""

import json
import re
from collections.abc import Iterator, Sequence

from editorial import replies
from editorial.models import Content
from editorial.replies import Memory, Reply
from editorial.tour import kept, leave, move, read_place, set_aside, wish_of
from editorial.tour_replies import tour_replies, way_back

INTRODUCTION = """# The guided tour

For new members: three paths of six short steps, then a recap, a card for the GP and a quiz. All of
its wording is [content/tour.yml](../content/tour.yml); `make check` guards it. Website and Telegram
show the same. This page is a transcript: `make tour` writes it, and a test keeps it current.

- A button carries its step (`/next{"step":"3","path":"me"}`), so an old button shows its own step,
  and a double tap shows the same step twice and goes no further.
- "next", "go back", "skip this", "step 4", "where was I" and "stop" may be typed instead.
- Questions in between get the normal answers, with a button back to the step.
- A red flag leaves the tour. The place is kept: through a restart, for as long as the
  conversation itself is kept, and until "delete my data".
- Counted, by month and without anything that tells who it was: started, reached (each step), left,
  resumed, finished. `make tour-counts` prints the sums.
"""

# A scene is a conversation of its own: what is tapped (a payload) or typed (with its intent).
Scene = Sequence[str | tuple[str, str]]

_ASIDE: Scene = (
    "/start_tour",
    '/start_tour{"path":"me"}',
    ("does fibre help", "ask_fibre"),
    ("go back", "back"),
    ("skip this", "next"),
    ("step 5", "next"),
    ("where was I", "next"),
)
_PAUSE: Scene = (
    '/start_tour{"path":"supporter"}',
    '/next{"step":"2","path":"supporter"}',
    "/stop",
    ("tour", "start_tour"),
    '/next{"step":"2","path":"supporter"}',
    ("my throat is closing up", "report_urgent"),
    ("tour", "start_tour"),
)
_QUIZ: Scene = (
    '/next{"quiz":"1"}',
    '/next{"quiz":"1","answer":"2"}',
    '/next{"quiz":"2"}',
    '/next{"quiz":"2","answer":"1"}',
    '/next{"quiz":"3"}',
    '/next{"quiz":"3","answer":"3"}',
    '/next{"quiz":"end"}',
)
_PAYLOAD = re.compile(r"/(?P<intent>[a-z_]+)(?P<values>\{.*\})?")
_NOW = 0.0


def transcript(content: Content) -> str:
    """The page as Markdown."""
    scenes: list[tuple[str, Scene]] = [
        (f"The path “{path.title}”", _whole_path(path_id, len(path.steps)))
        for path_id, path in content.tour.paths.items()
    ]
    scenes += [
        ("A question in between, skipping and jumping", _ASIDE),
        ("Stopping, coming back, and a red flag", _PAUSE),
        ("The quiz", _QUIZ),
    ]
    parts = [INTRODUCTION]
    for title, said in scenes:
        parts.append(f"## {title}\n")
        parts += _scene(content, said)
    return "\n".join(parts)


def _whole_path(path: str, count: int) -> Scene:
    steps = [f'/next{{"step":"{number}","path":"{path}"}}' for number in range(2, count + 1)]
    end = f'/next{{"step":"end","path":"{path}"}}'
    return (f'/start_tour{{"path":"{path}"}}', *steps, end)


def _scene(content: Content, said: Scene) -> Iterator[str]:
    memory = Memory()
    titles = {"/start_tour": content.tour.words.guided_tour}
    for one in said:
        text, intent = one if isinstance(one, tuple) else (one, "")
        yield f"**{titles.get(text, text)}**\n" if not intent else f"*“{text}”*\n"
        bubbles = _answer(content, memory, text, intent)
        for bubble in bubbles:
            titles |= {button.payload: button.title for button in bubble.buttons}
            yield from _shown(bubble)


def _answer(content: Content, memory: Memory, text: str, intent: str) -> list[Reply]:
    tapped = _PAYLOAD.fullmatch(text)
    values = json.loads(tapped["values"] or "{}") if tapped else {}
    place = read_place(memory.tour, content.tour)
    if intent == "report_urgent":
        memory.tour = kept(leave(place)[0])
        return replies.safety(content, "E", "RF2")
    topic = content.topics.get(intent.removeprefix("ask_"))
    if topic:
        *before, last = replies.answer(content, topic, memory, _NOW)
        memory.tour = kept(set_aside(place))
        back = (*last.buttons, *way_back(content, place))
        return [*before, Reply(last.text, back, last.custom)]
    moved = move(content.tour, place, wish_of(tapped["intent"] if tapped else intent, values, text))
    assert moved, f"{text} leads nowhere in the tour"
    return tour_replies(content, moved.place, moved.view, memory, _NOW)


def _shown(bubble: Reply) -> Iterator[str]:
    for line, before in zip(lines := bubble.text.split("\n"), ["", *lines], strict=False):
        if before.startswith("- ") and not line.startswith("- "):
            yield ">"  # or Markdown takes the line for a part of the list
        yield f"> {line}".rstrip()
    for source in bubble.custom.get("sources", []):
        yield f">\n> Source: {source['title']}, {source['publisher']}"
    if "review" in bubble.custom:
        yield f"> · {bubble.custom['review']['label']}"
    yield ""
    if bubble.buttons:
        yield " ".join(f"`[{button.title}]`" for button in bubble.buttons) + "\n"
