"""List prices, USD, us-central1, before discounts and free tiers; they change: each names its page."""

from __future__ import annotations

from typing import NamedTuple

AS_OF = "2025"
"""The year whose lists these are."""
RUN_PAGE = "https://cloud.google.com/run/pricing"
GKE_PAGE = "https://cloud.google.com/kubernetes-engine/pricing"
NETWORK_PAGE = "https://cloud.google.com/vpc/network-pricing"
BALANCER_PAGE = "https://cloud.google.com/load-balancing/pricing"
OBSERVABILITY_PAGE = "https://cloud.google.com/stackdriver/pricing"


class Price(NamedTuple):
    """What so much of something costs."""

    usd: float
    per: str
    page: str


RUN_CPU = Price(0.000024, "vCPU-second while requests are answered (Cloud Run)", RUN_PAGE)
RUN_MEMORY = Price(0.0000025, "GiB-second while requests are answered (Cloud Run)", RUN_PAGE)
RUN_MILLION_REQUESTS = Price(0.40, "million requests (Cloud Run)", RUN_PAGE)
RUN_ALWAYS_CPU = Price(0.000018, "vCPU-second of an instance, asked or not (Cloud Run)", RUN_PAGE)
RUN_ALWAYS_MEMORY = Price(0.000002, "GiB-second of an instance, asked or not (Cloud Run)", RUN_PAGE)
RUN_IDLE = Price(
    0.0000025, "vCPU-second or GiB-second of a minimum instance that is not asked (Cloud Run)", RUN_PAGE
)
POD_CPU_HOUR = Price(0.0445, "vCPU-hour that pods ask for (GKE Autopilot)", GKE_PAGE)
POD_MEMORY_HOUR = Price(0.0049225, "GiB-hour that pods ask for (GKE Autopilot)", GKE_PAGE)
CLUSTER_HOUR = Price(0.10, "cluster-hour (GKE)", GKE_PAGE)
OUT_GIB = Price(0.12, "GiB to the internet, the first TiB of a month", NETWORK_PAGE)
BALANCER_GIB = Price(0.008, "GiB through the load balancer, each way", BALANCER_PAGE)
LOG_GIB = Price(0.50, "GiB of logs", OBSERVABILITY_PAGE)
MILLION_SAMPLES = Price(0.06, "million samples of metrics", OBSERVABILITY_PAGE)

PRICES = (
    RUN_CPU,
    RUN_MEMORY,
    RUN_MILLION_REQUESTS,
    RUN_ALWAYS_CPU,
    RUN_ALWAYS_MEMORY,
    RUN_IDLE,
    POD_CPU_HOUR,
    POD_MEMORY_HOUR,
    CLUSTER_HOUR,
    OUT_GIB,
    BALANCER_GIB,
    LOG_GIB,
    MILLION_SAMPLES,
)
