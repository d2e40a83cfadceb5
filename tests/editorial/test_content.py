"""Loading the content, and how broken files are reported."""

import subprocess
import sys

import pytest
from content_tree import Tree

from editorial.content import Content, ContentError, load_content

FIBRE = "content/topics/fibre.yml"


def content_of(tree: Tree) -> Content:
    return load_content(tree.root / "content")


def problem_of(tree: Tree) -> str:
    with pytest.raises(ContentError) as raised:
        content_of(tree)
    [problem] = raised.value.problems
    return str(problem)


def test_topic_takes_its_id_and_intent_from_its_file_name(tree: Tree) -> None:
    topic = content_of(tree).topics["fibre"]
    assert (topic.id, topic.intent) == ("fibre", "ask_fibre")


def test_content_cannot_be_changed_by_its_readers(tree: Tree) -> None:
    topic = content_of(tree).topics["fibre"]
    with pytest.raises(TypeError):
        topic.title = "Bran"  # type: ignore[misc]


def test_one_text_reads_as_a_list_of_one(tree: Tree) -> None:
    content = content_of(tree)
    assert content.service["reviewed_on"] == ["Reviewed on {date}"]
    assert content.out_of_scope.kinds[0].texts == ["That one is not for me."]


def test_review_may_be_pending_or_signed(tree: Tree) -> None:
    tree.change(FIBRE, "review", {"by": "Dr A", "on": "2026-11-01", "next": "2027-11-01"})
    topics = content_of(tree).topics
    assert topics["stress"].signed is None
    assert topics["fibre"].signed is not None and topics["fibre"].signed.by == "Dr A"


def test_review_written_with_a_bare_on_is_not_read_as_true(tree: Tree) -> None:
    text = (tree.root / FIBRE).read_text(encoding="utf-8")
    signed = "review: {by: Dr A, on: 2026-11-01, next: 2027-11-01}"
    tree.write(FIBRE, text.replace("review: pending", signed))
    assert content_of(tree).topics["fibre"].signed is not None


def test_fill_puts_in_numbers_and_other_values(tree: Tree) -> None:
    content = content_of(tree)
    assert content.fill("Call {au_emergency}, {name}.", name="Ana") == "Call 000, Ana."


def test_fill_refuses_an_unknown_key(tree: Tree) -> None:
    with pytest.raises(KeyError):
        content_of(tree).fill("Call {au_emergancy}.")


def test_sources_are_found_by_key_and_by_fact(tree: Tree) -> None:
    source = {**tree.read("content/sources.yml")["article"], "facts": "R19"}
    tree.change("content/sources.yml", "gut_wall", source)
    assert list(content_of(tree).cited(["article", "R19", "R20"])) == ["article", "gut_wall"]


@pytest.mark.parametrize(
    ("path", "field", "value", "expected"),
    [
        (FIBRE, "answer", ..., f"{FIBRE}: `answer` is missing; add it"),
        (FIBRE, "answer", "", f"{FIBRE}: `answer` is empty; write it"),
        (
            FIBRE,
            "anwser",
            "Yes.",
            f"{FIBRE}: `anwser` is not a known field; mend its spelling or remove it",
        ),
        (
            FIBRE,
            "evidence.rating",
            "sure",
            f"{FIBRE}: `evidence.rating` is 'sure'; use one of: strong, moderate, mixed, "
            "little_effect, association, theory, unknown, not_rated",
        ),
        (
            FIBRE,
            "status",
            "final",
            f"{FIBRE}: `status` is 'final'; use one of: draft, published, retired",
        ),
        (
            FIBRE,
            "variants.grandma",
            "Ask.",
            f"{FIBRE}: `variants` is 'grandma'; use one of: baby, child, pregnant, weak_immunity",
        ),
        (
            FIBRE,
            "review",
            "soon",
            f"{FIBRE}: `review` must be `pending` or {{by: …, on: …, next: …}}; "
            "write it as CONTRIBUTING.md shows",
        ),
        (
            FIBRE,
            "review",
            {"by": "Dr A", "on": "2026-11-01"},
            f"{FIBRE}: `review.next` is missing; add it",
        ),
        (
            FIBRE,
            "review",
            {"by": "Dr A", "on": "2026-11-01", "next": "2026-10-01"},
            f"{FIBRE}: `review` has `next` no later than `on`; write it as CONTRIBUTING.md shows",
        ),
        (
            FIBRE,
            "gp.why",
            ...,
            f"{FIBRE}: `gp` must say `why` and `ask` unless `when` is never; "
            "write it as CONTRIBUTING.md shows",
        ),
        (FIBRE, "sources", [], f"{FIBRE}: `sources` has no entry; add one"),
        (
            FIBRE,
            "sources",
            ["article"] * 5,
            f"{FIBRE}: `sources` has more than 4 entries; keep the best ones",
        ),
        (
            "content/phone_numbers.yml",
            "au_emergency.display",
            0,
            "content/phone_numbers.yml: `au_emergency.display` must be text; put it in quotes",
        ),
        (
            "content/phone_numbers.yml",
            "au_emergency.how",
            ...,
            "content/phone_numbers.yml: `au_emergency.how` is missing; add it",
        ),
        (
            "content/phone_numbers.yml",
            "au_emergency.checked",
            "last week",
            "content/phone_numbers.yml: `au_emergency.checked` is not a date; "
            "write it as 2026-11-30",
        ),
        (
            "content/service.yml",
            "reviewed_on.texts",
            ["Twice"],
            "content/service.yml: `reviewed_on` has both `text` and `texts`; "
            "write it as CONTRIBUTING.md shows",
        ),
        (
            "content/safety/rf02.yml",
            "replies",
            {},
            "content/safety/rf02.yml: `replies` must hold a reply for at least one level; "
            "write it as CONTRIBUTING.md shows",
        ),
        (
            "content/safety/rf02.yml",
            "flag",
            "RF3",
            "content/safety/rf02.yml: holds the flag RF3; "
            "rename it to content/safety/rf03.yml, or mend `flag`",
        ),
    ],
)
def test_broken_field_is_named_with_its_remedy(
    tree: Tree, path: str, field: str, value: object, expected: str
) -> None:
    tree.change(path, field, value)
    assert problem_of(tree) == expected


