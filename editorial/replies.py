"""Composes replies from the reviewed words: which text, which tail, which buttons.

Knows nothing of Rasa or of channels; `actions/` hands the replies on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from editorial.models import Content, Level, OutOfScopeKind, Reviewed, SafetyReply, Topic

Custom = dict[str, Any]

# Where the guide starts when nothing else is asked for.
FIRST_STEPS = ("what_is_eczema", "gut_skin_link", "improve_gut_health", "seek_help")
MENU = (
    "what_is_eczema",
    "gut_skin_link",
    "leaky_gut",
    "food_triggers",
    "probiotics",
    "improve_gut_health",
    "children",
    "stress",
    "seek_help",
)
PEOPLE = ("baby", "child", "teen", "adult", "pregnant", "weak_immunity")
SHOWN_SOURCES = 3
SHORT_ANSWER = 30  # words
HOURS = 3600.0

_WORD = re.compile(r"[\w']+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Button:
    """`title` is read, `payload` is sent (at most 64 bytes, so that Telegram takes it)."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One bubble."""

    text: str
    buttons: tuple[Button, ...] = ()
    custom: Custom = field(default_factory=dict)


@dataclass
class Memory:
    """What the guide remembers of one conversation."""

    person: str | None = None
    last_topic: str | None = None
    topic_before: str | None = None
    long_disclaimer_at: float | None = None  # seconds since 1970
    replies_given: int = 0
    gp_suggested_for: list[str] = field(default_factory=list)
    not_understood: int = 0
    tour: dict[str, Any] | None = None  # the place in the guided tour (editorial/tour.py)


def answer(content: Content, topic: Topic, memory: Memory, now: float) -> list[Reply]:
    """The answer to `topic` for the person remembered, its tail, and the next steps.

    Updates `memory`. `now` is in seconds since 1970.
    """
    first = _answer_bubble(content, topic, memory, answer_text(topic, memory.person))
    tail = [*_gp_line(content, topic, memory), *_disclaimer(content, [topic], memory, now)]
    _answered(topic, memory)
    return _with_buttons([first, *map(Reply, tail)], _next_steps(content, topic, memory))


def several(content: Content, topics: Sequence[Topic], memory: Memory, now: float) -> list[Reply]:
    """A short answer to each of two or three topics, in order, with one tail for all of them."""
    bubbles = [
        _answer_bubble(content, topic, memory, in_short(answer_text(topic, memory.person)))
        for topic in topics
    ]
    gp = next((line for topic in topics for line in _gp_line(content, topic, memory)), None)
    tail = [*([gp] if gp else []), *_disclaimer(content, topics, memory, now)]
    for topic in topics:
        _answered(topic, memory)
    return _with_buttons([*bubbles, *map(Reply, tail)], [_more_about(content, t) for t in topics])


def answer_text(topic: Topic, person: str | None) -> str:
    """The wording for `person`, or the general one where the person changes nothing."""
    variants: Mapping[Any, str] = topic.variants
    return variants.get(person) or variants.get(_also(person)) or topic.answer


def in_short(text: str) -> str:
    """The first sentences, which hold the answer: as many as make up 30 words."""
    said: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        said.append(sentence)
        if len(" ".join(said).split()) >= SHORT_ANSWER:
            break
    return " ".join(said)


def topic_for(content: Content, topic: Topic, person: str | None) -> Topic:
    """The topic that answers for `person`: "and adults?" after child_probiotics is probiotics."""
    elsewhere: Mapping[Any, str] = topic.instead
    return content.topics.get(elsewhere.get(person or "", ""), topic)


def ask_for_whom(content: Content, memory: Memory) -> list[Reply]:
    """Forgets who was asked about and offers the choices."""
    memory.person = None
    choices = [
        Button(content.service[f"person_{person}"][0], f'/follow_up_person{{"person":"{person}"}}')
        for person in PEOPLE
    ]
    return _with_buttons([service(content, "for_whom", memory.replies_given)], choices)


