from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from puntual.features.challenge import add_challenge_columns
from puntual.inference.season_rules import is_high_season, period_of_day


def columns_of(scheduled: dt.datetime, minutes: float | None = 0) -> dict[str, object]:
    actual = None if minutes is None else scheduled + dt.timedelta(minutes=minutes)
    schema = {"scheduled_departure": pl.Datetime("us"), "actual_departure": pl.Datetime("us")}
    return add_challenge_columns(pl.DataFrame([(scheduled, actual)], schema=schema, orient="row")).row(
        0, named=True
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [((12, 15), (3, 3)), ((7, 15), (7, 31)), ((9, 11), (9, 30))],
)
def test_high_season_holds_whole_days_with_both_ends(first: tuple[int, int], last: tuple[int, int]) -> None:
    begin, end = dt.datetime(2017, *first), dt.datetime(2017, *last) + dt.timedelta(days=1)
    second = dt.timedelta(seconds=1)
    told = [columns_of(when)["temporada_alta"] for when in (begin - second, begin, end - second, end)]
    assert told == [0, 1, 1, 0]


def test_every_day_and_hour_is_as_the_service_sees_it() -> None:
    moments = [dt.datetime(2016, 1, 1) + dt.timedelta(hours=7 * k) for k in range(366 * 24 // 7)]
    flights = pl.DataFrame({"scheduled_departure": moments, "actual_departure": moments})
    table = add_challenge_columns(flights)
    assert table["temporada_alta"].to_list() == [is_high_season(when.month, when.day) for when in moments]
    assert table["periodo_dia"].to_list() == [period_of_day(when.hour) for when in moments]


@pytest.mark.parametrize(
    ("time", "period"),
    [
        ((4, 59, 59), "noche"),
        ((5, 0, 0), "mañana"),
        ((11, 59, 59), "mañana"),
        ((12, 0, 0), "tarde"),
        ((18, 59, 59), "tarde"),
        ((19, 0, 0), "noche"),
        ((0, 0, 0), "noche"),
    ],
)
def test_periods_of_the_day(time: tuple[int, int, int], period: str) -> None:
    assert columns_of(dt.datetime(2017, 5, 5, *time))["periodo_dia"] == period


@pytest.mark.parametrize(("minutes", "delayed"), [(-14, 0), (15, 0), (15.5, 1), (16, 1), (None, None)])
def test_delayed_is_more_than_15_minutes(minutes: float | None, delayed: int | None) -> None:
    told = columns_of(dt.datetime(2017, 5, 5), minutes)
    assert (told["dif_min"], told["atraso_15"]) == (minutes, delayed)
