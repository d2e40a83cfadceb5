"""The shape of every content file, as read-only models."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConstrainedStr, Field, root_validator, validator

PLACEHOLDER = re.compile(r"\{(\w+)\}")

Status = Literal["draft", "published", "retired"]
About = Literal[
    "treatment",
    "supplement",
    "food_restriction",
    "testing",
    "pregnancy",
    "weak_immunity",
    "child",
    "plain_facts",
]
Person = Literal["baby", "child", "pregnant", "weak_immunity"]
Rating = Literal[
    "strong",
    "moderate",
    "mixed",
    "little_effect",
    "association",
    "theory",
    "unknown",
    "not_rated",
]
Level = Literal["E", "C", "S", "G"]


if TYPE_CHECKING:
    Text = str
else:

    class Text(ConstrainedStr):
        """Words in a file: never empty, never a number YAML has misread (000 would become 0)."""

        strict = True
        min_length = 1
        strip_whitespace = True


class Model(BaseModel):
    """Read-only, and strict about unknown fields."""

    class Config:
        extra = "forbid"
        frozen = True
        allow_population_by_field_name = True


class Review(Model):
    """Who vouched for a wording, when, and until when that holds."""

    by: Text
    on: date
    next: date

    @root_validator(skip_on_failure=True)
    def _next_comes_later(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["next"] <= values["on"]:
            raise ValueError("has `next` no later than `on`")
        return values


class Reviewed(Model):
    """Wording that a reviewer signs before it is published."""

    status: Status
    review: Review | Literal["pending"]

    @validator("review", pre=True)
    def _pending_or_signed(cls, value: object) -> object:
        if value != "pending" and not isinstance(value, Mapping | Review):
            raise ValueError("must be `pending` or {by: …, on: …, next: …}")
        return value

    @property
    def signed(self) -> Review | None:
        """The review, or None while it is awaited."""
        return self.review if isinstance(self.review, Review) else None


class TopicEvidence(Model):
    """How sure we are of one topic's answer."""

    rating: Rating
    note: Text