def more(content: Content, topic: Topic) -> list[Reply]:
    """The next-deeper facts of a topic."""
    reply = Reply(content.fill(topic.more), custom={"kind": "answer", **provenance(content, topic)})
    buttons = [_sources_button(topic), *_related(content, topic)]
    return _with_buttons([reply], buttons)


def evidence(content: Content, topic: Topic) -> list[Reply]:
    """How sure we are of a topic's answer."""
    rating = content.evidence[topic.evidence.rating]
    text = f"{rating.label}. {content.fill(topic.evidence.note)}"
    reply = Reply(text, custom={"kind": "answer", **provenance(content, topic)})
    return _with_buttons([reply], [_sources_button(topic), *_related(content, topic)])


def sources(content: Content, topic: Topic) -> list[Reply]:
    """Where a topic's answer comes from, with links."""
    cited = [content.sources[key] for key in topic.sources[:SHOWN_SOURCES]]
    lines = [
        f"- {source.title}, {source.publisher}. {source.url or ''}".strip() for source in cited
    ]
    text = "\n".join([f"{topic.title}:", *lines, review_label(content, topic)])
    reply = Reply(text, custom={"kind": "answer", **provenance(content, topic)})
    return _with_buttons([reply], _related(content, topic))


def safety(content: Content, level: Level, flag: str | None) -> list[Reply]:
    """The fixed reply to a red flag; alone at E and C, with a question for the GP at S and G."""
    reply = _reply_at(content, level, flag)
    if reply is None:
        return [_unknown_emergency(content)]
    lines = [content.fill(reply.text)]
    if level in ("S", "G") and reply.gp_ask:
        lines.append(_ask_line(content, reply.gp_ask))
    custom = {"kind": "safety", "level": level, "contacts": contacts(content, reply.contacts)}
    return [Reply("\n".join(lines), custom=custom)]


def flag_of_intent(content: Content, intent: str) -> str | None:
    """The flag that answers an intent at level G ("/ask_medication" tapped), if there is one."""
    flags = content.flags.values()
    return next((f.flag for f in flags if f.intent == intent and "G" in f.replies), None)


def contacts(content: Content, keys: Iterable[str]) -> list[dict[str, str]]:
    """Phone numbers for a channel to make tappable."""
    numbers = [content.numbers[key] for key in keys]
    return [
        {"name": n.name, "display": n.display, "tel": n.tel, "country": n.country} for n in numbers
    ]


def service(content: Content, key: str, turn: int = 0, kind: str = "service") -> Reply:
    """A fixed text of the guide; wordings take turns."""
    texts = content.service[key]
    return Reply(content.fill(texts[turn % len(texts)]), custom={"kind": kind})


def greeting(
    content: Content, memory: Memory, now: float, first: Sequence[Button] = ()
) -> list[Reply]:
    """Hello, the long disclaimer when it is due, and three buttons: `first`, then topics."""
    replies = [service(content, "greeting", memory.replies_given)]
    if _long_is_due(content, memory, now):
        replies.append(Reply(_long(content, memory, now)))
    memory.replies_given += 1
    topics = topic_buttons(content, FIRST_STEPS)
    return _with_buttons(replies, [*first, *topics][:3])


def menu(
    content: Content, memory: Memory, introduction: str = "menu", first: Sequence[Button] = ()
) -> list[Reply]:
    """The list of topics after `first`; `introduction` is a key of content/service.yml."""
    reply = service(content, introduction, memory.replies_given, kind="menu")
    memory.replies_given += 1
    return _with_buttons([reply], [*first, *topic_buttons(content, MENU)])


