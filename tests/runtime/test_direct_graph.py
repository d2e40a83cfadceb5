"""The prediction graph without Rasa's scheduler, beside Rasa's own runner."""

import pytest
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import (
    ExecutionContext,
    GraphComponent,
    GraphNodeHook,
    GraphSchema,
    SchemaNode,
)
from rasa.engine.runner.dask import DaskGraphRunner

from runtime.direct_graph import DirectGraphRunner

RUNS = []


class Adding(GraphComponent):
    """Adds what it is given."""

    @classmethod
    def create(cls, config, model_storage, resource, execution_context):
        component = cls()
        component.name = config["name"]
        return component

    def add(self, **numbers):
        RUNS.append(self.name)
        return sum(numbers.values())


def node(name, needs, is_target=False):
    return SchemaNode(
        needs=needs,
        uses=Adding,
        constructor_name="create",
        fn="add",
        config={"name": name},
        eager=True,
        is_target=is_target,
    )


# A diamond that is entered twice, and a branch that nobody asks for.
SCHEMA = GraphSchema(
    {
        "end": node("end", {"one": "left", "other": "right"}, is_target=True),
        "right": node("right", {"one": "start", "number": "given"}),
        "left": node("left", {"one": "start"}),
        "start": node("start", {"number": "given"}),
        "unwanted": node("unwanted", {"one": "end"}),
    }
)


@pytest.fixture(autouse=True)
def no_runs_yet():
    RUNS.clear()


def runner(kind):
    return kind.create(SCHEMA, None, ExecutionContext(SCHEMA))


def test_outputs_are_those_of_rasas_own_runner():
    given = {"inputs": {"given": 3}, "targets": ["end", "left"]}
    found = runner(DirectGraphRunner).run(**given)
    assert found == runner(DaskGraphRunner).run(**given) == {"end": 9, "left": 3}


def test_each_node_runs_once_after_what_it_needs_and_none_besides():
    direct = runner(DirectGraphRunner)
    for _ in range(2):
        direct.run(inputs={"given": 1}, targets=["end"])
        assert RUNS == ["start", "left", "right", "end"]
        RUNS.clear()


def test_without_targets_those_of_the_schema_are_run():
    assert runner(DirectGraphRunner).run(inputs={"given": 2}) == {"end": 6}


def test_nothing_is_kept_from_one_run_to_the_next():
    direct = runner(DirectGraphRunner)
    assert [direct.run(inputs={"given": n})["end"] for n in (1, 5, 1)] == [3, 15, 3]


def test_missing_input_is_an_error():
    with pytest.raises(GraphRunError, match="given"):
        runner(DirectGraphRunner).run(targets=["end"])


@pytest.mark.parametrize("kind", [DirectGraphRunner, DaskGraphRunner])
def test_fault_of_a_component_names_its_node(kind):
    with pytest.raises(GraphComponentException, match="node start") as raised:
        runner(kind).run(inputs={"given": "no number"}, targets=["start"])
    assert isinstance(raised.value.__cause__, TypeError)


class Listening(GraphNodeHook):
    """Notes before and after which nodes it was called."""

    def __init__(self):
        self.heard = []

    def on_before_node(self, node_name, execution_context, config, received_inputs):
        self.heard.append(("before", node_name, received_inputs))
        return {}

    def on_after_node(self, node_name, execution_context, config, output, input_hook_data):
        self.heard.append(("after", node_name, output))


def test_hooks_are_called():
    hook = Listening()
    direct = DirectGraphRunner.create(SCHEMA, None, ExecutionContext(SCHEMA), [hook])
    assert direct.run(inputs={"given": 2}, targets=["start"]) == {"start": 2}
    assert hook.heard == [("before", "start", {"number": 2}), ("after", "start", 2)]


def test_component_is_found_by_its_kind():
    direct = runner(DirectGraphRunner)
    assert isinstance(direct.component(Adding), Adding)
    assert direct.component(DirectGraphRunner) is None
