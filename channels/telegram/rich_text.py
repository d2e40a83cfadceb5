"""Text with bold words and links: as Telegram's HTML, as plain text, and cut into messages."""

import html
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

LIMIT = 4096  # UTF-16 units of what is read, as Telegram counts
JOINERS = "\u200d\ufe0f\ufe0e\u20e3"
BREAKS = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True)
class Piece:
    """Some text, all of it bold, all of it a link, or neither."""

    text: str
    bold: bool = False
    href: str = ""

    @property
    def is_plain(self) -> bool:
        return not (self.bold or self.href)


RichText = list[Piece]


def units(text: str) -> int:
    """The length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def as_html(text: Iterable[Piece]) -> str:
    """`text` with every character escaped that Telegram would take for markup."""
    return "".join(_piece_html(piece) for piece in text)


def as_plain(text: Iterable[Piece]) -> str:
    """`text` without markup; a link to a page shows its address where that fits."""
    pieces = list(text)
    short = "".join(piece.text for piece in pieces)
    full = "".join(
        f"{piece.text} ({piece.href})" if piece.href.startswith("http") else piece.text
        for piece in pieces
    )
    return full if units(full) <= LIMIT else short


def split(text: Iterable[Piece], limit: int = LIMIT) -> list[RichText]:
    """`text` as messages of up to `limit` units, cut at paragraphs where that can be.

    A link or bold words stay whole unless they alone are too long.
    """
    messages: list[RichText] = [[]]
    room = limit
    for piece in text:
        for part, starts_anew in _parts(piece, room, limit):
            if starts_anew:
                messages.append([])
                room = limit
            messages[-1].append(part)
            room -= units(part.text)
    trimmed = (_trimmed(message) for message in messages)
    return [message for message in trimmed if message]


def _parts(piece: Piece, room: int, limit: int) -> Iterator[tuple[Piece, bool]]:
    """The piece in parts, each with whether it begins a new message."""
    rest, anew = piece, False
    while units(rest.text) > room:
        fits_elsewhere = units(rest.text) <= limit and not piece.is_plain
        end = 0 if fits_elsewhere else _cut(rest.text, room, must=room == limit)
        if end:
            yield replace(rest, text=rest.text[:end]), anew
            rest = replace(rest, text=rest.text[end:])
        room, anew = limit, True
    if rest.text:
        yield rest, anew


def _cut(text: str, room: int, must: bool) -> int:
    """Where to cut `text` so that the first part has up to `room` units; 0 for nowhere good."""
    end = _characters(text, room)
    for mark in BREAKS:
        found = text.rfind(mark, 0, end)
        if found > 0 and (found > end // 2 or mark == " "):
            return found + len(mark)
    if not must:
        return 0
    while end > 1 and _belongs_to_the_one_before(text, end):
        end -= 1
    return end


def _characters(text: str, room: int) -> int:
    """How many characters of `text` fit into `room` units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > room:
            return index
    return len(text)


def _belongs_to_the_one_before(text: str, index: int) -> bool:
    if index >= len(text):
        return False
    return (
        text[index] in JOINERS
        or text[index - 1] == JOINERS[0]
        or unicodedata.combining(text[index]) != 0
    )


def _trimmed(message: RichText) -> RichText:
    """Without the empty lines at the ends, which Telegram would drop."""
    pieces = [piece for piece in message if piece.text]
    while pieces and not pieces[0].text.strip():
        pieces.pop(0)
    while pieces and not pieces[-1].text.strip():
        pieces.pop()
    if pieces:
        pieces[0] = replace(pieces[0], text=pieces[0].text.lstrip())
        pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
    return pieces


def _piece_html(piece: Piece) -> str:
    text = html.escape(piece.text, quote=False)
    if piece.href:
        text = f'<a href="{html.escape(piece.href)}">{text}</a>'
    return f"<b>{text}</b>" if piece.bold else text
