"""What deploy/gke says of health, drain and time-outs, read from there."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from deploy.checks.tools import ROOT

DEPLOY = ROOT / "deploy"

_ADMIN_PORT = "PUNTUAL_ADMIN_PORT"
"""Not of replicas that share a machine, and so its ports."""


class Values(NamedTuple):
    """Times are in seconds.

    Attributes
    ----------
    check_path : what the load balancer asks each replica for, every `check_s`, for at most `check_timeout_s`
    unhealthy, healthy : failed checks, or passed ones, in a row before it believes them
    timeout_s : the longest that an answer may take
    start_s : within which a replica has to be ready
    settle_s : ready for so long before the next old replica goes
    grace_s : between SIGTERM and SIGKILL
    cpus, memory : the most that a replica may take, as container engines write it
    environment : a replica's own settings, without its model's
    """

    check_path: str
    check_s: float
    check_timeout_s: float
    unhealthy: int
    healthy: int
    timeout_s: float
    start_s: float
    settle_s: float
    grace_s: float
    cpus: float
    memory: str
    environment: dict[str, str]

    @property
    def drain_s(self) -> float:
        """How long a replica goes on answering after SIGTERM."""
        return float(self.environment["PUNTUAL_DRAIN_SECONDS"])

    def drained_for(self, seconds: float) -> Values:
        """The same with another drain."""
        return self._replace(environment=self.environment | {"PUNTUAL_DRAIN_SECONDS": f"{seconds:.0f}"})

    def faster(self, factor: float) -> Values:
        """The same with checks, drain and settling so many times shorter.

        Examples
        --------
        >>> read_values().faster(5).drain_s == read_values().drain_s / 5
        True
        """
        shorter = self._replace(
            check_s=self.check_s / factor,
            check_timeout_s=self.check_timeout_s / factor,
            settle_s=self.settle_s / factor,
        )
        return shorter.drained_for(self.drain_s / factor)


def read_values() -> Values:
    """Read them from the Deployment and the policies."""
    deployment = read_objects("gke/base/deployment.yaml")["Deployment"]["spec"]
    policies = read_objects("gke/base/policies.yaml")
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    check = policies["HealthCheckPolicy"]["spec"]["default"]
    start, limits = container["startupProbe"], container["resources"]["limits"]
    return Values(
        check_path=check["config"]["httpHealthCheck"]["requestPath"],
        check_s=check["checkIntervalSec"],
        check_timeout_s=check["timeoutSec"],
        unhealthy=check["unhealthyThreshold"],
        healthy=check["healthyThreshold"],
        timeout_s=policies["GCPBackendPolicy"]["spec"]["default"]["timeoutSec"],
        start_s=start["periodSeconds"] * start["failureThreshold"],
        settle_s=deployment["minReadySeconds"],
        grace_s=pod["terminationGracePeriodSeconds"],
        cpus=float(limits["cpu"]),
        memory=limits["memory"].removesuffix("i").lower(),
        environment={each["name"]: each["value"] for each in container["env"] if each["name"] != _ADMIN_PORT},
    )


def read_objects(file: str) -> dict[str, dict[str, Any]]:
    """The objects of a file of deploy/, by their kind."""
    return {each["kind"]: each for each in yaml.safe_load_all((DEPLOY / file).read_text("utf-8"))}
