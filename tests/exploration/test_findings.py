"""What is planted is found, with its size; in noise nothing is."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from puntual.charts.texts import ReportTexts
from puntual.data import Flights
from puntual.exploration.explanation import explain
from puntual.exploration.finding import Finding
from puntual.exploration.pairs import find_pairs
from puntual.exploration.study import Explanation, Study, explore
from puntual.inference.tables import Tables
from puntual.reports.sentences import sentence
from puntual.statistics.adjusted_rates import adjusted_rates
from puntual.types import Progress
from tests.planted import Plan

DESCRIPTIVE = {"overall", "usual"}


def claims(study: Study) -> list[Finding]:
    return [one for one in study.findings if one.kind not in DESCRIPTIVE and not one.kind.startswith("odd_")]


def said_of(study: Study, *group: tuple[str, str]) -> Finding:
    (found,) = (one for one in study.findings if one.group == group)
    return found


def explain_groups(
    departed: pl.DataFrame, grouped: pl.DataFrame, tables: Tables, flights: Flights, progress: Progress
) -> Explanation:
    """As `explain` does, but for the weights of the variables, which take longest."""
    columns = ("variable", "repeat", "auc", "lost", "error", "blocks", "information")
    importance = pl.DataFrame(schema=dict(zip(columns, [pl.String, *[pl.Float64] * 6], strict=True)))
    return Explanation(adjusted_rates(grouped), find_pairs(grouped), importance)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("shocks", "memory"), [(0.0, 0.0), (0.5, 0.0), (0.5, 0.8)])
def test_nothing_is_found_in_noise(seed: int, shocks: float, memory: float) -> None:
    """Delays that depend on nothing, on nothing but the day, or on nothing but days that remember."""
    weighed = seed == 0 and (not shocks or memory > 0)
    size = {"days": 100, "a_day": 30} if weighed else {}
    plan = Plan(seed=seed, shocks=shocks, memory=memory, **size)
    found = claims(explore(plan.flights(), explain=explain if weighed else None))
    beyond_days = [one for one in found if one.kind != "worst_days"]
    assert beyond_days == []
    if not shocks:
        assert found == []


def test_an_airline_that_is_late() -> None:
    plan = Plan()
    plan.late[plan.airline == "TAM"] *= 2.2
    study = explore(plan.flights(), explain=explain_groups)
    found = said_of(study, ("airline", "TAM"))
    assert found.kind == "more_often:adjusted"
    assert found.flights == (plan.airline == "TAM").sum()
    base = study.base_rate or 0.0
    assert found.numbers["rate"] == pytest.approx(0.18 * 2.2, abs=0.03)
    assert found.numbers["ratio"] == pytest.approx(found.numbers["rate"] / base)  # type: ignore[operator]
    low, high = found.numbers["ratio_low"], found.numbers["ratio_high"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert 1.2 < low < 0.18 * 2.2 / base < high
    assert found.chart == "rates_airline"
    assert not any(
        name == "destination" for one in claims(study) for name, _ in one.group[:1] if len(one.group) == 1
    )


def test_a_destination_that_is_rarely_late() -> None:
    plan = Plan()
    plan.late[plan.destination == "SCTE"] *= 0.3
    assert said_of(explore(plan.flights()), ("destination", "SCTE")).kind == "less_often"


def test_an_airline_that_is_late_at_night_only() -> None:
    plan = Plan(days=360)
    plan.late[(plan.airline == "LAN") & ((plan.hour >= 19) | (plan.hour < 5))] *= 3.0
    study = explore(plan.flights())
    found = said_of(study, ("airline", "LAN"), ("period", "noche"))
    assert found.numbers["ratio"] > 2.0  # type: ignore[operator]
    assert all(
        ("airline", "LAN") in one.group
        for one in claims(study)
        if one.kind == "more_often" and len(one.group) > 1
    )
    assert not any(one.kind == "more_often" and ("airline", "SKU") in one.group for one in claims(study))


def test_an_airline_that_flies_at_bad_hours() -> None:
    plan = Plan(days=300)
    plan.hour[plan.airline == "SKU"] = plan.draw.integers(19, 24, (plan.airline == "SKU").sum())
    plan.late[plan.hour >= 19] = 0.45
    found = said_of(explore(plan.flights(), explain=explain_groups), ("airline", "SKU"))
    assert found.kind in {"more_often:explained", "more_often:reversed"}
    assert found.numbers["adjusted"] < found.numbers["rate"]  # type: ignore[operator]


def test_a_late_airline_that_is_not_told_apart_from_its_city() -> None:
    plan = Plan(days=360)
    plan.airline[::60], plan.destination[::60] = "QFU", "YSSY"
    plan.late[plan.airline == "QFU"] = 0.6
    study = explore(plan.flights(), explain=explain_groups)
    for group, other in ((("airline", "QFU"), "Sydney (SYD)"), (("destination", "YSSY"), "QFU")):
        found = said_of(study, group)
        assert found.kind == "more_often:confounded"
        assert "adjusted" not in found.numbers
        english = sentence(found, ReportTexts("en", study.tables))
        assert f"they cannot be distinguished from {other}: " in english
    spanish = sentence(said_of(study, ("airline", "QFU")), ReportTexts("es", study.tables))
    assert "Con todo lo demás igual no se distinguen de Sídney (SYD): hay muy pocos" in spanish


def test_a_pair_that_is_more_than_its_parts() -> None:
    plan = Plan(days=360)
    plan.late[(plan.airline == "SKU") & (plan.destination == "SPJC")] = 0.7
    study = explore(plan.flights(), explain=explain_groups)
    apart = [one for one in study.findings if one.kind == "unlike_parts"]
    most = max(apart, key=lambda one: float(one.numbers["rate"]))  # type: ignore[arg-type]
    assert most.group == (("airline", "SKU"), ("destination", "SPJC"))
    assert most.numbers["expected"] < 0.5 < most.numbers["rate"]  # type: ignore[operator]


def test_days_that_hold_most_of_the_delay() -> None:
    plan = Plan()
    plan.late[np.isin(plan.day, (30, 90, 150))] = 0.95
    study = explore(plan.flights())
    (found,) = (one for one in study.findings if one.kind == "worst_days")
    assert found.numbers["worst"] in {dt.date(2017, 1, 2) + dt.timedelta(days) for days in (30, 90, 150)}
    assert found.numbers["share"] > 1.2 * found.numbers["expected"]  # type: ignore[operator]
    assert study.delays is not None
    worst = study.delays.daily.sort("late_minutes", descending=True).head(3)["day"]
    assert set(worst) == {dt.date(2017, 1, 2) + dt.timedelta(days) for days in (30, 90, 150)}


def test_the_hour_matters_where_it_does() -> None:
    plan = Plan(days=150)
    plan.late *= np.where(plan.hour < 12, 0.3, 1.7)
    study = explore(plan.flights(), explain=explain)
    told = [one.numbers["variable"] for one in study.findings if one.kind == "variable"]
    assert told == ["hour"]
    assert study.explained is not None
    alone = study.explained.importance.group_by("variable").agg(pl.col("auc").mean()).sort("auc")
    assert set(alone["variable"].tail(2)) == {"hour", "period"}


def test_findings_touch_most_flights_first(study: Study) -> None:
    touched = [one.flights for one in study.findings]
    assert touched == sorted(touched, reverse=True)
    assert len(touched) > 3


def test_what_looks_wrong_is_said() -> None:
    plan = Plan(days=60)
    plan.airline[:3] = "QFU"
    flights = plan.flights()
    cut = flights.frame.with_columns(
        actual_departure=pl.col("scheduled_departure")
        + (pl.col("actual_departure") - pl.col("scheduled_departure")).clip(
            upper_bound=dt.timedelta(minutes=30)
        )
    ).filter(pl.col("scheduled_departure").dt.date() != dt.date(2017, 1, 20))
    study = explore(flights._replace(frame=cut))
    odd = {one.kind: one for one in study.findings if one.kind.startswith("odd_")}
    assert odd["odd_few_airline"].numbers["values"] == ["QFU"]
    assert odd["odd_cut_high"].numbers["bound"] == 30
    assert odd["odd_days_without"].numbers["days"] == [dt.date(2017, 1, 20)]
    assert "odd_duplicates" not in odd


@pytest.mark.parametrize("chance", [0.0, 1.0, 0.0005, 0.9995])
def test_histories_nearly_all_alike_are_told_without_a_warning(chance: float) -> None:
    """Where every flight is late no group stands out, and a rare delay divides nothing by zero."""
    plan = Plan(days=60)
    plan.late[:] = chance
    plan.airline[:3] = "QFU"
    study = explore(plan.flights(), explain=explain_groups)
    assert study.base_rate == pytest.approx(chance, abs=0.002)
    assert [one for one in claims(study) if one.group] == []
