"""Rules and stories over the last few turns: the same prediction at a flat cost."""

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph

from components.recent_policies import RecentMemoizationPolicy, RecentRulePolicy, recent

PROJECT_DATA = ("data/rules.yml", "data/stories.yml")


@pytest.fixture(scope="module")
def policies(domain, graph, request):
    """Both policies, trained on the project's own rules and stories."""
    files = [request.config.rootpath / path for path in PROJECT_DATA]
    steps = [step for file in files for step in YAMLStoryReader(domain).read_from_file(file)]
    generator = TrainingDataGenerator(StoryGraph(steps), domain, augmentation_factor=0)
    trackers = generator.generate()

    def trained(kind, **config):
        policy = kind.create(kind.get_default_config() | config, *graph)
        policy.train(trackers, domain)
        return policy

    return [
        trained(RecentRulePolicy, enable_fallback_prediction=False),
        trained(RecentMemoizationPolicy, max_history=4),
    ]


@pytest.fixture
def predictions(policies, domain, tracker):
    def predict(events):
        built = tracker(events)
        return [
            policy.predict_action_probabilities(built, domain).probabilities for policy in policies
        ]

    return predict


@pytest.fixture
def talk(turn):
    """A conversation of that many ordinary turns."""

    def events(turns):
        return [event for _ in range(turns) for event in turn("ask_scfa", "action_answer_topic")]

    return events


ENDINGS = {
    "thanks": [("thanks",)],
    "greeting": [("greet",)],
    "more": [("more_detail",)],
    "answered": [("greet", "action_greet")],
    "false alarm": [("report_urgent", "action_safety_reply"), ("deny",)],
    "yes to an alarm": [("report_urgent", "action_safety_reply"), ("affirm",)],
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_long_conversation_predicts_what_a_short_one_does(predictions, talk, turn, ending):
    end = [event for step in ENDINGS[ending] for event in turn(*step)]
    assert predictions(talk(60) + end) == predictions(talk(3) + end)


@pytest.mark.parametrize(
    ("intent", "action"),
    [("thanks", "utter_thanks"), ("greet", "action_greet"), ("more_detail", "action_more_detail")],
)
def test_rule_is_followed_deep_in_a_conversation(predictions, domain, talk, turn, intent, action):
    rules, _ = predictions(talk(50) + turn(intent))
    assert rules[domain.index_for_action(action)] == 1.0


STORIES = [
    ("report_urgent", "deny", "action_deny"),
    ("report_urgent", "affirm", "action_safety_reply"),
    ("report_distress", "affirm", "action_safety_reply"),
]


@pytest.mark.parametrize("before", [0, 1, 50])
@pytest.mark.parametrize(("said", "then", "action"), STORIES)
def test_story_is_recognised_after_any_number_of_turns(
    predictions, domain, talk, turn, before, said, then, action
):
    events = [*talk(before), *turn(said, "action_safety_reply"), *turn(then)]
    _, memorised = predictions(events)
    assert memorised[domain.index_for_action(action)] == 1.0


@pytest.fixture
def work(predictions, talk, turn, monkeypatch):
    """How many states the policies look at after so many turns and one more message."""
    states = []
    stock = Domain.get_active_state
    monkeypatch.setattr(
        Domain, "get_active_state", lambda *args, **kw: states.append(1) or stock(*args, **kw)
    )

    def count(turns, intent):
        states.clear()
        predictions(talk(turns) + turn(intent))
        return len(states)

    return count


def test_work_for_a_message_does_not_grow_with_the_conversation(work):
    # Intents that nobody has asked about in this module: what is known costs nothing.
    assert work(10, "ask_stress") == work(100, "ask_fibre") > 0


def test_what_followed_the_same_course_before_is_remembered(work):
    assert work(10, "ask_probiotics") > 0
    assert work(20, "ask_probiotics") == 0


def test_nobodys_words_are_remembered(policies, predictions, talk, turn):
    predictions(talk(3) + turn("thanks"))
    predictions([*talk(3), UserUttered("a secret", {"name": "greet"}), *turn("thanks")])
    known = [policy._known for policy in policies]
    assert all(known) and "secret" not in str(known)


def test_what_is_remembered_is_not_changed_by_whoever_got_it(policies, domain, tracker, turn):
    events = tracker(turn("thanks"))
    for policy in policies:
        first = policy.predict_action_probabilities(events, domain)
        before = list(first.probabilities)
        first.probabilities[:] = [0.0] * len(before)
        assert policy.predict_action_probabilities(events, domain).probabilities == before


def test_a_slot_that_steers_is_looked_at_each_time(domain, graph, turn):
    steered = Domain.from_dict(
        domain.as_dict() | {"slots": {"mood": {"type": "bool", "mappings": [{"type": "custom"}]}}}
    )
    story = YAMLStoryReader(steered).read_from_string(STEERED)
    policy = RecentRulePolicy.create(
        RecentRulePolicy.get_default_config() | {"enable_fallback_prediction": False}, *graph
    )
    generator = TrainingDataGenerator(StoryGraph(story), steered, augmentation_factor=0)
    policy.train(generator.generate(), steered)

    def action(mood):
        events = [SlotSet("mood", mood), *turn("greet")]
        talk = DialogueStateTracker.from_events("somebody", events, steered.slots)
        prediction = policy.predict_action_probabilities(talk, steered)
        return steered.action_names_or_texts[prediction.max_confidence_index]

    assert [action(True), action(False)] == ["action_greet", "utter_goodbye"]


STEERED = """
version: "3.1"
rules:
  - rule: in good mood
    condition: [{slot_was_set: [{mood: true}]}]
    steps: [{intent: greet}, {action: action_greet}]
  - rule: in bad mood
    condition: [{slot_was_set: [{mood: false}]}]
    steps: [{intent: greet}, {action: utter_goodbye}]
"""


def test_recent_tracker_holds_the_last_turns_from_their_listening_on(tracker, talk):
    short = recent(tracker(talk(40)), 3)
    assert len(short.events) == len(talk(3))
    assert short.events[0].action_name == "action_listen"


def test_short_conversation_is_taken_whole(tracker, talk):
    whole = tracker(talk(2))
    assert recent(whole, 3) is whole


def test_slots_are_todays(tracker, talk):
    events = [SlotSet("person", "baby"), *talk(10)]
    assert recent(tracker(events), 3).get_slot("person") == "baby"


def test_slots_of_the_conversation_itself_are_left_alone(tracker, talk):
    whole = tracker([SlotSet("person", "baby"), *talk(10), SlotSet("person", "child")])
    recent(whole, 3)
    assert whole.get_slot("person") == "child"
    assert len(whole.events) == len(talk(10)) + 2
