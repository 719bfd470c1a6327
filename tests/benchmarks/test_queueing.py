"""The queue of the simulation gives what theory says of queues that theory knows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.capacity.queueing import Worker, latencies

REQUESTS = 60_000
MANY = 10**9
LOAD = 0.6


def poisson(rate: float, seed: int = 3) -> tuple[np.random.Generator, list[float]]:
    draw = np.random.default_rng(seed)
    return draw, np.cumsum(draw.exponential(1 / rate, REQUESTS)).tolist()


def whole() -> Worker:
    return Worker(cpus=1, max_in_flight=MANY)


def test_m_m_1() -> None:
    draw, arrivals = poisson(LOAD)
    found = latencies(whole(), arrivals, draw.exponential(1, REQUESTS).tolist())
    assert np.mean(found) == pytest.approx(1 / (1 - LOAD), rel=0.03)
    assert np.percentile(found, 99) == pytest.approx(math.log(100) / (1 - LOAD), rel=0.05)


def test_m_g_1() -> None:
    """Pollaczek and Khinchine, with work as the simulation draws it."""
    spread = 0.8
    draw, arrivals = poisson(LOAD)
    works = draw.lognormal(-(spread**2) / 2, spread, REQUESTS).tolist()
    expected = 1 + LOAD * math.exp(spread**2) / (2 * (1 - LOAD))
    assert np.mean(latencies(whole(), arrivals, works)) == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize("workers", [1, 4])
def test_m_d_c(workers: int) -> None:
    """Equal work dealt out in turns is one queue before several servers, which Crommelin (1932) solved."""
    _, arrivals = poisson(LOAD * workers)
    found = [
        each
        for index in range(workers)
        for each in latencies(whole(), arrivals[index::workers], [1.0] * len(arrivals[index::workers]))
    ]
    assert np.mean(found) - 1 == pytest.approx(crommelin(LOAD * workers, workers), rel=0.05)


def crommelin(offered: float, servers: int) -> float:
    """Mean wait of M/D/c, in units of the work; of M/D/1 it is load / 2 (1 - load)."""
    steps = np.arange(1, 2000)
    mean = steps * offered
    at_least, more = (stats.poisson.sf(steps * servers - less, mean) for less in (1, 0))
    return float(np.sum(at_least - servers / offered * more))


def test_a_quota_is_what_is_done_in_a_second() -> None:
    """Half a core does half of the work, whatever comes, and below that runs at full speed."""
    worker = Worker(cpus=0.5, max_in_flight=MANY)
    assert max(latencies(worker, [0.0] * 1000, [0.005] * 1000)) == pytest.approx(10, rel=0.01)
    arrivals = np.arange(0, 2, 0.001).tolist()
    found = latencies(Worker(cpus=0.5, max_in_flight=MANY), arrivals, [0.0004] * len(arrivals))
    assert found == pytest.approx([0.0004] * len(arrivals))


def test_too_much_is_refused_as_fast_as_it_can_be_looked_at() -> None:
    """Each turn answers the limit: (1 - rate * look) / (answer - look) a second."""
    rate, look, answer, most, seconds = 3000.0, 0.0001, 0.001, 50, 5
    worker = Worker(cpus=1, max_in_flight=most, look_s=look)
    for at in np.arange(0, seconds, 1 / rate).tolist():
        worker.take(at, answer)
    done = worker.run(seconds)
    answered = sum(not each.refused for each in done) / seconds
    assert answered == pytest.approx((1 - rate * look) / (answer - look), rel=0.02)
    assert max(each.end - each.due for each in done) < 3 * most * answer / (1 - rate * look)


def test_nothing_is_lost_in_the_line() -> None:
    worker = Worker(cpus=0.3, max_in_flight=3, look_s=0.001)
    for at in np.arange(0, 1, 0.001).tolist():
        worker.take(at, 0.01)
    first = worker.run(0.5)
    assert len(first) + worker.waiting == 1000
    assert len(worker.run(math.inf)) == 1000 - len(first)
