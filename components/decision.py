"""What a message is taken to mean, from the safety gate's finding and the classifier's ranking.

Every threshold of the product is set here or in `config.yml`; evaluation/README.md says by
which measurement.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

from components.understanding.classifier import OUT_OF_SCOPE, Flagged, Ranking

URGENT, DISTRESS = "report_urgent", "report_distress"
FALLBACK = "nlu_fallback"
CHANGE_PERSON = "change_person"
FOLLOW_UP = "follow_up_person"

# Which intent carries a flag at level S or G; a flag that is not here is a modifier,
# which leaves the topic as it is.
INTENT_OF_FLAG = {
    "RF3": "report_skin_infection",
    "RF5": "report_skin_infection",
    "RF6": "report_skin_infection",
    "RF9": "report_gut_symptoms",
    "RF10": "report_gut_symptoms",
    "RF11": "report_gut_symptoms",
    "RF12": "report_gut_symptoms",
    "RF13": DISTRESS,
    "RF14": DISTRESS,
    "RF15": "ask_medication",
    "RF16": URGENT,
    "RF21": "ask_diagnosis",
}

# Intents about the guide, not about a topic of it.
_NO_TOPIC = {
    "ask_medication",
    "ask_diagnosis",
    "ask_sources",
    "ask_evidence",
    "ask_disclaimer",
    "ask_privacy",
}
MOST_TOPICS = 3

# A G-level sign of the gate outweighs a topic that is not clear, if the classifier hears it too.
HEARD_TOO = 0.03
CLEAR_TOPIC = 0.9
# So much of the classifier's belief in symptoms and medicines is one, though none of them is clear.
MOSTLY_FLAGGED = 0.5
# A question about a medicine that the gate knows is ours from here on.
OWN_MEDICINE = 0.3
# Flags that are never turned away as foreign: somebody pregnant or with weak immunity and what
# they might take, a frail baby, somebody who eats too little.
NEVER_FOREIGN = {"RF17", "RF18", "RF19", "RF20"}
MEDICINE = "medicine"
OURS_FOR_A_PERSON = ("ferment", "strain", "cream", "test")

# The flag and level of a safety intent that only the classifier has seen.
FLAG_OF_INTENT = {
    "report_skin_infection": ("RF5", "S"),
    "report_gut_symptoms": ("RF11", "G"),
    DISTRESS: ("RF14", "G"),
    "ask_medication": ("RF15", "G"),
    "ask_diagnosis": ("RF21", "G"),
}

_ASKS = re.compile(r"(what|who|how|why|when|can|could|does|do|is|are|should|which)\b", re.I)
_SAYS_WHO = re.compile(r"(?:(?:and|but|ok|oh)\W+)*(?:(?:i'?m|i am|she'?s|he'?s)\b|my immun)", re.I)
_SOMEBODY = re.compile(
    r"\b(my|i|i'?m|i'?ve|me|he|she|his|her|our|we|baby|bub|bubs|son|daughter|kid|"
    r"toddler|child|husband|wife|partner|mum|dad|nan|nana|gran|sister|brother|aunt|auntie|aunty|"
    r"uncle|cousin|hubby|missus|us|this|these|it'?s)\b",
    re.I,
)


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the classifier's word counts; see `IntentDecision`."""

    urgent: float
    crisis: float
    distress: float
    same_day: float
    excused: float
    sentence: float
    sure: float
    margin: float
    several: float


@dataclass(frozen=True)
class Decision:
    """`candidates` are the intents to offer when `unsure`; `topics` those to answer together
    when a message asks about more than one.
    """

    intent: str
    confidence: float
    level: str | None = None
    flag: str | None = None
    unsure: bool = False
    candidates: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Parts:
    """The sentences of a long message and the questions in it, each ranked for itself."""

    sentences: Sequence[Ranking] = ()
    questions: Sequence[Ranking] = ()


