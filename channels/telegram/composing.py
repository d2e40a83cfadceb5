"""One Telegram message out of what the assistant says: words, caution, sources, buttons."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from channels.fallback import is_safety
from channels.telegram.rich_text import Piece, RichText, as_html, as_plain, split
from editorial.content import Content

Item = dict[str, Any]

MAX_PAYLOAD_BYTES = 64
ALONE = ("E", "C")  # at these levels nothing else is said


@dataclass(frozen=True)
class Part:
    """A message as it is sent; `buttons` are pairs of a title and what tapping it sends."""

    html: str
    plain: str
    buttons: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Part":
        buttons = tuple((str(title), str(target)) for title, target in data["buttons"])
        return cls(data["html"], data["plain"], buttons)


def compose(
    content: Content, items: Sequence[Item], notes: Iterable[str] = (), private_link: str = ""
) -> list[Part]:
    """The notes, then the items, as one message; as more only where it is over the limit.

    `notes` are keys of content/telegram.yml; an emergency reply stands without them. Empty when
    there is nothing to say.
    """
    said = [item for item in items if item.get("text")]
    notes = () if any(_stands_alone(item) for item in said) else tuple(notes)
    paragraphs = [_text(content, content.fill(content.telegram.text(note))) for note in notes]
    paragraphs += [_bubble(content, item) for item in said]
    paragraphs += list(_tail(content, said))
    buttons = _buttons(said)
    if "group" in notes and private_link:
        buttons = ((content.telegram.text("private_button"), private_link),)
    messages = split(_joined(paragraphs, "\n\n"))
    return [
        Part(as_html(text), as_plain(text), buttons if text is messages[-1] else ())
        for text in messages
    ]


def _stands_alone(item: Item) -> bool:
    return is_safety(item) and _custom(item).get("level") in ALONE


def _bubble(content: Content, item: Item) -> RichText:
    text = re.sub(r"^- ", "• ", str(item["text"]).strip(), flags=re.M)
    pieces = _text(content, text)
    if _stands_alone(item) or "step" in _custom(item):
        pieces = _first_line_bold(pieces)
    lines = [pieces]
    if label := _custom(item).get("evidence", {}).get("label"):
        words = content.telegram.text("how_sure")
        lines.append([Piece(words, bold=True), Piece(f" {label}")])
    return _joined(lines, "\n\n")


def _tail(content: Content, said: Sequence[Item]) -> Iterator[RichText]:
    """People to call, sources and the review, as far as the text does not name them already."""
    spoken = "\n".join(str(item["text"]) for item in said)
    contacts = _unique(contact for item in said for contact in _custom(item).get("contacts", []))
    if unsaid := [contact for contact in contacts if contact["display"] not in spoken]:
        yield _joined([_contact(content, contact) for contact in unsaid], "\n")
    sources = _unique(source for item in said for source in _custom(item).get("sources", []))
    # An answer that is about the sources names them itself.
    if sources and not any(source["url"] and source["url"] in spoken for source in sources):
        heading = [Piece(content.telegram.text("sources"), bold=True)]
        yield _joined([heading, *map(_source, sources)], "\n")
    labels = {_custom(item).get("review", {}).get("label") for item in said}
    for label in sorted(label for label in labels if label and label not in spoken):
        yield [Piece(label)]


def _contact(content: Content, contact: dict[str, str]) -> RichText:
    country = content.telegram.text(f"country_{contact['country'].lower()}")
    start = Piece(f"{contact['name']} ({country}): ")
    return [start, Piece(contact["display"], href=f"tel:{contact['tel']}")]


def _source(source: dict[str, str | None]) -> RichText:
    publisher = f", {source['publisher']}" if source.get("publisher") else ""
    return [Piece("• "), Piece(source["title"] or "", href=source["url"] or ""), Piece(publisher)]


def _text(content: Content, text: str) -> RichText:
    """`text` with each phone number that the guide knows as a link that calls."""
    numbers = {number.display: number.tel for number in content.numbers.values()}
    if not numbers:
        return [Piece(text)]
    known = "|".join(re.escape(shown) for shown in sorted(numbers, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\d.,/-])(?<!\d )({known})(?![\d/-])(?! \d)")
    return [
        Piece(part, href=f"tel:{numbers[part]}" if position % 2 else "")
        for position, part in enumerate(pattern.split(text))
        if part
    ]


def _first_line_bold(pieces: RichText) -> RichText:
    done: RichText = []
    for position, piece in enumerate(pieces):
        line, end, rest = piece.text.partition("\n")
        done.append(Piece(line, bold=True, href=piece.href))
        if end:
            return [*done, Piece(end + rest, href=piece.href), *pieces[position + 1 :]]
    return done


def _buttons(said: Sequence[Item]) -> tuple[tuple[str, str], ...]:
    pairs = [
        (str(button["title"]), str(button["payload"]))
        for item in said
        for button in item.get("buttons") or []
    ]
    fitting = [pair for pair in pairs if 1 <= len(pair[1].encode()) <= MAX_PAYLOAD_BYTES]
    return tuple(dict.fromkeys(fitting))


def _joined(parts: Sequence[RichText], between: str) -> RichText:
    joined: RichText = []
    for part in parts:
        joined += [Piece(between), *part] if joined else part
    return joined


def _unique(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({str(sorted(entry.items())): entry for entry in entries}.values())


def _custom(item: Item) -> dict[str, Any]:
    custom = item.get("custom")
    return custom if isinstance(custom, dict) else {}
