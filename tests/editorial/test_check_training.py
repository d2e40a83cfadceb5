"""Each check of the training data, on a tree with that one fault."""

from pathlib import Path

import pytest
from content_tree import Tree

from editorial.training import fold

NLU = "data/nlu.yml"


def change_intents(tree: Tree, remove: str = "", add: str = "") -> None:
    domain = tree.read("domain.yml")
    domain["intents"] = [name for name in domain["intents"] if name != remove]
    domain["intents"] += [add] if add else []
    tree.dump("domain.yml", domain)


def change_response(tree: Tree, **fields: object) -> None:
    tree.change("domain.yml", "responses", {"utter_greet": [fields]})


def drop_block(tree: Tree, intent: str) -> None:
    data = tree.read(NLU)
    data["nlu"] = [block for block in data["nlu"] if block["intent"] != intent]
    tree.dump(NLU, data)


def test_missing_phrases_file_is_a_problem_not_a_crash(tree: Tree) -> None:
    (tree.root / NLU).unlink()
    assert tree.problems() == [f"{NLU}: is missing; write the training phrases there"]


def test_missing_domain_is_a_problem_not_a_crash(tree: Tree) -> None:
    (tree.root / "domain.yml").unlink()
    assert tree.problems() == ["domain.yml: is missing; write it"]


def test_domain_of_the_wrong_shape_is_a_problem_not_a_crash(tree: Tree) -> None:
    tree.change("domain.yml", "responses", ["utter_greet"])
    assert tree.problems() == [
        "domain.yml: `responses` must be a mapping; write it as Rasa's documentation shows"
    ]


def test_malformed_phrases_file_is_named_with_its_line(tree: Tree) -> None:
    tree.write(NLU, "nlu:\n- intent: 'open\n")
    [problem] = tree.problems()
    assert problem.startswith(f"{NLU}:3: is not valid YAML (")


def test_line_that_is_no_phrase(tree: Tree) -> None:
    data = tree.read(NLU)
    data["nlu"][0]["examples"] += "no dash here\n"
    tree.dump(NLU, data)
    assert tree.problems() == [
        f"{NLU}: in ask_fibre the line 'no dash here' is not a phrase; begin it with `- `"
    ]


def test_topic_without_phrases(tree: Tree) -> None:
    drop_block(tree, "ask_stress")
    assert tree.problems() == [
        "content/topics/stress.yml: no phrase of data/nlu.yml asks for it; "
        "add a block `- intent: ask_stress` there"
    ]


def test_topic_the_domain_does_not_list(tree: Tree) -> None:
    change_intents(tree, remove="ask_stress")
    assert tree.problems() == [
        "content/topics/stress.yml: domain.yml does not list ask_stress; add it to `intents:` there"
    ]


def test_phrases_without_a_topic(tree: Tree) -> None:
    (tree.root / "content/topics/stress.yml").unlink()
    assert (
        f"{NLU}: ask_stress has no topic; write content/topics/stress.yml, or drop the intent"
        in (tree.problems())
    )


def test_retired_topic_needs_no_phrases(tree: Tree) -> None:
    tree.dump(
        "content/topics/bran.yml",
        {**tree.read("content/topics/fibre.yml"), "status": "retired"},
    )
    assert tree.problems() == []


def test_intent_with_phrases_the_domain_does_not_list(tree: Tree) -> None:
    change_intents(tree, remove="greet")
    assert tree.problems() == ["domain.yml: does not list greet; add it to `intents:`"]


def test_intent_of_the_domain_without_phrases(tree: Tree) -> None:
    change_intents(tree, add="goodbye")
    assert tree.problems() == [
        f"{NLU}: has no phrase for goodbye; add some, or drop it from the domain"
    ]


def test_intent_the_domain_lists_twice(tree: Tree) -> None:
    change_intents(tree, add="greet")
    assert tree.problems() == ["domain.yml: lists greet 2 times; keep it once"]


def test_red_flag_whose_intent_is_not_taught(tree: Tree) -> None:
    tree.change("content/safety/rf02.yml", "intent", "report_smoke")
    assert tree.problems() == [
        f"{NLU}: has no phrase for the red-flag intent report_smoke; add some"
    ]


