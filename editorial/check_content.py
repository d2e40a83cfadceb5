"""Checks of the reviewed content; each takes the project and yields what is wrong."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from editorial import readability, wording
from editorial.models import Level, Rating, Reviewed, Topic
from editorial.passages import unknown_numbers
from editorial.paths import FAQ, TELEGRAM, TOUR, flag_path, topic_path
from editorial.problem import Problem
from editorial.project import Project

MAX_TITLE = 20
MAX_QUESTION = 70
MAX_PAYLOAD_BYTES = 64  # Telegram refuses a longer one
SEE_ALSO = range(2, 4)
# What Telegram takes, in characters; a command it would take up to 256.
TELEGRAM_LENGTHS = {"description": 512, "short_description": 120, "commands": 60}
ALL_FLAGS = [f"RF{number}" for number in range(1, 22)]
URGENT: tuple[Level, ...] = ("E", "C")
EMERGENCY_KEYS = ("au_emergency", "nz_emergency")
NUMBERS_HOLD_FOR = timedelta(days=92)

NUMBERS, SOURCES, EVIDENCE = (
    f"content/{name}.yml" for name in ("phone_numbers", "sources", "evidence")
)


def check_schema(project: Project) -> Iterator[Problem]:
    """Files that are missing, are not YAML or do not have the fields they must have."""
    yield from project.unreadable


def check_reviews(project: Project) -> Iterator[Problem]:
    """What is published needs a review that is signed and has not run out."""
    content = project.content
    reviewed: dict[str, Reviewed] = {
        topic_path(topic.id): topic for topic in content.topics.values()
    }
    reviewed |= {flag_path(flag.flag): flag for flag in content.flags.values()}
    reviewed |= {f"content/deflections/{key}.yml": one for key, one in content.deflections.items()}
    reviewed |= {"content/disclaimers.yml": content.disclaimers}
    reviewed |= {"content/out_of_scope.yml": content.out_of_scope}
    reviewed |= {"content/near_scope.yml": content.near_scope}
    reviewed |= {FAQ: content.faq}
    reviewed |= {TELEGRAM: content.telegram}
    reviewed |= {TOUR: content.tour}
    for path, item in reviewed.items():
        if item.signed and item.signed.on > project.today:
            what = f"was reviewed on {item.signed.on}, a day still to come"
            yield Problem(path, what, "mend `review.on`")
        if item.status != "published":
            continue
        if item.signed is None:
            remedy = "ask the reviewer to sign `review:`, or set `status: draft`"
            yield Problem(path, "is published without a review", remedy)
        elif item.signed.next < project.today:
            what = f"is published, but its review ran out on {item.signed.next}"
            yield Problem(path, what, "ask for a new review, or set `status: draft`")


def check_sources_exist(project: Project) -> Iterator[Problem]:
    """Every source a topic or a flag names is in sources.yml."""
    if not project.is_sound(SOURCES):
        return
    for path, keys in _citations(project):
        for key in keys:
            if not project.content.cited([key]):
                what = f"names the source {key}, which does not exist"
                yield Problem(path, what, f"use a key of {SOURCES}, or add the source there")


def check_sources_are_used(project: Project) -> Iterator[Problem]:
    """A source nobody cites is noted, so that it is either used or dropped."""
    used = {key for _, keys in _citations(project) for key in project.content.cited(keys)}
    unused = [key for key in project.content.sources if key not in used]
    if unused:
        what = "nothing cites " + ", ".join(unused)
        yield Problem(SOURCES, what, "cite each or remove it", level="notice")


def check_number_keys(project: Project) -> Iterator[Problem]:
    """Every {key} in a text and every contact is a phone number we have."""
    if not project.is_sound(NUMBERS):
        return
    yield from unknown_numbers(project.content)
    for path, contacts in _contacts(project):
        for key in contacts:
            if key not in project.content.numbers:
                what = f"`contacts` names the number {key}, which does not exist"
                yield Problem(path, what, f"use a key of {NUMBERS}, or add the number there")


def check_numbers(project: Project) -> Iterator[Problem]:
    """A number's two forms agree, and it was checked in the last three months."""
    for key, number in project.content.numbers.items():
        if re.sub(r"\D", "", number.display) != number.tel:
            what = f"`{key}` has a `tel` that differs from its `display`"
            yield Problem(NUMBERS, what, "write the same digits in both, `tel` without spaces")
        if number.checked > project.today:
            what = f"`{key}` was checked on {number.checked}, a day still to come"
            yield Problem(NUMBERS, what, "mend `checked`")
        elif _is_stale(number.checked, project.today):
            what = f"`{key}` was last checked on {number.checked}"
            remedy = "test-call it, compare the service's own site, then set `checked` and `how`"
            yield Problem(NUMBERS, what, remedy, level="notice")


