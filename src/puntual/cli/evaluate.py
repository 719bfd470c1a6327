"""`puntual evaluate`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.table import Table

from puntual.cli.clusters import connected, find_partitions, refuse_with_cluster
from puntual.cli.display import (
    as_answer,
    build_table,
    cancellation_in_words,
    metrics_table,
    note_flights,
    note_limits,
    note_unseen,
    note_warnings,
    verdict_in_words,
)
from puntual.cli.lead_times import leads_answer, leads_table, print_cancellation
from puntual.cli.options import (
    Cluster,
    Data,
    Given,
    Json,
    Model,
    ReportLanguage,
    Sheet,
    Since,
    Source,
    Strict,
    Until,
    Weather,
    WeatherMonth,
    date,
)
from puntual.console import OUT, note, print_line, show_progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.data import Flights
    from puntual.inference.artifact import Artifact
    from puntual.inference.card import Assessment
    from puntual.inference.estimates import Performance
    from puntual.inference.evaluation_results import CancellationAssessment
    from puntual.inference.lead_results import LeadMetrics
    from puntual.inference.reliability import Group, Reliability

CARD, CARD_DATA = "card.html", "card.json"
_MODES = ("with_timetable", "alone")


def evaluate(
    model: Model,
    data: Data,
    *,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    with_reliability: Annotated[
        bool,
        typer.Option(
            "--reliability", help="Compare the probabilities with what happened, by bins and months."
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the model's card (card.html, card.json), with a section on these flights.",
            show_default=False,
        ),
    ] = None,
    language: ReportLanguage = None,
    weather: Weather = None,
    weather_month: WeatherMonth = None,
    cluster: Cluster = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Evaluate a model on other flights: with the day's timetable, of each flight alone, by lead time."""
    if report is None and language is not None:
        raise SettingError("--language: needs --report")
    refuse_with_cluster(cluster, weather=weather, weather_month=weather_month)

    from puntual.cli.output import check_folder
    from puntual.cli.reading import read_data, read_weather_at
    from puntual.data.dates import select_dates
    from puntual.data.partitioned import check_canonical
    from puntual.inference.artifact import read_artifact
    from puntual.training.evaluation import assess, evaluate_leads

    if report is not None:
        check_folder("--report", report, CARD, (CARD_DATA,), (model, *data, *(weather or ()), source))
    artifact = read_artifact(model)
    if artifact.operations is None and (weather or weather_month):
        raise SettingError(f"--weather: {artifact.name} answers from the timetable alone")
    if cluster is not None:
        find_partitions(data, cluster)
        check_canonical(source=source, constants=given, sheet=sheet)
        dates = date(since), date(until)
        assessment = _assess_on_cluster(cluster, model, artifact, data[0], dates=dates, strict=strict)
    else:
        history = read_data(data, source=source, given=given, sheet=sheet, until=until)
        # What happened before was known: it is read, but not measured.
        flights = history._replace(frame=select_dates(history.frame, date(since), None, history.where))
        note_flights(flights, strict=strict)
        _note_days(artifact, flights)
        leads: tuple[LeadMetrics, ...] = ()
        if artifact.operations is not None:
            observed = read_weather_at(weather, data, history, month=weather_month)
            with show_progress() as on_progress:
                leads = evaluate_leads(artifact, flights, history.frame, observed, on_progress)
        assessment = assess(artifact, flights, leads)
        _note_too_few(assessment, flights.frame["scheduled_departure"].dt.date().n_unique())
    if report is not None:
        _write_card(artifact, assessment, report, language.value if language else None)
    if as_json:
        answer = _as_answer(artifact, assessment, with_reliability=with_reliability)
        if report is not None:
            answer["report"] = str(report / CARD)
        typer.echo(msgspec.json.encode(answer).decode())
        return
    _print_results(artifact, assessment, with_reliability=with_reliability)
    if report is not None:
        print_line(f"the model's card: {report / CARD}")


def _assess_on_cluster(
    cluster: str,
    model: Path,
    artifact: Artifact,
    data: str,
    *,
    dates: tuple[dt.date | None, dt.date | None],
    strict: bool,
) -> Assessment:
    """As `assess`, of a folder whose flights a cluster scores."""
    from puntual.cluster.evaluation import score_on_cluster
    from puntual.cluster.partition_map import PartitionMap
    from puntual.data.partition_summary import summarise_partitions
    from puntual.data.partitioned import no_flights
    from puntual.data.partitions import partitions, read_manifest
    from puntual.inference.artifact import read_model_file
    from puntual.training.evaluation import assess_scored

    parts = partitions(data, *dates)
    if not parts:
        raise no_flights(data, read_manifest(data), *dates)
    if artifact.operations is not None:
        note("on a cluster the day of the flight is not measured: answers are those of the timetable alone")
    with show_progress() as on_progress, connected(cluster) as client:
        run = PartitionMap(client, note, strict=True)
        note_warnings(summarise_partitions(data, run=run, progress=on_progress), strict=strict)
        scored = score_on_cluster(client, read_model_file(model), parts, on_progress)
    assessment = assess_scored(artifact, data, scored)
    _note_learned(assessment.learned)
    _note_too_few(assessment, len(scored.days))
    return assessment


