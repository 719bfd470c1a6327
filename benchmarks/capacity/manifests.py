"""What deploy/ says of the size of the service, as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.capacity.autoscaler import Rules, read_rules

DEPLOY = Path(__file__).parents[2] / "deploy"


def autoscaler_rules() -> Rules:
    """The cluster's HorizontalPodAutoscaler."""
    return read_rules(documents("gke/base/autoscaling.yaml")[0])


class Gke(NamedTuple):
    """The cluster's pods and how the load balancer treats them."""

    request_cpus: float
    limit_cpus: float
    memory_mib: int
    max_rate: float
    startup_period_s: float
    readiness_period_s: float
    check_period_s: float
    checks_to_leave: int
    drain_s: float


class CloudRun(NamedTuple):
    """An instance, and how many there may be."""

    cpus: float
    memory_mib: int
    concurrency: int
    most: int


def gke() -> Gke:
    """What the manifests of the cluster say."""
    pod = documents("gke/base/deployment.yaml")[0]["spec"]["template"]["spec"]["containers"][0]
    resources = pod["resources"]
    service = documents("gke/base/service.yaml")[0]["metadata"]["annotations"]
    check = documents("gke/base/policies.yaml")[0]["spec"]["default"]
    drain = next(each["value"] for each in pod["env"] if each["name"] == "PUNTUAL_DRAIN_SECONDS")
    return Gke(
        request_cpus=cpus(resources["requests"]["cpu"]),
        limit_cpus=cpus(resources["limits"]["cpu"]),
        memory_mib=int(resources["requests"]["memory"].removesuffix("Mi")),
        max_rate=float(service["networking.gke.io/max-rate-per-endpoint"]),
        startup_period_s=pod["startupProbe"]["periodSeconds"],
        readiness_period_s=pod["readinessProbe"]["periodSeconds"],
        check_period_s=check["checkIntervalSec"],
        checks_to_leave=check["unhealthyThreshold"],
        drain_s=float(drain),
    )


def cloud_run() -> CloudRun:
    """What the service of Cloud Run says."""
    template = documents("cloudrun/service.yaml")[0]["spec"]["template"]
    limits = template["spec"]["containers"][0]["resources"]["limits"]
    return CloudRun(
        cpus=cpus(limits["cpu"]),
        memory_mib=int(limits["memory"].removesuffix("Mi")),
        concurrency=template["spec"]["containerConcurrency"],
        most=int(template["metadata"]["annotations"]["autoscaling.knative.dev/maxScale"]),
    )


def documents(name: str) -> list[dict[str, Any]]:
    """What a file of deploy/ holds."""
    return list(yaml.safe_load_all((DEPLOY / name).read_text("utf-8")))


def cpus(quantity: str) -> float:
    """Of Kubernetes' way to write them.

    Examples
    --------
    >>> cpus("500m"), cpus("2")
    (0.5, 2.0)
    """
    return int(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)