def check_reading_grade(project: Project) -> Iterator[Problem]:
    """No text is harder to read than the limit."""
    for passage in project.passages():
        text = project.reading_text(passage.text)
        if not readability.is_graded(text):
            continue
        grade = readability.grade(text)
        if grade > readability.MAX_GRADE:
            what = f"`{passage.where}` reads at grade {grade:.1f}, over {readability.MAX_GRADE:g}"
            yield Problem(passage.path, what, "use shorter sentences and plainer words")


def check_median_grade(project: Project) -> Iterator[Problem]:
    """All texts taken together are easy to read."""
    texts = (project.reading_text(passage.text) for passage in project.passages())
    median = readability.median_grade(texts)
    if median > readability.MAX_MEDIAN_GRADE:
        what = f"half of all texts read above grade {median:.1f}"
        remedy = f"bring the median down to {readability.MAX_MEDIAN_GRADE:g}, hardest texts first"
        yield Problem("content", what, remedy)


def check_words(project: Project) -> Iterator[Problem]:
    """No text is longer than one bubble."""
    for passage in project.passages():
        count = readability.words(project.reading_text(passage.text))
        if count > readability.MAX_WORDS:
            what = f"`{passage.where}` has {count} words, over {readability.MAX_WORDS}"
            yield Problem(passage.path, what, "cut it, or move a part to `more`")


def check_spelling(project: Project) -> Iterator[Problem]:
    """Australian and New Zealand spelling."""
    for passage in project.passages():
        for found in wording.find_foreign_spelling(passage.text):
            what = f"`{passage.where}` has '{found.words}', which {found.reason}"
            yield Problem(passage.path, what, found.remedy)


def check_wording(project: Project) -> Iterator[Problem]:
    """No promise, dose, blame or other wording that the rules forbid."""
    for passage in project.passages():
        for found in wording.find_forbidden(passage.text, passage.place):
            what = f"`{passage.where}` has '{found.words}', which {found.reason}"
            yield Problem(passage.path, what, found.remedy)


def check_brands(project: Project) -> Iterator[Problem]:
    """No product that content/deflections/brand.yml knows by name is named in a text."""
    brand = project.content.deflections.get("brand")
    for passage in project.passages() if brand else ():
        for name in wording.find_names(passage.text, brand.cues if brand else []):
            what = f"`{passage.where}` names the product '{name}'"
            yield Problem(passage.path, what, "say what kind of product it is")


def check_evidence_ladder(project: Project) -> Iterator[Problem]:
    """evidence.yml explains every rating a topic may have, and no other."""
    if not project.is_sound(EVIDENCE):
        return
    known, explained = set(get_args(Rating)), set(project.content.evidence)
    for rating in sorted(known - explained):
        yield Problem(EVIDENCE, f"does not explain the rating {rating}", "add it")
    for rating in sorted(explained - known):
        yield Problem(EVIDENCE, f"explains {rating}, which is no rating", "remove it")


def check_evidence_words(project: Project) -> Iterator[Problem]:
    """A topic says how sure we are in the words of its rating."""
    for topic in project.content.topics.values():
        rating = project.content.evidence.get(topic.evidence.rating)
        if rating and rating.words and not _says_any(topic, rating.words):
            wanted = " or ".join(f'"{words}"' for words in rating.words)
            what = f"is rated {topic.evidence.rating} but does not say so"
            yield Problem(topic_path(topic.id), what, f"write {wanted} in answer, more or note")


def check_topic_lengths(project: Project) -> Iterator[Problem]:
    """A title fits a button, and a question fits "Did you mean"."""
    for topic in project.content.topics.values():
        for name, text, limit in (
            ("title", topic.title, MAX_TITLE),
            ("question", topic.question, MAX_QUESTION),
        ):
            if len(text) > limit:
                what = f"`{name}` has {len(text)} characters, over {limit}"
                yield Problem(topic_path(topic.id), what, "shorten it")


def check_topic_payloads(project: Project) -> Iterator[Problem]:
    """Every button about a topic carries a payload that Telegram takes."""
    for topic in project.content.topics.values():
        longest = max(topic_payloads(topic), key=_bytes)
        if _bytes(longest) > MAX_PAYLOAD_BYTES:
            what = f"its button {longest} has {_bytes(longest)} bytes, over {MAX_PAYLOAD_BYTES}"
            yield Problem(topic_path(topic.id), what, "give the topic a shorter file name")


