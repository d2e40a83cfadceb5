"""Modules that cost a second and 80 MB at start-up and are then hardly ever called.

Importing one gives a stand-in; its functions load the real module when they are called.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

# scipy.stats: scikit-learn imports it for functions no pipeline of ours calls.
# rasa.utils.plotting: brings matplotlib, which only `rasa test` draws with.
DEFERRED = ("scipy.stats", "rasa.utils.plotting")


class DeferredFunction:
    """Calls a function of the real module, which it loads first."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(real_module(self._module), self._name)(*args, **kwargs)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(getattr(real_module(self._module), self._name), attribute)


class DeferredModule(ModuleType):
    """Has every name; each is a function that is looked up when it is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return DeferredFunction(self.__name__, name)


class DeferredLoader(importlib.abc.Loader):
    """Makes the stand-in; the module's folder stays known, so that submodules can be imported."""

    def __init__(self, real: importlib.machinery.ModuleSpec) -> None:
        self.real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return DeferredModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


def deferred_spec(
    fullname: str, path: Sequence[str] | None
) -> importlib.machinery.ModuleSpec | None:
    """A spec for the stand-in of `fullname`, or None where the real module is not installed."""
    real = importlib.machinery.PathFinder.find_spec(fullname, path)
    if real is None:
        return None
    spec = importlib.machinery.ModuleSpec(fullname, DeferredLoader(real))
    spec.submodule_search_locations = real.submodule_search_locations
    return spec


def load_parent_of(fullname: str) -> None:
    """A submodule needs its real package, so load that when it has only been deferred."""
    parent = fullname.rpartition(".")[0]
    if parent in DEFERRED and isinstance(sys.modules.get(parent), DeferredModule):
        real_module(parent)


def real_module(name: str) -> ModuleType:
    """Load the module behind a stand-in and put it in its place."""
    stand_in = sys.modules[name]
    if not isinstance(stand_in, DeferredModule):
        return stand_in
    assert stand_in.__spec__ is not None and isinstance(stand_in.__spec__.loader, DeferredLoader)
    real = stand_in.__spec__.loader.real
    module = importlib.util.module_from_spec(real)
    sys.modules[name] = module
    assert real.loader is not None
    real.loader.exec_module(module)
    return module
