"""The compose files: sound by the schema, locked down, and complete."""

import json
import re
from importlib.metadata import distribution
from pathlib import Path

import jsonschema
import pytest
import yaml
from image import DEPLOY, PROJECT

SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
FILES = ("compose.yml", "compose.growing.yml")
# What its entry point needs before it gives up being root.
OF_POSTGRES = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


@pytest.fixture(params=FILES)
def compose(request, read):
    return read(request.param)


def services(read):
    return [
        pytest.param(service, id=f"{file}: {name}")
        for file in FILES
        for name, service in yaml.safe_load((DEPLOY / file).read_text())["services"].items()
    ]


def test_file_is_sound_by_the_schema_of_compose(compose):
    carried = distribution("check-jsonschema").locate_file(SCHEMA)
    schema = json.loads(Path(str(carried)).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(compose)


@pytest.mark.parametrize("service", services(None))
def test_every_service_is_locked_down(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"} | OF_POSTGRES
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", services(None))
def test_logs_of_every_service_are_rotated(service):
    assert service["logging"]["driver"] == "json-file"
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("service", services(None))
def test_no_image_moves_to_another_version_by_itself(service):
    assert not service["image"].endswith(":latest")
    assert ":" in service["image"]


def test_the_proxy_alone_is_reached_from_outside(compose):
    open_to_all = {name for name, one in compose["services"].items() if "ports" in one}
    outside = {name for name, one in compose["services"].items() if "outside" in one["networks"]}
    assert open_to_all == outside == {"proxy"}
    assert compose["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("service", services(None))
def test_nothing_stops_because_another_is_renewed_or_away(service):
    """Compose stops what depends on a service that it makes anew, and starts it last."""
    assert "depends_on" not in service


def test_visitors_over_ipv6_have_addresses_of_their_own(compose):
    """Without, the engine's own proxy would pass them on, all under its one address."""
    outside = compose["networks"]["outside"]
    assert outside["enable_ipv6"] is True
    assert [pool["subnet"] for pool in outside["ipam"]["config"]]


def test_guide_runs_as_the_user_of_the_image_and_builds_it(compose):
    guide = compose["services"]["guide"]
    assert guide["user"] == "10001:10001"
    assert (DEPLOY / guide["build"]["context"] / guide["build"]["dockerfile"]).exists()


def test_files_that_are_mounted_exist(compose):
    for service in compose["services"].values():
        for mounted in service.get("volumes", []):
            source = mounted.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), mounted


@pytest.mark.parametrize("file", FILES)
def test_every_variable_is_in_the_example_to_fill_in(file):
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    known = set(re.findall(r"^([A-Z_]+)=", example, re.M))
    assert set(VARIABLE.findall((DEPLOY / file).read_text(encoding="utf-8"))) <= known


def test_example_to_fill_in_holds_no_secret():
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^(?!GUIDE_DOMAIN)[A-Z_]+=(.+)$", example, re.M) == []


def test_settings_behind_the_proxy_are_those_of_the_project_but_for_the_proxy():
    ours, theirs = (
        yaml.safe_load((folder / "credentials.yml").read_text(encoding="utf-8"))
        for folder in (PROJECT, DEPLOY)
    )
    assert theirs["channels.web.WebInput"].pop("proxies") == 1
    assert ours["channels.web.WebInput"].pop("proxies") == 0
    assert theirs == ours


def test_version_of_the_image_is_the_projects():
    version = re.search(r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(), re.M)
    for file in FILES:
        assert f"gut-skin-guide:{version[1]}" in (DEPLOY / file).read_text(encoding="utf-8")
