"""What comes in on the day of the flight: taken from where it may come, kept, and told back."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from puntual.operations.events import TimetableChange
from puntual.operations.store import follower, open_store
from puntual.serving import event_handlers
from puntual.serving.api.event_requests import MAX_EVENTS
from puntual.serving.api.examples import body_examples
from puntual.serving.http.messages import NDJSON
from tests.serving.conftest import Asker, problem
from tests.serving.live import (
    AFAR,
    DAY,
    HERE,
    PLANNED,
    TIMETABLE,
    WHOLE_DAY,
    LiveAsker,
    application,
    departure,
    run_live,
)

METAR = "METAR SCEL 201200Z 18004MPS CAVOK 28/12 Q1013 NOSIG="


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'events.db'}"


def answers(accepted: int, repeated: int, unknown: int = 0) -> dict[str, int]:
    return {"accepted": accepted, "repeated": repeated, "unknown": unknown}


def test_everything_is_taken_once(model: Path, store: str) -> None:
    """One event, a list, lines; a repetition changes nothing; what no timetable names is counted."""

    async def main(ask: LiveAsker) -> None:
        assert await ask("POST", "/v1/events", departure(0)) == answers(1, 0, unknown=1)
        assert await ask("PUT", TIMETABLE, WHOLE_DAY) == answers(1, 0)
        assert await ask("PUT", TIMETABLE, WHOLE_DAY) == answers(0, 1)
        assert await ask("POST", "/v1/events", departure(0)) == answers(0, 1)
        several = [departure(0), departure(1), departure(2), departure(2) | {"airline": "ZZ"}]
        assert await ask("POST", "/v1/events", several) == answers(3, 1, unknown=1)
        lines = b"\n\n".join(map(msgspec.json.encode, [departure(3), departure(1)])) + b"\n"
        assert await ask("POST", "/v1/events", lines, content_type=NDJSON) == answers(1, 1)
        metrics = (await ask.respond("GET", "/metrics")).body.decode()
        assert 'puntual_events_total{result="accepted"} 6.0' in metrics
        assert 'puntual_events_total{result="repeated"} 4.0' in metrics
        assert 'puntual_events_total{result="unknown"} 2.0' in metrics

    run_live(model, store, main)


def test_codes_may_be_iata_or_icao(model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await ask("PUT", TIMETABLE, WHOLE_DAY)
        for origin, airline, destination in (("SCL", "LA", "ANF"), ("scel", "lan", "SCFA")):
            event = departure(1, minutes=7) | {
                "origin": origin,
                "airline": airline,
                "destination": destination,
            }
            del event["flight_number"]
            told = await ask("POST", "/v1/events", event)
            assert told["unknown"] == 0
        board = await ask("GET", f"/v1/board?origin=SCL&date={DAY}")
        assert [one["delay_minutes"] for one in board["flights"] if one["status"] == "departed"] == [7]

    run_live(model, store, main)


def test_weather_is_taken_as_values_and_as_reports(model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        seen = {"airport": "SCL", "observed_at": f"{DAY}T10:00:00Z", "temperature_c": 7.5}
        assert await ask("POST", "/v1/weather", {"observations": [seen, seen]}) == answers(1, 1)
        reports = f"{METAR}\n\n{METAR}\n".encode()
        assert (await ask("POST", "/v1/weather", reports, content_type="text/plain"))["accepted"] == 1
        nothing = b"METAR SCEL 201300Z NIL="
        assert await ask("POST", "/v1/weather", nothing, content_type="text/plain") == answers(0, 0)
        later = nothing + b"\n" + METAR.replace("201200Z", "201400Z").encode()
        assert await ask("POST", "/v1/weather", later, content_type="text/plain") == answers(1, 0)
        wrong = await ask.respond("POST", "/v1/weather", b"\nMETAR SCEL", content_type="text/plain")
        assert problem(wrong).pointer == "$[0]"

    run_live(model, store, main)


def test_the_examples_are_taken(model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        tables = ask.service.model.predictor.artifact
        examples = {path: body for path, body in body_examples(tables).items() if path != "/v1/comparisons"}
        day = {"origin": tables.tables.origins[0], "date": tables.training.last}
        methods = {path: "PUT" if "{" in path else "POST" for path in examples}
        for path in sorted(examples, key=lambda path: methods[path], reverse=True):
            for kind, body in examples[path].items():
                told = await ask(methods[path], path.format(**day), body, content_type=kind)
                assert told == answers(1, 0)

    run_live(model, store, main)


WRONG: list[tuple[str, str, Any, str, str]] = [
    ("POST", "/v1/events", {}, "$.event", "departure, cancellation or estimate"),
    ("POST", "/v1/events", [departure(0), departure(1) | {"origin": 7}], "$[1].origin", "IATA or ICAO"),
    ("POST", "/v1/events", departure(0) | {"gate": "A"}, "$.gate", "only event, origin"),
    ("POST", "/v1/events", departure(0) | {"known_at": f"{DAY}T10:00:00"}, "$.known_at", "offset"),
    ("POST", "/v1/events", [], "$", f"1 to {MAX_EVENTS}"),
    ("PUT", TIMETABLE, {"flights": 1}, "$.flights", "flights"),
    ("PUT", TIMETABLE, {"flights": [{**PLANNED[0], "airline": ""}]}, "$.flights[0].airline", "code"),
    ("PUT", f"{TIMETABLE[:-1]}5", {"flights": PLANNED}, "$.flights[0].scheduled_departure", "2017-07-15"),
    (
        "PUT",
        TIMETABLE,
        {"flights": [PLANNED[0], PLANNED[1] | {"scheduled_departure": f"{DAY}T03:30:00Z"}]},
        "$.flights[1].scheduled_departure",
        "2017-07-14",
    ),
    ("PUT", TIMETABLE, {"flights": PLANNED[:1] * 51}, "$.flights[50]", "at most 50 departures of an airline"),
    ("PUT", TIMETABLE, {"flights": PLANNED[:1] * 3_001}, "$.flights", "0 to 3000"),
    ("PUT", "/v1/timetables/S/2017-07-14", {"flights": []}, "{origin}", "code"),
    ("PUT", "/v1/timetables/SCL/2017-02-29", {"flights": []}, "{date}", "a date"),
    ("PUT", "/v1/timetables/SCL/20170214", {"flights": []}, "{date}", "a date"),
    ("POST", "/v1/weather", {"observations": []}, "$.observations", "1 to"),
    (
        "POST",
        "/v1/weather",
        {"observations": [{"airport": "SCL", "observed_at": f"{DAY}T10:00:00Z", "wind_kt": -1}]},
        "$.observations[0].wind_kt",
        "0 to 300",
    ),
]


def test_timetables_beyond_what_a_worker_may_keep_are_refused(
    model: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_handlers, "MAX_PLANNED", len(PLANNED) + 1)

    async def main(ask: LiveAsker) -> None:
        await ask("PUT", TIMETABLE, {"flights": PLANNED})
        more = [PLANNED[0] | {"scheduled_departure": f"2017-07-15T0{hour}:00:00"} for hour in range(2)]
        refused = await ask.respond("PUT", f"{TIMETABLE[:-1]}5", {"flights": more})
        assert problem(refused, "busy").found == f"{len(PLANNED)} flights of timetables"

    run_live(model, store, main)


def test_what_is_wrong_is_refused_with_its_place(model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        for method, path, body, place, allowed in WRONG:
            told = problem(await ask.respond(method, path, body))
            assert told.pointer == place, told.detail
            assert allowed in (told.allowed or ""), told.detail
        lines = msgspec.json.encode(departure(0)) + b'\n{"event": "departure"'
        broken = await ask.respond("POST", "/v1/events", lines, content_type=NDJSON)
        assert problem(broken, "malformed").pointer == "$[1]"
        assert problem(await ask.respond("POST", "/v1/events", b"[" * 2000), "malformed")
        xml = await ask.respond("POST", "/v1/events", b"<a/>", content_type="application/xml")
        assert NDJSON in str(problem(xml, "media-type").allowed)
        assert (await ask.respond("PUT", "/v1/timetables/SCL")).status == 404
        assert (await ask.respond("POST", TIMETABLE)).status == 405
        assert (await ask("GET", "/v1/board"))["days"] == []

    run_live(model, store, main)


def test_nothing_is_known_before_it_happens(model: Path, store: str) -> None:
    """But clocks differ by minutes; and in a replay there is no now but that of the events."""
    now = dt.datetime.now(dt.UTC)
    soon, later = (departure(0, known_at=(now + dt.timedelta(minutes=ahead)).isoformat()) for ahead in (4, 6))

    async def refuse(ask: LiveAsker) -> None:
        assert (await ask("POST", "/v1/events", soon))["accepted"] == 1
        told = problem(await ask.respond("POST", "/v1/events", [soon, later]))
        assert told.pointer == "$[1].known_at"
        seen = {"airport": "SCL", "observed_at": "2100-01-01T00:00:00Z", "temperature_c": 7.5}
        told = problem(await ask.respond("POST", "/v1/weather", {"observations": [seen]}))
        assert told.pointer == "$.observations[0].observed_at"

    async def take(ask: LiveAsker) -> None:
        assert (await ask("POST", "/v1/events", [later]))["accepted"] == 1

    run_live(model, store, refuse)
    run_live(model, store, take, clock="events")


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (HERE, {}, 200),
        ("[::1]:50000", {}, 200),
        ("::ffff:127.0.0.1:50000", {}, 200),
        (AFAR, {}, 403),
        ("", {}, 403),
        ("localhost.example.org:1", {}, 403),
        (AFAR, {"x_forwarded_for": "127.0.0.1"}, 403),
        (HERE, {"x_forwarded_for": "127.0.0.1"}, 403),
        (HERE, {"forwarded": "for=10.1.2.3"}, 403),
        (HERE, {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, 200),
        (HERE, {"origin": "http://attacker.example", "host": "127.0.0.1:8000"}, 403),
        (HERE, {"origin": "http://attacker.example:8000", "host": "attacker.example:8000"}, 421),
        (HERE, {"origin": "null", "host": "127.0.0.1:8000"}, 403),
        (HERE, {"origin": "http://[", "host": "127.0.0.1:8000"}, 403),
    ],
)
def test_only_this_machine_writes(
    model: Path, store: str, client: str, headers: dict[str, str], status: int
) -> None:
    """Not what comes through a proxy, nor from a page of another site in a browser of this machine."""

    async def main(ask: LiveAsker) -> None:
        for method, path, body in (
            ("POST", "/v1/events", departure(0)),
            ("PUT", TIMETABLE, WHOLE_DAY),
            ("POST", "/v1/weather", METAR.encode()),
        ):
            kind = "text/plain" if "weather" in path else "application/json"
            response = await ask.respond(method, path, body, client, content_type=kind, **headers)
            assert response.status == status, response.body
            if status == 403:
                wanted = "--cors-origins" if "origin" in headers else "--open-events"
                assert wanted in str(problem(response, "forbidden").allowed)

    run_live(model, store, main)


def test_other_machines_write_where_that_is_set(model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        assert (await ask("POST", "/v1/events", departure(0), AFAR))["accepted"] == 1

    run_live(model, store, main, open_events=1)


def test_without_a_store_nothing_is_taken(ask: Asker, asker: Callable[..., Asker]) -> None:
    for asked in (ask, asker(open_events=1)):
        told = problem(asked("POST", "/v1/events", msgspec.json.encode(departure(0))), "forbidden")
        assert "--store" in str(told.allowed)
    assert "--store" in str(problem(ask("GET", "/v1/board"), "not-found").allowed)


def test_a_store_that_fails_is_said(model: Path, tmp_path: Path) -> None:
    """And answers go on."""
    folder = tmp_path / "store"
    folder.write_text("no folder")

    async def start() -> None:
        ask = LiveAsker(application(model, f"sqlite:///{folder / 'events.db'}"))
        ask.service.watch(asyncio.get_running_loop())
        refused = await ask.respond("POST", "/v1/events", departure(0))
        assert "retry-after" in dict(refused.headers)
        problem(refused, "no-store")
        problem(await ask.respond("GET", "/v1/board"), "no-store")
        flight = {name: value for name, value in PLANNED[1].items() if name != "flight_number"}
        told = await ask("POST", "/v1/predictions", {"flights": [flight]})
        assert told["predictions"][0]["horizon"] == "schedule"
        assert (await ask.respond("GET", "/readyz")).status == 200
        ask.service.leave()

    asyncio.run(start())


@pytest.mark.parametrize("clock", ["machine", "events"])
def test_what_is_old_is_deleted_counted_from_the_newest(
    model: Path, store: str, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a history that is played back stays, whatever day it is today."""
    monkeypatch.setattr(follower, "PRUNE_EVERY_S", 0)

    async def main(ask: LiveAsker) -> None:
        await ask("PUT", TIMETABLE, WHOLE_DAY)
        await ask("POST", "/v1/events", departure(0))
        following = "2017-07-16"
        later = {"flights": [], "known_at": f"{following}T12:00:00Z"}
        await ask("PUT", f"/v1/timetables/SCL/{following}", later)
        assert days_kept(store) == {DAY, following}
        await ask("PUT", "/v1/timetables/SCL/2017-07-18", later | {"known_at": "2017-07-18T12:00:00Z"})

        async def is_deleted() -> bool:
            return DAY not in days_kept(store)

        await ask.until(is_deleted)

    run_live(model, store, main, clock=clock, store_days=3)


def days_kept(store: str) -> set[str]:
    kept = open_store(store)
    entries = [entry.body for entry in kept.after(0)]
    kept.close()
    return {body.date.isoformat() for body in entries if isinstance(body, TimetableChange)}