def test_malformed_yaml_is_named_with_its_line(tree: Tree) -> None:
    tree.write(FIBRE, "title: Fibre\nanswer: 'no end\n")
    assert problem_of(tree).startswith(f"{FIBRE}:3: is not valid YAML (")


def test_tab_in_yaml_is_named_with_its_line(tree: Tree) -> None:
    tree.write(FIBRE, "title: Fibre\n\tanswer: Yes\n")
    assert problem_of(tree).startswith(f"{FIBRE}:2: is not valid YAML (")


def test_key_written_twice_is_named_with_its_line(tree: Tree) -> None:
    with (tree.root / FIBRE).open("a", encoding="utf-8") as file:
        file.write("title: Bran\n")
    assert "is not valid YAML (the key 'title' stands here twice)" in problem_of(tree)


def test_key_that_is_a_list_is_named_with_its_line(tree: Tree) -> None:
    tree.write(FIBRE, "[title]: Fibre\n")
    assert problem_of(tree).startswith(f"{FIBRE}:1: is not valid YAML (")


def test_file_that_is_not_utf8_is_named(tree: Tree) -> None:
    (tree.root / FIBRE).write_bytes(b"title: caf\xe9\n")
    assert problem_of(tree).startswith(f"{FIBRE}: cannot be read")


def test_empty_file_is_named(tree: Tree) -> None:
    tree.write(FIBRE, "")
    assert problem_of(tree) == f"{FIBRE}: is empty; write it as CONTRIBUTING.md shows"


def test_file_of_the_wrong_shape_is_named(tree: Tree) -> None:
    tree.write("content/service.yml", "- just a list\n")
    assert problem_of(tree).startswith("content/service.yml: must map keys to entries")


def test_missing_file_is_named(tree: Tree) -> None:
    (tree.root / "content/service.yml").unlink()
    assert problem_of(tree) == "content/service.yml: is missing; write it"


def test_misspelt_file_name_is_named(tree: Tree) -> None:
    tree.write("content/sevrice.yml", "a: {text: Hello.}\n")
    assert problem_of(tree) == (
        "content/sevrice.yml: is read by nothing; mend its name or remove it"
    )


def test_unknown_number_in_a_text_stops_the_loading(tree: Tree) -> None:
    tree.change(FIBRE, "more", "Call {au_emergancy} now.")
    assert problem_of(tree) == (
        f"{FIBRE}: `more` names the number {{au_emergancy}}, which does not exist; "
        "use a key of content/phone_numbers.yml, or add the number there"
    )


def test_all_problems_are_told_at_once(tree: Tree) -> None:
    tree.change(FIBRE, "answer", ...)
    tree.change("content/topics/stress.yml", "status", "final")
    with pytest.raises(ContentError) as raised:
        content_of(tree)
    assert [problem.path for problem in raised.value.problems] == [
        FIBRE,
        "content/topics/stress.yml",
    ]


def test_loading_needs_neither_rasa_nor_textstat() -> None:
    code = "import sys, editorial.content; print({'rasa', 'textstat'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
