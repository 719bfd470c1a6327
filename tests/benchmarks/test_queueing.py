"""The queue of the simulation gives what theory says of queues that theory knows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.capacity.queueing import Worker, latencies

REQUESTS = 600_000
MANY = 10**9


def poisson(rate: float, seed: int = 3) -> tuple[np.random.Generator, list[float]]:
    draw = np.random.default_rng(seed)
    return draw, np.cumsum(draw.exponential(1 / rate, REQUESTS)).tolist()


def took(worker: Worker, arrivals: list[float], works: list[float]) -> list[float]:
    """From arrival to answer, of those that were answered."""
    return [each for each in latencies(worker, arrivals, works) if each is not None]


def whole(most: int = MANY, refuse_s: float = 0.0) -> Worker:
    return Worker(cpus=1, most_in_flight=most, refuse_s=refuse_s)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_m_m_1(load: float) -> None:
    draw, arrivals = poisson(load)
    found = took(whole(), arrivals, draw.exponential(1, REQUESTS).tolist())
    assert np.mean(found) == pytest.approx(1 / (1 - load), rel=0.03)
    assert np.percentile(found, 99) == pytest.approx(math.log(100) / (1 - load), rel=0.05)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_m_g_1(load: float) -> None:
    """Pollaczek and Khinchine, with work as the simulation draws it."""
    spread = 0.8
    draw, arrivals = poisson(load)
    works = draw.lognormal(-(spread**2) / 2, spread, REQUESTS).tolist()
    second_moment = math.exp(spread**2)
    expected = 1 + load * second_moment / (2 * (1 - load))
    assert np.mean(took(whole(), arrivals, works)) == pytest.approx(expected, rel=0.04)


def test_m_m_1_k() -> None:
    """More than fit are refused: the limit of requests in flight."""
    load, most = 1.2, 10
    draw, arrivals = poisson(load)
    found = latencies(whole(most), arrivals, draw.exponential(1, REQUESTS).tolist())
    refused = sum(each is None for each in found) / REQUESTS
    assert refused == pytest.approx((1 - load) * load**most / (1 - load ** (most + 1)), rel=0.03)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_m_d_c(workers: int) -> None:
    """Equal work dealt out in turns is one queue before several servers, which Crommelin (1932) solved."""
    load = 0.8
    _, arrivals = poisson(load * workers)
    found = [
        each
        for index in range(workers)
        for each in took(whole(), arrivals[index::workers], [1.0] * len(arrivals[index::workers]))
    ]
    assert np.mean(found) - 1 == pytest.approx(crommelin(load * workers, workers), rel=0.04)


def crommelin(offered: float, servers: int) -> float:
    """Mean wait of M/D/c, in units of the work; of M/D/1 it is load / 2 (1 - load)."""
    steps = np.arange(1, 2000)
    mean = steps * offered
    at_least, more = (stats.poisson.sf(steps * servers - less, mean) for less in (1, 0))
    return float(np.sum(at_least - servers / offered * more))


def test_a_quota_is_what_is_done_in_a_second() -> None:
    """Half a core does half of the work, whatever comes."""
    worker = Worker(cpus=0.5, most_in_flight=MANY, refuse_s=0)
    assert max(took(worker, [0.0] * 1000, [0.005] * 1000)) == pytest.approx(10, rel=0.01)


def test_below_its_quota_a_worker_runs_at_full_speed() -> None:
    arrivals = np.arange(0, 10, 0.001).tolist()
    found = took(Worker(cpus=0.5, most_in_flight=MANY, refuse_s=0), arrivals, [0.0004] * len(arrivals))
    assert found == pytest.approx([0.0004] * len(arrivals))


def test_refusing_takes_of_what_answering_has() -> None:
    arrivals = np.arange(0, 50, 0.1).tolist()
    cheap, dear = (latencies(whole(5, refuse_s), arrivals, [0.2] * 500) for refuse_s in (0.0, 0.05))
    assert sum(each is None for each in dear) > sum(each is None for each in cheap)
