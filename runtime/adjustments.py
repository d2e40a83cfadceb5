"""What is done to modules of Rasa once they have been imported, so that they cost less.

`lean_rasa` applies it, to every `rasa` command of the environment.
"""

import warnings
from abc import ABCMeta
from collections.abc import Callable
from copy import copy, deepcopy
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


def _know_in_process_actions(endpoints: ModuleType) -> None:
    """Let `endpoints.yml` name `in-process` as the action server, for every `rasa` command."""
    stock_config = endpoints.EndpointConfig
    from_dict = stock_config.from_dict

    @classmethod  # type: ignore[misc]
    def from_dict_or_in_process(cls: type, data: dict[str, object]) -> object:
        if data.get("url") != "in-process":
            return from_dict(data)
        from runtime.action_endpoint import InProcessActionEndpoint

        return InProcessActionEndpoint()

    stock_config.from_dict = from_dict_or_in_process


def _trust_own_actions(actions: ModuleType) -> None:
    """Check the answers of an action server against Rasa's schema, but not those of our process:
    the check took 30 of the 50 ms of a message.
    """
    stock_check = actions.RemoteAction._validate_action_result

    def check_unless_ours(action: Any, result: dict[str, Any]) -> bool:
        ours = getattr(action.action_endpoint, "url", None) == "in-process"
        return True if ours else bool(stock_check(action, result))

    actions.RemoteAction._validate_action_result = check_unless_ours


def _know_event_types(events: ModuleType) -> None:
    """Find an event's class once: Rasa searches all classes for each event it reads, which for
    a long conversation took 10 ms a message.
    """
    events.Event.resolve_by_type = staticmethod(lru_cache(events.Event.resolve_by_type))


class _PlainKind(ABCMeta):
    """A class whose instances are those of its subclasses, and no others by registration."""

    __instancecheck__ = type.__instancecheck__


def _ask_for_kinds_plainly(events: ModuleType) -> None:
    """Tell an event's kind as of any class: Rasa asks a thousand times a message, and an abstract
    class takes six times as long to say.
    """
    kinds = [events.Event]
    for kind in kinds:
        kind.__class__ = _PlainKind
        kinds += kind.__subclasses__()


def _prepare_events(events: ModuleType) -> None:
    _know_event_types(events)
    _ask_for_kinds_plainly(events)


def _know_full_domains(domain: ModuleType) -> None:
    """Ask a domain once whether it is empty: Rasa builds an empty one to compare, for each
    message.
    """
    stock_is_empty = domain.Domain.is_empty

    def is_empty(self: Any) -> bool:
        if "_is_empty" not in self.__dict__:
            self._is_empty = stock_is_empty(self)
        return bool(self._is_empty)

    domain.Domain.is_empty = is_empty


def _copy_trackers_plainly(trackers: ModuleType) -> None:
    """Copy a conversation as it stands: Rasa plays all of its events again, twice a message."""

    def copied(self: Any) -> Any:
        twin = copy(self)
        twin.events = copy(self.events)
        twin.slots = {name: copy(slot) for name, slot in self.slots.items()}
        twin.active_loop = copy(self.active_loop)
        return twin

    trackers.DialogueStateTracker.copy = copied


def _copy_slots_plainly(slots: ModuleType) -> None:
    """Copy a slot by its attributes: a dozen trackers a message each copy all slots, and Python's
    general way took half a millisecond of it.
    """

    def copied(self: Any) -> Any:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    slots.Slot.__copy__ = copied


def _run_graphs_directly(processor: ModuleType) -> None:
    """Predict without Rasa's scheduler."""
    from runtime.direct_graph import DirectGraphRunner

    processor.DaskGraphRunner = DirectGraphRunner  # type: ignore[attr-defined]
    _log_without_copying(processor)


def _log_without_copying(module: ModuleType) -> None:
    """Hand values to the debug log as they are: Rasa copies them deeply for it, also while that log
    is off. These modules copy for nothing else.
    """
    module.copy = SimpleNamespace(deepcopy=lambda value: value)  # type: ignore[attr-defined]


def _write_hashes_of_models(storage: ModuleType) -> None:
    """Note the hash of each model that is trained, by whichever `rasa` command."""
    from runtime.model_hash import write_hash

    stock_package = storage.LocalModelStorage.create_model_package

    def package_and_note(self: Any, model_archive_path: str | Path, *others: Any) -> Any:
        metadata = stock_package(self, model_archive_path, *others)
        write_hash(Path(model_archive_path))
        return metadata

    storage.LocalModelStorage.create_model_package = package_and_note


def _know_phrases_again(messages: ModuleType) -> None:
    """Copy a training phrase as a whole, and reckon its fingerprint anew only where it has changed:
    Rasa copies and compares all phrases a dozen times, a fifth of a training.
    """
    stock_set = messages.Message.set

    def set_if_new(self: Any, prop: str, info: Any, add_to_output: bool = False) -> None:
        if add_to_output or not isinstance(info, str) or self.data.get(prop) != info:
            stock_set(self, prop, info, add_to_output)

    def copied(self: Any, memo: dict[int, Any]) -> Any:
        twin = copy(self)
        twin.data = {name: _copy_of(value, memo) for name, value in self.data.items()}
        twin.features = deepcopy(self.features, memo)
        twin.output_properties = set(self.output_properties)
        return twin

    messages.Message.set = set_if_new
    messages.Message.__deepcopy__ = copied


def _copy_of(value: Any, memo: dict[int, Any]) -> Any:
    return value if isinstance(value, str) else deepcopy(value, memo)


# module -> what is done to it once it has been imported
ADJUSTMENTS: dict[str, Callable[[ModuleType], None]] = {
    "rasa.utils.endpoints": _know_in_process_actions,
    "rasa.core.actions.action": _trust_own_actions,
    "rasa.core.policies.memoization": _log_without_copying,
    "rasa.core.policies.rule_policy": _log_without_copying,
    "rasa.core.processor": _run_graphs_directly,
    "rasa.engine.storage.local_model_storage": _write_hashes_of_models,
    "rasa.shared.core.domain": _know_full_domains,
    "rasa.shared.core.events": _prepare_events,
    "rasa.shared.core.slots": _copy_slots_plainly,
    "rasa.shared.core.trackers": _copy_trackers_plainly,
    "rasa.shared.nlu.training_data.message": _know_phrases_again,
    "sanic.app": lambda _: hush(),  # it switches deprecation warnings back on
}


def hush() -> None:
    """Rasa's libraries warn of their own age; nobody who runs the guide can act on it."""
    for category in (DeprecationWarning, PendingDeprecationWarning):
        warnings.filterwarnings("ignore", category=category)
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
