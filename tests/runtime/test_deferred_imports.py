"""Libraries the guide does not need are not loaded; whoever asks for one gets the real one."""

import pytest

SERVER = """
import sys
import runtime.launcher, channels.web, components.intent_classifier
import components.safety_gate, components.entity_extractor, components.intent_decision
print([name for name in ("sklearn", "matplotlib", "botocore.client", "pymongo.mongo_client",
                         "typer", "weasel") if name in sys.modules])
"""
MONGO_IS_AWAY = """
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
where = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"
try:
    TrackerStore.create(EndpointConfig(where, type="mongod"), Domain.empty())
except Exception as error:
    print(type(error).__name__)
"""
DYNAMO = """
from rasa.core import tracker_store
print(tracker_store.Key("sender_id").eq("me").get_expression()["operator"])
import boto3
client = boto3.client("dynamodb", region_name="x", endpoint_url="http://127.0.0.1:1",
                      aws_access_key_id="a", aws_secret_access_key="b")
print(type(client).__name__)
"""
SPACY = """
import spacy
print(spacy.info(silent=True)["spacy_version"] == spacy.about.__version__)
"""
SCIKIT = """
import rasa.utils.train_utils
from sklearn.linear_model import LogisticRegression
from scipy import stats
print(LogisticRegression().fit([[0], [1]], [0, 1]).predict([[1]])[0], round(stats.norm.cdf(0), 1))
"""


def lines_of(result):
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def test_server_starts_without_what_it_does_not_need(run_python):
    assert lines_of(run_python("-c", SERVER)) == ["[]"]


@pytest.mark.parametrize(
    "program, answer",
    [
        (MONGO_IS_AWAY, ["ConnectionException"]),
        (DYNAMO, ["=", "DynamoDB"]),
        (SPACY, ["True"]),
        (SCIKIT, ["1 0.5"]),
    ],
)
def test_who_asks_for_it_gets_the_real_one(run_python, program, answer):
    assert lines_of(run_python("-c", program)) == answer
