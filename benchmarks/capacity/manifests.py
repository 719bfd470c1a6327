"""What deploy/ says of the size of the service, as numbers."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.capacity.autoscaler import Rules, read_rules
from deploy.cluster.values import read_objects


class Gke(NamedTuple):
    """The cluster's pods and how the load balancer treats them.

    Attributes
    ----------
    max_rate : requests a second that the load balancer calls full
    average_value : the target of the component that scales by the pods' own metrics
    """

    request_cpus: float
    limit_cpus: float
    memory_mib: int
    max_rate: float
    startup_period_s: float
    leave_s: float
    average_value: int


class CloudRun(NamedTuple):
    """An instance, and how many there may be."""

    cpus: float
    memory_mib: int
    concurrency: int
    max_instances: int


def autoscaler_rules() -> Rules:
    """The cluster's HorizontalPodAutoscaler."""
    (manifest,) = read_objects("gke/base/autoscaling.yaml").values()
    return read_rules(manifest)


def gke() -> Gke:
    """The pods as the manifests of the cluster describe them."""
    pod = read_objects("gke/base/deployment.yaml")["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    requests, limits = pod["resources"]["requests"], pod["resources"]["limits"]
    annotations = read_objects("gke/base/service.yaml")["Service"]["metadata"]["annotations"]
    check = read_objects("gke/base/policies.yaml")["HealthCheckPolicy"]["spec"]["default"]
    component = read_objects("gke/components/metrics-autoscaling/kustomization.yaml")["Component"]
    return Gke(
        request_cpus=cpus(requests["cpu"]),
        limit_cpus=cpus(limits["cpu"]),
        memory_mib=int(requests["memory"].removesuffix("Mi")),
        max_rate=float(annotations["networking.gke.io/max-rate-per-endpoint"]),
        startup_period_s=pod["startupProbe"]["periodSeconds"],
        leave_s=check["checkIntervalSec"] * check["unhealthyThreshold"],
        average_value=int(component["patches"][0]["patch"].split('averageValue: "')[1].split('"')[0]),
    )


def cloud_run() -> CloudRun:
    """An instance as the service of Cloud Run describes it."""
    template = read_objects("cloudrun/service.yaml")["Service"]["spec"]["template"]
    limits = template["spec"]["containers"][0]["resources"]["limits"]
    return CloudRun(
        cpus=cpus(limits["cpu"]),
        memory_mib=int(limits["memory"].removesuffix("Mi")),
        concurrency=template["spec"]["containerConcurrency"],
        max_instances=int(template["metadata"]["annotations"]["autoscaling.knative.dev/maxScale"]),
    )


def cpus(quantity: str) -> float:
    """A number of CPUs as Kubernetes writes it.

    Examples
    --------
    >>> cpus("500m"), cpus("2")
    (0.5, 2.0)
    """
    return int(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)
