"""A tiny repository whose content and training data are right, for tests to break."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import yaml

from editorial.check import find_problems
from editorial.models import TelegramCommand, TelegramText, TourWords
from editorial.project import read_project

TODAY = date(2026, 12, 1)
TOPICS = ("fibre", "stress", "yoghurt")
RATINGS = {
    "strong": "Health experts advise",
    "moderate": "Studies suggest",
    "mixed": "Some studies suggest",
    "little_effect": "little or no difference",
    "association": "a link doesn't show one causes the other",
    "theory": "Scientists think",
    "unknown": "We don't know yet",
}


class Tree:
    """A repository below `root`, edited by field and checked as of TODAY."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def dump(self, path: str, data: Any) -> None:
        self.write(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True))

    def read(self, path: str) -> Any:
        return yaml.safe_load((self.root / path).read_text(encoding="utf-8"))

    def change(self, path: str, field: str, value: Any) -> None:
        """Set one field, named with dots; the value `...` removes it."""
        data = self.read(path)
        *parents, last = field.split(".")
        inner = data
        for parent in parents:
            inner = inner[parent]
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
        self.dump(path, data)

    def add_phrase(self, intent: str, phrase: str) -> None:
        data = self.read("data/nlu.yml")
        for block in data["nlu"]:
            if block["intent"] == intent:
                block["examples"] += f"- {phrase}\n"
        self.dump("data/nlu.yml", data)

    def problems(self) -> list[str]:
        return [str(problem) for problem in find_problems(read_project(self.root, TODAY))]


def write_valid(tree: Tree) -> None:
    """Fill a tree with content and training data that have no problem."""
    _write_topics(tree)
    _write_safety(tree)
    _write_tables(tree)
    _write_training(tree)


def topic(topic_id: str) -> dict[str, Any]:
    return {
        "title": topic_id.capitalize(),
        "question": f"Does {topic_id} help the skin?",
        "status": "draft",
        "review": "pending",
        "about": ["plain_facts"],
        "answer": "We don't know yet if it helps. Keep up your usual skin care.",
        "more": "There have been few studies so far.",
        "variants": {"baby": "We don't know yet if it helps a baby. Keep up skin care."},
        "evidence": {"rating": "unknown", "note": "We don't know yet."},
        "gp": {"when": "once", "why": "A GP knows you.", "ask": ["Could food play a part?"]},
        "sources": ["article"],
        "see_also": [other for other in TOPICS if other != topic_id],
    }


def _write_topics(tree: Tree) -> None:
    for topic_id in TOPICS:
        tree.dump(f"content/topics/{topic_id}.yml", topic(topic_id))


def _write_safety(tree: Tree) -> None:
    reply = {
        "text": "Call {au_emergency} in Australia or {nz_emergency} in New Zealand now.",
        "contacts": ["au_emergency", "nz_emergency"],
    }
    for number in range(1, 22):
        flag = {
            "flag": f"RF{number}",
            "title": f"Flag {number}",
            "intent": "report_urgent" if number == 1 else None,
            "status": "draft",
            "review": "pending",
            "replies": {"E": reply},
            "sources": ["article"],
        }
        tree.dump(f"content/safety/rf{number:02}.yml", flag)


