"""Rasa's connectors to other services, imported only where `credentials.yml` names one.

Rasa imports all of them at its start, and with them the libraries of a dozen companies.
"""

import importlib.abc
import importlib.machinery
from types import ModuleType
from typing import Any

from runtime.deferred_imports import DeferredLoader, DeferredModule, deferred_spec, real_module

PACKAGE = "rasa.core.channels"

# module -> class, and the name by which `credentials.yml` asks for it
CONNECTORS = {
    f"{PACKAGE}.{module}": names
    for module, names in {
        "botframework": ("BotFrameworkInput", "botframework"),
        "console": ("CmdlineInput", "cmdline"),
        "facebook": ("FacebookInput", "facebook"),
        "hangouts": ("HangoutsInput", "hangouts"),
        "mattermost": ("MattermostInput", "mattermost"),
        "rocketchat": ("RocketChatInput", "rocketchat"),
        "slack": ("SlackInput", "slack"),
        "socketio": ("SocketIOInput", "socketio"),
        "telegram": ("TelegramInput", "telegram"),
        "twilio": ("TwilioInput", "twilio"),
        "twilio_voice": ("TwilioVoiceInput", "twilio_voice"),
        "webexteams": ("WebexTeamsInput", "webexteams"),
    }.items()
}


class IdleChannel:
    """Stands for a connector's class: knows its name, and is the real one for all else."""

    def __init__(self, module: str, class_name: str, channel: str) -> None:
        self._module, self._class_name, self._channel = module, class_name, channel

    def name(self) -> str:
        """The channel's name; Rasa lists its connectors by it."""
        return self._channel

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(self._real(), attribute)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real()(*args, **kwargs)

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[type]:
        """A class derived from this one is derived from the real one."""
        return (self._real(),)

    def _real(self) -> type:
        real: type = getattr(real_module(self._module), self._class_name)
        return real


class IdleLoader(DeferredLoader):
    """Makes the stand-in of a connector's module, with one for its channel's class."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = IdleConnector(spec.name)
        class_name, channel = CONNECTORS[spec.name]
        setattr(module, class_name, IdleChannel(spec.name, class_name, channel))
        return module


class IdleConnector(DeferredModule):
    """Loads the real module for every name but its channel's class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(real_module(self.__name__), name)


def idle_spec(fullname: str, path: Any) -> importlib.machinery.ModuleSpec | None:
    """A spec for the stand-in of a connector, or None where Rasa is not installed."""
    spec = deferred_spec(fullname, path)
    if spec is not None:
        assert isinstance(spec.loader, DeferredLoader)
        spec.loader = IdleLoader(spec.loader.real)
    return spec
