"""Lets Rasa 3.6 run on Python 3.12 without TensorFlow, and keeps it from calling home.

`make setup` registers `install()` in the environment through a `.pth` file, so the
plain `rasa` command works. Rasa imports TensorFlow only through the eight modules
below; each gets a placeholder whose names exist and whose components say, when a
`config.yml` really asks for one of them, what to install. Where TensorFlow is
installed the placeholders stand aside.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from runtime.adjustments import ADJUSTMENTS, hush
from runtime.deferred_imports import deferred_spec, is_deferred, load_parent_of
from runtime.idle_connectors import CONNECTORS, idle_spec

# module -> {name: ComponentType the recipe registers it under, or None for a helper class}
TENSORFLOW_MODULES: dict[str, dict[str, str | None]] = {
    "rasa.utils.tensorflow.callback": {"RasaTrainingLogger": None, "RasaModelCheckpoint": None},
    "rasa.utils.tensorflow.data_generator": {"RasaBatchDataGenerator": None},
    "rasa.nlu.classifiers.diet_classifier": {"DIETClassifier": "INTENT_CLASSIFIER"},
    "rasa.nlu.selectors.response_selector": {"ResponseSelector": "INTENT_CLASSIFIER"},
    "rasa.core.policies.ted_policy": {"TEDPolicy": "POLICY_WITH_END_TO_END_SUPPORT"},
    "rasa.core.policies.unexpected_intent_policy": {
        "UnexpecTEDIntentPolicy": "POLICY_WITH_END_TO_END_SUPPORT"
    },
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": {
        "LanguageModelFeaturizer": "MESSAGE_FEATURIZER"
    },
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": {
        "ConveRTFeaturizer": "MESSAGE_FEATURIZER"
    },
}

HOW_TO_GET_TENSORFLOW = (
    "{name} needs TensorFlow, which this project does without. Take it out of config.yml "
    "(components/ has what we use instead), or install stock Rasa in an environment of its "
    "own: Python 3.10, then `pip install rasa==3.6.21` (it brings tensorflow 2.12)."
)


class _PlaceholderLoader(importlib.abc.Loader):
    """Builds a module that holds a stand-in for each name Rasa imports from the real one."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        for name, component_type in TENSORFLOW_MODULES[module.__name__].items():
            setattr(module, name, _stand_in(name, module.__name__, component_type))


class LeanRasaFinder(importlib.abc.MetaPathFinder):
    """Answers for the modules named above, and for nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in TENSORFLOW_MODULES and not _tensorflow_is_installed():
            return importlib.machinery.ModuleSpec(fullname, _PlaceholderLoader())
        load_parent_of(fullname)
        if is_deferred(fullname):
            return deferred_spec(fullname, path)
        if fullname in CONNECTORS:
            return idle_spec(fullname, path)
        if fullname in ADJUSTMENTS:
            return _with_adjustment(fullname, path)
        return None


def _with_adjustment(
    fullname: str, path: Sequence[str] | None
) -> importlib.machinery.ModuleSpec | None:
    spec = importlib.machinery.PathFinder.find_spec(fullname, path)
    if spec is None or spec.loader is None:
        return spec
    stock_exec = spec.loader.exec_module

    def exec_and_adjust(module: ModuleType) -> None:
        stock_exec(module)
        ADJUSTMENTS[fullname](module)

    spec.loader.exec_module = exec_and_adjust  # type: ignore[method-assign]
    return spec


def install() -> None:
    """Register the finder once, and switch off for good what would report to makers: Rasa's
    telemetry and error reports, and onnxruntime's, which begin with its import.
    """
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["SENTRY_DSN"] = ""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # onnxruntime and numpy would each start a thread per core; one chat needs one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if not sys.warnoptions:
        hush()
    if not any(isinstance(finder, LeanRasaFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, LeanRasaFinder())


def _tensorflow_is_installed() -> bool:
    return importlib.util.find_spec("tensorflow") is not None


def _stand_in(name: str, module: str, component_type: str | None) -> type:
    """A class named `name`; as a Rasa component, one that refuses to be used, with the remedy."""
    if component_type is None:
        return type(name, (), {"__module__": module})

    from rasa.engine.graph import GraphComponent
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import RasaException

    def refuse(*_: object, **__: object) -> None:
        raise RasaException(HOW_TO_GET_TENSORFLOW.format(name=name))

    body = {
        "__module__": module,
        "create": staticmethod(refuse),
        "required_packages": staticmethod(refuse),
    }
    stand_in: type = type(name, (GraphComponent,), body)
    kind = DefaultV1Recipe.ComponentType[component_type]
    DefaultV1Recipe.register(kind, is_trainable=True)(stand_in)
    return stand_in
