"""What a channel says by itself: each red flag's own reply, else that we are sorry."""

import pytest

from channels.fallback import Fallback, is_safety
from components.safety.gate import own_gate
from editorial import replies
from editorial.content import load_content

CONTENT = load_content()
FALLBACK = Fallback(CONTENT, own_gate())
WORDS = {
    "E": "my son's lips are swelling and he can't breathe",
    "C": "I want to kill myself",
    "S": "her eczema is oozing yellow pus",
}


@pytest.mark.parametrize("level", WORDS)
def test_red_flag_gets_the_reply_the_assistant_would_give(level):
    found = own_gate().check(WORDS[level])
    assert found.level == level
    (item,) = FALLBACK.items(WORDS[level])
    (reply,) = replies.safety(CONTENT, found.level, found.flag)
    assert (item["text"], item["custom"]) == (reply.text, reply.custom)
    assert is_safety(item) and FALLBACK.is_urgent(WORDS[level])


@pytest.mark.parametrize("words", ["does kefir help", "", "/ask_fibre", '/next{"step":"3"}', "no"])
def test_what_is_no_red_flag_gets_an_apology_with_numbers(words):
    (item,) = FALLBACK.items(words)
    assert item["text"] == CONTENT.fill(CONTENT.service["something_broke"][0])
    assert {contact["tel"] for contact in item["custom"]["contacts"]} == {"000", "111"}
    assert not FALLBACK.is_urgent(words)


class BrokenGate:
    def check(self, text):
        raise RuntimeError(f"cannot read {text}")


def test_gate_that_fails_leaves_the_apology_and_nothing_of_the_words_in_the_log(caplog):
    (item,) = Fallback(CONTENT, BrokenGate()).items("my secret rash")
    assert "000" in item["text"]
    assert "RuntimeError" in caplog.text and "secret" not in caplog.text
