from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.oddities import CHECKS
from puntual.data.oddity import Oddity
from puntual.data.profile import profile_flights
from puntual.data.schema import DELAY
from puntual.data.summary import Summary, summarise


@pytest.fixture(scope="module")
def nyc() -> Flights:
    return read_flights("nyc")


def test_a_summary_counts_what_the_frame_holds(nyc: Flights) -> None:
    summary, frame = summarise(nyc), nyc.frame
    delay = frame.select(delay=DELAY).drop_nulls()["delay"]
    hours = frame["scheduled_departure"].dt.hour()
    assert summary.hours == tuple(int((hours == hour).sum()) for hour in range(24))
    assert sum(summary.hours) == summary.flights == frame.height
    assert summary.flights_by_airline == dict(frame["airline"].value_counts().iter_rows())
    assert summary.flights_by_destination == dict(frame["destination"].value_counts().iter_rows())
    assert list(summary.flights_by_origin) == ["EWR", "JFK", "LGA"]
    assert summary.late == pytest.approx((delay > 15).mean())
    for quantile, found in ((0.5, summary.median_delay), (0.01, summary.delay_p1), (0.99, summary.delay_p99)):
        assert found == delay.quantile(quantile, "lower")
    assert summary.cancelled == frame["cancelled"].sum()
    assert (summary.days_without_flights, summary.not_reported, summary.warnings) == ((), 0, ())


def test_clocks_changed_at_the_origins_that_the_flights_have(nyc: Flights) -> None:
    frame = nyc.frame.with_columns(origin=pl.col("origin").replace({"JFK": "PHX", "LGA": "XQZ"}))
    assert summarise(nyc._replace(frame=frame)).clock_changes == {
        dt.date(2013, 3, 10): ("EWR",),
        dt.date(2013, 11, 3): ("EWR",),
    }


def test_days_without_flights_are_between_the_first_and_the_last(nyc: Flights) -> None:
    wanted = dt.date(2013, 5, 3), dt.date(2013, 5, 6)
    frame = nyc.frame.filter(pl.col("scheduled_departure").dt.date().is_in(wanted))
    summary = summarise(nyc._replace(frame=frame))
    assert (summary.first, summary.last) == wanted
    assert summary.days_without_flights == (dt.date(2013, 5, 4), dt.date(2013, 5, 5))


def test_a_schedule_has_no_delays(made_up_scl: Path, tmp_path: Path) -> None:
    pl.read_csv(made_up_scl, infer_schema=False).drop("Fecha-O").write_csv(tmp_path / "f.csv")
    summary = summarise(read_flights(tmp_path / "f.csv", history=False))
    assert (summary.late, summary.median_delay, summary.delay_p1, summary.delay_p99) == (None,) * 4
    assert (summary.not_reported, summary.warnings) == (0, ())


def test_one_flight_is_summarised(nyc: Flights) -> None:
    summary = summarise(nyc._replace(frame=nyc.frame.head(1)))
    assert (summary.flights, summary.median_delay, summary.delay_p99, summary.warnings) == (1, 2.0, 2.0, ())


def test_flights_without_airlines_are_counted(nyc: Flights) -> None:
    frame = nyc.frame.with_columns(airline=pl.lit(None, pl.String))
    summary = summarise(nyc._replace(frame=frame))
    assert (summary.airlines, summary.flights_by_airline) == (0, {})
    assert summary.warnings == ()


def test_delays_are_counted_to_the_second(nyc: Flights) -> None:
    frame = nyc.frame.head(4).with_columns(
        actual_departure=pl.col("scheduled_departure")
        + pl.Series([30, 90, 150, 1_020]).cast(pl.Duration("ms")) * 1000
    )
    profile = profile_flights(nyc._replace(frame=frame))
    assert profile.delays.counts["delay"].to_list() == [0.5, 1.5, 2.5, 17.0]
    assert profile.delays.share(pl.col("delay") > 15) == 0.25
    assert [profile.delays.quantile(share) for share in (0.01, 0.25, 0.5, 0.51, 1.0)] == [
        0.5,
        0.5,
        1.5,
        2.5,
        17.0,
    ]


@pytest.mark.parametrize("document", ["check.md", "check.es.md"])
def test_every_field_and_every_warning_is_documented(document: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / document).read_text("utf-8")
    names = {*CHECKS, *Summary.__struct_fields__, *Oddity.__struct_fields__}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