def _write_tables(tree: Tree) -> None:
    awaited = {"status": "draft", "review": "pending"}
    tree.dump(
        "content/phone_numbers.yml",
        {"au_emergency": _number("AU", "000"), "nz_emergency": _number("NZ", "111")},
    )
    tree.dump("content/sources.yml", {"article": _source()})
    tree.dump(
        "content/deflections/brand.yml",
        {**awaited, "cues": ["acme drops"], "text": "I don't compare products."},
    )
    tree.dump(
        "content/disclaimers.yml",
        {**awaited, "long": ["This is not advice."], "short": ["Ask your GP."], "policy": {}},
    )
    tree.dump("content/service.yml", {"reviewed_on": {"text": "Reviewed on {date}"}})
    texts = ("title", "introduction", "notice", "draft_notice", "numbers_title")
    more = ("numbers_introduction", "not_found", "tour_introduction")
    tree.dump(
        "content/faq.yml",
        {
            **awaited,
            **dict.fromkeys((*texts, *more), "Good to know."),
            "groups": [{"title": "All", "topics": list(TOPICS)}],
        },
    )
    kind = {"id": "default", "title": "Something else", "text": "That one is not for me."}
    tree.dump("content/out_of_scope.yml", {**awaited, "kinds": [kind]})
    near = {"id": "bath", "title": "Baths", "cues": ["bath oil"], "text": "A nurse knows more."}
    tree.dump("content/near_scope.yml", {**awaited, "kinds": [near]})
    tree.dump(
        "content/telegram.yml",
        {
            **awaited,
            "description": "I am a chatbot.",
            "short_description": "A chatbot.",
            "commands": {name: "Do it" for name in get_args(TelegramCommand)},
            "texts": {name: "Some words." for name in get_args(TelegramText)},
        },
    )
    ladder = {
        rating: {"label": "Sure", "meaning": "As far as known.", "words": [words]}
        for rating, words in RATINGS.items()
    }
    ladder["not_rated"] = {"label": "Practical", "meaning": "Not rated.", "words": []}
    tree.dump("content/evidence.yml", ladder)
    tree.dump("content/tour.yml", tour())


def tour() -> dict[str, Any]:
    """A tour of two paths: all steps, and the first and the last."""
    help_text = "Call {au_emergency} in Australia or {nz_emergency} in New Zealand."
    texts = {"fibre": "We don't know yet.", "calm": "Rest is good.", "yoghurt": help_text}
    steps: dict[str, Any] = {
        step: {"title": step.title(), "text": text, "recap": "Be kind.", "source": "article"}
        for step, text in texts.items()
    }
    steps["calm"]["topic"] = "stress"
    lines = ["Rest a little.", "Eat a plant.", "Walk a bit."]
    asked = {
        "question": "Is it so?",
        "options": ["Yes", "No"],
        "explained": "No.",
        "topic": "fibre",
    }
    return {
        "status": "draft",
        "review": "pending",
        "paths": {
            "long": {"title": "All", "steps": [*steps], "try_this_week": lines, "gp_ask": lines},
            "short": {
                "title": "Some",
                "steps": ["fibre", "yoghurt"],
                "try_this_week": lines,
                "gp_ask": lines,
            },
        },
        "steps": steps,
        "quiz": [{**asked, "source": "article"}] * 3,
        "links": ["stress"],
        "words": {name: WORDS.get(name, name.replace("_", " ")) for name in TourWords.__fields__},
    }


WORDS = {
    "header": "Step {number} of {count} · {title}",
    "next": "Next: {title}",
    "go_on": "Continue at {number}",
    "step_button": "{number} · {title}",
}


def _write_training(tree: Tree) -> None:
    counts = {f"ask_{topic_id}": 40 for topic_id in TOPICS}
    counts |= {"report_urgent": 40, "greet": 20, "out_of_scope": 250}
    blocks = [
        {"intent": name, "examples": "".join(f"- {name} {n}\n" for n in range(count))}
        for name, count in counts.items()
    ]
    tree.dump("data/nlu.yml", {"version": "3.1", "nlu": blocks})
    intents = [*counts, "nlu_fallback"]
    intents[0] = {intents[0]: {"use_entities": []}}
    response = {"text": "Hello, nice to meet you.", "buttons": [_button("Menu", "/help_menu")]}
    tree.dump("domain.yml", {"intents": intents, "responses": {"utter_greet": [response]}})
    tree.write("evaluation/questions.jsonl", '{"text": "is fibre any good", "intent": "x"}\n')


def _number(country: str, digits: str) -> dict[str, Any]:
    return {
        "name": "Emergency",
        "country": country,
        "display": digits,
        "tel": digits,
        "for": "an ambulance",
        "verified": "seen",
        "how": "its own page",
        "checked": date(2026, 11, 1),
    }


def _source() -> dict[str, Any]:
    return {
        "facts": "article",
        "title": "Our article",
        "publisher": "The association",
        "url": "https://example.org",
        "depth": "page",
        "kind": "organisation",
    }


def _button(title: str, payload: str) -> dict[str, str]:
    return {"title": title, "payload": payload}
