"""The Kubernetes manifests: sound by the schema, restricted, and in agreement with each other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from image import DEPLOY, PROJECT

FOLDER = DEPLOY / "kubernetes"
MANIFESTS = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
VERSIONS = ("1.30", "1.37")


@pytest.fixture(scope="module")
def objects():
    """Every object, by kind; of two of a kind the last."""
    documents = (yaml.safe_load_all(path.read_text(encoding="utf-8")) for path in MANIFESTS)
    return {one["kind"]: one for many in documents for one in many}


@pytest.fixture(scope="module")
def pod(objects):
    return objects["Deployment"]["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def guide(pod):
    (guide,) = pod["containers"]
    return guide


@pytest.mark.parametrize("version", VERSIONS)
def test_manifests_are_sound_by_the_schema_of_kubernetes(version):
    command = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "-k", version]
    done = subprocess.run([*command, *MANIFESTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("passed") >= len(MANIFESTS)


def test_kustomization_names_every_manifest_and_the_secret_to_be_written():
    named = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    files = {path.name for path in MANIFESTS} - {"secret.example.yaml"}
    assert set(named) == files | {"secret.yaml"}


def test_pod_meets_the_restricted_standard(objects, pod, guide):
    assert objects["Namespace"]["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert guide["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False


def test_lost_database_takes_no_pod_out_of_service_and_restarts_none(guide):
    """Emergencies are answered without it."""
    assert guide["livenessProbe"]["httpGet"]["path"] == "/live"
    assert guide["startupProbe"]["httpGet"]["path"] == "/live"
    assert guide["readinessProbe"]["httpGet"]["path"] == "/live"


def test_secrets_are_placeholders_alone(objects):
    for name, value in objects["Secret"]["stringData"].items():
        assert "REPLACE-ME" in value, name


def test_selectors_meet_the_pod(objects):
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert objects["Service"]["spec"]["selector"] == labels
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert objects[kind]["spec"]["selector"]["matchLabels"] == labels
    assert objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    scaled = objects["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert scaled["name"] == objects["Deployment"]["metadata"]["name"]
    assert "replicas" not in objects["Deployment"]["spec"], "the autoscaler says how many"


def test_settings_are_those_of_the_compose_files(objects):
    given = objects["ConfigMap"]["data"]["credentials.yml"]
    assert given == (DEPLOY / "credentials.yml").read_text(encoding="utf-8")


def test_every_name_of_the_endpoints_file_is_given(objects):
    endpoints = DEPLOY / "endpoints.postgres.yml"
    if not endpoints.exists():
        pytest.skip("deploy/endpoints.postgres.yml has not been written yet")
    wanted = set(re.findall(r"\$\{([A-Z][A-Z_]+)\}", endpoints.read_text(encoding="utf-8")))
    configured = next(yaml.safe_load_all((FOLDER / "configmap.yaml").read_text()))["data"]
    given = set(configured) | set(objects["Secret"]["stringData"])
    assert wanted - {"NAME"} <= given
    assert configured["ENDPOINTS"] == str(endpoints.relative_to(PROJECT))


def test_the_world_reaches_what_people_need_and_no_more(objects):
    (rule,) = objects["Ingress"]["spec"]["rules"]
    prefixes = {one["path"]: one["pathType"] for one in rule["http"]["paths"]}
    assert prefixes.pop("/") == "Exact"
    assert set(prefixes) == {"/chat", "/faq", "/static", "/widget", "/webhooks"}
