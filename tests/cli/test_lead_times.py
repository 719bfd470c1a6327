"""`puntual train` and `evaluate` by lead time, and what they say of the day of the flight."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import pytest

import puntual
from puntual.cli.lead_times import leads_table, print_cancellation
from puntual.errors import SettingError
from puntual.inference.lead_results import LEADS
from puntual.training import operations
from tests.cards import LEAD_METRICS
from tests.cli.running import Ended, mistake, run
from tests.flights import cancellation_metrics
from tests.planted import waves, write_csv

QUICKLY = ("--seeds", "1", "--trees", "5")
SPLIT = "2017-03-10"
HEADS = ["7 d", "24 h", "12 h", "6 h", "4 h", "2 h", "1 h", "30 min", "schedule"]


@pytest.fixture(scope="module", autouse=True)
def few_trees(quick: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "TREES", (25,))
        yield


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(waves(days=104), tmp_path_factory.mktemp("history") / "flights.csv")


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of Santiago on some days of the history, in the form of a line each."""
    path = tmp_path_factory.mktemp("weather") / "metar.txt"
    reports = [
        f"2017-01-{day:02} {hour:02}:00,METAR SCEL {day:02}{hour:02}00Z 18006KT CAVOK 24/08 Q1013"
        for day in range(1, 32)
        for hour in range(24)
    ]
    path.write_text("\n".join(reports))
    return path


@pytest.fixture(scope="module")
def trained(history: Path) -> Ended:
    ended = run("train", history, "-o", history.with_suffix(".puntual"), "--split-date", SPLIT, *QUICKLY)
    assert ended.status == 0, ended
    return ended


@pytest.fixture(scope="module")
def model(history: Path, trained: Ended) -> Path:
    return history.with_suffix(".puntual")


def rows(printed: str) -> list[str]:
    """The first cells of the table by lead time."""
    lines = printed.split("By lead time, ", 1)[1].splitlines()
    first = next(number for number, line in enumerate(lines) if "──" in line)
    return [line.strip().split("  ")[0] for line in lines[first + 1 :][: len(HEADS)]]


def test_training_says_what_it_learned_and_how_it_does(trained: Ended) -> None:
    said = [line for line in trained.err.splitlines() if line.startswith("the day of the flight: ")]
    assert len(said) == 1
    assert "answers from what has happened by the moment of asking, without weather" in said[0]
    assert rows(trained.out) == HEADS


def test_evaluate_gives_what_training_measured(history: Path, model: Path, trained: Ended) -> None:
    """What came before `--since` is known."""
    ended = run("evaluate", model, history, "--since", SPLIT)
    table = trained.out.split("By lead time, ")[1].splitlines()[: len(HEADS) + 5]
    assert ended.out.split("By lead time, ")[1].splitlines()[: len(HEADS) + 5] == table


def test_cancellations_have_a_table_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    print_cancellation(LEAD_METRICS, cancellation_metrics())
    printed = capsys.readouterr().out
    assert "Cancellation by lead time" in printed
    assert [line.split()[0] for line in printed.splitlines()[-len(HEADS) - 1 : -1]] == [
        head.split()[0] for head in HEADS
    ]
    print_cancellation(LEAD_METRICS, None)
    assert capsys.readouterr().out == ""


def test_the_table_says_when_some_of_the_flights_were_asked_about() -> None:
    some = [msgspec.structs.replace(one, flights=99_990, every=6) for one in LEAD_METRICS]
    assert "99,990 flights, one in 6, asked about" in str(leads_table(some, some[0].metrics).title)


def test_the_same_as_json(history: Path, model: Path) -> None:
    said = json.loads(run("evaluate", model, history, "--since", SPLIT, "--json").out)
    assert [*said["leads"]] == [str(lead) for lead in LEADS]
    for one in said["leads"].values():
        assert {*said["with_timetable"]} < {*one}
        assert one["flights"] == said["with_timetable"]["flights"]
        assert one["intervals"]["log_loss"][0] < one["log_loss"] < one["intervals"]["log_loss"][1]
        gain = one["gain_on_schedule"]["value"]
        assert gain == pytest.approx(said["with_timetable"]["log_loss"] - one["log_loss"])
    assert said["leads"]["30"]["verdict"] == "better"


def test_the_card_of_these_flights_has_them_too(history: Path, model: Path, tmp_path: Path) -> None:
    assert run("evaluate", model, history, "--since", SPLIT, "--report", tmp_path).status == 0
    card = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert card["given"]["leads"] == card["measured"]["leads"]
    assert [one["lead_minutes"] for one in card["given"]["leads"]] == [*LEADS]


