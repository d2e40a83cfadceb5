"""The real guide on Telegram: an emergency, and a process that is killed."""

import pytest
from bot_api import TOKEN, FakeBotApi
from live_guide import LiveGuide


@pytest.fixture
def guide(tmp_path):
    with FakeBotApi().running() as api:
        guide = LiveGuide(tmp_path, api, "polling")
        guide.furnish()
        guide.start()
        yield guide
        guide.kill()


def test_real_guide_answers_an_emergency_and_survives_being_killed(guide):
    """T15, T16"""
    chat = guide.api.chat()
    chat.write("My son's lips are swelling and he is struggling to breathe")
    text = chat.wait_for(1)[0]
    assert "000" in text and "111" in text
    assert "tel:000" in chat.received[0]["raw"] and chat.received[0]["raw"].startswith("<b>")
    other = guide.api.chat()
    other.tap("/ask_leaky_gut", {"message_id": 1, "date": 1, "chat": other.as_json()})
    guide.kill()
    guide.start()
    text = other.wait_for(1, 40)[0]
    assert "gut permeability" in text and "Sources:" in text
    rows = other.received[0]["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in rows] == [1] * len(rows)
    assert TOKEN.split(":")[1] not in guide.log


def test_title_of_a_button_may_be_typed_and_a_red_flag_stays_one(guide):
    chat = guide.api.chat()
    chat.write("/tour")
    chat.wait_for(1)
    chat.write("i have eczema")
    assert "Step 1 of 6" in chat.wait_for(2)[1]
    chat.write("/tour")
    chat.wait_for(3)
    chat.write("I have eczema and I can't breathe")
    assert "000" in chat.wait_for(4)[3]
