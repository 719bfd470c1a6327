"""Made-up flights and tables that several tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from puntual.data.airports import describe_airlines, describe_airports, national_holidays
from puntual.data.schema import COLUMNS
from puntual.inference.artifact import Artifact, Operations, Training, Trees
from puntual.inference.calibration import Platt
from puntual.inference.cancellation import Cancellation
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import (
    CancellationMetrics,
    Card,
    DelayMetrics,
    Evaluation,
    ExceedanceMetrics,
    Importance,
    OperatingPoint,
    Slice,
    Tuning,
)
from puntual.inference.exceedance import ConditionalModel, DelayBin, Exceedance
from puntual.inference.flight_numbers import FlightNumber, PastDeparture
from puntual.inference.rates import AirlineRoute, Day, InteractionRate, Rate
from puntual.inference.reliability import Bin, BrierParts, Group, NoiseFloor, Reliability
from puntual.inference.tables import Tables
from puntual.models.boosting import FEATURE_NAMES, LEARNED, fit_booster
from puntual.models.operations import NEAR_MINUTES, OPERATIONS_NAMES, SCHEDULE_NAMES
from puntual.types import Flight
from tests.estimates import estimates

TABLES = Tables(
    airlines=describe_airlines(["LAN", "SKU"], {"LAN": "Grupo LATAM"}),
    airports=describe_airports(["SCEL", "SCFA", "SAEZ", "KJFK"]),
    origins=("SCEL",),
    destinations=("SAEZ", "SCFA"),
    categories={
        "airline": ("LAN", "SKU"),
        "operator": ("LAN",),
        "destination": ("SAEZ", "SCFA"),
        "origin": ("SCEL",),
        "flight_type": ("I", "N"),
    },
    holidays=national_holidays(["CL"], 2016, 2032),
    days_of_year=tuple(range(1, 244)),
    first_day=dt.date(2017, 1, 1),
    last_day=dt.date(2017, 8, 31),
)


RATES = tuple(
    Rate(
        dimension=dimension,
        value=value,
        flights=flights,
        delayed=delayed,
        rate=delayed / flights,
        low=low,
        high=high,
        shrunk=0.2,
        small=flights < 50,
        adjusted=0.21,
        adjusted_low=None if low is None else 0.15,
        adjusted_high=None if low is None else 0.25,
        mean_delay=8.5,
        median_delay=3.0,
        p90_delay=26.0,
    )
    for dimension, value, flights, delayed, low, high in (
        ("airline", "SKU", 1000, 300, 0.1, 0.3),
        ("airline", "LAN", 2960, 440, 0.1, 0.3),
        ("airline", "ARG", 40, 20, None, None),
        ("destination", "SCFA", 4000, 760, 0.1, 0.3),
        ("route", "SCEL-SCFA", 4000, 760, 0.1, 0.3),
        ("weekday", "1", 4000, 760, 0.1, 0.3),
    )
)

INTERACTIONS = tuple(
    InteractionRate(
        first="month",
        first_value=str(month),
        second="hour",
        second_value=str(hour),
        flights=flights,
        delayed=flights * late // 100,
        rate=(flights * late // 100) / flights,
        low=0.05,
        high=0.45,
        expected=0.2,
        small=flights < 50,
    )
    for month in (1, 2, 7)
    for hour, flights, late in ((0, 30, 30), (7, 400, 10 + month), (18, 900, 25))
)

DAYS = tuple(
    Day(
        day=f"2017-0{month}-{day:02}",
        flights=50 + day,
        delayed=5 + 2 * month,
        rate=(5 + 2 * month) / (50 + day),
        mean_delay=3.5 + month,
        late_minutes=300.0 * month + 7 * day,
        share=(300.0 * month + 7 * day) / 30_000,
        holiday=(month, day) == (1, 1),
    )
    for month in (1, 2, 7)
    for day in range(1, 13)
)


AIRLINE_ROUTES = tuple(
    AirlineRoute(
        airline=airline,
        origin="SCEL",
        destination=destination,
        flights=flights,
        delayed=flights // 5,
        hours=tuple(flights // 2 if hour in {7, 18} else 0 for hour in range(24)),
    )
    for airline, destination, flights in (("LAN", "SCFA", 2760), ("SKU", "SCFA", 1000), ("LAN", "SAEZ", 200))
)


FLIGHT_NUMBERS = tuple(
    FlightNumber(
        airline=airline,
        number=number,
        origin="SCEL",
        destination=destination,
        times=times,
        first="2017-01-02",
        last=last,
        flights=flights,
        delayed=flights // 4,
        median_delay=2.0,
        p90_delay=41.0,
        recent=(PastDeparture(date=last, delay=18.0), PastDeparture(date="2017-07-07", delay=-3.0)),
    )
    for airline, number, destination, last, flights, times in (
        ("LAN", "199", "SCFA", "2017-08-30", 120, (*("18:35",) * 5, None, "09:10")),
        ("LAN", "199", "SAEZ", "2017-03-02", 8, ("07:00", *(None,) * 6)),
        ("SKU", "199", "SCFA", "2017-08-31", 60, ("06:05",) * 7),
    )
)


def frame(flights: Sequence[Flight]) -> pl.DataFrame:
    """The canonical frame of some flights without outcomes; without an origin they leave SCEL."""
    rows = [
        {
            "row": row,
            "scheduled_departure": flight.scheduled_departure,
            "airline": flight.airline,
            "origin": flight.origin or "SCEL",
            "destination": flight.destination,
            "operator": flight.operator,
            "flight_type": flight.flight_type,
            "cancelled": False,
        }
        for row, flight in enumerate(flights, 2)
    ]
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in COLUMNS.items()})


def random_rows(count: int, seed: int) -> npt.NDArray[np.float64]:
    """Rows of the catalogue's features, a share of them missing, categories seen, unseen and missing."""
    draw = np.random.default_rng(seed)
    columns = [
        draw.integers(-1, 8, count).astype(float)
        if feature.categorical
        else draw.uniform(-5, 400, count).round()
        for feature in LEARNED
    ]
    rows = np.column_stack(columns)
    rows[draw.random(rows.shape) < 0.15] = np.nan
    return rows


