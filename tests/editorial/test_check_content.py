"""Each check of the content, on a tree with that one fault."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from content_tree import TODAY, Tree

ProblemOf = Callable[..., str]

FIBRE = "content/topics/fibre.yml"
FLAG = "content/safety/rf02.yml"
NUMBERS = "content/phone_numbers.yml"
HARD = (
    "Gastroenterological abnormalities demonstrably characterise "
    "paediatric populations experiencing dermatological inflammation."
)
SIGNED = {"by": "Dr A", "on": "2026-01-01", "next": "2027-01-01"}


def test_sound_tree_has_no_problem(tree: Tree) -> None:
    assert tree.problems() == []


def test_published_without_a_review(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "status", "published") == (
        f"{FIBRE}: is published without a review; "
        "ask the reviewer to sign `review:`, or set `status: draft`"
    )


def test_published_flag_without_a_review(problem_of: ProblemOf) -> None:
    assert problem_of(FLAG, "status", "published").startswith(
        f"{FLAG}: is published without a review"
    )


def test_published_with_a_review_that_ran_out(tree: Tree, problem_of: ProblemOf) -> None:
    tree.change(FIBRE, "status", "published")
    assert problem_of(FIBRE, "review", {**SIGNED, "next": "2026-11-30"}) == (
        f"{FIBRE}: is published, but its review ran out on 2026-11-30; "
        "ask for a new review, or set `status: draft`"
    )


def test_published_with_a_review_in_force_is_fine(tree: Tree) -> None:
    tree.change(FIBRE, "status", "published")
    tree.change(FIBRE, "review", SIGNED)
    assert tree.problems() == []


def test_review_dated_in_the_future(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "review", {**SIGNED, "on": "2026-12-24"}) == (
        f"{FIBRE}: was reviewed on 2026-12-24, a day still to come; mend `review.on`"
    )


def test_source_that_does_not_exist(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "sources", ["article", "nature"]) == (
        f"{FIBRE}: names the source nature, which does not exist; "
        "use a key of content/sources.yml, or add the source there"
    )


def test_source_nobody_cites_is_only_noted(tree: Tree) -> None:
    tree.change("content/sources.yml", "nature", tree.read("content/sources.yml")["article"])
    tree.change("content/sources.yml", "nature.facts", "R99")
    assert tree.problems() == [
        "content/sources.yml: notice: nothing cites nature; cite each or remove it"
    ]


def test_number_key_that_does_not_exist(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "more", "Call {au_vet} now.") == (
        f"{FIBRE}: `more` names the number {{au_vet}}, which does not exist; "
        "use a key of content/phone_numbers.yml, or add the number there"
    )


def test_contact_that_does_not_exist(problem_of: ProblemOf) -> None:
    assert problem_of(FLAG, "replies.E.contacts", ["au_vet"]) == (
        f"{FLAG}: `contacts` names the number au_vet, which does not exist; "
        "use a key of content/phone_numbers.yml, or add the number there"
    )


def test_number_checked_long_ago_is_only_noted(problem_of: ProblemOf) -> None:
    assert problem_of(NUMBERS, "au_emergency.checked", date(2026, 8, 1)) == (
        f"{NUMBERS}: notice: `au_emergency` was last checked on 2026-08-01; "
        "test-call it, compare the service's own site, then set `checked` and `how`"
    )


def test_number_checked_in_the_future(problem_of: ProblemOf) -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert problem_of(NUMBERS, "au_emergency.checked", tomorrow) == (
        f"{NUMBERS}: `au_emergency` was checked on {tomorrow}, a day still to come; mend `checked`"
    )


def test_number_whose_two_forms_differ(problem_of: ProblemOf) -> None:
    assert problem_of(NUMBERS, "au_emergency.tel", "112") == (
        f"{NUMBERS}: `au_emergency` has a `tel` that differs from its `display`; "
        "write the same digits in both, `tel` without spaces"
    )


def test_text_that_is_too_hard_to_read(problem_of: ProblemOf) -> None:
    problem = problem_of(FIBRE, "more", HARD)
    assert problem.startswith(f"{FIBRE}: `more` reads at grade ")
    assert problem.endswith(", over 8; use shorter sentences and plainer words")


def test_texts_that_are_too_hard_taken_together(tree: Tree) -> None:
    harder = (
        "Many people with eczema consider dietary alterations helpful during difficult periods."
    )
    for topic_id in ("fibre", "stress", "yoghurt"):
        path = f"content/topics/{topic_id}.yml"
        tree.change(path, "variants", dict.fromkeys(("baby", "child", "pregnant"), harder))
    for number in range(1, 22):
        text = f"Call {{au_emergency}} or {{nz_emergency}} now. {harder} {harder}"
        tree.change(f"content/safety/rf{number:02}.yml", "replies.E.text", text)
    [problem] = [line for line in tree.problems() if line.startswith("content: ")]
    assert problem.startswith("content: half of all texts read above grade ")
    assert problem.endswith("bring the median down to 6.5, hardest texts first")


def test_text_that_is_too_long(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "more", "We do not know. " * 23) == (
        f"{FIBRE}: `more` has 92 words, over 90; cut it, or move a part to `more`"
    )


def test_american_spelling(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "more", "Fiber is in beans.") == (
        f"{FIBRE}: `more` has 'Fiber', which is American spelling; write 'fibre'"
    )


@pytest.mark.parametrize(
    ("path", "field", "text", "said"),
    [
        (FIBRE, "more", "Fibre cures eczema.", "'cures', which promises a cure"),
        (FLAG, "replies.E.gp_ask", ["Call 000 now."], "'000', which types a phone number"),
        ("content/deflections/brand.yml", "text", "Take 5 mg.", "'5 mg', which gives an amount"),
        ("content/service.yml", "reviewed_on.text", "Hi, sufferers.", "'sufferers', which names"),
        ("content/evidence.yml", "mixed.meaning", "It fixes skin.", "'fixes', which promises"),
        ("content/disclaimers.yml", "short", ["It is just a rash."], "which makes light of it"),
    ],
)
def test_forbidden_wording_is_found_in_every_place(
    problem_of: ProblemOf, path: str, field: str, text: Any, said: str
) -> None:
    problem = problem_of(path, field, text)
    assert problem.startswith(f"{path}: `")
    assert said in problem


def test_product_named_in_a_text(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "more", "Try Acme drops.") == (
        f"{FIBRE}: `more` names the product 'acme drops'; say what kind of product it is"
    )


def test_rating_that_the_ladder_does_not_explain(problem_of: ProblemOf) -> None:
    assert problem_of("content/evidence.yml", "mixed", ...) == (
        "content/evidence.yml: does not explain the rating mixed; add it"
    )


def test_rating_that_no_topic_can_have(problem_of: ProblemOf) -> None:
    rung = {"label": "Sure", "meaning": "We think so."}
    assert problem_of("content/evidence.yml", "certain", rung) == (
        "content/evidence.yml: explains certain, which is no rating; remove it"
    )


def test_rating_that_the_answer_does_not_put_into_words(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "evidence.rating", "theory") == (
        f"{FIBRE}: is rated theory but does not say so; "
        'write "Scientists think" in answer, more or note'
    )


def test_title_that_does_not_fit_a_button(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "title", "All there is to fibre") == (
        f"{FIBRE}: `title` has 21 characters, over 20; shorten it"
    )


def test_question_that_is_too_long(problem_of: ProblemOf) -> None:
    question = "Can I eat more of it now, and if so, how much of it can I eat per day?!"
    assert problem_of(FIBRE, "question", question) == (
        f"{FIBRE}: `question` has 71 characters, over 70; shorten it"
    )


def test_topic_id_too_long_for_a_button(tree: Tree) -> None:
    long_id = "a" * 40
    (tree.root / FIBRE).rename(tree.root / f"content/topics/{long_id}.yml")
    assert (
        f"content/topics/{long_id}.yml: its button "
        f'/ask_evidence{{"topic":"{long_id}"}} has 65 bytes, over 64; '
        "give the topic a shorter file name"
    ) in tree.problems()


def test_see_also_that_is_no_topic(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "see_also", ["stress", "bran"]) == (
        f"{FIBRE}: `see_also` names bran, which is no topic in use; "
        "mend the id, or write that topic"
    )


def test_see_also_with_one_topic(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "see_also", ["stress"]) == (
        f"{FIBRE}: `see_also` names 1 topics; name two or three"
    )


def test_see_also_that_names_the_topic_itself(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "see_also", ["stress", "fibre"]) == (
        f"{FIBRE}: `see_also` names the topic itself; name another topic"
    )


def test_broken_topic_does_not_make_those_that_name_it_wrong(problem_of: ProblemOf) -> None:
    assert problem_of(FIBRE, "answer", ...) == f"{FIBRE}: `answer` is missing; add it"


def test_red_flag_that_is_missing(tree: Tree) -> None:
    (tree.root / FLAG).unlink()
    assert tree.problems() == [f"{FLAG}: is missing; write the replies of this red flag"]


@pytest.mark.parametrize("level", ["E", "C"])
def test_urgent_reply_without_both_emergency_numbers(problem_of: ProblemOf, level: str) -> None:
    reply = {"text": "Call {au_emergency} now.", "contacts": ["au_emergency", "nz_emergency"]}
    assert problem_of(FLAG, "replies", {level: reply}) == (
        f"{FLAG}: `replies.{level}.text` lacks {{nz_emergency}}; give both emergency numbers"
    )


TELEGRAM = "content/telegram.yml"


def test_telegram_command_that_is_too_long(problem_of: ProblemOf) -> None:
    words = "Say what is kept, and how you can have it all deleted from here on"
    assert problem_of(TELEGRAM, "commands.delete", words) == (
        f"{TELEGRAM}: `commands.delete` has {len(words)} characters, over 60; shorten it"
    )


def test_telegram_command_without_words(problem_of: ProblemOf) -> None:
    assert problem_of(TELEGRAM, "commands.delete", ...) == (
        f"{TELEGRAM}: `commands` has no delete; write it as CONTRIBUTING.md shows"
    )


def test_telegram_number_that_does_not_exist(problem_of: ProblemOf) -> None:
    assert "{nobody}" in problem_of(TELEGRAM, "texts.help", "Call {nobody} now.")
