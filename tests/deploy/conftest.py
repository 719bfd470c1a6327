"""What is written in deploy/, as data."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from puntual.serving.http.route import route_labels
from puntual.serving.ops.counters import FOLLOWED, SharedCounters
from puntual.serving.ops.metrics import expose
from puntual.serving.routes import ROUTES
from tests.serving.conftest import artifact, model  # noqa: F401

DEPLOY = Path(__file__).parents[2] / "deploy"


def read(name: str) -> dict[str, Any]:
    """A file of deploy/; JSON is YAML too."""
    return dict(yaml.safe_load((DEPLOY / name).read_text("utf-8")))


COMPOSE = read("compose.yaml")
OBJECTS = {
    (each["kind"], each["metadata"]["name"]): each
    for path in sorted((DEPLOY / "gke" / "base").glob("[!k]*.yaml"))
    for each in yaml.safe_load_all(path.read_text("utf-8"))
}
"""The objects of the cluster, by kind and name."""


def spec(kind: str) -> dict[str, Any]:
    return dict(OBJECTS[kind, "puntual"]["spec"])


POD: dict[str, Any] = spec("Deployment")["template"]["spec"]
CONTAINERS: dict[str, dict[str, Any]] = {
    "gke": POD["containers"][0],
    "cloudrun": read("cloudrun/service.yaml")["spec"]["template"]["spec"]["containers"][0],
}
"""The only container of each target."""


@pytest.fixture(scope="session")
def labels() -> dict[str, set[str]]:
    """Labels of every number that the service tells, by its name."""
    counters = SharedCounters(1, len(route_labels(ROUTES)))
    row = counters.acquire_row()
    row.model = "a"
    row.numbers[FOLLOWED] = 1
    row.count_request(0, 200, 1)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(expose(counters, route_labels(ROUTES)).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.fixture(scope="session")
def overlays() -> dict[str, list[dict[str, Any]]]:
    """The objects of each environment, as Kustomize builds them."""
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl here")
    built = {}
    for name in ("staging", "production"):
        command = ["kubectl", "kustomize", str(DEPLOY / "gke" / "overlays" / name)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        built[name] = list(yaml.safe_load_all(output))
    return built
