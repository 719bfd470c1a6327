"""`puntual evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from puntual.cli.display import (
    OUT,
    metrics_table,
    note,
    note_dropped,
    note_limits,
    note_unseen,
    verdict_in_words,
)
from puntual.cli.options import Data, Json, Model, ReportLanguage, Since, Source, Until, date
from puntual.errors import SettingError
from puntual.inference.estimates import verdict

if TYPE_CHECKING:
    from puntual.data import Flights
    from puntual.inference.artifact import Artifact
    from puntual.inference.reliability import Group, Reliability

CARD, CARD_DATA = "card.html", "card.json"
_WAYS = ("with_timetable", "alone")


def evaluate(
    model: Model,
    data: Data,
    *,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    with_reliability: Annotated[
        bool, typer.Option("--reliability", help="Tell too whether the probabilities came true.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the model's card, with these flights in a section of their own: "
            "card.html, card.json.",
            show_default=False,
        ),
    ] = None,
    language: ReportLanguage = None,
    as_json: Json = False,
) -> None:
    """Measure a model on other flights: every metric, with the day's timetable and alone."""
    if report is None and language is not None:
        raise SettingError("--language: goes with --report only")

    from puntual.cli.output import check_folder
    from puntual.data import read_flights
    from puntual.inference.artifact import read_artifact
    from puntual.inference.card import too_few
    from puntual.training.evaluation import days_learned, reliability_on
    from puntual.training.evaluation import evaluate as measure

    if report is not None:
        check_folder("--report", report, CARD, (CARD_DATA,), (model, data, source))
    artifact = read_artifact(model)
    flights = read_flights(data, source=source, since=date(since), until=date(until))
    note_dropped(flights)
    days = flights.frame["scheduled_departure"].dt.date()
    learned = days_learned(artifact, flights)
    if learned:
        note(f"{learned:,} of these flights are of days that the model learned from: no honest measure")
    note_unseen(artifact, flights)
    with_timetable, alone = measure(artifact, flights)
    note_limits(flights.where, too_few(days.n_unique(), round(alone.flights * alone.base_rate)))
    held = reliability_on(artifact, flights)
    if report is not None:
        _write_card(artifact, flights, report, language.value if language else None)
    if as_json:
        answer: dict[str, Any] = {
            "threshold_minutes": artifact.threshold_minutes,
            "learned_base_rate": artifact.training.base_rate,
            "cut": artifact.decision_threshold,
            "with_timetable": with_timetable,
            "alone": alone,
            "verdict": {"with_timetable": verdict(with_timetable.gain), "alone": verdict(alone.gain)},
            "calibration_noise": dict(zip(_WAYS, (told.noise_floor for told in held), strict=True)),
        }
        if with_reliability:
            answer["reliability"] = dict(zip(_WAYS, held, strict=True))
        if report is not None:
            answer["report"] = str(report / CARD)
        typer.echo(msgspec.json.encode(answer).decode())
        return
    title = (
        f"{artifact.name} on {alone.flights:,} flights of {flights.where} "
        f"from {days.min()!s} to {days.max()!s}, delay > {artifact.threshold_minutes} minutes"
    )
    OUT.print(metrics_table(title, with_timetable, alone, artifact.decision_threshold))
    OUT.print(verdict_in_words(with_timetable, alone, artifact.training.base_rate), markup=False)
    OUT.print(_noise(*held), markup=False)
    if with_reliability:
        _print_reliability(*held)
    if report is not None:
        OUT.print(f"the model's card: {report / CARD}", markup=False)


def _write_card(artifact: Artifact, flights: Flights, folder: Path, language: str | None) -> None:
    """Write the card of a model, with some flights in a section of their own."""
    from puntual.cli.options import language_of
    from puntual.cli.output import write_files
    from puntual.inference.card import describe
    from puntual.reports.model_card import render_card
    from puntual.training.evaluation import assess

    card = describe(artifact, assess(artifact, flights))
    page = render_card(card, artifact.tables, language or language_of())
    told = msgspec.json.format(msgspec.json.encode(card), indent=1).decode() + "\n"
    write_files(folder, {CARD_DATA: told, CARD: page}, "--report")


def _groups(title: str, first: str, groups: Sequence[Group]) -> Table:
    table = Table(first, title=title, title_justify="left", title_style="", box=SIMPLE_HEAD)
    for head in ("flights", "expected", "late", "95 %"):
        table.add_column(head, justify="right")
    for one in groups:
        interval = "–" if one.low is None or one.high is None else f"{one.low:.3f} to {one.high:.3f}"
        table.add_row(one.name, f"{one.flights:,}", f"{one.expected:.3f}", f"{one.rate:.3f}", interval)
    return table


def _print_reliability(within: Reliability, alone: Reliability) -> None:
    for way, told in (("with the day's timetable", within), ("alone", alone)):
        OUT.print(_groups(f"{way}: of the flights given so much, so many were late", "given", told.bins))
        OUT.print(_groups(f"{way}: month by month", "month", told.months))
        OUT.print(_parts(told), markup=False)


def _noise(within: Reliability, alone: Reliability) -> str:
    """What chance alone would make of the calibration error."""
    if within.noise_floor is None or alone.noise_floor is None:
        return "the days are too few to tell what chance alone would make of the calibration error\n"
    told = " / ".join(
        f"about {floor.expected:.4f}, 97.5 % below {floor.most:.4f}"
        for floor in (within.noise_floor, alone.noise_floor)
    )
    return f"chance alone would make the calibration error {told} (blocks of {within.block_days} days)\n"


def _parts(told: Reliability) -> str:
    error, parts = told.calibration_error, told.brier
    return (
        f"95 %: blocks of {told.block_days} consecutive days drawn anew; –: too few of them\n"
        f"calibration error {error:.4f}, {told.without_shift:.4f} without the shifted level; "
        f"Brier score: reliability {parts.reliability:.5f} - resolution {parts.resolution:.5f} "
        f"+ uncertainty {parts.uncertainty:.5f} + within the bins {parts.within:.5f}\n"
    )
