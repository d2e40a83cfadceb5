"""Reading grade and length."""

from editorial import readability

PLAIN = "The gut is home to tiny life. It helps you use your food."
HARD = (
    "Gastroenterological abnormalities demonstrably characterise "
    "paediatric populations experiencing dermatological inflammation."
)


def test_plain_words_read_at_a_low_grade() -> None:
    assert readability.grade(PLAIN) < 3


def test_long_words_read_at_a_high_grade() -> None:
    assert readability.grade(HARD) > readability.MAX_GRADE


def test_each_bullet_counts_as_a_sentence() -> None:
    steps = ["ask your doctor about the cream", "keep the skin moist each day", "watch for signs"]
    as_bullets = "Please do this:\n" + "\n".join(f"- {step}" for step in steps)
    as_sentences = "Please do this:\n" + "\n".join(f"{step}." for step in steps)
    assert readability.grade(as_bullets) == readability.grade(as_sentences)


def test_bullet_signs_are_not_words() -> None:
    assert readability.words("Call:\n- a doctor\n- a nurse") == 5


def test_headings_are_too_short_to_grade() -> None:
    assert not readability.is_graded("Gastroenterological investigations")


def test_median_looks_at_graded_texts_only() -> None:
    assert readability.median_grade(["Dermatology", PLAIN]) == readability.grade(PLAIN)
    assert readability.median_grade([]) == 0