def test_weather_is_read_and_named(history: Path, weather: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.puntual"
    command = ("train", history, "-o", model, "--split-date", SPLIT, "--weather", weather)
    ended = run(*command, *QUICKLY, "--json")
    assert "observations at SCEL, known from 2017-01-01 00:00 to 2017-01-31 23:00 UTC" in ended.err
    assert "by the moment of asking, with weather" in ended.err
    assert [*json.loads(ended.out)["leads"]] == [str(lead) for lead in LEADS]
    evaluate = ("evaluate", model, history, "--since", SPLIT, "--until", "2017-04-01", "--json")
    assert json.loads(run(*evaluate, "--weather", weather).out)["leads"]


def test_weather_of_elsewhere_is_refused(history: Path, model: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "metar.txt"
    elsewhere.write_text("2017-01-01 00:00,METAR KJFK 010000Z 18006KT CAVOK 24/08 Q1013")
    said = mistake_after("evaluate", model, history, "--weather", elsewhere)
    assert "weather of KJFK only; wanted: a station at an airport of the flights, such as SCEL" in said


def mistake_after(*arguments: object) -> str:
    """The line of a mistake that comes after other notes."""
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    return ended.err.splitlines()[-1]


def test_what_it_does_not_learn_it_says(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.puntual"
    short = tmp_path / "short.csv"
    pl.read_csv(history, infer_schema=False).head(1500).write_csv(short)
    few = "the day of the flight: fewer than 5,000 flights or 56 days to learn from; the model answers from"
    drawn = "the day of the flight: a random split, which takes days apart; the model answers from"
    for options, wanted in (
        ((short,), few),
        ((history, "--split", "random"), drawn),
        ((history, "--no-operations"), None),
    ):
        ended = run("train", *options, "-o", out, *QUICKLY)
        assert ended.status == 0
        said = [line for line in ended.err.splitlines() if "the day of the flight" in line]
        assert [line.startswith(wanted) for line in said if wanted] == ([] if wanted is None else [True])
        assert "By lead time" not in ended.out
    assert "leads" not in json.loads(run("evaluate", out, history, "--json").out)


def test_what_cannot_be_learned_is_one_line(history: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.puntual"
    short = tmp_path / "short.csv"
    pl.read_csv(history, infer_schema=False).head(1500).write_csv(short)
    wanted = "days to learn the course of days from; wanted: 5,000 or more, of 56 days or more"
    assert wanted in mistake_after("train", short, "-o", out, "--operations", *QUICKLY)
    said = mistake_after("train", history, "-o", out, "--split", "random", "--operations", *QUICKLY)
    assert "operations: a random split; wanted: by time" in said
    said = mistake("train", history, "-o", out, "--no-operations", "--weather", "nyc", *QUICKLY)
    assert "--weather: is read for the day of the flight only" in said
    assert not out.exists()


NOON = "2017-04-10T12:00"
DAY = "--since", "2017-04-10", "--until", "2017-04-11"


def predict(model: Path, data: Path, output: Path, *options: object) -> tuple[Ended, pl.DataFrame]:
    ended = run("predict", model, data, "-o", output, *options)
    assert ended.status == 0, ended
    return ended, pl.read_csv(output, infer_schema_length=None)


def test_predict_as_of_a_moment(history: Path, model: Path, tmp_path: Path) -> None:
    """As many flights as were due within a quarter of an hour, or later, know their day."""
    ended, rows = predict(model, history, tmp_path / "a.csv", "--as-of", NOON, *DAY)
    answered = rows.filter(pl.col("delay_probability").is_not_null())
    lead = pl.col("scheduled_departure").str.to_datetime() - pl.lit(NOON).str.to_datetime()
    known = answered.filter(lead.dt.total_minutes() >= -15)
    assert answered.height > known.height > 0
    assert set(known["horizon"]) == {"operations"}
    assert set(known["as_of"]) == {"2017-04-10T15:00:00Z"}
    assert known["lead_minutes"].to_list() == known.select(lead.dt.total_minutes()).to_series().to_list()
    others = answered.filter(lead.dt.total_minutes() < -15)
    assert set(others["horizon"]) == {"schedule"}
    assert others["as_of"].null_count() == others["lead_minutes"].null_count() == others.height
    counted = f"{known.height} flights from what had happened by then, {others.height} from the timetable"
    assert f"as of 2017-04-10 12:00, local time at each origin: {counted}" in ended.err
    ended, again = predict(model, history, tmp_path / "b.csv", "--as-of", f"{NOON}-03:00", *DAY)
    assert again.equals(rows)
    assert "as of 2017-04-10 12:00, UTC-0300: " in ended.err


def test_what_happened_before_may_be_in_other_files(history: Path, model: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(history, infer_schema=False)
    days = pl.col("scheduled_departure").str.head(10)
    past, today = tmp_path / "past.csv", tmp_path / "today.csv"
    rows.filter(days < "2017-04-10").write_csv(past)
    rows.filter(days == "2017-04-10").write_csv(today)
    _, parted = predict(model, today, tmp_path / "a.csv", "--as-of", NOON, "--history", past)
    _, whole = predict(model, history, tmp_path / "b.csv", "--as-of", NOON, *DAY)
    answered = whole.filter(pl.col("delay_probability").is_not_null())
    assert parted["delay_probability"].to_list() == answered["delay_probability"].to_list()
    _, alone = predict(model, today, tmp_path / "c.csv", "--as-of", NOON)
    assert alone["delay_probability"].to_list() != parted["delay_probability"].to_list()


@pytest.mark.filterwarnings("ignore::puntual.errors.PuntualWarning")
def test_the_python_api_gives_the_same(history: Path, model: Path, tmp_path: Path) -> None:
    loaded = puntual.load(model)
    answered = loaded.predict(str(history), as_of=NOON, since="2017-04-10", until="2017-04-11")
    _, rows = predict(model, history, tmp_path / "a.csv", "--as-of", NOON, *DAY)
    for name in ("delay_probability", "horizon", "as_of", "lead_minutes"):
        assert answered[name].to_list() == rows[name].to_list()
    evaluated = loaded.evaluate(str(history), since=SPLIT)
    assert evaluated.leads.columns == ["lead_minutes", "metric", "value", "low", "high"]
    assert evaluated.leads["lead_minutes"].unique(maintain_order=True).to_list() == [*LEADS]
    said = json.loads(run("evaluate", model, history, "--since", SPLIT, "--json").out)["leads"]
    losses = evaluated.leads.filter(metric="log_loss")["value"].to_list()
    assert losses == pytest.approx([one["log_loss"] for one in said.values()])
    gains = evaluated.leads.filter(metric="gain_on_schedule")["value"].to_list()
    assert gains == pytest.approx([one["gain_on_schedule"]["value"] for one in said.values()])
    for shown in (repr(evaluated), evaluated._repr_html_()):
        assert all(word in shown for word in ("lead_minutes", "10080", "gain_on_schedule"))


@pytest.mark.filterwarnings("ignore::puntual.errors.PuntualWarning")
def test_mistakes_about_the_moment_are_one_line(
    history: Path, model: Path, small_model: Path, tmp_path: Path
) -> None:
    out = ("-o", tmp_path / "a.csv")
    for options, message in (
        (("--as-of", "2017-04-10"), "--as-of: '2017-04-10'; wanted: a moment as 2013-11-02T14:00"),
        (("--as-of", "noon"), "--as-of: 'noon'; wanted: a moment"),
        (("--as-of", NOON, "--alone"), "--alone: cannot be combined with --as-of"),
        (("--history", history), "--history: needs --as-of"),
        (("--weather", "nyc"), "--weather: needs --as-of"),
    ):
        assert message in mistake("predict", model, history, *out, *options)
    said = mistake("predict", small_model, history, *out, "--as-of", NOON)
    assert "--as-of: scl-000000000000 answers from the timetable alone; wanted: a model of" in said
    schedule = tmp_path / "schedule.csv"
    pl.read_csv(history, infer_schema=False).drop("actual_departure", "cancelled").write_csv(schedule)
    said = mistake_after("predict", model, schedule, *out, "--as-of", NOON)
    assert "no actual times; wanted: some, or a history" in said
    loaded, data = puntual.load(model), str(history)
    with pytest.raises(SettingError, match="as_of: knows the day's flights"):
        loaded.predict(data, as_of=NOON, timetable=False)
    with pytest.raises(SettingError, match="as_of: 'noon'; wanted: a moment"):
        loaded.predict(data, as_of="noon")
    with pytest.raises(SettingError, match="need as_of, the moment of asking"):
        loaded.predict(data, history=data)
    with pytest.raises(SettingError, match="as_of: scl-000000000000 answers from the timetable alone"):
        puntual.load(small_model).predict(str(history), as_of=NOON)
    assert not (tmp_path / "a.csv").exists()
