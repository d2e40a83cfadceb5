"""Every text a person may read, with the file and field it stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from editorial.models import PLACEHOLDER, Content, Faq, SafetyFlag, TelegramWording, Topic, Tour
from editorial.paths import FAQ, TELEGRAM, TOUR, flag_path, topic_path
from editorial.problem import Problem

Place = Literal[
    "topics",
    "safety",
    "deflections",
    "out_of_scope",
    "near_scope",
    "disclaimers",
    "service",
    "evidence",
    "faq",
    "telegram",
    "responses",
]

# What a text of the service may hold besides phone numbers; the reply fills it in.
SERVICE_VALUES = frozenset({"date", "title", "number", "count"})

FAQ_TEXTS = (
    "title",
    "introduction",
    "notice",
    "draft_notice",
    "numbers_title",
    "numbers_introduction",
    "not_found",
    "tour_introduction",
)


@dataclass(frozen=True)
class Passage:
    """A text, the file (`path`) and field (`where`) it comes from, and the kind of place it is."""

    path: str
    where: str
    place: Place
    text: str


def passages(content: Content) -> Iterator[Passage]:
    """Every text of the content."""
    for topic in content.topics.values():
        yield from _of_topic(topic)
    for flag in content.flags.values():
        yield from _of_flag(flag)
    for name, deflection in content.deflections.items():
        yield Passage(f"content/deflections/{name}.yml", "text", "deflections", deflection.text)
    yield from _of_tour(content.tour)
    yield from _of_tables(content)


def unknown_numbers(content: Content) -> Iterator[Problem]:
    """A problem for every {key} in a text that no phone number has."""
    for passage in passages(content):
        allowed = SERVICE_VALUES if passage.place == "service" else frozenset()
        for key in PLACEHOLDER.findall(passage.text):
            if key not in content.numbers and key not in allowed:
                yield Problem(
                    passage.path,
                    f"`{passage.where}` names the number {{{key}}}, which does not exist",
                    "use a key of content/phone_numbers.yml, or add the number there",
                )


def _of_topic(topic: Topic) -> Iterator[Passage]:
    texts = {"title": topic.title, "question": topic.question}
    texts |= {"answer": topic.answer, "more": topic.more}
    texts |= {f"variants.{person}": text for person, text in topic.variants.items()}
    texts["evidence.note"] = topic.evidence.note
    if topic.gp.why:
        texts["gp.why"] = topic.gp.why
    texts |= {f"gp.ask.{number}": text for number, text in enumerate(topic.gp.ask, 1)}
    for where, text in texts.items():
        yield Passage(topic_path(topic.id), where, "topics", text)


def _of_flag(flag: SafetyFlag) -> Iterator[Passage]:
    for level, reply in flag.replies.items():
        yield Passage(flag_path(flag.flag), f"replies.{level}.text", "safety", reply.text)
        for number, text in enumerate(reply.gp_ask, 1):
            where = f"replies.{level}.gp_ask.{number}"
            yield Passage(flag_path(flag.flag), where, "safety", text)


def _of_tour(tour: Tour) -> Iterator[Passage]:
    """What is said of health keeps the rules of topics, the words around it those of service."""
    texts: dict[str, str] = {}
    for step_id, step in tour.steps.items():
        texts |= {f"steps.{step_id}.{name}": getattr(step, name) for name in STEP_TEXTS}
    for path_id, path in tour.paths.items():
        texts[f"paths.{path_id}.title"] = path.title
        for name, lines in (("try_this_week", path.try_this_week), ("gp_ask", path.gp_ask)):
            texts |= {f"paths.{path_id}.{name}.{n}": line for n, line in enumerate(lines, 1)}
    for number, asked in enumerate(tour.quiz, 1):
        texts[f"quiz.{number}.question"] = asked.question
        texts[f"quiz.{number}.explained"] = asked.explained
    for where, text in texts.items():
        yield Passage(TOUR, where, "topics", text)
    for name, text in vars(tour.words).items():
        yield Passage(TOUR, f"words.{name}", "service", text)


STEP_TEXTS = ("title", "text", "recap")


def _of_tables(content: Content) -> Iterator[Passage]:
    for kind in content.out_of_scope.kinds:
        yield from _numbered("out_of_scope", kind.id, kind.texts)
    for kind in content.near_scope.kinds:
        yield from _numbered("near_scope", kind.id, kind.texts)
    yield from _numbered("disclaimers", "long", content.disclaimers.long)
    yield from _numbered("disclaimers", "short", content.disclaimers.short)
    for key, texts in content.service.items():
        yield from _numbered("service", key, texts)
    for name, rating in content.evidence.items():
        yield Passage("content/evidence.yml", f"{name}.label", "evidence", rating.label)
        yield Passage("content/evidence.yml", f"{name}.meaning", "evidence", rating.meaning)
    yield from _of_faq(content.faq)
    yield from _of_telegram(content.telegram)


def _of_faq(faq: Faq) -> Iterator[Passage]:
    for where in FAQ_TEXTS:
        yield Passage(FAQ, where, "faq", getattr(faq, where))
    for number, group in enumerate(faq.groups, 1):
        yield Passage(FAQ, f"groups.{number}.title", "faq", group.title)


def _of_telegram(wording: TelegramWording) -> Iterator[Passage]:
    texts = {"description": wording.description, "short_description": wording.short_description}
    texts |= {f"commands.{name}": text for name, text in wording.commands.items()}
    texts |= {f"texts.{name}": text for name, text in wording.texts.items()}
    for where, text in texts.items():
        if text:
            yield Passage(TELEGRAM, where, "telegram", text)


def _numbered(place: Place, key: str, texts: list[str]) -> Iterator[Passage]:
    for number, text in enumerate(texts, 1):
        where = key if len(texts) == 1 else f"{key}.{number}"
        yield Passage(f"content/{place}.yml", where, place, text)
