"""Tidies a message for the safety gate: one way of writing, and one word for each age, fever, week
of pregnancy, early birth and lost weight.
"""

import re
import unicodedata

from components.long_words import cut_long_words

LONGEST_TEXT = 10_000
MONTHS = {"d": 1 / 30, "w": 1 / 4.345, "m": 1}

# Accents, and characters without a width: a soft hyphen or joiner inside a word hides it.
UNSEEN = {"Mn", "Me", "Cf"}
# Cyrillic and Greek letters that look like ours.
LOOKALIKES = str.maketrans("абвсеһіјкмнорѕтухѵԛԝɡαειкνορτυχӏ", "abbcehijkmhopstyxvqwgaeiknoptuxl")
# Digits for letters: "k1ll", "su1c1de", "br3athe".
_DISGUISED = re.compile(r"(?<=[a-z])[013457@$](?=[a-z])")
_LETTERS = dict(zip("013457@$", "oieastas", strict=True))

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER_WORDS = f"zero|{_ONES}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
_NUMBERS = {word: value for value, word in enumerate(_NUMBER_WORDS.split("|"))}
_NUMBERS |= {"couple": 2, "few": 3}
_AGE = re.compile(
    rf"""\b(?P<only>(?:is|only|just|hes|shes|(?:he|she|baby|bub|bubs|bubba|pepi|one|fella|guy|man|girl
        |boy|twin|son|daughter|niece|nephew|cousin|moko)'s)\ )?
    (?P<number>\d{{1,2}}(?:\.\d)?|{"|".join(_NUMBERS)})
    (?:\ and\ a\ half)?[\ -]?
    (?P<unit>days?|weeks?|wks?|months?|mths?|mnths?|mos?|w|m)
    (?:
        [\ -]?(?:olds?\b|o\b|of\ age\b)
        | [\ -]?(?=(?:baby|bub|bubs|bubba|pepi|infant|newborn|son|daughter|girl|boy|twins?)\b)
        | (?<=mo)\b | (?<=wk)\b | (?<=mth)\b
        | (?(only)\b(?=\ *(?:$|[.,!?]|and\b|with\b))|(?!))
    )""",
    re.VERBOSE,
)
_TEMPERATURE = re.compile(
    r"""\b(?:3[89]|4[0-2])[.,]\d(?!\d)
        (?!\ ?(?:kg|kilos?|weeks?|wks?|years?|%))(?:\ ?(?:c\b|degrees?|°c?))?
    | \b(?:3[89]|4[0-2])\ ?(?:c\b|degrees?|deg\b|°c?)
    | (?<=temp\ )(?:(?:is|of|was|at|around|about|over)\ )*(?:3[89]|4[0-2])(?:[.,]\d)?\b
    | (?<=temperature\ )(?:(?:is|of|was|at|around|about|over)\ )*(?:3[89]|4[0-2])(?:[.,]\d)?\b
    | (?<=fever\ )(?:(?:is|of|was|at|around|about|over)\ )*(?:3[89]|4[0-2])(?:[.,]\d)?\b
    | \b10[1-6](?:\.\d)?\ ?(?:f\b|degrees?|°f?)""",
    re.VERBOSE,
)

# Weeks, and weeks and days ("29+4"), of a pregnancy; with what says that it is one.
_WEEKS = rf"""(?:[4-9]|[123]\d|4[0-2]|{_NUMBER_WORDS}|eighteen|nineteen
    |(?:twenty|thirty|forty)(?:[ -](?:{_ONES}))?)(?:\ ?\+\ ?[0-6])?\ ?"""
_PREGNANT = re.compile(
    rf"""\b(?:i'?m|i\ am|we'?re|(?:wife|partner|missus)(?:'?s|\ is))\ 
        (?:at|now|only|just|about|nearly|almost|around|currently)?\ ?{_WEEKS}(?:weeks?|wks?|w)\b
        (?!\ (?:old|in|into|on|off|since|post\w*|free|ago|after|sober|of|without|late|clear|out
            |pp)\b)
    | \b{_WEEKS}(?:weeks?|wks?|w|months?|mths?)\ (?:along|gone|preg\w*|pg|hapu|with\ twins)\b
    | \bat\ {_WEEKS}(?:weeks?|wks?)\ my\b
    | (?:^|[.!?]\ )at\ {_WEEKS}(?:weeks?|wks?)\ (?:and|with|i|can|should|is)\b
    | \b(?:scan|pregnan\w*|midwife|i'?m|i\ am)\b[^.!?]{{0,12}}?
        \b(?:[4-9]|[123]\d|4[0-2])\ ?\+\ ?[0-6]\b
    | ^{_WEEKS}(?:(?:weeks?|wks?)\ (?:today|here)|w\ (?:and|with)\ (?:i|my))\b
    | (?:^|[.!?]\ |\b(?:i'?m|i\ am|we'?re|twins?|wife's|missus
        |(?:(?:grand)?(?:baby|bub|child)|pepi)(?:s|'s|\ is)?)\ )due\ 
        (?:(?:in|on|at|any|next|early|mid|late|around|end\ of)\b|\d{{1,2}}(?:st|nd|rd|th)?\b)""",
    re.VERBOSE,
)
_EARLY = rf"""(?:2[2-9]|3[0-6]|(?:twenty|thirty)[ -](?:{_ONES})|thirty)"""
_BORN = r"(?:born|came|come|arrived|delivered|birth|turned\ up)"
_LIGHT = r"""(?:(?:0?\.[5-9]|1\.\d|2\.[0-4])\d?\ ?(?:kgs?|kilos?)
    |(?:[5-9]\d\d|1\d\d\d|2[0-4]\d\d)\ ?(?:g|gms?|grams?))\b"""
