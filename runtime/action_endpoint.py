"""Runs the actions inside the server's own process.

Saves the second process, its memory and a network hop, and with them Rasa's failure mode
"action server down, user met with silence".
"""

from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

IN_PROCESS = "in-process"


class InProcessActionEndpoint(EndpointConfig):
    """Stands where Rasa expects an action server's address."""

    def __init__(self, package: str = "actions") -> None:
        super().__init__(url=IN_PROCESS)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, *args: Any, json: dict[str, Any], **kwargs: Any) -> Any:
        """Run the action named in `json`; events and responses, as an action server answers."""
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as error:
            body = {"error": error.message, "action_name": error.action_name}
            raise ClientResponseError(400, "rejected", _as_text(body)) from error
        except ActionNotFoundException as error:
            body = {"error": str(error), "action_name": error.action_name}
            raise ClientResponseError(404, "no such action", _as_text(body)) from error


def _as_text(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body)