@pytest.mark.parametrize(
    ("intent", "needed"),
    [("ask_fibre", 40), ("report_urgent", 40), ("greet", 20), ("out_of_scope", 250)],
)
def test_intent_with_too_few_phrases(tree: Tree, intent: str, needed: int) -> None:
    data = tree.read(NLU)
    for block in data["nlu"]:
        if block["intent"] == intent:
            block["examples"] = block["examples"].split("\n", 1)[1]
    tree.dump(NLU, data)
    assert tree.problems() == [
        f"{NLU}: {intent} has {needed - 1} phrases, under {needed}; add phrases in more voices"
    ]


def test_phrase_under_two_intents(tree: Tree) -> None:
    tree.add_phrase("ask_fibre", "Is bran OK?")
    tree.add_phrase("ask_stress", "is  bran ok")
    assert tree.problems() == [
        f"{NLU}: 'Is bran OK?' stands under ask_fibre and ask_stress; keep it where it belongs"
    ]


def test_phrase_that_stands_twice(tree: Tree) -> None:
    tree.add_phrase("ask_fibre", "what's bran")
    tree.add_phrase("ask_fibre", "Whats bran?")
    assert tree.problems() == [f"{NLU}: 'what's bran' stands 2 times under ask_fibre; keep it once"]


def test_phrases_of_other_data_files_count(tree: Tree) -> None:
    block = "nlu:\n- intent: greet\n  examples: |\n    - ask_fibre 1\n"
    tree.write("data/more.yml", block)
    [problem] = tree.problems()
    assert "stands under ask_fibre and greet" in problem


def test_held_out_question_used_in_training(tree: Tree) -> None:
    tree.add_phrase("ask_fibre", "Is fibre any good?")
    assert tree.problems() == [
        f"{NLU}: 'Is fibre any good?' under ask_fibre is a held-out question of "
        "evaluation/questions.jsonl; remove it from the training data"
    ]


def test_held_out_questions_may_lie_elsewhere(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("elsewhere") / "more.jsonl"
    file.write_text('{"text": "ask_fibre 1"}\n', encoding="utf-8")
    monkeypatch.setenv("HELD_OUT", str(file))
    [problem] = tree.problems()
    assert f"is a held-out question of {file}" in problem


def test_held_out_file_that_is_missing(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = str(Path("nowhere") / "more.jsonl")
    monkeypatch.setenv("HELD_OUT", missing)
    [problem] = tree.problems()
    assert problem.startswith(f"{missing}: cannot be read")


def test_held_out_line_that_is_not_json(tree: Tree) -> None:
    tree.write("evaluation/questions.jsonl", '{"text": "a b c"}\n{text: no}\n')
    [problem] = tree.problems()
    assert problem.startswith("evaluation/questions.jsonl:2: is not valid JSON (")


def test_response_of_the_domain_with_forbidden_wording(tree: Tree) -> None:
    change_response(tree, text="We cure eczema.")
    assert tree.problems() == [
        "domain.yml: `utter_greet` has 'cure', which promises a cure; "
        "say it is not a cure, or leave the word out"
    ]


def test_response_of_the_domain_that_is_too_hard_to_read(tree: Tree) -> None:
    change_response(
        tree,
        text="Gastroenterological considerations necessitate individualised deliberation."
        " Multidisciplinary collaboration facilitates optimisation.",
    )
    assert any(
        problem.startswith("domain.yml: `utter_greet` reads at grade")
        for problem in tree.problems()
    )


def test_response_button_that_does_not_fit(tree: Tree) -> None:
    button = {"title": "Everything about fibre", "payload": "/" + "x" * 64}
    change_response(tree, text="Hello.", buttons=[button])
    assert tree.problems() == [
        "domain.yml: `utter_greet` has the button 'Everything about fibre', "
        "over 20 characters; shorten it",
        f"domain.yml: `utter_greet` has the payload /{'x' * 64} of 65 bytes; keep it to 64",
    ]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  What's  UP?! ", "whats up"),
        ("What’s up", "whats up"),
        ("low-FODMAP", "low fodmap"),
        ("pēpi", "pēpi"),
        ("👍", "👍"),
        ("??", "??"),
    ],
)
def test_folding_ignores_case_punctuation_and_space(text: str, folded: str) -> None:
    assert fold(text) == folded