def check_telegram_lengths(project: Project) -> Iterator[Problem]:
    """The bot's profile and menu are no longer than Telegram takes."""
    for passage in project.passages():
        limit = TELEGRAM_LENGTHS.get(passage.where.split(".")[0])
        count = len(project.reading_text(passage.text))
        if passage.place == "telegram" and limit and count > limit:
            what = f"`{passage.where}` has {count} characters, over {limit}"
            yield Problem(TELEGRAM, what, "shorten it")


def check_see_also(project: Project) -> Iterator[Problem]:
    """A topic leads on to two or three others that are in use."""
    in_use = project.topics_in_use()
    for topic in project.content.topics.values():
        path = topic_path(topic.id)
        if len(set(topic.see_also)) not in SEE_ALSO:
            what = f"`see_also` names {len(set(topic.see_also))} topics"
            yield Problem(path, what, "name two or three")
        for other in topic.see_also:
            if other == topic.id:
                yield Problem(path, "`see_also` names the topic itself", "name another topic")
            elif other not in in_use:
                what = f"`see_also` names {other}, which is no topic in use"
                yield Problem(path, what, "mend the id, or write that topic")


def check_faq_groups(project: Project) -> Iterator[Problem]:
    """The guided FAQ groups topics in use, each of them once."""
    if not project.is_sound(FAQ):
        return
    grouped = [topic for group in project.content.faq.groups for topic in group.topics]
    in_use = project.topics_in_use()
    for topic in sorted(set(grouped)):
        if topic not in in_use:
            yield Problem(FAQ, f"groups {topic}, which is no topic in use", "mend or remove the id")
        if grouped.count(topic) > 1:
            yield Problem(FAQ, f"groups {topic} more than once", "leave it in one group")
    for topic in sorted(in_use - set(grouped)):
        what = "is in no group of the guided FAQ"
        yield Problem(topic_path(topic), what, f"add its id to a group of {FAQ}", level="notice")


def check_flags_complete(project: Project) -> Iterator[Problem]:
    """Every red flag of the fact base has its replies."""
    for flag in ALL_FLAGS:
        if flag not in project.content.flags and project.is_sound(flag_path(flag)):
            yield Problem(flag_path(flag), "is missing", "write the replies of this red flag")


def check_emergency_numbers(project: Project) -> Iterator[Problem]:
    """Every emergency or crisis reply holds both emergency numbers in its own words."""
    for flag in project.content.flags.values():
        for level in URGENT:
            reply = flag.replies.get(level)
            missing = [
                f"{{{key}}}" for key in EMERGENCY_KEYS if reply and f"{{{key}}}" not in reply.text
            ]
            if missing:
                what = f"`replies.{level}.text` lacks {' and '.join(missing)}"
                yield Problem(flag_path(flag.flag), what, "give both emergency numbers")


def topic_payloads(topic: Topic) -> list[str]:
    """The payloads of all buttons that name a topic."""
    named = [f'/{intent}{{"topic":"{topic.id}"}}' for intent in NAMING_INTENTS]
    return [f"/{topic.intent}", *named]


NAMING_INTENTS = ("more_detail", "ask_sources", "ask_evidence")


def _citations(project: Project) -> Iterator[tuple[str, list[str]]]:
    for topic in project.content.topics.values():
        yield topic_path(topic.id), topic.sources
    for flag in project.content.flags.values():
        yield flag_path(flag.flag), flag.sources
    tour = project.content.tour
    yield TOUR, [step.source for step in tour.steps.values()] + [q.source for q in tour.quiz]


def _contacts(project: Project) -> Iterator[tuple[str, list[str]]]:
    for flag in project.content.flags.values():
        for reply in flag.replies.values():
            yield flag_path(flag.flag), reply.contacts
    for name, deflection in project.content.deflections.items():
        yield f"content/deflections/{name}.yml", deflection.contacts
    for kind in project.content.kinds:
        yield "content/out_of_scope.yml", kind.contacts


def _is_stale(checked: date, today: date) -> bool:
    return today - checked > NUMBERS_HOLD_FOR


def _says_any(topic: Topic, phrases: list[str]) -> bool:
    said = _plain(f"{topic.answer} {topic.more} {topic.evidence.note}")
    return any(_plain(phrase) in said for phrase in phrases)


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").lower().split())


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))