def small_booster() -> str:
    """Trees on random rows: every feature, categories and missing values take part."""
    rows = random_rows(4000, seed=1)
    noise = np.random.default_rng(2).normal(0, 1, len(rows))
    score = np.nan_to_num(rows / np.nanstd(rows, axis=0)).sum(axis=1)
    delayed = score + noise > np.quantile(score, 0.7)
    return fit_booster((rows, delayed), trees=40, seed=1).text


def small_operations() -> Operations:
    """Trees on random rows of what is known on a day, some of it missing."""
    draw = np.random.default_rng(3)
    scheduled = random_rows(4000, seed=4)[:, [FEATURE_NAMES.index(name) for name in SCHEDULE_NAMES]]
    day = draw.uniform(0, 100, (4000, len(OPERATIONS_NAMES) - len(SCHEDULE_NAMES))).round()
    day[draw.random(day.shape) < 0.15] = np.nan
    rows = np.column_stack([scheduled, day])
    score = np.nan_to_num(rows / np.nanstd(rows, axis=0)).sum(axis=1)
    delayed = score + draw.normal(0, 1, len(rows)) > np.quantile(score, 0.7)
    near, far = (
        Trees(fit_booster((rows, delayed), trees=trees, seed=1, names=OPERATIONS_NAMES).text, Platt(slope))
        for trees, slope in ((30, 0.9), (20, 0.8))
    )
    exceedance = exceedance_of(near.booster)
    cancellation = Cancellation(far.booster, Platt(intercept=-3.0), base_rate=0.02)
    return Operations(OPERATIONS_NAMES, near, far, NEAR_MINUTES, exceedance, cancellation)


def exceedance_of(booster: str) -> Exceedance:
    """Steps up and down from 15 minutes: with trees, and without."""
    bins = [np.linspace(low, high, 21) for low, high in pairwise((-10, 0, 15, 30, 60, 120, 160))]
    return Exceedance(
        above=(
            ConditionalModel(30, booster, Platt(slope=0.5, intercept=0.2)),
            ConditionalModel(60, None, Platt(slope=0.0, intercept=-0.4)),
            ConditionalModel(120, None, Platt(slope=0.0, intercept=-1.0)),
        ),
        below=(ConditionalModel(0, booster, Platt(slope=0.6, intercept=0.1)),),
        bins=tuple(DelayBin(float(one.mean()), tuple(one.tolist())) for one in bins),
    )


