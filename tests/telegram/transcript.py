"""Writes a conversation with the real guide on Telegram into docs/telegram.md.

    python tests/telegram/transcript.py

Everything between the two marks in that file is replaced.
"""

import sys
import tempfile
from pathlib import Path

from bot_api import Chat, FakeBotApi
from live_guide import PROJECT, LiveGuide

DOCUMENT = PROJECT / "docs/telegram.md"
BEGIN, END = "<!-- transcript -->", "<!-- end of transcript -->"
PICTURE = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}

CONVERSATION = (
    ("write", "/start tour"),
    ("tap", "I have eczema"),
    ("tap", "Next: The gut link"),
    ("write", "is leaky gut real?"),
    ("tap", "Back to step 2 of 6"),
    ("write", "skip this"),
    ("photo", ""),
    ("write", "my son's lips are swelling and he is struggling to breathe"),
    ("write", "false alarm, that was last year"),
    ("write", "where was I"),
    ("tap", "Continue at step 3"),
    ("write", "step 5"),
    ("tap", "Next: Get help"),
    ("tap", "Finish"),
    ("tap", "Quick quiz"),
    ("tap", "No"),
    ("tap", "Skip the quiz"),
    ("write", "/delete"),
)


def main() -> int:
    with FakeBotApi().running() as api, tempfile.TemporaryDirectory() as folder:
        guide = LiveGuide(Path(folder), api, "polling")
        guide.furnish()
        try:
            guide.start()
            told = transcript(api.chat())
        finally:
            guide.kill()
    document = DOCUMENT.read_text(encoding="utf-8")
    before, rest = document.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}", encoding="utf-8")
    print(f"Written to {DOCUMENT.relative_to(PROJECT)}")
    return 0


def transcript(chat: Chat) -> str:
    """The conversation as quotes in Markdown; buttons stand in brackets, one a line."""
    lines = []
    for number, (how, words) in enumerate(CONVERSATION, 1):
        lines.append(f"**Person:** {_act(chat, how, words)}")
        chat.wait_for(number)
        message = chat.received[-1]
        said = [line.rstrip() for line in message["text"].split("\n")]
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        said += ["", *(f"[ {row[0]['text']} ]" for row in rows)] if rows else []
        lines.append("**Guide:**\n\n```text\n" + "\n".join(said) + "\n```")
    return "\n\n".join(lines)


def _act(chat: Chat, how: str, words: str) -> str:
    if how == "tap":
        rows = chat.received[-1]["reply_markup"]["inline_keyboard"]
        button = next(row[0] for row in rows if row[0]["text"] == words)
        chat.tap(button["callback_data"])
        return f"taps “{words}”"
    if how == "photo":
        chat.send(photo=[PICTURE])
        return "sends a photo"
    chat.write(words)
    return words


if __name__ == "__main__":
    sys.exit(main())
