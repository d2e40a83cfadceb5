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

DEFERRED = (
    # scikit-learn imports it for functions no pipeline of ours calls.
    "scipy.stats",
    # Brings matplotlib, which only `rasa test` draws with.
    "rasa.utils.plotting",
    # Brings scikit-learn, for the policies and classifiers that need TensorFlow.
    "rasa.utils.tensorflow.model_data",
    # For conversations kept in DynamoDB or MongoDB.
    "boto3",
    "boto3.dynamodb",
    "boto3.dynamodb.conditions",
    "pymongo",
    "pymongo.collection",
    # The `spacy` command, with all that it downloads, checks and prints.
    "spacy.cli",
    "spacy.cli.info",
)


# Submodules that need nothing of their package: classes of errors, which Rasa wants to catch.
STANDS_ALONE = ("pymongo.errors",)


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


def is_deferred(fullname: str) -> bool:
    """Whether a stand-in is to be made: not within a package that has been loaded after all."""
    parent = sys.modules.get(fullname.rpartition(".")[0])
    is_loaded = parent is not None and parent.__name__ in DEFERRED
    return fullname in DEFERRED and not (is_loaded and not isinstance(parent, DeferredModule))


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
    if fullname not in DEFERRED and fullname not in STANDS_ALONE:
        load_package_of(fullname)


def load_package_of(fullname: str) -> None:
    """Load the package around a module, where it is only a stand-in."""
    parent = fullname.rpartition(".")[0]
    if isinstance(sys.modules.get(parent), DeferredModule):
        real_module(parent)


def real_module(name: str) -> ModuleType:
    """Load the module behind a stand-in and put it in its place, its package before it."""
    load_package_of(name)
    stand_in = sys.modules.get(name) or importlib.import_module(name)
    if not isinstance(stand_in, DeferredModule):
        return stand_in
    assert stand_in.__spec__ is not None and isinstance(stand_in.__spec__.loader, DeferredLoader)
    real = stand_in.__spec__.loader.real
    module = importlib.util.module_from_spec(real)
    sys.modules[name] = module
    for other in [other for other in sys.modules if other.startswith(f"{name}.")]:
        if isinstance(sys.modules[other], DeferredModule):
            del sys.modules[other]  # what is loaded now wants the real one
    assert real.loader is not None
    real.loader.exec_module(module)
    return module