def did_you_mean(content: Content, intents: Sequence[str], memory: Memory) -> list[Reply]:
    """Up to three plain-word choices; people to turn to after two in a row."""
    memory.not_understood += 1
    choices = [choice for intent in intents if (choice := _choice(content, intent))][:3]
    if memory.not_understood > 2:
        return hand_over(content, memory)
    choices = choices or [c for topic in FIRST_STEPS[:3] if (c := _choice(content, f"ask_{topic}"))]
    reply = service(content, "not_understood", memory.not_understood - 1)
    lines = [reply.text, *(f"- {question}" for question, _ in choices)]
    return [Reply("\n".join(lines), tuple(button for _, button in choices), reply.custom)]


def deflections(
    content: Content, topic: Topic, message: str, named: Iterable[str] = ()
) -> list[Reply]:
    """What must be said first when a brand, a dose or a medicine is asked for within `topic`.

    `named`: the entities found in the message, such as "medicine".
    """
    names = set(named)
    said = [
        deflection
        for deflection in content.deflections.values()
        if (set(deflection.about) & set(topic.about) and _hears(message, deflection.cues))
        or (names.intersection(deflection.entities) and topic.id not in deflection.not_in)
    ]
    return [
        Reply(
            content.fill(one.text),
            custom={"kind": "service", "contacts": contacts(content, one.contacts)},
        )
        for one in said
    ]


def near_scope(content: Content, intent: str, message: str) -> list[Reply]:
    """What is said beside the answer to `intent` when the message names a kind we know."""
    if intent not in content.near_scope.beside:
        return []
    kinds = (kind for kind in content.near_scope.kinds if _hears(message, kind.cues))
    return [_turned_down(content, kind, 0) for kind in kinds][:1]


def out_of_scope(content: Content, message: str, memory: Memory) -> list[Reply]:
    """One friendly line for the kind of question it is, and where to go on."""
    kind = next((kind for kind in content.kinds if _hears(message, kind.cues)), content.kinds[-1])
    reply = _turned_down(content, kind, memory.replies_given)
    memory.replies_given += 1
    return _with_buttons([reply], topic_buttons(content, FIRST_STEPS[:3]))


def next_topics(content: Content, memory: Memory, also: Sequence[Button] = ()) -> list[Reply]:
    """What is next to the last topic, or the first steps when there is none; `also` after them."""
    topic = content.topics.get(memory.last_topic or "")
    ids = topic.see_also if topic else FIRST_STEPS
    buttons = [*topic_buttons(content, ids[:3]), *also]
    return _with_buttons([service(content, "pick_next")], buttons)


def privacy_text(content: Content, days: int) -> str:
    """What is kept, and for how many `days` after the last message; 0 is for ever."""
    kept = "privacy_kept" if days else "privacy_kept_for_ever"
    texts = [content.service[key][0] for key in ("privacy", kept, "privacy_learning")]
    return content.fill("\n".join(texts), count=str(days))


def privacy(content: Content, days: int) -> list[Reply]:
    """The answer to "what do you keep about me?"."""
    return [Reply(privacy_text(content, days), custom={"kind": "service"})]


ABOUT_THE_GUIDE = {
    "bot_challenge": "not_a_person",
    "ask_disclaimer": "disclaimer_answer",
    "feedback_good": "feedback_good",
    "feedback_bad": "feedback_bad",
    "stop": "stopped",
}


def about_the_guide(content: Content, intent: str, memory: Memory) -> list[Reply]:
    """The fixed answer to a question about the guide, or to a thumb up or down."""
    reply = service(content, ABOUT_THE_GUIDE[intent], memory.replies_given)
    memory.replies_given += 1
    if intent == "feedback_bad":
        return _with_buttons([reply], topic_buttons(content, FIRST_STEPS[:3]))
    return [reply]


def with_way_back(content: Content, said: list[Reply], intent: str) -> list[Reply]:
    """A same-day or GP reply leads on: to the topic that was asked about, or to help."""
    topic = content.topics.get(intent.removeprefix("ask_"))
    ids = [topic.id] if topic else ["seek_help", "who_to_see"]
    return _with_buttons(said, topic_buttons(content, ids))


