"""Checks of phrases, intents and responses; each takes the project and yields what is wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from editorial.check_content import MAX_PAYLOAD_BYTES, MAX_TITLE
from editorial.paths import topic_path
from editorial.problem import Problem
from editorial.project import Project
from editorial.training import Phrase

NLU, DOMAIN = "data/nlu.yml", "domain.yml"

# Questions about the guide itself; every other `ask_…` intent is a topic or a red flag.
ASKED_OF_THE_GUIDE = frozenset({"ask_sources", "ask_disclaimer", "ask_privacy", "ask_evidence"})
# Never typed: Rasa's own fallback, and a button.
WITHOUT_PHRASES = frozenset({"nlu_fallback", "ask_evidence"})

MIN_PHRASES = 40
MIN_CONVERSATION_PHRASES = 20
MIN_OUT_OF_SCOPE_PHRASES = 250


def check_topics_have_phrases(project: Project) -> Iterator[Problem]:
    """Every topic in use has phrases in the training data and an intent in the domain."""
    taught, declared = _taught(project), set(project.training.intents)
    for topic_id in sorted(project.topics_in_use()):
        intent = f"ask_{topic_id}"
        if project.is_sound(NLU) and intent not in taught:
            what = f"no phrase of {NLU} asks for it"
            yield Problem(topic_path(topic_id), what, f"add a block `- intent: {intent}` there")
        if project.is_sound(DOMAIN) and intent not in declared:
            what = f"{DOMAIN} does not list {intent}"
            yield Problem(topic_path(topic_id), what, "add it to `intents:` there")


def check_phrases_have_topics(project: Project) -> Iterator[Problem]:
    """Every `ask_…` intent leads to a topic, a red flag or a question about the guide."""
    known = {f"ask_{topic_id}" for topic_id in project.topics_in_use()}
    known |= _safety_intents(project) | ASKED_OF_THE_GUIDE
    for path, intents in ((NLU, _taught(project)), (DOMAIN, set(project.training.intents))):
        for intent in sorted(intents - known):
            if intent.startswith("ask_"):
                file = topic_path(intent.removeprefix("ask_"))
                yield Problem(path, f"{intent} has no topic", f"write {file}, or drop the intent")


def check_domain_matches_phrases(project: Project) -> Iterator[Problem]:
    """The intents of the domain and those with phrases are the same."""
    if not (project.is_sound(NLU) and project.is_sound(DOMAIN)):
        return
    taught, declared = _taught(project), set(project.training.intents)
    topics = {f"ask_{topic_id}" for topic_id in project.topics_in_use()}
    for intent in sorted(taught - declared - topics):
        yield Problem(DOMAIN, f"does not list {intent}", "add it to `intents:`")
    for intent in sorted(declared - taught - topics - WITHOUT_PHRASES):
        yield Problem(NLU, f"has no phrase for {intent}", "add some, or drop it from the domain")
    for intent, times in Counter(project.training.intents).items():
        if times > 1:
            yield Problem(DOMAIN, f"lists {intent} {times} times", "keep it once")


def check_safety_intents(project: Project) -> Iterator[Problem]:
    """The intent a red flag leads to is taught."""
    taught = _taught(project)
    for intent in sorted(_safety_intents(project) - taught):
        if project.is_sound(NLU):
            yield Problem(NLU, f"has no phrase for the red-flag intent {intent}", "add some")


def check_phrase_counts(project: Project) -> Iterator[Problem]:
    """Every intent has enough phrases to be told from the others."""
    counts = Counter(phrase.intent for phrase in project.training.phrases)
    for intent, count in sorted(counts.items()):
        needed = _phrases_needed(project, intent)
        if count < needed:
            what = f"{intent} has {count} phrases, under {needed}"
            yield Problem(NLU, what, "add phrases in more voices")


def check_phrases_are_unique(project: Project) -> Iterator[Problem]:
    """No phrase stands twice, be it under one intent or under two."""
    alike: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in project.training.phrases:
        alike[phrase.folded].append(phrase)
    for phrases in alike.values():
        intents = sorted({phrase.intent for phrase in phrases})
        first = phrases[0]
        if len(intents) > 1:
            what = f"'{first.text}' stands under {' and '.join(intents)}"
            yield Problem(first.path, what, "keep it where it belongs")
        elif len(phrases) > 1:
            what = f"'{first.text}' stands {len(phrases)} times under {first.intent}"
            yield Problem(first.path, what, "keep it once")


def check_held_out(project: Project) -> Iterator[Problem]:
    """No question the guide is measured on is used to teach it."""
    for phrase in project.training.phrases:
        file = project.training.held_out.get(phrase.folded)
        if file:
            what = f"'{phrase.text}' under {phrase.intent} is a held-out question of {file}"
            yield Problem(phrase.path, what, "remove it from the training data")


def check_response_buttons(project: Project) -> Iterator[Problem]:
    """The buttons of the domain fit the channels."""
    for button in project.training.buttons:
        size = len(button.payload.encode("utf-8"))
        if size > MAX_PAYLOAD_BYTES:
            what = f"`{button.response}` has the payload {button.payload} of {size} bytes"
            yield Problem(DOMAIN, what, f"keep it to {MAX_PAYLOAD_BYTES}")
        if len(button.title) > MAX_TITLE:
            what = (
                f"`{button.response}` has the button '{button.title}', over {MAX_TITLE} characters"
            )
            yield Problem(DOMAIN, what, "shorten it")


def _taught(project: Project) -> set[str]:
    return {phrase.intent for phrase in project.training.phrases}


def _safety_intents(project: Project) -> set[str]:
    return {flag.intent for flag in project.content.flags.values() if flag.intent}


def _phrases_needed(project: Project, intent: str) -> int:
    if intent == "out_of_scope":
        return MIN_OUT_OF_SCOPE_PHRASES
    topics = {f"ask_{topic_id}" for topic_id in project.topics_in_use()}
    return MIN_PHRASES if intent in topics | _safety_intents(project) else MIN_CONVERSATION_PHRASES
