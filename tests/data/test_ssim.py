from __future__ import annotations

from pathlib import Path

import pytest

from puntual.data import read_flights
from puntual.data.ssim import MAGIC, read_ssim
from puntual.errors import DataError

CARRIER = "2{mode}IB  0008S24 31MAR2426OCT2413OCT23"


def leg(
    number: str = "3166", days: str = "1 3 5  ", clock: str = "0655", offset: str = "+0200", rate: str = " "
) -> str:
    return f"3 IB {number}0101J01APR2414APR24{days}{rate}MAD{clock}{clock}{offset}  LHR08150815+0100  320"


def departures(*lines: str, mode: str = "L") -> list[tuple[str, ...]]:
    table = read_ssim([MAGIC, CARRIER.format(mode=mode), *lines], "s24.txt")
    return [row[:5] for row in table.frame.iter_rows()]


def test_every_weekday_of_a_period_is_a_flight() -> None:
    flights = departures(leg())
    assert [time for time, *_ in flights] == [f"2024-04-{day:02}T06:55:00" for day in (1, 3, 5, 8, 10, 12)]
    assert {tuple(rest) for _, *rest in flights} == {("IB", "MAD", "LHR", "3166")}


def test_times_in_utc_become_local() -> None:
    flights = departures(leg(clock="2330", days="      7"), mode="U")
    assert [time for time, *_ in flights] == ["2024-04-08T01:30:00", "2024-04-15T01:30:00"]


def test_every_second_week() -> None:
    assert [time[:10] for time, *_ in departures(leg(days="1      ", rate="2"))] == ["2024-04-01"]


def test_a_codeshare_is_the_flight_that_it_is_flown_as(tmp_path: Path) -> None:
    codeshare = "3 BA 70810101J01APR2414APR241 3 5   MAD06550655+0200  LHR08150815+0100  320"
    flown_as = "4 BA 70810101J              AB050MADLHRIB 3166"
    lines = [MAGIC, CARRIER.format(mode="L"), leg(), codeshare, flown_as]
    place = tmp_path / "s24.txt"
    place.write_text("\n".join(lines), "ascii")
    flights = read_flights(str(place), history=False)
    assert (flights.source, flights.frame.height, flights.codeshares) == ("ssim", 6, 6)
    assert set(flights.frame["airline"]) == {"IB"}


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], "no legs"),
        ([leg(clock="2575")], "line 3: a leg that cannot be read: the time '2575'"),
        ([leg().replace("01APR24", "01ABR24")], "line 3: a leg that cannot be read"),
        ([leg().replace("14APR24", "14APR44")], "a leg of .* days"),
    ],
)
def test_what_cannot_be_read_is_one_line(lines: list[str], found: str) -> None:
    with pytest.raises(DataError, match=found):
        departures(*lines)