def _note_days(artifact: Artifact, flights: Flights) -> None:
    """Say how many flights left on days learned from, and which values the model never saw."""
    from puntual.training.evaluation import days_learned

    _note_learned(days_learned(artifact, flights))
    note_unseen(artifact, flights)


def _note_learned(flights: int) -> None:
    if flights:
        note(f"{flights:,} of these flights left on days of the training flights: these figures flatter")


def _note_too_few(measured: Assessment, days: int) -> None:
    """Say if days or late flights are too few."""
    from puntual.inference.card import too_few

    note_limits(measured.data, too_few(days, round(measured.flights * measured.base_rate)))


def _modes(measured: Assessment) -> tuple[Performance, Performance]:
    """The main metrics with the timetable, and without."""
    from puntual.inference.estimates import performance_of

    flights, base_rate = measured.flights, measured.base_rate
    return (
        performance_of(measured.with_timetable, flights, base_rate),
        performance_of(measured.without_timetable, flights, base_rate),
    )


def _as_answer(artifact: Artifact, measured: Assessment, *, with_reliability: bool) -> dict[str, Any]:
    reliability = measured.reliability, measured.reliability_without_timetable
    answer: dict[str, Any] = {
        "threshold_minutes": artifact.threshold_minutes,
        "learned_base_rate": artifact.training.base_rate,
        "cut": artifact.decision_threshold,
        **as_answer(*_modes(measured)),
        "calibration_noise": dict(zip(_MODES, (one.noise_floor for one in reliability), strict=True)),
    }
    answer["cancellation"] = measured.cancellation
    if measured.leads:
        answer["leads"] = leads_answer(measured.leads)
    if with_reliability:
        answer["reliability"] = dict(zip(_MODES, reliability, strict=True))
    return answer


def _print_results(artifact: Artifact, measured: Assessment, *, with_reliability: bool) -> None:
    modes = _modes(measured)
    reliability = measured.reliability, measured.reliability_without_timetable
    title = (
        f"{artifact.name} on {measured.flights:,} flights of {measured.data} "
        f"from {measured.first} to {measured.last}, delay > {artifact.threshold_minutes} minutes"
    )
    OUT.print(metrics_table(title, *modes, artifact.decision_threshold))
    print_line(verdict_in_words(*modes, artifact.training.base_rate))
    print_line(_noise(*reliability))
    _print_cancellation(artifact, measured.cancellation)
    if measured.leads:
        OUT.print(leads_table(measured.leads, measured.with_timetable))
        print_cancellation(measured.leads, measured.cancellation)
    if with_reliability:
        _print_reliability(*reliability)


def _print_cancellation(artifact: Artifact, found: CancellationAssessment | None) -> None:
    if found and artifact.cancellation:
        print_line(cancellation_in_words(found, constant=artifact.cancellation.booster is None))


def _write_card(artifact: Artifact, given: Assessment, folder: Path, language: str | None) -> None:
    """Write a model's card with a section on other flights."""
    from puntual.cli.options import language_of
    from puntual.cli.output import write_files
    from puntual.inference.card import describe
    from puntual.reports.model_card import render_card

    card = describe(artifact, given)
    page = render_card(card, artifact.tables, language or language_of())
    data = msgspec.json.format(msgspec.json.encode(card), indent=1).decode() + "\n"
    write_files(folder, {CARD_DATA: data, CARD: page}, "--report")


def _groups_table(title: str, first: str, groups: Sequence[Group]) -> Table:
    table = build_table(first, "flights", "expected", "late", "95 %", title=title)
    for one in groups:
        interval = "–" if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f}"
        table.add_row(one.name, f"{one.flights:,}", f"{one.expected:.3f}", f"{one.rate:.3f}", interval)
    return table


def _print_reliability(within: Reliability, alone: Reliability) -> None:
    for mode, one in (("with the day's timetable", within), ("alone", alone)):
        OUT.print(_groups_table(f"{mode}: predicted and observed delay rates", "predicted", one.bins))
        OUT.print(_groups_table(f"{mode}: month by month", "month", one.months))
        print_line(_brier_parts(one))


def _noise(within: Reliability, alone: Reliability) -> str:
    """The calibration error that chance alone would cause."""
    if within.noise_floor is None or alone.noise_floor is None:
        return "too few days to say which calibration error chance alone would cause\n"
    floors = " / ".join(
        f"{floor.expected:.4f}, in 97.5 % of cases below {floor.most:.4f}"
        for floor in (within.noise_floor, alone.noise_floor)
    )
    return f"chance alone would cause a calibration error of {floors} (blocks of {within.block_days} days)\n"


def _brier_parts(one: Reliability) -> str:
    error, parts = one.calibration_error, one.brier
    return (
        f"95 %: bootstrap of blocks of {one.block_days} consecutive days; –: too few blocks\n"
        f"calibration error {error:.4f}, {one.without_shift:.4f} without the difference in level; "
        f"Brier score: reliability {parts.reliability:.5f} - resolution {parts.resolution:.5f} "
        f"+ uncertainty {parts.uncertainty:.5f} + within the bins {parts.within:.5f}\n"
    )
