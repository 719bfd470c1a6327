"""List prices, USD, us-central1, before discounts and free tiers; they change: each names its page."""

from __future__ import annotations

from typing import NamedTuple

AS_OF = "2025"
"""The year whose lists these are."""
SERIES = 135
"""Of metrics that a pod has (`deploy/gke/base/monitoring.yaml`)."""
_RUN, _GKE, _NETWORK, _BALANCER, _OBSERVABILITY = (
    f"https://cloud.google.com/{page}pricing"
    for page in ("run/", "kubernetes-engine/", "vpc/network-", "load-balancing/", "stackdriver/")
)


class Price(NamedTuple):
    """What a unit of something costs."""

    usd: float
    per: str
    page: str


RUN_CPU = Price(0.000024, "vCPU-second while requests are answered (Cloud Run)", _RUN)
RUN_MEMORY = Price(0.0000025, "GiB-second while requests are answered (Cloud Run)", _RUN)
RUN_MILLION_REQUESTS = Price(0.40, "million requests (Cloud Run)", _RUN)
RUN_ALWAYS_CPU = Price(0.000018, "vCPU-second of an instance, asked or not (Cloud Run)", _RUN)
RUN_ALWAYS_MEMORY = Price(0.000002, "GiB-second of an instance, asked or not (Cloud Run)", _RUN)
RUN_IDLE = Price(
    0.0000025, "vCPU-second or GiB-second of a minimum instance that is not asked (Cloud Run)", _RUN
)
POD_CPU_HOUR = Price(0.0445, "vCPU-hour that pods ask for (GKE Autopilot)", _GKE)
POD_MEMORY_HOUR = Price(0.0049225, "GiB-hour that pods ask for (GKE Autopilot)", _GKE)
CLUSTER_HOUR = Price(0.10, "cluster-hour (GKE)", _GKE)
OUT_GIB = Price(0.12, "GiB to the internet, the first TiB of a month", _NETWORK)
BALANCER_GIB = Price(0.008, "GiB through the load balancer, each way", _BALANCER)
LOG_GIB = Price(0.50, "GiB of logs", _OBSERVABILITY)
MILLION_SAMPLES = Price(0.06, "million samples of metrics", _OBSERVABILITY)

PRICES = tuple(price for price in vars().copy().values() if isinstance(price, Price))
"""In the order of the page's table."""
