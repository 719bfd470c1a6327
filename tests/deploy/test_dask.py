"""What the manifests of a Dask cluster say fits together."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import DEPLOY

DOCUMENTS: list[dict[str, Any]] = [
    document
    for name in ("cluster.yaml", "job.yaml")
    for document in yaml.safe_load_all((DEPLOY / "dask" / name).read_text("utf-8"))
]
CLUSTER, AUTOSCALER, JOB = DOCUMENTS
CLUSTERS = {"puntual": CLUSTER["spec"], "puntual-predict": JOB["spec"]["cluster"]["spec"]}
UNITS = {"GiB": 2**30, "Gi": 2**30, "Mi": 2**20}


def bytes_of(text: str) -> int:
    found = re.fullmatch(r"([0-9]+)(GiB|Gi|Mi)", text)
    assert found, text
    return int(found[1]) * UNITS[found[2]]


def pods() -> list[dict[str, Any]]:
    of_clusters = [spec[part]["spec"] for spec in CLUSTERS.values() for part in ("scheduler", "worker")]
    return [JOB["spec"]["job"]["spec"], *of_clusters]


def test_all_run_one_image_by_its_digest() -> None:
    images = {container["image"] for pod in pods() for container in pod["containers"]}
    assert len(images) == 1
    assert re.search(r"@sha256:[0-9a-f]{64}$", images.pop())


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_worker_is_restarted_by_dask_before_kubernetes_ends_it(name: str) -> None:
    worker = CLUSTERS[name]["worker"]["spec"]
    (container,) = worker["containers"]
    limit = next(one.partition("=")[2] for one in container["args"] if one.startswith("--memory-limit"))
    assert bytes_of(limit) < bytes_of(container["resources"]["limits"]["memory"])
    assert container["resources"]["requests"]["memory"] == container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_only_workers_are_on_machines_that_may_be_taken_away(name: str) -> None:
    spec = CLUSTERS[name]
    worker, scheduler = spec["worker"]["spec"], spec["scheduler"]["spec"]
    (spot,) = worker["tolerations"]
    assert worker["nodeSelector"] == {spot["key"]: spot["value"]}
    assert worker["terminationGracePeriodSeconds"] <= 25
    assert "nodeSelector" not in scheduler
    service = spec["scheduler"]["service"]
    assert service["selector"] == {"dask.org/cluster-name": name, "dask.org/component": "scheduler"}
    named = {port["name"] for port in scheduler["containers"][0]["ports"]}
    assert {port["targetPort"] for port in service["ports"]} == named


def test_no_pod_has_rights_that_it_does_not_need() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"]
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_the_autoscaler_is_of_the_cluster() -> None:
    assert AUTOSCALER["spec"]["cluster"] == CLUSTER["metadata"]["name"]
    assert AUTOSCALER["spec"]["minimum"] == CLUSTER["spec"]["worker"]["replicas"]


def test_the_job_asks_its_own_scheduler() -> None:
    (container,) = JOB["spec"]["job"]["spec"]["containers"]
    assert "--cluster=$(DASK_SCHEDULER_ADDRESS)" in container["args"]