class GpLine(Model):
    """When, why and with which questions a topic sends people to their GP."""

    when: Literal["always", "once", "never"]
    why: Text | None = None
    ask: list[Text] = []

    @root_validator(skip_on_failure=True)
    def _says_why(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["when"] != "never" and not (values["why"] and values["ask"]):
            raise ValueError("must say `why` and `ask` unless `when` is never")
        return values


class Topic(Reviewed):
    """One reviewed answer; its file name is its id."""

    id: Text
    title: Text
    question: Text
    about: list[About]
    answer: Text
    more: Text
    variants: dict[Person, Text] = {}
    instead: dict[Literal["adult", "baby", "child", "pregnant"], Text] = {}
    evidence: TopicEvidence
    gp: GpLine
    sources: list[Text] = Field(min_items=1, max_items=4)
    see_also: list[Text]

    @property
    def intent(self) -> str:
        """The intent that asks for this topic."""
        return f"ask_{self.id}"


class SafetyReply(Model):
    """What is said at one level of a red flag; `contacts` are keys of phone numbers."""

    text: Text
    contacts: list[Text]
    gp_ask: list[Text] = []


class SafetyFlag(Reviewed):
    """One red flag (RF1, RF2, …) with its fixed replies by level."""

    flag: Text = Field(regex=r"^RF[1-9]\d*$")
    title: Text
    intent: Text | None = None
    replies: dict[Level, SafetyReply]
    sources: list[Text]

    @validator("replies")
    def _says_something(cls, value: dict[Level, SafetyReply]) -> dict[Level, SafetyReply]:
        if not value:
            raise ValueError("must hold a reply for at least one level")
        return value


class PhoneNumber(Model):
    """A phone number, what it is for, and how well and when it was checked."""

    name: Text
    country: Text
    display: Text
    tel: Text
    hours: Text | None = None
    for_: Text = Field(alias="for")
    verified: Literal["seen", "reported", "unconfirmed"]
    how: Text
    checked: date


class Source(Model):
    """A published source; `facts` names its entry in the fact base."""

    facts: Text
    title: Text
    publisher: Text
    year: int | None = None
    url: Text | None = None
    depth: Literal["abstract", "page", "reported", "from_memory"]
    kind: Literal[
        "guideline", "organisation", "patient_page", "review", "study", "trial", "news", "law"
    ]


class Deflection(Reviewed):
    """What is said when something is asked that the guide must not answer.

    `cues` betray it in a topic with a common `about`, `entities` in every topic but `not_in`.
    """

    cues: list[Text] = []
    entities: list[Text] = []
    not_in: list[Text] = []
    text: Text
    about: list[About] = []
    contacts: list[Text] = []


class _Worded(Model):
    @root_validator(pre=True)
    def _one_or_many(cls, values: dict[str, Any]) -> dict[str, Any]:
        if "text" not in values:
            return values
        if "texts" in values:
            raise ValueError("has both `text` and `texts`")
        return {key: value for key, value in values.items() if key != "text"} | {
            "texts": [values["text"]]
        }


class OutOfScopeKind(_Worded):
    """One kind of question that is not ours, and how it is turned down."""

    id: Text
    title: Text
    cues: list[Text] = []
    texts: list[Text] = Field(min_items=1)
    contacts: list[Text] = []


class OutOfScope(Reviewed):
    """The kinds of questions that are not ours; the first whose cue is heard answers.

    `beside`: intents whose own answer follows the kind's.
    """

    beside: list[Text] = []
    kinds: list[OutOfScopeKind] = Field(min_items=1)


class ServiceText(_Worded):
    """What the guide says about itself or the chat, in one or several wordings."""

    texts: list[Text] = Field(min_items=1)


class Disclaimers(Reviewed):
    """The two disclaimers, each in several wordings, and when which is shown."""

    long: list[Text] = Field(min_items=1)
    short: list[Text] = Field(min_items=1)
    policy: dict[str, Any]


class FaqGroup(Model):
    """Topics that stand together in the guided FAQ, by their ids."""

    title: Text
    topics: list[Text] = Field(min_items=1)


class Faq(Reviewed):
    """The groups of the guided FAQ, and what its pages say beside the answers."""

    title: Text
    introduction: Text
    notice: Text
    draft_notice: Text
    numbers_title: Text
    numbers_introduction: Text
    not_found: Text
    tour_introduction: Text
    groups: list[FaqGroup] = Field(min_items=1)


TelegramCommand = Literal["start", "help", "tour", "topics", "privacy", "delete", "stop"]
TelegramText = Literal[
    "welcome",
    "help",
    "group",
    "private_button",
    "voice",
    "photo",
    "sticker",
    "location",
    "unreadable",
    "red_flag",
    "forwarded",
    "edited",
    "too_many",
    "how_sure",
    "sources",
    "country_au",
    "country_nz",
]


class TelegramWording(Reviewed):
    """What is said on Telegram alone: the bot's profile, its menu, and what it cannot read."""

    description: Text
    short_description: Text
    commands: dict[TelegramCommand, Text]
    texts: dict[TelegramText, Text]

    def text(self, key: str) -> str:
        """The text of `texts` with this key."""
        texts: Mapping[Any, str] = self.texts
        return texts[key]

    @validator("commands")
    def _has_every_command(cls, value: dict[str, Text]) -> dict[str, Text]:
        return _with_every_key(value, get_args(TelegramCommand))

    @validator("texts")
    def _has_every_text(cls, value: dict[str, Text]) -> dict[str, Text]:
        return _with_every_key(value, get_args(TelegramText))


def _with_every_key(value: dict[str, Text], keys: Iterable[str]) -> dict[str, Text]:
    if missing := [key for key in keys if key not in value]:
        raise ValueError(f"has no {', '.join(missing)}")
    return value


class EvidenceRating(Model):
    """A rung of the evidence ladder; one of `words` must stand in an answer rated so."""

    label: Text
    meaning: Text
    words: list[Text] = []


class TourStep(Model):
    """One step of the guided tour; `source` is one of its topic's."""

    topic: Text | None = None
    title: Text
    text: Text
    recap: Text
    source: Text


class TourPath(Model):
    """The ids of a path's steps in order, and what its end holds."""

    title: Text
    steps: list[Text] = Field(min_items=1, max_items=9)
    try_this_week: list[Text] = Field(min_items=3, max_items=3)
    gp_ask: list[Text] = Field(min_items=1, max_items=4)


class QuizQuestion(Model):
    """A question nobody is graded on: every choice is followed by `explained`."""

    topic: Text
    question: Text
    options: list[Text] = Field(min_items=2, max_items=3)
    explained: Text
    source: Text


class TourWords(Model):
    """What the guide says around the steps."""

    welcome: Text
    header: Text
    next: Text
    finish: Text
    back: Text
    list: Text
    stop: Text
    guided_tour: Text
    back_to_tour: Text
    back_to_step: Text
    go_on: Text
    start_again: Text
    topics: Text
    resume: Text
    stopped: Text
    first_step: Text
    no_such_step: Text
    steps: Text
    step_line: Text
    step_button: Text
    seen: Text
    skipped: Text
    here: Text
    another_path: Text
    recap: Text
    nothing_seen: Text
    try_this_week: Text
    gp_card: Text
    see_steps: Text
    quiz: Text
    question: Text
    next_question: Text
    skip_quiz: Text
    quiz_done: Text
    helpful: Text
    not_helpful: Text


class Tour(Reviewed):
    """The guided tour: paths through a pool of steps, each under its id."""

    paths: dict[Text, TourPath]
    steps: dict[Text, TourStep]
    quiz: list[QuizQuestion] = Field(min_items=3, max_items=3)
    links: list[Text]
    words: TourWords

    def topic_of(self, step_id: str) -> str:
        """The id of the topic that a step is about."""
        return self.steps[step_id].topic or step_id


# Stand in while a broken file is being reported; never shown to anyone.
NO_TOUR = Tour.construct(
    status="draft",
    review="pending",
    paths={},
    steps={},
    quiz=[],
    links=[],
    words=TourWords.construct(),
)
NO_DISCLAIMERS = Disclaimers.construct(
    status="draft", review="pending", long=[], short=[], policy={}
)
NO_KINDS = OutOfScope.construct(status="draft", review="pending", kinds=[])
NO_FAQ = Faq.construct(
    status="draft",
    review="pending",
    title="",
    introduction="",
    notice="",
    draft_notice="",
    numbers_title="",
    numbers_introduction="",
    not_found="",
    tour_introduction="",
    groups=[],
)
NO_TELEGRAM = TelegramWording.construct(
    status="draft", review="pending", description="", short_description="", commands={}, texts={}
)


@dataclass(frozen=True)
class Content:
    """Everything the guide may say."""

    topics: dict[str, Topic] = field(default_factory=dict)
    flags: dict[str, SafetyFlag] = field(default_factory=dict)
    numbers: dict[str, PhoneNumber] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    deflections: dict[str, Deflection] = field(default_factory=dict)
    out_of_scope: OutOfScope = NO_KINDS
    near_scope: OutOfScope = NO_KINDS
    disclaimers: Disclaimers = NO_DISCLAIMERS
    service: dict[str, list[str]] = field(default_factory=dict)
    evidence: dict[str, EvidenceRating] = field(default_factory=dict)
    faq: Faq = NO_FAQ
    telegram: TelegramWording = NO_TELEGRAM
    tour: Tour = NO_TOUR

    @property
    def kinds(self) -> list[OutOfScopeKind]:
        """The kinds of questions that are not ours, as they are tried: near ones first."""
        return [*self.near_scope.kinds, *self.out_of_scope.kinds]

    def cited(self, ids: Iterable[str]) -> dict[str, Source]:
        """The sources with these ids: keys of sources.yml, or entries of the fact base (R19)."""
        return {
            key: self.sources[key]
            for one in ids
            for key in ([one] if one in self.sources else self._keys_of_fact(one))
        }

    def _keys_of_fact(self, fact: str) -> list[str]:
        return [key for key, source in self.sources.items() if source.facts == fact]

    def fill(self, text: str, **values: str) -> str:
        """`text` with every {key} replaced by its value or by that number's display form.

        Raises KeyError for a key that is neither.
        """
        return PLACEHOLDER.sub(
            lambda key: values[key[1]] if key[1] in values else self.numbers[key[1]].display, text
        )
