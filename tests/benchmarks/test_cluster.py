"""The simulated cluster: the autoscaler's rules, pods that come and go, requests that are counted once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.capacity.autoscaler import Autoscaler, Direction, Policy, Rules, by_utilization
from benchmarks.capacity.cluster import Cluster, Delays, Pods, weighted_percentiles_ms
from benchmarks.capacity.queueing import Demand

UP = Direction(0, max, (Policy("Percent", 100, 15), Policy("Pods", 6, 15)))
DOWN = Direction(300, min, (Policy("Percent", 20, 60),))
RULES = Rules(3, 30, 60, None, UP, DOWN)
DEMAND = Demand(answer_s=0.001, spread=0.2, look_s=0.0001, path_s=0)
SLOW = DEMAND._replace(answer_s=0.01, look_s=0.001)
AT_ONCE = Delays(create_s=0, start_s=1, probe_s=0, notice_s=0, leave_s=5)
PODS = Pods(cpus=1, request=1, max_in_flight=1000, max_rate=1000)


def cluster(rate: Callable[[float], float], **more: Any) -> Cluster:
    given: dict[str, Any] = {"rules": RULES, "pods": PODS, "demand": DEMAND, "delays": AT_ONCE, "replicas": 3}
    return Cluster(rate=rate, **given | more)


def test_utilization_is_kept_within_a_tolerance() -> None:
    """Pods that are not measured yet count as idle when growing."""
    assert [by_utilization([percent] * 4, 4, 60) for percent in (55, 65.9, 67)] == [4, 4, 5]
    assert by_utilization([120, 120], 2, 60) == 4
    assert by_utilization([120, 120], 4, 60) == 4, "two more are on their way"
    assert by_utilization([30, 30], 4, 60) == 1, "and are left out when shrinking"


def test_growth_is_limited_in_each_period() -> None:
    scaler = Autoscaler(RULES)
    wanted, current = [], 3
    for step in range(4):
        current = scaler.decide(15 * step, current, [1000] * current)
        wanted.append(current)
    assert wanted == [9, 18, 30, 30]


def test_it_shrinks_after_the_window_and_a_fifth_a_minute() -> None:
    scaler = Autoscaler(RULES)
    scaler.decide(0, 20, [60] * 20)
    assert scaler.decide(299, 20, [6] * 20) == 20
    after = [scaler.decide(301, 20, [6] * 20)]
    after.append(scaler.decide(316, after[-1], [6] * after[-1]))
    after.append(scaler.decide(362, after[-1], [6] * after[-1]))
    assert after == [16, 16, 12]


def test_every_request_is_answered_or_refused_once() -> None:
    ran = cluster(lambda at: 2000.0, by_the_clock=True).run(10)
    assert sum(each.offered for each in ran) == pytest.approx(20_000, abs=2)
    assert sum(each.answered + each.refused for each in ran) == pytest.approx(20_000, abs=10)
    assert sum(sum(map(len, each.latencies)) for each in ran) == sum(each.answered for each in ran)


def test_a_request_waits_for_a_connection() -> None:
    few = cluster(lambda at: 4000.0, by_the_clock=True, connections=100, slice_s=0.002).run(5)
    assert sum(each.refused for each in few) == 0
    assert weighted_percentiles_ms(few, 50)[0] == pytest.approx(5000 / 2 / 4, rel=0.2), "a quarter too much"


def test_too_much_is_refused_until_more_pods_are_there() -> None:
    slow = {"demand": SLOW, "pods": PODS._replace(max_in_flight=100)}
    ran = cluster(lambda at: 600.0, **slow).run(75)
    refused = [each.refused for each in ran]
    assert sum(refused[2:16]) > 0
    assert sum(refused[65:]) == 0
    assert ran[-1].serving >= 9
    assert max(weighted_percentiles_ms([each], 99)[0] or 0 for each in ran[2:16]) == pytest.approx(
        2000, rel=0.3
    )


def test_new_machines_take_their_time() -> None:
    def serving(**more: Any) -> list[int]:
        delays = AT_ONCE._replace(**more)
        return [each.serving for each in cluster(lambda at: 450.0, delays=delays, demand=SLOW).run(60)]

    at_once, later = serving(), serving(node_s=20, room=1)
    assert at_once[40] > later[40] == 4
    assert later[-1] >= 5


def test_a_pod_that_ends_answers_what_still_comes() -> None:
    made = cluster(lambda at: 2000.0 if at < 30 else 100.0, replicas=10)
    ran = made.run(500)
    assert sum(each.refused for each in ran) == 0
    assert ran[-1].serving < 10
    assert all(not pod.ends for pod in made.running[:3])


def test_a_slice_represents_a_longer_stretch() -> None:
    rules = RULES._replace(max_replicas=3)
    every, some = (cluster(lambda at: 1500.0, stride_s=stride, rules=rules).run(120) for stride in (0.2, 5.0))
    assert sum(each.offered for each in some) == pytest.approx(sum(each.offered for each in every), rel=0.03)
    assert weighted_percentiles_ms(some, 99) == pytest.approx(weighted_percentiles_ms(every, 99), rel=0.1)
