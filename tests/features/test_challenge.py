from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from puntual.features.challenge import add_challenge_columns
from puntual.inference.season_rules import is_high_season


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


def test_every_day_is_as_the_service_sees_it() -> None:
    moments = [dt.datetime(2016, 1, 1) + dt.timedelta(hours=7 * k) for k in range(366 * 24 // 7)]
    flights = pl.DataFrame({"scheduled_departure": moments, "actual_departure": moments})
    table = add_challenge_columns(flights)
    assert table["temporada_alta"].to_list() == [is_high_season(when.month, when.day) for when in moments]


def test_periods_of_the_day() -> None:
    told = [columns_of(dt.datetime(2017, 5, 5, hour, 59, 59))["periodo_dia"] for hour in range(24)]
    assert told == [*["noche"] * 5, *["mañana"] * 7, *["tarde"] * 7, *["noche"] * 5]


@pytest.mark.parametrize(("minutes", "delayed"), [(-14, 0), (15, 0), (15.5, 1), (16, 1), (None, None)])
def test_delayed_is_more_than_15_minutes(minutes: float | None, delayed: int | None) -> None:
    told = columns_of(dt.datetime(2017, 5, 5), minutes)
    assert (told["dif_min"], told["atraso_15"]) == (minutes, delayed)
