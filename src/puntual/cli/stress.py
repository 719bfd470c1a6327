"""`puntual stress`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.options import Json, ReportLanguage, Source, language_of
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.loadtest.capacity import Capacity
    from puntual.loadtest.plan import Plan
    from puntual.loadtest.result import Result
    from puntual.types import Flight

FAILED = 1
"""Exit status if a test has more errors than allowed, or a service holds no rate."""

_URL_HELP = "Such as http://127.0.0.1:8000; any other path than that of predictions is fetched."


def stress(
    url: Annotated[str, typer.Argument(metavar="URL", help=_URL_HELP, show_default=False)],
    *,
    requests: Annotated[int | None, typer.Option("--requests", "-n", min=1, help="Most requests.")] = None,
    duration_s: Annotated[
        float | None,
        typer.Option("--duration", "-d", min=0.1, help="Most seconds; by default, 10 or as needed."),
    ] = None,
    connections: Annotated[
        int | None, typer.Option("--connections", "-c", min=1, help="Open connections; by default, 64.")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", "-r", min=0.01, help="Requests a second; by default, as fast as responses come."
        ),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="With --rate: do not send what finds all connections busy.")
    ] = False,
    ramp_s: Annotated[
        float | None,
        typer.Option("--ramp", min=0, help="Seconds to open the connections; by default, 5,000 a second."),
    ] = None,
    timeout_s: Annotated[
        float | None,
        typer.Option("--timeout", min=0.01, max=600, help="Seconds to wait for a response; by default, 10."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that share the load; by default, 1.")
    ] = None,
    flights: Annotated[
        str | None, typer.Option(help="File of flights to send; by default, drawn from the model's.")
    ] = None,
    source: Source = None,
    flights_per_request: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="Flights in each request; by default, 1.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="A named test, `original`, whose options can be changed.")
    ] = None,
    i_may_load: Annotated[
        str | None, typer.Option(metavar="HOST", help="Another machine that you are allowed to load.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Save the result, for --compare.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a report: one offline page.")
    ] = None,
    language: ReportLanguage = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="OLD.json", help="Compare with an earlier test.")
    ] = None,
    capacity: Annotated[
        bool, typer.Option("--find-capacity", help="Increase the rate until responses are late or wrong.")
    ] = False,
    slo_ms: Annotated[
        float, typer.Option(min=1, help="Limit of 99 % of the latencies, for --find-capacity.")
    ] = 50,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Workers of the service, for its capacity a worker; by default, as seen."),
    ] = None,
    allow_errors: Annotated[
        float,
        typer.Option(min=0, max=1, help="Largest share of errors for exit status 0; above it, 1."),
    ] = 0,
    json: Json = False,
) -> None:
    """Load-test a service: check every response and count every latency."""
    flags = locals().copy()

    from puntual.cli.output import check_outputs, check_suffix, write_text
    from puntual.cli.stress_display import as_json, show, show_capacity, show_running, show_step
    from puntual.loadtest.capacity import STEP_S, find_capacity
    from puntual.loadtest.plan import make_plan
    from puntual.loadtest.result import read_result
    from puntual.loadtest.run import run
    from puntual.loadtest.service import ServiceProcesses
    from puntual.loadtest.target import read_url

    target = read_url(url, i_may_load)
    if capacity:
        flags["duration_s"] = duration_s or STEP_S
    plan = make_plan(flags, profile)
    check_suffix("--save", save, (".json",))
    check_suffix("--report", report, (".html", ".htm"))
    check_outputs([("--save", save), ("--report", report)], (flights, source, compare))
    if capacity and (report or compare or profile or requests or allow_errors):
        others = "--report, --compare, --profile, --requests or --allow-errors"
        raise SettingError(f"--find-capacity: cannot be combined with {others}")
    if report:
        from puntual.reports.load_test import render
    earlier = read_result(compare) if compare else None
    sent = _read_flights(flights, source) if flights else None

    def measure(plan: Plan) -> Result:
        with show_running(plan) as watch:
            return run(target, plan, sent, watch, profile or "")

    found: Result | Capacity
    if capacity:
        service = ServiceProcesses(target.port if target.is_here else None)
        found = find_capacity(measure, plan, service, slo_ms=slo_ms, workers=workers, watch=show_step)
        failed = not found.capacity_per_s
        show_found = partial(show_capacity, found)
    else:
        found = measure(plan)
        failed = not found.answered or found.errors > allow_errors * found.requests
        show_found = partial(show, found, earlier)
        if report:
            page = render(found, earlier, language.value if language else language_of())
            write_text("--report", page, report)
    if save:
        write_text("--save", as_json(found), save)
    if json:
        print(as_json(found))
    else:
        show_found()
    sys.exit(130 if found.interrupted else FAILED if failed else 0)


def _read_flights(data: str, source: str | None) -> list[Flight]:
    from puntual.cli.display import note_dropped
    from puntual.data import read_flights
    from puntual.types import Flight

    flights = read_flights(data, source=source, history=False)
    note_dropped(flights)
    return [Flight(**row) for row in flights.frame.select(Flight.__struct_fields__).iter_rows(named=True)]