_BORN_EARLY = re.compile(
    rf"""\b{_BORN}\ (?:\w+\ ){{0,3}}?{_EARLY}
        (?:\ ?\+\ ?[0-6]\b|[ -]?(?:weeks?|wks?|w)\b)(?!\ ago)
    | \b{_BORN}\ at\ {_EARLY}\b
    | \b{_EARLY}(?:\ ?\+\ ?[0-6])?[ -]?(?:weeks?[ -]|wks?[ -])?
        (?:weekers?|wkers?|gestation\w*|gest)\b
    | \b{_EARLY}\ ?\+\ ?[0-6]\b
    | \b(?:{_BORN}|birth\ ?weight|bw|weighed)\b[^.!?]{{0,20}}?\b{_LIGHT}
    | \b{_LIGHT}(?=[^.!?]{{0,15}}\b{_BORN}\b)""",
    re.VERBOSE,
)
_FEW_DAYS = re.compile(
    rf"""\b(?:baby|bub|bubs|bubba|newborn|pepi|infant|twins)\ 
        (?:is\ |was\ |only\ |just\ |now\ ){{0,2}}
    (?:\d|1\d|2[0-8]|{_NUMBER_WORDS})\ ?days?\b""",
    re.VERBOSE,
)
_KILOS = r"(?:[4-9]|[1-9]\d|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
_LOST_KILOS = re.compile(
    rf"""\b(?:lost|losing|dropped|shed|down)\ (?:\w+\ )?{_KILOS}(?:\.\d)?
        \ ?(?:kgs?|kilos?|kilograms?)\b
    | \bfrom\ (?P<from>\d\d\d?)(?:\ ?kgs?|\ kilos?)?\ (?:down\ )?
        to\ (?P<to>\d\d)\ ?(?:kgs?|kilos?)\b""",
    re.VERBOSE,
)
_MY_MILK = re.compile(
    r"\bmy (?:own )?milk\b"
    r"(?! (?:kefir|allerg|intoler|free|formula|powder|thistle|intake|drink|substit))"
)
# Contractions as they are misspelt; spaCy knows "cant" and "doesnt" itself.
_CONTRACTIONS = {
    "can not": "carnt carn't cnt kant canot",
    "could not": "cudnt couldent culdnt",
    "did not": "dident didint",
    "do not": "dnt donot",
    "does not": "dosnt dosn't dosent doesent",
    "has not": "hasent",
    "have not": "havnt havn't hvnt havant",
    "is not": "isent",
    "was not": "wasent",
    "would not": "wudnt wouldent",
}
_MISSPELT_NOT = {
    variant: words for words, variants in _CONTRACTIONS.items() for variant in variants.split()
}
_NOT = re.compile(rf"\b(?:{'|'.join(_MISSPELT_NOT)})\b(?!')")
# The word that is put behind what a pattern finds.
_SAYS = {
    _PREGNANT: "weekspregnant",
    _BORN_EARLY: "bornearly",
    _FEW_DAYS: "fewdays",
    _MY_MILK: "mymilk",
}


def tidy(text: str) -> str:
    """Lower case, no accents, ages and temperatures as one word each, punctuation apart."""
    text = text[:LONGEST_TEXT]
    text = cut_long_words(text.lower() if text.isascii() else _plain_letters(text))
    text = _DISGUISED.sub(_undisguised, text)
    text = re.sub(r"[\r\n]+", " . ", text)
    text = re.sub(r"([aeiou])\1{2,}", r"\1", text)
    text = re.sub(r"([^\W\d_aeiou])\1{2,}", r"\1\1", text)
    text = _NOT.sub(lambda match: _MISSPELT_NOT[match[0]], text)
    text = _TEMPERATURE.sub(" hightemperature ", text)
    text = _AGE.sub(_age_word, text)
    for pattern, word in _SAYS.items():
        text = pattern.sub(rf"\g<0> {word} ", text)
    text = _LOST_KILOS.sub(_lost_kilos_word, text)
    text = re.sub(r"(\d)([a-z])", r"\1 \2", text)
    text = re.sub(r"\.{2,}|[\u2013\u2014]|--|\u2026| - ", " , ", text)
    text = re.sub(r"([.,!?;:()])", r" \1 ", text)
    text = re.sub(r"[^\w\s'.,!?;:()%-]|_|-", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def weeks_of_pregnancy(text: str) -> list[tuple[int, int]]:
    """Places in `text` that tell how far somebody is ("I'm 31 wks", "20 weeks along")."""
    found = _PREGNANT.finditer(text.replace("\u2019", "'").lower())
    # "Due on Monday" may be a bill.
    return [match.span() for match in found if "due" not in match[0].split()]


def _plain_letters(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    text = "".join(c for c in text if unicodedata.category(c) not in UNSEEN).lower()
    return text.translate(LOOKALIKES)


def _undisguised(match: re.Match[str]) -> str:
    return _LETTERS[match[0]]


def _lost_kilos_word(match: re.Match[str]) -> str:
    gained = match["from"] and int(match["from"]) < int(match["to"]) + 4
    return match[0] if gained else f"{match[0]} kiloslost "


def _age_word(match: re.Match[str]) -> str:
    number = match["number"]
    age = _NUMBERS[number] if number in _NUMBERS else float(number)
    months = age * MONTHS[match["unit"][0]]
    if months < 3:
        return " underthreemonths "
    return " underoneyear " if months <= 12 else " overoneyear "