def hand_over(content: Content, memory: Memory) -> list[Reply]:
    """The card with people who can help."""
    memory.not_understood = 0
    reply = service(content, "hand_over", kind="contacts")
    return _with_buttons([reply], topic_buttons(content, FIRST_STEPS[:3]))


def topic_buttons(content: Content, ids: Iterable[str]) -> list[Button]:
    """A button for each topic that exists."""
    found = (content.topics[topic_id] for topic_id in ids if topic_id in content.topics)
    return [Button(topic.title, f"/{topic.intent}") for topic in found]


def review_label(content: Content, reviewed: Reviewed) -> str:
    """ "Reviewed on …", or that a clinician's review is awaited."""
    if reviewed.signed is None:
        return content.service["awaiting_review"][0]
    return content.service["reviewed_on"][0].replace("{date}", f"{reviewed.signed.on:%d %B %Y}")


def disclaimer_if_due(content: Content, memory: Memory, now: float) -> list[str]:
    """The long disclaimer, where it has not been shown for a day."""
    return long_disclaimer(content, memory, now) if _long_is_due(content, memory, now) else []


def long_disclaimer(content: Content, memory: Memory, now: float) -> list[str]:
    """The long disclaimer, due or not."""
    return [_long(content, memory, now)]


def _turned_down(content: Content, kind: OutOfScopeKind, turn: int) -> Reply:
    custom = {"kind": "service", "scope": kind.id, "contacts": contacts(content, kind.contacts)}
    return Reply(content.fill(kind.texts[turn % len(kind.texts)]), custom=custom)


def _hears(message: str, cues: Iterable[str]) -> bool:
    """True when one of the cues stands in the message as whole words."""
    said = _spaced(message)
    return any(_spaced_cue(cue) in said for cue in cues)


