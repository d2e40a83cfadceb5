"""How messages name the files of the content."""

FAQ = "content/faq.yml"
TELEGRAM = "content/telegram.yml"
TOUR = "content/tour.yml"


def topic_path(topic_id: str) -> str:
    """The file of a topic, as messages name it."""
    return f"content/topics/{topic_id}.yml"


def flag_path(flag: str) -> str:
    """The file of a safety flag, as messages name it: RF3 → content/safety/rf03.yml."""
    return f"content/safety/rf{int(flag[2:]):02}.yml"