def decide(
    text: str,
    level: str | None,
    flag: str | None,
    ranking: Ranking,
    foreign_threshold: float,
    thresholds: Thresholds,
    person: str | None = None,
    excused: bool = False,
    named: Container[str] = (),
    parts: Parts = Parts(),
    flags: Sequence[tuple[str, bool]] = (),
) -> Decision:
    """Choose one intent; safety comes before topic, and the higher level wins a doubt.

    An alarm may hide in one sentence of many, so each is heard; a sentence without the others
    misleads more easily, so it must be surer than the whole.

    `named`: entities in the message; somebody and what they might take is one of ours, however
    short. `flags`: all that the gate has found at that level; True where the flag holds beside a
    clear topic, too. `excused`: the gate has read an alarming sign as denied, past or only asked
    about, so the classifier, which hears the words alone, must be the surer.
    """
    least = thresholds.excused if excused else 0.0
    alarm = _alarm(level, flag, ranking, thresholds, least, parts.sentences)
    if alarm:
        return alarm
    if level == "S" and flag in INTENT_OF_FLAG:
        return Decision(INTENT_OF_FLAG[flag], 1.0, "S", flag)
    same_day = _likeliest(one for one in ranking.flagged if one.level == "S")
    if level != "S" and same_day and same_day.probability >= max(thresholds.same_day, least):
        return Decision(same_day.intent, same_day.probability, "S", same_day.flag)
    if level is None and is_general_question(text):
        ranking = ranking.without(DISTRESS)
    distress = ranking.probability(DISTRESS)
    if level != "S" and distress >= max(thresholds.distress, least):
        return Decision(DISTRESS, distress, "G", "RF14")
    if person and any(name in named for name in OURS_FOR_A_PERSON):
        foreign_threshold = 1.0
    found = tuple(flags) or ((flag, False),) if flag else ()
    decision = _topic_decision(text, level, found, ranking, foreign_threshold, thresholds, person)
    if decision.level is None and person and says_only_who(text, named):
        return replace(decision, intent=FOLLOW_UP, unsure=False)
    return _with_parts(decision, parts.questions, foreign_threshold, thresholds)


def _alarm(
    level: str | None,
    flag: str | None,
    ranking: Ranking,
    thresholds: Thresholds,
    least: float,
    sentences: Sequence[Ranking],
) -> Decision | None:
    """An emergency or a crisis by the gate, else by the classifier; None where there is neither."""
    if level in ("E", "C"):
        return Decision(URGENT if level == "E" else DISTRESS, 1.0, level, flag)
    alone = max(thresholds.sentence, least)
    whole = ranking.probability(URGENT)
    urgent = _heard(whole, alone, [one.probability(URGENT) for one in sentences])
    if urgent >= max(thresholds.urgent, least):
        return Decision(URGENT, urgent, "E", None)
    crisis = _heard(ranking.crisis, alone, [one.crisis for one in sentences])
    if crisis >= max(thresholds.crisis, least):
        return Decision(DISTRESS, crisis, "C", "RF13")
    return None


def _heard(whole: float, alone: float, sentences: Sequence[float]) -> float:
    """The probability of the whole message, or of a sentence that is sure enough alone."""
    return max([whole, *(one for one in sentences if one >= alone)])


def _with_parts(
    decision: Decision,
    questions: Sequence[Ranking],
    foreign_threshold: float,
    thresholds: Thresholds,
) -> Decision:
    """Several topics asked at once are answered together; one clear question settles a doubt."""
    if decision.level is not None:
        return decision
    asked: dict[str, float] = {}
    for part in questions:
        intent, probability = part.intents[0], part.probabilities[0]
        is_ours = part.foreign <= foreign_threshold and is_topic(intent)
        if is_ours and probability >= thresholds.several:
            asked.setdefault(intent, probability)
    topics = list(asked)[:MOST_TOPICS]
    if len(topics) > 1:
        intent = decision.intent if decision.intent in topics else topics[0]
        return replace(decision, intent=intent, unsure=False, topics=topics)
    if len(topics) == 1 and (decision.unsure or decision.intent == OUT_OF_SCOPE):
        return Decision(topics[0], asked[topics[0]], candidates=decision.candidates)
    return decision


def is_topic(intent: str) -> bool:
    """True for an intent that content/topics/ answers."""
    return intent.startswith("ask_") and intent not in _NO_TOPIC


