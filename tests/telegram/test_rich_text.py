"""Text as Telegram takes it: escaped, and cut where nothing is torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.telegram.rich_text import LIMIT, Piece, as_html, as_plain, split, units

WORDS = st.text(alphabet="ab <&>\n.🙂\u0301\u200dé", max_size=60)
PIECES = st.lists(
    st.builds(Piece, WORDS, st.booleans(), st.sampled_from(["", "tel:000", "https://x.org/?a&b"])),
    max_size=8,
)


def read(message):
    return "".join(piece.text for piece in message)


def without_space(text):
    return "".join(text.split())


@given(PIECES, st.integers(2, 80))
def test_no_part_is_too_long_and_no_word_is_lost(pieces, limit):
    """T8"""
    messages = split(pieces, limit)
    assert all(0 < units(read(message)) <= limit for message in messages)
    whole = without_space("".join(read(message) for message in messages))
    assert whole == without_space(read(pieces))


@given(PIECES)
def test_link_that_fits_is_never_cut(pieces):
    """T8"""
    limit = 70
    parts = [piece for message in split(pieces, limit) for piece in message if piece.href]
    whole = [p for p in pieces if p.href and p.text.strip() and units(p.text) <= limit]
    for piece in whole:
        assert any(part.text.strip() == piece.text.strip() for part in parts)


def test_units_are_those_of_utf_16():
    """T8"""
    assert (units("a"), units("é"), units("🙂")) == (1, 1, 2)
    assert [units(read(m)) for m in split([Piece("🙂" * 3000)])] == [4096, 1904]


def test_cut_is_at_a_paragraph_where_there_is_one():
    text = "x" * 3000 + "\n\n" + "y" * 3000
    assert [read(m) for m in split([Piece(text)])] == ["x" * 3000, "y" * 3000]


@pytest.mark.parametrize("glued", ["e\u0301", "👩\u200d👧", "1\ufe0f\u20e3"])
def test_what_is_seen_as_one_sign_is_not_torn(glued):
    """T8"""
    first = read(split([Piece("x" * (LIMIT - 1) + glued + "yy")])[0])
    assert first == "x" * (LIMIT - 1)


def test_markup_is_escaped_everywhere():
    """T9"""
    pieces = [Piece("a < b & c"), Piece("<i>", bold=True), Piece("x", href='https://x.org/?"&')]
    expected = 'a &lt; b &amp; c<b>&lt;i&gt;</b><a href="https://x.org/?&quot;&amp;">x</a>'
    assert as_html(pieces) == expected


def test_plain_text_shows_where_a_link_leads():
    """T9"""
    pieces = [
        Piece("Call "),
        Piece("000", href="tel:000"),
        Piece(" or "),
        Piece("see", href="https://x.org"),
    ]
    assert as_plain(pieces) == "Call 000 or see (https://x.org)"
