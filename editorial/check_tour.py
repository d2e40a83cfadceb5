"""Checks of the guided tour; each takes the project and yields what is wrong."""

from collections.abc import Iterator

from editorial.check_content import EMERGENCY_KEYS, MAX_PAYLOAD_BYTES, MAX_TITLE
from editorial.paths import TOUR
from editorial.problem import Problem
from editorial.project import Project
from editorial.tour_replies import tour_payloads

MAX_STEP = 600  # characters: one screen of a phone


def check_tour_topics(project: Project) -> Iterator[Problem]:
    """Everything in the tour is about a topic in use, and a published tour about published ones."""
    tour, in_use = project.content.tour, project.topics_in_use()
    named = {f"steps.{step_id}": tour.topic_of(step_id) for step_id in tour.steps}
    named |= {f"quiz.{number}": asked.topic for number, asked in enumerate(tour.quiz, 1)}
    named |= {f"links.{number}": topic for number, topic in enumerate(tour.links, 1)}
    for where, topic_id in named.items():
        topic = project.content.topics.get(topic_id)
        if topic_id not in in_use:
            what = f"`{where}` is about {topic_id}, which is no topic in use"
            yield Problem(TOUR, what, "mend the id, set `topic:`, or write that topic")
        elif topic and tour.status == "published" and topic.status == "draft":
            what = f"is published, but `{where}` is about {topic_id}, which is a draft"
            yield Problem(TOUR, what, "have the topic reviewed first, or set `status: draft`")


def check_tour_sources(project: Project) -> Iterator[Problem]:
    """What the tour says of a topic rests on a source of that topic."""
    tour = project.content.tour
    cited = [
        (f"steps.{step_id}", tour.topic_of(step_id), step.source)
        for step_id, step in tour.steps.items()
    ]
    cited += [(f"quiz.{n}", asked.topic, asked.source) for n, asked in enumerate(tour.quiz, 1)]
    for where, topic_id, source in cited:
        topic = project.content.topics.get(topic_id)
        if topic and source not in topic.sources and project.content.cited([source]):
            what = f"`{where}` rests on {source}, which {topic_id} does not cite"
            yield Problem(TOUR, what, f"use one of: {', '.join(topic.sources)}")


def check_tour_is_reachable(project: Project) -> Iterator[Problem]:
    """Every step of a path exists once in it, and every step is on a path."""
    tour = project.content.tour
    for path_id, path in tour.paths.items():
        for step_id in dict.fromkeys(path.steps):
            if step_id not in tour.steps:
                what = f"`paths.{path_id}` names the step {step_id}, which does not exist"
                yield Problem(TOUR, what, "mend the id, or write the step under `steps`")
            if path.steps.count(step_id) > 1:
                what = f"`paths.{path_id}` names the step {step_id} twice"
                yield Problem(TOUR, what, "keep it once")
    walked = {step_id for path in tour.paths.values() for step_id in path.steps}
    for step_id in tour.steps:
        if step_id not in walked:
            what = f"`steps.{step_id}` cannot be reached: no path names it"
            yield Problem(TOUR, what, "add it to a path, or remove it")


def check_tour_red_flags(project: Project) -> Iterator[Problem]:
    """Every path has a step that says when to get help, with both emergency numbers."""
    tour = project.content.tour
    for path_id, path in tour.paths.items():
        texts = [tour.steps[step_id].text for step_id in path.steps if step_id in tour.steps]
        if not any(all(f"{{{key}}}" in text for key in EMERGENCY_KEYS) for text in texts):
            what = f"`paths.{path_id}` has no red-flag step"
            numbers = " and ".join(f"{{{key}}}" for key in EMERGENCY_KEYS)
            yield Problem(TOUR, what, f"add a step that says when to call {numbers}")


def check_tour_lengths(project: Project) -> Iterator[Problem]:
    """A step fits one screen of a phone."""
    for step_id, step in project.content.tour.steps.items():
        count = len(project.reading_text(step.text))
        if count > MAX_STEP:
            what = f"`steps.{step_id}.text` has {count} characters, over {MAX_STEP}"
            yield Problem(TOUR, what, "keep to one idea")


def check_tour_buttons(project: Project) -> Iterator[Problem]:
    """The tour's buttons fit the channels."""
    if any(check_tour_is_reachable(project)) or not project.content.tour.paths:
        return
    buttons = {(button.title, button.payload) for button in tour_payloads(project.content)}
    for title in sorted({title for title, _ in buttons if len(title) > MAX_TITLE}):
        what = f"has the button '{title}' of {len(title)} characters, over {MAX_TITLE}"
        yield Problem(TOUR, what, "shorten it")
    for payload in sorted({payload for _, payload in buttons}):
        size = len(payload.encode("utf-8"))
        if size > MAX_PAYLOAD_BYTES:
            what = f"has a button with the payload {payload} of {size} bytes"
            yield Problem(TOUR, what, f"keep to {MAX_PAYLOAD_BYTES}: give the path a shorter id")