def card_of() -> Card:
    """A card with made-up numbers."""
    told = (1000, 0.2, 0.19, 0.17, 0.21)
    bins, months = [Bin("0.10-0.30", *told, 0.1, 0.3)] * 3, [Group("2017-09", *told)]
    floor, parts = NoiseFloor(0.011, 0.015), BrierParts(0.001, 0.01, 0.15, 0.0)
    held = Reliability(bins, months, 9, 0.02, floor, 0.01, parts)
    evaluation = Evaluation(
        split="time",
        first="2017-09-01",
        last="2017-10-31",
        learned_first="2017-01-01",
        learned_last="2017-08-31",
        flights=1000,
        base_rate=0.19,
        learned_base_rate=0.18,
        decision_threshold=0.5,
        block_days=9,
        with_timetable=estimates(0.4, 0.3, 0.5),
        without_timetable=estimates(0.4, 0.3, 0.5),
    )
    return Card(
        evaluations=(evaluation,),
        tuning=Tuning(40, "platt", {"none": 0.47, "platt": 0.46}),
        tuning_without_timetable=Tuning(30, "none", {"none": 0.47, "platt": 0.47}),
        with_timetable=held,
        without_timetable=held,
        exceedance=tuple(
            ExceedanceMetrics(minutes, 0.2, 0.4, 0.5, 0.7, 0.02) for minutes in (0, 15, 30, 60, 120)
        ),
        delay=DelayMetrics(8.0, 9.0, 10.0, 11.0, 0.9),
        cancellation=cancellation_metrics(),
        importance=(Importance("hour", Estimate(0.01, 0.005, 0.02), {"2017-09": 0.01}),),
        slices=(Slice("airline", "LAN", 600, 0.2, 0.19, 0.17, 0.21, 0.45, 0.48),),
        cost_of_a_missed_delay=None,
        operating_points=(OperatingPoint(0.5, 0.02, 0.6, 0.05),),
    )


def cancellation_metrics() -> CancellationMetrics:
    """Made-up metrics of the probability of a cancellation."""
    names = ("log_loss", "plain_log_loss", "gain", "brier", "auc", "average_precision", "calibration_error")
    metrics = {name: one for name, one in estimates(0.4, 0.3, 0.5).items() if name in names}
    return CancellationMetrics(
        trees=24,
        calibration="platt",
        validation_gain=Estimate(0.008, 0.003, 0.013),
        first="2017-09-01",
        last="2017-10-31",
        flights=1020,
        cancelled=20,
        learned_flights=4080,
        learned_cancelled=80,
        base_rate=20 / 1020,
        learned_base_rate=80 / 4080,
        block_days=9,
        with_timetable=metrics,
        without_timetable=metrics,
    )


def artifact_of(tables: Tables, booster: str) -> Artifact:
    """An artifact with made-up metrics around some trees."""
    return Artifact(
        name="scl-000000000000",
        threshold_minutes=15,
        decision_threshold=0.5,
        features=tuple(FEATURE_NAMES),
        with_timetable=Trees(booster, Platt(slope=0.9, intercept=-0.1)),
        without_timetable=Trees(booster, Platt(slope=0.8, intercept=-0.2)),
        tables=tables,
        exceedance=exceedance_of(booster),
        cancellation=Cancellation(booster, Platt(slope=0.7, intercept=-2.0), 80 / 4080),
        card=card_of(),
        training=Training(
            "scl", "2017-01-01", "2017-08-31", 4000, 0.19, 12, "0" * 64, 1, 0.02, False, {"puntual": "0"}
        ),
        rates=RATES,
        interactions=INTERACTIONS,
        days=DAYS,
        airline_routes=AIRLINE_ROUTES,
        flight_numbers=FLIGHT_NUMBERS,
    )
