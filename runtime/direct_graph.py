"""Runs Rasa's prediction graph node after node, in an order that is worked out once.

Rasa plans the whole graph anew for every run, three times a message, and hands it to a
scheduler for clusters. That cost more than the policies themselves.
"""

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

from rasa.engine.exceptions import GraphComponentException
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.exceptions import RasaException

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """A node and, by its parameters, the names of the nodes and inputs whose output it needs."""

    name: str
    node: GraphNode
    needs: dict[str, str]

    def output(self, done: dict[str, Any]) -> Any:
        """What the node makes of what is `done`; GraphRunError where something is missing."""
        node = self.node
        if node._hooks or not node._eager or not all(map(done.__contains__, self.needs.values())):
            return self._by_rasa(done)
        try:
            return node._fn(
                node._component, **{name: done[need] for name, need in self.needs.items()}
            )
        except RasaException:
            raise
        except Exception as error:
            raise GraphComponentException(
                f"Error running graph component for node {self.name}."
            ) from error

    def _by_rasa(self, done: dict[str, Any]) -> Any:
        # A name alone stands for what is missing; the node then says which input it lacks.
        inputs = ((name, done[name]) if name in done else name for name in self.needs.values())
        return self.node(*inputs)[1]


class DirectGraphRunner(DaskGraphRunner):  # type: ignore[misc]
    """Rasa's runner but for `run`; for predictions, whose graph does not change."""

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """The outputs of the `targets`, by their names; all targets of the schema without."""
        wanted = tuple(targets or self._graph_schema.target_names)
        done = dict(inputs or {})
        for step in self._steps(wanted):
            done[step.name] = step.output(done)
        return {name: done[name] for name in wanted}

    def component[Kind](self, kind: type[Kind]) -> Kind | None:
        """The graph's component of this kind; None where it has none."""
        components = (node._component for node in self._instantiated_nodes.values())
        return next((one for one in components if isinstance(one, kind)), None)

    def _steps(self, targets: tuple[str, ...]) -> tuple[Step, ...]:
        planned: dict[tuple[str, ...], tuple[Step, ...]] = self.__dict__.setdefault("_planned", {})
        if targets not in planned:
            planned[targets] = tuple(self._plan(targets, set()))
        return planned[targets]

    def _plan(self, names: tuple[str, ...], seen: set[str]) -> Iterator[Step]:
        """The nodes behind `names`, each after all that it needs; inputs are no nodes."""
        for name in names:
            if name in seen or name not in self._instantiated_nodes:
                continue
            seen.add(name)
            needs = self._graph_schema.nodes[name].needs
            yield from self._plan(tuple(needs.values()), seen)
            yield Step(name, self._instantiated_nodes[name], needs)
