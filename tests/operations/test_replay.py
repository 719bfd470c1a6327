"""A day of a history is sent as it happened, and asked about with what was known."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from puntual.operations.client import ServiceClient
from puntual.operations.events import Observation
from puntual.operations.replay import LEADS, Question, at_speed, replay, write_script
from tests.cli.running import mistake, run
from tests.operations.recording import Recorder, recording
from tests.operations.rows import ZONES, row
from tests.ports import free_port

DAY = dt.date(2013, 11, 2)
ROWS = [
    row("2013-11-01 10:00", 30),
    row("2013-11-01 23:30", 120, airline="UA"),
    row("2013-11-02 06:00", 90),
    row("2013-11-02 09:00", -3, airline="UA"),
    row("2013-11-02 12:00", None, airline="UA", cancelled=True),
    row("2013-11-02 23:00", 65),
]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def test_each_flight_that_left_is_asked_about_at_every_lead() -> None:
    script = write_script(ROWS, DAY, ZONES)
    assert script.start == moment("2013-11-02T04:00+00:00")
    assert [str(delay) for delay in script.delays] == ["90.0", "-3.0", "None", "65.0"]
    asked = [(at, one) for at, some in script.questions.items() for one in some]
    assert len(asked) == 3 * len(LEADS)
    assert (moment("2013-11-02T08:00+00:00"), Question(0, 120)) in asked
    assert (moment("2013-11-02T11:00+00:00"), Question(1, 120)) in asked


def test_what_happened_is_sent_before_what_is_asked_after_it_and_nothing_before_its_time(
    recorder: Recorder,
) -> None:
    weather = [
        Observation(airport="JFK", observed_at=moment(f"2013-11-{at}:00+00:00")) for at in ("02T03", "02T12")
    ]
    script = write_script(ROWS, DAY, ZONES, weather)
    with ServiceClient(recorder.url) as client:
        replayed = replay(client, script, at_speed(0))
    paths = [path for _, path, _ in recorder.sent]
    timetables = [f"/v1/timetables/JFK/2013-11-0{day}" for day in (2, 1)]
    assert paths[:4] == ["/v1/weather", *timetables, "/v1/events"]
    known: list[str] = []
    for _, path, body in recorder.sent:
        if path == "/v1/events":
            known += [one["known_at"] for one in body]
        elif path == "/v1/predictions" and "as_of" in body:
            as_of = max(moment(body["as_of"]), script.start)
            happened = [at for at in script.outcomes if at <= as_of]
            assert len(known) == sum(len(script.outcomes[at]) for at in happened)
            assert all(moment(one) <= as_of for one in known)
    assert replayed.outcomes == len(known) == 6
    assert [len(body["observations"]) for body in recorder.bodies("POST", "/v1/weather")] == [1, 1]


def test_the_newest_is_sent_first_so_that_a_board_shows_the_day_itself(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("puntual.operations.replay._HISTORY", 1)
    with ServiceClient(recorder.url) as client:
        replay(client, write_script(ROWS, DAY, ZONES, start=dt.time(10), leads=()), at_speed(0))
    known = [moment(body[0]["known_at"]) for body in recorder.bodies("POST", "/v1/events")]
    before, played = known[:4], known[4:]
    assert before == sorted(before, reverse=True)
    assert played == sorted(played)
    assert before[0] < moment("2013-11-02T14:00+00:00") <= played[0]


def test_a_day_may_be_played_from_a_time_on(recorder: Recorder) -> None:
    script = write_script(ROWS, DAY, ZONES, start=dt.time(10))
    passed: list[dt.timedelta] = []
    with ServiceClient(recorder.url) as client:
        replayed = replay(client, script, passed.append)
    assert [len(body) for body in recorder.bodies("POST", "/v1/events")] == [4, 1, 1]
    assert passed[0] == dt.timedelta(hours=1)
    assert all(answers.flights == [0, 1, 3] for answers in replayed.leads.values())


def test_a_day_may_be_played_alone(recorder: Recorder, history: Path) -> None:
    ended = run("replay", history, recorder.url, "--date", DAY, "--speed", 0, "--no-questions")
    assert (ended.status, ended.out) == (0, "")
    assert sum(map(len, recorder.bodies("POST", "/v1/events"))) == 6
    assert recorder.bodies("POST", "/v1/predictions") == []


def test_a_service_that_is_starting_is_waited_for(recorder: Recorder, history: Path) -> None:
    recorder.refusals = [(503, {}, {"title": "No model is loaded"})] * 2
    ended = run("replay", history, recorder.url, "--date", DAY, "--speed", 0, "--wait", 60, "--from", "23:00")
    assert ended.status == 0, ended.err
    assert recorder.sent[0][:2] == ("GET", "/readyz")


def test_the_schedule_is_asked_with_the_whole_timetable(recorder: Recorder) -> None:
    with ServiceClient(recorder.url) as client:
        replayed = replay(client, write_script(ROWS, DAY, ZONES), at_speed(0))
    asked = [body for body in recorder.bodies("POST", "/v1/predictions") if body.get("horizon") == "schedule"]
    assert [(len(body["flights"]), body["timetable"]) for body in asked] == [(4, "request")]
    assert replayed.schedule == [0.4] * 4
    assert [answers.flights for answers in replayed.leads.values()] == [[0, 1, 3]] * len(LEADS)
    assert replayed.leads[120].probabilities == [0.8, 0.1, 0.8]


def test_a_day_passes_at_its_speed() -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    wait = at_speed(60, clock=lambda: now[0], sleep=sleep)
    passed = []
    for minutes in (0, 2, 5):
        wait(dt.timedelta(minutes=minutes))
        passed.append(now[0] - 100)
    assert passed == [0, 2, 5]
    now[0] += 60  # the service took long: what is late is not waited for
    wait(dt.timedelta(minutes=6))
    assert now[0] - 100 == 65


def test_a_busy_service_is_asked_again_and_a_closed_connection_opened_again(recorder: Recorder) -> None:
    with ServiceClient(recorder.url) as client:
        recorder.refusals = [(503, {"retry-after": "0"}, {}), (200, {"connection": "close"}, {"accepted": 1})]
        assert client.send([]).accepted == 0
        script = write_script(ROWS, DAY, ZONES)
        assert client.send_timetable(script.timetables[0]).accepted == 1
        assert client.send_timetable(script.timetables[0]).accepted == 2


@pytest.fixture
def history(tmp_path: Path) -> Path:
    names = ("scheduled_departure", "actual_departure", "airline", "origin", "destination", "flight_number")
    lines = [",".join(str(one[name]) if one[name] is not None else "" for name in names) for one in ROWS]
    path = tmp_path / "history.csv"
    path.write_text("\n".join([",".join(names), *lines]), "utf-8")
    return path


def test_the_command_measures_the_answers_by_lead_time(recorder: Recorder, history: Path) -> None:
    ended = run("replay", history, recorder.url, "--date", DAY, "--speed", 0)
    assert ended.status == 0, ended.err
    last = [line.split() for line in ended.out.splitlines() if line.strip()][-1]
    assert last == ["30", "min", "3", "3", ".184", "1.000", ".781", ".500"]
    ended = run("replay", history, recorder.url, "--date", DAY, "--speed", 0, "--json")
    answer: dict[str, Any] = json.loads(ended.out)
    assert [*answer["leads"]] == [*answer["schedule"]] == [str(lead) for lead in LEADS]
    assert (answer["model"], answer["outcomes"], answer["leads"]["120"]["auc"]) == ("nyc-1", 6, 1)


def test_the_embedded_weather_of_new_york_is_sent_by_itself(recorder: Recorder) -> None:
    command = ("replay", "nyc", recorder.url, "--date", "2013-01-03", "--days", 1, "--speed", 0)
    ended = run(*command, "--no-questions", "--from", "23:59")
    assert ended.status == 0, ended.err
    observed = [one for body in recorder.bodies("POST", "/v1/weather") for one in body["observations"]]
    assert {one["airport"] for one in observed} == {"EWR", "JFK", "LGA"}
    assert all(one["known_at"] >= "2013-01-02" for one in observed)
    planned = [flight for body in recorder.bodies("PUT", "/v1/timetables/") for flight in body["flights"]]
    assert len(planned) == 943 + 914
    assert all(flight["aircraft"].startswith("N") for flight in planned if "aircraft" in flight)


def test_mistakes_are_one_line(recorder: Recorder, history: Path) -> None:
    command = ("replay", history, recorder.url, "--speed", 0, "--date")
    said = mistake(*command, "2013-11-05")
    assert said.endswith(
        "history.csv: no flight left on 2013-11-05; wanted: a day from 2013-11-01 to 2013-11-02\n"
    )
    recorder.refusals = [(403, {}, {"type": "/docs#forbidden", "detail": "this server keeps nothing"})]
    said = mistake(*command, DAY)
    assert (
        "status 403: this server keeps nothing; wanted: a service with a store: puntual serve --store" in said
    )
    recorder.refusals = [(422, {}, {"detail": "unknown field", "allowed": "only flights, timetable"})]
    assert mistake(*command, DAY).endswith("unknown field; wanted: only flights, timetable\n")
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert "Connection refused; wanted: a service that answers" in mistake(
        "replay", history, nowhere, "--date", DAY
    )
    assert "'ftp://here' is no service" in mistake("replay", history, "ftp://here", "--date", DAY)
