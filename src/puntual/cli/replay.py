"""`puntual replay`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer

from puntual.cli.options import DATE, Data, Given, Json, Sheet, Source, Weather, WeatherMonth

if TYPE_CHECKING:
    from rich.table import Table

    from puntual.data import Flights
    from puntual.data.weather import Observations
    from puntual.inference.estimates import Metrics
    from puntual.operations.replay import Replayed, Script


class LeadMetrics(NamedTuple):
    """What was measured at a lead time.

    Attributes
    ----------
    from_operations : answers that were made from what was known at the moment of asking
    asked, schedule : of the answers, and of those from the timetable alone about the same flights
    """

    from_operations: int
    asked: Metrics
    schedule: Metrics


def replay(
    data: Data,
    url: Annotated[str, typer.Argument(metavar="URL", help="Such as http://127.0.0.1:8000.")],
    *,
    date: Annotated[
        dt.datetime, typer.Option(formats=DATE, help="The local day to play.", show_default=False)
    ],
    days: Annotated[int, typer.Option(min=0, help="Days before it, sent at once.")] = 31,
    speed: Annotated[float, typer.Option(min=0, help="Times real time; 0: without waiting.")] = 60,
    start: Annotated[
        dt.datetime | None,
        typer.Option("--from", formats=["%H:%M"], help="Local time from which the day is played."),
    ] = None,
    questions: Annotated[
        bool, typer.Option("--questions/--no-questions", help="Ask about the flights, or only play the day.")
    ] = True,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for a service that is starting.")] = 0,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    weather: Weather = None,
    weather_month: WeatherMonth = None,
    as_json: Json = False,
) -> None:
    """Play a day of a history into a service as it happened, and measure its answers by lead time."""
    from puntual.cli.display import note_dropped
    from puntual.cli.reading import read_data, read_observed
    from puntual.console import OUT, note, show_progress
    from puntual.operations.client import ServiceClient
    from puntual.operations.replay import LEADS, at_speed
    from puntual.operations.replay import replay as play

    with ServiceClient(url) as client:
        flights = read_data(data, source=source, given=given, sheet=sheet)
        note_dropped(flights)
        observed = read_observed(weather, data, month=weather_month)
        begin = start.time() if start else dt.time()
        leads = LEADS if questions else ()
        script = script_of(flights, date.date(), days, observed, start=begin, leads=leads)
        client.wait_until_ready(wait)
        with show_progress() as on_progress:
            replayed = play(client, script, at_speed(speed), on_progress)
    if not questions:
        return
    measured = measure_leads(script, replayed)
    if not any(found.from_operations for found in measured.values()):
        note(f"{replayed.model}: no answer used what was known; the model was trained without --operations")
    if as_json:
        print(msgspec.json.encode(as_answer(date.date(), replayed, measured)).decode())
    else:
        OUT.print(leads_table(date.date(), replayed, measured))


def script_of(
    flights: Flights,
    date: dt.date,
    days: int,
    weather: Observations | None = None,
    *,
    start: dt.time = dt.time(),
    leads: Sequence[int] = (),
) -> Script:
    """What a replay of a day sends and asks.

    Parameters
    ----------
    days : before the day, whose flights and weather are sent, too
    start, leads : as in `puntual.operations.replay.write_script`

    Raises
    ------
    DataError : no flight of that day that left
    """
    import polars as pl

    from puntual.data.zones import airport_zones
    from puntual.errors import DataError
    from puntual.operations.events import Observation
    from puntual.operations.replay import write_script

    day = pl.col("scheduled_departure").dt.date()
    named = flights.frame.filter(pl.col("airline").is_not_null())
    if named.is_empty():
        raise DataError(flights.where, "no flight has an airline", wanted="an airline of each flight")
    began = date - dt.timedelta(days)
    played = named.filter(day.is_between(began, date))
    if played.filter(day == date)["actual_departure"].count() == 0:
        first, last = named.select(first=day.min(), last=day.max()).row(0)
        raise DataError(flights.where, f"no flight left on {date}", wanted=f"a day from {first} to {last}")
    observed = []
    if weather is not None:
        recent = weather.frame.filter(pl.col("known_at").dt.date() >= began)
        observed = [Observation(observed_at=one["known_at"], **one) for one in recent.iter_rows(named=True)]
    zones = airport_zones(played["origin"].unique())
    return write_script(list(played.iter_rows(named=True)), date, zones, observed, start=start, leads=leads)


def measure_leads(script: Script, replayed: Replayed) -> dict[int, LeadMetrics]:
    """The metrics of each lead time at which flights were asked about."""
    import numpy as np

    from puntual.metrics.scores import measure

    measured = {}
    for lead, answers in replayed.leads.items():
        delays = np.array([script.delays[flight] for flight in answers.flights], float)
        schedule = np.array([replayed.schedule[flight] for flight in answers.flights])
        late = delays > replayed.threshold_minutes
        asked = np.array(answers.probabilities)
        measured[lead] = LeadMetrics(answers.from_operations, measure(asked, late), measure(schedule, late))
    return measured


def leads_table(date: dt.date, replayed: Replayed, measured: dict[int, LeadMetrics]) -> Table:
    """Log loss and AUC by lead time, beside those of the schedule's answers about the same flights."""
    from puntual.cli.display import build_table

    title = (
        f"{replayed.model}, flights of {date}, delay > {replayed.threshold_minutes} minutes: "
        "asked before they leave, and from the schedule alone; operations: answers that used what was known"
    )
    heads = ("flights", "operations", "log loss", "AUC", "schedule: log loss", "AUC")
    table = build_table("asked before", *heads, title=title)
    for lead, found in measured.items():
        both = (found.asked.log_loss, found.asked.auc, found.schedule.log_loss, found.schedule.auc)
        figures = ("–" if one is None else f"{one:.3f}".removeprefix("0") for one in both)
        table.add_row(in_words(lead), f"{found.asked.flights:,}", f"{found.from_operations:,}", *figures)
    return table


def as_answer(date: dt.date, replayed: Replayed, measured: dict[int, LeadMetrics]) -> dict[str, Any]:
    """What ``--json`` prints."""
    return {
        "model": replayed.model,
        "threshold_minutes": replayed.threshold_minutes,
        "date": date,
        "outcomes": replayed.outcomes,
        "leads": {str(lead): found.asked for lead, found in measured.items()},
        "schedule": {str(lead): found.schedule for lead, found in measured.items()},
        "from_operations": {str(lead): found.from_operations for lead, found in measured.items()},
    }


def in_words(minutes: int) -> str:
    """A lead time.

    Examples
    --------
    >>> in_words(120), in_words(30)
    ('2 h', '30 min')
    """
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
