from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from puntual.data.times import read_time


def moments(formats: str | tuple[str, ...] | None, *cells: str | tuple[str, ...]) -> list[str | None]:
    """What cells of a time are read as."""
    rows = [(one,) if isinstance(one, str) else one for one in cells]
    names = [f"c{at}" for at in range(len(rows[0]))]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    read = frame.select(read_time(names, formats, frame.schema).moment()).to_series()
    return [None if one is None else str(one) for one in read]


@pytest.mark.parametrize(
    ("formats", "cell", "moment"),
    [
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "45"), "2023-03-01 00:45:00"),
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "0600"), "2023-03-01 06:00:00"),
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "600.0"), "2023-03-01 06:00:00"),
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "2400"), "2023-03-02 00:00:00"),
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "2401"), None),
        (("%Y-%m-%d", "hhmm"), ("2023-03-01", "1260"), None),
        (("%Y", "%m", "%d", "hhmm"), ("2023", "3", "1.0", "530"), "2023-03-01 05:30:00"),
        (("%m/%d/%Y %I:%M:%S %p", "hhmm"), ("3/1/2023 12:00:00 AM", "1505"), "2023-03-01 15:05:00"),
        (("%d.%m.%Y", "day_fraction"), ("01.03.2024", "0,291666667"), "2024-03-01 07:00:00"),
        (("%d.%m.%Y", "day_fraction"), ("01.03.2024", "1,5"), None),
        (("excel", "day_fraction"), ("45352", "0.25"), "2024-03-01 06:00:00"),
        ("excel", "45352.999988426", "2024-03-01 23:59:59"),
        ("epoch", "1451602740", "2015-12-31 22:59:00"),
        ("epoch_ms", "1451602740000", "2015-12-31 22:59:00"),
        ("%d/%m/%Y %I:%M %p", "01/03/2024 12:45 AM", "2024-03-01 00:45:00"),
        (("%d/%m/%Y", "%I:%M %p"), ("01/03/2024", "6:05 p. m."), "2024-03-01 18:05:00"),
        ("%d/%m/%Y %-H:%M", "01/03/2024 6:05", "2024-03-01 06:05:00"),
        ("%d/%m/%Y %H:%M", "29/02/2024 24:00", "2024-03-01 00:00:00"),
        (("%d/%m/%Y", "%H:%M"), ("31/12/2023", "24:00"), "2024-01-01 00:00:00"),
        (None, "2024-02-29T24:00:00", "2024-03-01 00:00:00"),
        (None, "soon", None),
    ],
)
def test_times_as_people_write_them(
    formats: str | tuple[str, ...] | None, cell: str | tuple[str, ...], moment: str | None
) -> None:
    assert moments(formats, cell) == [moment]


def test_columns_with_types_are_read_as_they_are() -> None:
    frame = pl.DataFrame({"day": [dt.date(2024, 3, 1)], "clock": [dt.time(6, 5)]})
    written = read_time(["day", "clock"], ("%Y-%m-%d", "hhmm"), frame.schema)
    assert frame.select(written.moment()).item() == dt.datetime(2024, 3, 1, 6, 5)


@pytest.mark.parametrize("formats", [None, "%d/%m/%Y %H:%M"])
@pytest.mark.parametrize(
    "day", [dt.date(2025, 1, 1), dt.datetime(2025, 1, 1), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)]
)
@pytest.mark.parametrize("clock", ["15:30", dt.time(15, 30), dt.timedelta(hours=15, minutes=30)])
def test_a_typed_date_beside_a_time_of_day_needs_no_format(
    formats: str | None, day: dt.date, clock: str | dt.time | dt.timedelta
) -> None:
    frame = pl.DataFrame({"day": [day, day], "clock": [clock, None]})
    written = read_time(["day", "clock"], formats, frame.schema)
    read = frame.select(written.moment()).to_series().to_list()
    assert read[0] == dt.datetime(2025, 1, 1, 15, 30)


def test_offsets_that_mean_nothing() -> None:
    frame = pl.DataFrame({"time": ["2022-04-01T15:05:00+00:00", "2022-04-01T15:05Z"]})
    written = read_time(["time"], None, frame.schema, ignore_offsets=True)
    assert frame.select(written.moment()).to_series().to_list() == [dt.datetime(2022, 4, 1, 15, 5)] * 2
