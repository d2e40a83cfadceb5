"""Actions inside the server's process."""

import asyncio
import json

import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.interfaces import ActionExecutionRejection

from runtime.action_endpoint import InProcessActionEndpoint

CALL = {
    "next_action": "action_show_menu",
    "sender_id": "visitor",
    "tracker": {
        "sender_id": "visitor",
        "slots": {},
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    },
    "domain": {},
}


@pytest.fixture(scope="module")
def endpoint():
    return InProcessActionEndpoint()


def request(endpoint, **changes):
    return asyncio.run(endpoint.request(json=CALL | changes, method="post", timeout=300))


def test_endpoints_file_may_name_in_process():
    assert isinstance(EndpointConfig.from_dict({"url": "in-process"}), InProcessActionEndpoint)


def test_endpoints_file_may_still_name_a_server():
    config = EndpointConfig.from_dict({"url": "http://localhost:5055/webhook"})
    assert not isinstance(config, InProcessActionEndpoint)
    assert config.url == "http://localhost:5055/webhook"


def test_action_answers_as_an_action_server_would(endpoint):
    answer = request(endpoint)
    assert answer["responses"][0]["text"]
    assert {event["event"] for event in answer["events"]} == {"slot"}


def test_unknown_action_is_not_found(endpoint):
    with pytest.raises(ClientResponseError) as caught:
        request(endpoint, next_action="action_fly")
    assert caught.value.status == 404
    assert "action_fly" in caught.value.text


def test_rejected_action_is_told_as_rasa_expects_it(endpoint, monkeypatch):
    async def reject(call):
        raise ActionExecutionRejection("action_show_menu")

    monkeypatch.setattr(endpoint._executor, "run", reject)
    with pytest.raises(ClientResponseError) as caught:
        request(endpoint)
    assert caught.value.status == 400
    assert json.loads(caught.value.text)["action_name"] == "action_show_menu"
