"""What a message is taken to mean, from the safety gate's finding and the classifier's ranking.

Every threshold of the product is set here or in `config.yml`; evaluation/README.md says by
which measurement.
"""

import re
from dataclasses import dataclass, field

from components.understanding.classifier import OUT_OF_SCOPE, Ranking

URGENT, DISTRESS = "report_urgent", "report_distress"
FALLBACK = "nlu_fallback"

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

# The flag and level of a safety intent that only the classifier has seen.
FLAG_OF_INTENT = {
    "report_skin_infection": ("RF5", "S"),
    "report_gut_symptoms": ("RF11", "G"),
    DISTRESS: ("RF14", "G"),
    "ask_medication": ("RF15", "G"),
    "ask_diagnosis": ("RF21", "G"),
}

_ASKS = re.compile(r"(what|who|how|why|when|can|could|does|do|is|are|should|which)\b", re.I)
_SOMEBODY = re.compile(
    r"\b(my|i|i'?m|i'?ve|me|he|she|his|her|our|we|baby|bub|bubs|son|daughter|kid|"
    r"toddler|child|husband|wife|partner|mum|dad|this|these|it'?s)\b",
    re.I,
)


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which the classifier's word counts; see `IntentDecision`."""

    urgent: float
    crisis: float
    distress: float
    excused: float
    sure: float
    margin: float


@dataclass(frozen=True)
class Decision:
    """`candidates` are the intents to offer when `unsure`."""

    intent: str
    confidence: float
    level: str | None = None
    flag: str | None = None
    unsure: bool = False
    candidates: list[str] = field(default_factory=list)


def decide(
    text: str,
    level: str | None,
    flag: str | None,
    ranking: Ranking,
    foreign_threshold: float,
    thresholds: Thresholds,
    person: str | None = None,
    excused: bool = False,
) -> Decision:
    """Choose one intent; safety comes before topic, and the higher level wins a doubt.

    `excused`: the gate has read an alarming sign as denied, past or only asked about, so the
    classifier, which hears the words alone, must be the surer.
    """
    least = thresholds.excused if excused else 0.0
    if level == "E":
        return Decision(URGENT, 1.0, "E", flag)
    if level == "C":
        return Decision(DISTRESS, 1.0, "C", flag)
    urgent = ranking.probability(URGENT)
    if urgent >= max(thresholds.urgent, least):
        return Decision(URGENT, urgent, "E", None)
    if ranking.crisis >= max(thresholds.crisis, least):
        return Decision(DISTRESS, ranking.crisis, "C", "RF13")
    if level == "S":
        intent = INTENT_OF_FLAG.get(flag or "")
        if intent:
            return Decision(intent, 1.0, "S", flag)
    distress = ranking.probability(DISTRESS)
    if level != "S" and distress >= max(thresholds.distress, least):
        return Decision(DISTRESS, distress, "G", "RF14")
    return _topic_decision(text, level, flag, ranking, foreign_threshold, thresholds, person)


def _topic_decision(
    text: str,
    level: str | None,
    flag: str | None,
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
    symptoms = INTENT_OF_FLAG.get(flag or "", "").startswith("report_") or (
        intent.startswith("report_") and best >= thresholds.sure
    )
    if ranking.foreign > foreign_threshold and not symptoms and level != "S":
        return Decision(OUT_OF_SCOPE, ranking.foreign)
    unsure = best < thresholds.sure or best - second < thresholds.margin
    own_flag, own_level = _own_flag(intent, text, person)
    if level is None or INTENT_OF_FLAG.get(flag or "") not in (None, intent):
        # The gate has nothing to add, or a G-level sign beside another topic: the classifier
        # has read the whole sentence. A weak guess at level G asks back instead.
        keeps = own_level == "S" or not unsure
        flag, level = (own_flag, own_level) if keeps else (None, None)
    return Decision(intent, best, level, flag, unsure, [name for name, _ in ours[:3]])


def _own_flag(intent: str, text: str, person: str | None) -> tuple[str | None, str | None]:
    """Flag and level of an intent that only the classifier has seen."""
    flag, level = FLAG_OF_INTENT.get(intent, (None, None))
    if intent == "report_gut_symptoms" and person == "baby":
        return "RF9", "S"
    if level == "S" and is_general_question(text):
        return flag, "G"
    return flag, level


def is_general_question(text: str) -> bool:
    """True for "what does oozing mean", false where it is somebody's own skin."""
    return bool(_ASKS.match(text.strip())) and not _SOMEBODY.search(text)