def _topic_decision(
    text: str,
    level: str | None,
    flags: Sequence[tuple[str, bool]],
    ranking: Ranking,
    foreign_threshold: float,
    thresholds: Thresholds,
    person: str | None,
) -> Decision:
    ours = [
        (intent, probability)
        for intent, probability in zip(ranking.intents, ranking.probabilities, strict=True)
        if intent not in (OUT_OF_SCOPE, URGENT)
    ]
    (intent, best), (_, second) = ours[0], ours[1]
    # Somebody's own symptoms are not turned away: neither those the gate has found, nor those
    # the classifier is sure of.
    symptoms = any(is_firm or _is_own(flag, ranking) for flag, is_firm in flags)
    symptoms = symptoms or (intent.startswith("report_") and best >= thresholds.sure)
    if ranking.foreign > foreign_threshold and not symptoms and level != "S":
        return Decision(OUT_OF_SCOPE, ranking.foreign)
    of_flag = _heard_too(flags, ranking) if level == "G" and best < CLEAR_TOPIC else None
    if of_flag and of_flag[1] != intent and not is_general_question(text):
        return Decision(of_flag[1], 1.0, level, of_flag[0])
    if person and (intent, ours[1][0]) == (FOLLOW_UP, CHANGE_PERSON):
        # "I'm pregnant, does that matter?" says who it is about: no need to ask for whom.
        best, second = best + second, 0.0
    unsure = best < thresholds.sure or best - second < thresholds.margin
    own_flag, own_level = _own_flag(intent, text, person, ranking)
    flag = _holds(flags, intent, is_general_question(text))
    if flag is None:
        # The gate has nothing to add, or a G-level sign beside another topic: the classifier
        # has read the whole sentence. A weak guess at level G asks back instead, unless other
        # guesses are symptoms or medicines too.
        keeps = own_level == "S" or not unsure or _flagged_in_all(ranking) >= MOSTLY_FLAGGED
        flag, level = (own_flag, own_level) if keeps else (None, None)
    return Decision(intent, best, level, flag, unsure, [name for name, _ in ours[:3]])


def _heard_too(flags: Sequence[tuple[str, bool]], ranking: Ranking) -> tuple[str, str] | None:
    """The first flag whose intent the classifier hears too, and that intent."""
    intents = ((flag, INTENT_OF_FLAG[flag]) for flag, _ in flags if flag in INTENT_OF_FLAG)
    return next((one for one in intents if ranking.probability(one[1]) >= HEARD_TOO), None)


def _holds(flags: Sequence[tuple[str, bool]], intent: str, is_general: bool) -> str | None:
    """The first flag that is true whatever the topic, or is what the message is about."""
    for flag, is_firm in flags:
        if INTENT_OF_FLAG.get(flag) in (None, intent):
            return flag
        if is_firm and not is_general and intent not in FLAG_OF_INTENT:
            return flag
    return None


def _flagged_in_all(ranking: Ranking) -> float:
    """The probability that the message is about symptoms or medicines, whichever."""
    heard = [ranking.probability(intent) for intent in FLAG_OF_INTENT]
    others = [one.probability for one in ranking.flagged if one.intent not in FLAG_OF_INTENT]
    return sum(heard) + sum(others)


def _is_own(flag: str | None, ranking: Ranking) -> bool:
    """True where what the gate has found is ours whatever the rest is about."""
    intent = INTENT_OF_FLAG.get(flag or "", "")
    medicine = flag == "RF15" and ranking.probability(intent) >= OWN_MEDICINE
    return intent.startswith("report_") or medicine or flag in NEVER_FOREIGN


def _likeliest(flagged: Iterable[Flagged]) -> Flagged | None:
    return max(flagged, key=lambda one: one.probability, default=None)


def _own_flag(
    intent: str, text: str, person: str | None, ranking: Ranking
) -> tuple[str | None, str | None]:
    """Flag and level of an intent that only the classifier has seen."""
    if intent == "report_gut_symptoms" and person == "baby":
        return "RF9", "S"
    flag, level = FLAG_OF_INTENT.get(intent, (None, None))
    heard = _likeliest(one for one in ranking.flagged if one.intent == intent)
    if heard and heard.probability >= ranking.probability(intent) / 2:
        return heard.flag, heard.level
    if level == "S" and is_general_question(text):
        return flag, "G"
    return flag, level


def says_only_who(text: str, named: Container[str]) -> bool:
    """True for "my immune system is weak": a few words that say who and ask nothing."""
    named_more = any(name in named for name in (*OURS_FOR_A_PERSON, MEDICINE, "food"))
    return bool(_SAYS_WHO.match(text.strip())) and len(text.split()) <= 5 and not named_more


def is_general_question(text: str) -> bool:
    """True for "what does oozing mean", false where it is somebody's own skin."""
    return bool(_ASKS.match(text.strip())) and not _SOMEBODY.search(text)
