"""Tapped buttons are told from typed text that looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.payload import is_payload


@pytest.mark.parametrize(
    "text",
    ["/greet", "/ask_scfa", '/more_detail{"topic":"scfa"}', "/ask_scfa{}"],
)
def test_what_a_button_sends_is_a_payload(text):
    assert is_payload(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "hello",
        "ask_scfa",
        "//ask_scfa",
        "/ask_scfa my lips are swelling",
        "/my throat is closing",
        '/more_detail{"topic":"my lips are swelling"}',
        '/more_detail{"topic":"lips swelling"}',
        '/more_detail{"topic":["scfa"]}',
        '/more_detail{"topic":1}',
        '/more_detail{"topic":null}',
        '/more_detail{"topic":"scfa"} help',
        '/more_detail{"topic":}',
        "/more_detail{topic}",
        "/ASK_SCFA",
        "/ask scfa",
        " /ask_scfa",
        "/ask_scfa\n",
        '/more_detail{"a topic":"scfa"}',
        '/more_detail{"":"scfa"}',
        '/more_detail{"topic":' + "[" * 9000 + "}",
        '/more_detail{"topic":' + "[" * 4000 + "]" * 4000 + "}",
    ],
)
def test_text_that_looks_like_a_payload_is_text(text):
    assert not is_payload(text)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_words_in_a_payload_are_always_text(words):
    assert not is_payload(f'/ask_scfa{{"topic":"{words} cannot breathe"}}')


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text):
    assert is_payload(f"/{text}") in (True, False)