def _spaced(text: str) -> str:
    """The words alone, a blank on either side of each."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


_spaced_cue = cache(_spaced)  # of the content's cues; what people write is not kept


def _also(person: str | None) -> str:
    """A baby or a teen is a child where there are no words for them."""
    return "child" if person in ("baby", "teen") else ""


def _answer_bubble(content: Content, topic: Topic, memory: Memory, text: str) -> Reply:
    shown: Custom = {"person": memory.person} if memory.person else {}
    custom = {"kind": "answer", **provenance(content, topic), **shown}
    return Reply(content.fill(text), custom=custom)


def _answered(topic: Topic, memory: Memory) -> None:
    if memory.last_topic != topic.id:
        memory.topic_before, memory.last_topic = memory.last_topic, topic.id
    memory.replies_given += 1
    memory.not_understood = 0


def provenance(content: Content, topic: Topic) -> Custom:
    """What a channel may show beside words on `topic`: evidence, sources, review."""
    rating = content.evidence[topic.evidence.rating]
    cited = [content.sources[key] for key in topic.sources]
    return {
        "topic": topic.id,
        "title": topic.title,
        "evidence": {
            "rating": topic.evidence.rating,
            "label": rating.label,
            "meaning": rating.meaning,
        },
        "sources": [{"title": s.title, "publisher": s.publisher, "url": s.url} for s in cited],
        "review": {"label": review_label(content, topic)},
    }


def _gp_line(content: Content, topic: Topic, memory: Memory) -> list[str]:
    gp = topic.gp
    if gp.when == "never" or (gp.when == "once" and topic.id in memory.gp_suggested_for):
        return []
    if topic.id not in memory.gp_suggested_for:
        memory.gp_suggested_for.append(topic.id)
    return [f"{content.fill(gp.why or '')} {_ask_line(content, gp.ask, memory.replies_given)}"]


def _ask_line(content: Content, questions: Sequence[str], turn: int = 0) -> str:
    return f"{content.service['gp_ask_intro'][0]} “{questions[turn % len(questions)]}”"


def _disclaimer(content: Content, topics: Sequence[Topic], memory: Memory, now: float) -> list[str]:
    form = _form(content, topics, memory, now)
    if form == "long":
        return [_long(content, memory, now)]
    if form == "short":
        wordings = content.disclaimers.short
        return [wordings[memory.replies_given % len(wordings)]]
    return []


def _form(
    content: Content, topics: Sequence[Topic], memory: Memory, now: float
) -> Literal["long", "short", "none"]:
    policy = content.disclaimers.policy
    medical = [topic for topic in topics if topic.intent not in policy["never"]]
    if not medical:
        return "none"
    if _long_is_due(content, memory, now):
        return "long"
    forms = [policy["about"][subject] for topic in medical for subject in topic.about]
    forms.append(policy["person"].get(memory.person, "none"))
    return "short" if "short" in forms else "none"


def _long_is_due(content: Content, memory: Memory, now: float) -> bool:
    hours = float(content.disclaimers.policy["after_hours"])
    shown = memory.long_disclaimer_at
    return shown is None or now - shown > hours * HOURS


def _long(content: Content, memory: Memory, now: float) -> str:
    first_ever = memory.long_disclaimer_at is None
    memory.long_disclaimer_at = now
    wordings = content.disclaimers.long
    return content.fill(wordings[0 if first_ever else -1])


def _next_steps(content: Content, topic: Topic, memory: Memory) -> list[Button]:
    """Tell me more, Sources, and a related topic, or who the answer is for where that counts."""
    more_button = Button("Tell me more", f'/more_detail{{"topic":"{topic.id}"}}')
    last = _for_whom(content, topic, memory) or _related(content, topic)[:1]
    return [more_button, _sources_button(topic), *last]


def _for_whom(content: Content, topic: Topic, memory: Memory) -> list[Button]:
    """ "For a baby – change", when the person remembered has changed the wording."""
    if answer_text(topic, memory.person) == topic.answer:
        return []
    return [Button(content.service[f"for_{memory.person}"][0], "/change_person")]


def _more_about(content: Content, topic: Topic) -> Button:
    title = content.fill(content.service["more_about"][0], title=topic.title)
    return Button(title, f'/more_detail{{"topic":"{topic.id}"}}')


def _sources_button(topic: Topic) -> Button:
    return Button("Sources", f'/ask_sources{{"topic":"{topic.id}"}}')


def _related(content: Content, topic: Topic) -> list[Button]:
    return topic_buttons(content, topic.see_also[:2])


def _choice(content: Content, intent: str) -> tuple[str, Button] | None:
    """A plain-word question and its button, for an intent that can be offered."""
    topic = content.topics.get(intent.removeprefix("ask_"))
    if topic is not None:
        return topic.question, Button(topic.title, f"/{topic.intent}")
    flag = flag_of_intent(content, intent)
    if flag is None or not intent.startswith("ask_"):
        return None
    title = content.flags[flag].title
    return title, Button(title, f"/{intent}")


def _reply_at(content: Content, level: Level, flag: str | None) -> SafetyReply | None:
    """The flag's reply at `level`, or at the next higher level it has words for."""
    if flag is None or flag not in content.flags:
        return None
    replies: Mapping[Any, SafetyReply] = content.flags[flag].replies
    order = ["G", "S", "C", "E"]
    higher = [replies[name] for name in order[order.index(level) :] if name in replies]
    lower = [replies[name] for name in reversed(order) if name in replies]
    if level == "E" and "E" not in replies:
        return None
    return (higher or lower)[0]


def _unknown_emergency(content: Content) -> Reply:
    reply = service(content, "emergency_kind_unknown", kind="safety")
    numbers = contacts(content, ("au_emergency", "nz_emergency"))
    return Reply(reply.text, custom=reply.custom | {"level": "E", "contacts": numbers})


def _with_buttons(replies: list[Reply], buttons: Sequence[Button]) -> list[Reply]:
    """Buttons stand under the last bubble."""
    last = replies[-1]
    return [*replies[:-1], Reply(last.text, tuple(buttons), last.custom)]
