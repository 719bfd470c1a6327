"""Which flights of two schedules are the same, and what is counted of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.operations.comparison import ScheduledFlight, compare

DAY = dt.datetime(2017, 7, 14)


def flight(
    time: str, number: str | None = "100", probability: float = 0.2, airline: str = "LAN", to: str = "SCFA"
) -> ScheduledFlight:
    hours, minutes = map(int, time.split(":"))
    leaves = DAY + dt.timedelta(hours=hours, minutes=minutes)
    return ScheduledFlight("SCEL", airline, to, number, leaves, probability)


def kinds(before: list[ScheduledFlight], after: list[ScheduledFlight]) -> list[tuple[str, str | None]]:
    return [(one.kind, one.flight_number) for one in compare(before, after).flights]


def test_a_number_however_written_is_followed_through_the_day() -> None:
    found = compare([flight("07:00", "LA 0100", 0.1)], [flight("18:00", "100", 0.35)]).flights
    assert [(one.kind, one.before_probability, one.after_probability, one.change) for one in found] == [
        ("retimed", 0.1, 0.35, 0.25)
    ]
    assert found[0].before == DAY.replace(hour=7)
    assert found[0].after == DAY.replace(hour=18)


def test_the_number_of_the_next_day_is_not_this_days() -> None:
    before = [flight("07:00"), flight("31:00")]
    assert kinds(before, before[1:]) == [("removed", "100"), ("kept", "100")]
    assert kinds(before, [flight("07:30"), flight("30:30")]) == [("retimed", "100")] * 2


@pytest.mark.parametrize(
    ("time", "number", "found"),
    [
        ("08:30", None, [("retimed", "100")]),
        ("08:30", "777", [("retimed", "777")]),
        ("11:30", None, [("removed", "100"), ("added", None)]),
        ("07:00", "777", [("kept", "777")]),
    ],
)
def test_without_its_number_a_flight_is_the_nearest_of_its_route(
    time: str, number: str | None, found: list[tuple[str, str | None]]
) -> None:
    assert kinds([flight("07:00")], [flight(time, number)]) == found


def test_other_airlines_and_destinations_are_other_flights() -> None:
    for other in (flight("07:00", airline="SKU"), flight("07:00", to="SAEZ")):
        assert sorted(kinds([flight("07:00")], [other])) == [("added", "100"), ("removed", "100")]


def test_of_several_the_nearest_pair_is_taken_first() -> None:
    before = [flight("07:00", None), flight("08:00", None)]
    after = [flight("08:10", None), flight("06:50", None)]
    found = compare(before, after).flights
    assert [(one.before, one.after) for one in found] == [
        (before[0].scheduled_departure, after[1].scheduled_departure),
        (before[1].scheduled_departure, after[0].scheduled_departure),
    ]


def test_a_day_has_the_flights_that_each_schedule_expects_to_be_late() -> None:
    before = [flight("07:00", "1", 0.25), flight("09:00", "2", 0.5), flight("30:00", "3", 0.125)]
    day, next_day = compare(before, [flight("07:00", "1", 0.75)]).days
    assert (day.flights_before, day.flights_after, day.late_before, day.late_after) == (2, 1, 0.75, 0.75)
    assert (next_day.date, next_day.flights_after, next_day.late_after) == (dt.date(2017, 7, 15), 0, 0)


@given(
    st.lists(
        st.builds(
            flight,
            st.from_regex(r"(?:[0-9]|1[0-9]|2[0-9]):[0-5][0-9]", fullmatch=True),
            st.sampled_from([None, "1", "2"]),
            st.sampled_from([0.1, 0.5]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_a_schedule_compared_with_itself_changes_nothing(schedule: list[ScheduledFlight], order) -> None:  # type: ignore[no-untyped-def]
    shuffled = [*schedule]
    order.shuffle(shuffled)
    found = compare(schedule, shuffled)
    assert len(found.flights) == len(schedule)
    assert {one.kind for one in found.flights} <= {"kept"}
    assert all(one.late_before == one.late_after for one in found.days)
