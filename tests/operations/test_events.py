"""Events are read strictly, and what contradicts is settled by one rule, whatever the order."""

from __future__ import annotations

import datetime as dt
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.operations.events import (
    Cancellation,
    Departure,
    Estimate,
    Event,
    LogEntry,
    Observation,
    TimetableChange,
    canonical,
    content,
    settle,
    subject,
)

START = dt.datetime(2017, 1, 1, 12, tzinfo=dt.UTC)
LOCAL = dt.datetime(2017, 1, 1, 9)
NUMBERED = {
    "origin": "SCL",
    "airline": "LA",
    "scheduled_departure": "2017-01-01T09:00:00",
    "flight_number": 1,
}
DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def decode(**fields: object) -> Event:
    return DECODER.decode(msgspec.json.encode(fields))


EVENTS = st.one_of(
    *(
        st.builds(
            kind,
            origin=st.just("SCL"),
            airline=st.just("LA"),
            scheduled_departure=st.just(LOCAL),
            flight_number=st.sampled_from([1, 2]),
            **{field: st.integers(0, 2).map(lambda later: LOCAL + dt.timedelta(minutes=later))}
            if field
            else {},
        )
        for kind, field in (
            (Departure, "actual_departure"),
            (Cancellation, ""),
            (Estimate, "estimated_departure"),
        )
    ),
    st.builds(
        Observation,
        airport=st.just("SCL"),
        observed_at=st.just(START),
        wind_kt=st.sampled_from([None, 3.0, 4.0]),
    ),
    st.builds(TimetableChange, origin=st.just("SCL"), date=st.just(LOCAL.date()), flights=st.just(())),
)
ENTRIES = st.builds(
    lambda late, event: LogEntry(0, START + dt.timedelta(minutes=late), event), st.integers(0, 3), EVENTS
)


@given(st.lists(ENTRIES, max_size=12), st.randoms(use_true_random=False), st.integers(0, 3))
def test_neither_order_nor_repetition_changes_what_is_settled(
    log: list[LogEntry], chance: random.Random, late: int
) -> None:
    shuffled = log + [chance.choice(log) for _ in log]
    chance.shuffle(shuffled)
    assert settle(shuffled) == settle(log)
    by = START + dt.timedelta(minutes=late)
    assert settle(shuffled, by) == settle([entry for entry in log if entry.known_at <= by])


@given(EVENTS)
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    again = DECODER.decode(msgspec.json.encode(event))
    assert again == event
    assert (subject(again), content(again)) == (subject(event), content(event))


def test_codes_and_numbers_may_be_written_in_two_ways() -> None:
    one = decode(event="cancellation", **NUMBERED)
    other = decode(
        event="cancellation", **NUMBERED | {"origin": "scl", "airline": "la", "flight_number": "1"}
    )
    assert subject(one) == subject(other)
    assert canonical(one, START) == canonical(other, START)


def test_a_kept_event_says_in_utc_when_it_became_known() -> None:
    said = decode(event="cancellation", known_at="2017-01-01T09:00:00-03:00", **NUMBERED)
    kept = [canonical(said, START), canonical(decode(event="cancellation", **NUMBERED), START)]
    assert [event.known_at for event in kept] == [START, START]
    assert kept[0].known_at is not None
    assert kept[0].known_at.tzinfo is dt.UTC
    assert canonical(kept[0], START + dt.timedelta(days=1)) == kept[0]


CODES = st.text(min_size=2, max_size=8)
DATES = st.datetimes(dt.datetime(1969, 12, 30), dt.datetime(2200, 1, 3)).map(dt.datetime.isoformat)
INSTANTS = st.builds(str.__add__, DATES, st.sampled_from(["Z", "+14:00", "-12:00"]))
DEPARTURES = {
    "event": st.just("departure"),
    "origin": CODES,
    "airline": CODES,
    "scheduled_departure": DATES | INSTANTS,
    "actual_departure": DATES | INSTANTS,
    "flight_number": st.text(min_size=1, max_size=16) | st.integers(-1, 2**63),
    "aircraft": st.text(min_size=1, max_size=16),
}


@given(st.fixed_dictionaries(DEPARTURES, optional={"known_at": INSTANTS}))
def test_what_is_taken_can_be_read_again_as_it_is_kept(fields: dict[str, object]) -> None:
    try:
        event = decode(**fields)
    except msgspec.ValidationError:
        return
    kept = canonical(event, START)
    assert DECODER.decode(msgspec.json.encode(kept)) == kept == canonical(kept, START)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"event": "arrival"}, r"Invalid value 'arrival' - at `\$.event`"),
        ({"event": "departure"}, "missing required field `actual_departure`"),
        ({"event": "cancellation", "flight_number": None}, r"`flight_number` \(or `destination`\)"),
        ({"event": "cancellation", "gate": "12"}, "unknown field `gate`"),
        ({"event": "cancellation", "known_at": "2017-01-01T09:00:00"}, "timezone"),
        (
            {"event": "cancellation", "known_at": "0001-01-01T00:00:00+14:00"},
            "`known_at` in the years 1970 to 2199",
        ),
        (
            {"event": "cancellation", "known_at": "1970-01-01T00:00:00+14:00"},
            "`known_at` in the years 1970 to 2199",
        ),
        ({"event": "cancellation", "flight_number": 10**18}, "<= 999999"),
        (
            {"event": "estimate", "estimated_departure": "2917-01-01T09:00:00"},
            "`estimated_departure` in the years",
        ),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, object], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        decode(**NUMBERED | fields)


def test_weather_has_bounds() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"<= 70.0 - at `\$.temperature_c`"):
        decode(event="observation", airport="SCL", observed_at="2017-01-01T12:00:00Z", temperature_c=293)
