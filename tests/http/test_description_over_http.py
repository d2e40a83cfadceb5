"""The running server keeps to its OpenAPI description, whatever is sent to it."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture(scope="session")
def description(guide):
    schema = schemathesis.openapi.from_url(f"{guide.url}/webhooks/rest/openapi.yml")
    schema.config.base_url = guide.url
    return schema


def fuzz(description, path, method, examples):
    """Send made-up requests, good and bad, to one operation."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case):
        case.call_and_validate(checks=CHECKS)

    description[path][method].as_strategy()
    return send
