"""The guided tour as pages of the guided FAQ: each step has an address, which keeps the place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from editorial.models import Content, TourPath
from editorial.tour_replies import filled

TOUR = "tour"
END = "end"


@dataclass(frozen=True)
class TourPage:
    """One page: its name, its template, and what that is to be filled with."""

    name: str
    template: str
    title: str
    description: str
    values: dict[str, Any]


def tour_pages(content: Content) -> Iterator[TourPage]:
    """The page on which a path is chosen, and for each path its steps and its end."""
    words, introduction = content.tour.words, content.faq.tour_introduction
    paths = [(path, step_page(path_id, 1)) for path_id, path in content.tour.paths.items()]
    yield TourPage(TOUR, "tour", words.guided_tour, introduction, {"paths": paths})
    for path_id, path in content.tour.paths.items():
        yield from (_step(content, path_id, path, n) for n in range(1, len(path.steps) + 1))
        yield _end(content, path_id, path)


def step_page(path_id: str, step: int | str) -> str:
    """The name of a step's page. A hyphen stands in no topic's id."""
    return f"{TOUR}-{path_id}-{step}"


def _step(content: Content, path_id: str, path: TourPath, number: int) -> TourPage:
    tour, count = content.tour, len(path.steps)
    step = tour.steps[path.steps[number - 1]]
    heading = filled(tour.words.header, number, count, step.title)
    following = path.steps[number : number + 1]
    onward = [filled(tour.words.next, title=tour.steps[one].title) for one in following]
    topic = content.topics[tour.topic_of(path.steps[number - 1])]
    values = {
        **_shared(content, path_id, path),
        "heading": heading,
        "number": number,
        "count": count,
        "step": step,
        "topic": topic if topic.status != "retired" else None,
        "source": content.sources[step.source],
        "before": step_page(path_id, number - 1) if number > 1 else None,
        "after": step_page(path_id, number + 1 if following else END),
        "onward": (onward or [tour.words.finish])[0],
    }
    # A step may stand on several paths; search engines want each description once.
    title, text = f"{heading} · {path.title}", f"{path.title}: {content.fill(step.text)}"
    return TourPage(step_page(path_id, number), "tour-step", title, text, values)


def _end(content: Content, path_id: str, path: TourPath) -> TourPage:
    words = content.tour.words
    recaps = [content.tour.steps[step].recap for step in path.steps]
    topics = [content.topics[topic] for topic in content.tour.links]
    values = {
        **_shared(content, path_id, path),
        "recaps": recaps,
        "quiz": content.tour.quiz,
        "links": [topic for topic in topics if topic.status != "retired"],
    }
    title, text = f"{words.guided_tour} · {path.title}", f"{path.title}: {' '.join(recaps)}"
    return TourPage(step_page(path_id, END), "tour-end", title, content.fill(text), values)


def _shared(content: Content, path_id: str, path: TourPath) -> dict[str, Any]:
    titles = [content.tour.steps[step].title for step in path.steps]
    steps = [(step_page(path_id, n), title) for n, title in enumerate(titles, 1)]
    return {"path": path, "steps": steps, "words": content.tour.words}
