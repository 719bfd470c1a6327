"""`puntual evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.table import Table

from puntual.cli.display import (
    as_answer,
    build_table,
    metrics_table,
    note_dropped,
    note_limits,
    note_unseen,
    verdict_in_words,
)
from puntual.cli.options import Data, Json, Model, ReportLanguage, Since, Source, Until, date
from puntual.console import OUT, note, print_line
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.data import Flights
    from puntual.inference.artifact import Artifact
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
    as_json: Json = False,
) -> None:
    """Evaluate a model on other flights: every metric, with the day's timetable and of each flight alone."""
    if report is None and language is not None:
        raise SettingError("--language: needs --report")

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
        note(f"{learned:,} of these flights left on days of the training flights: these figures flatter")
    note_unseen(artifact, flights)
    with_timetable, alone = measure(artifact, flights)
    note_limits(flights.where, too_few(days.n_unique(), round(alone.flights * alone.base_rate)))
    reliability = reliability_on(artifact, flights)
    if report is not None:
        _write_card(artifact, flights, report, language.value if language else None)
    if as_json:
        answer: dict[str, Any] = {
            "threshold_minutes": artifact.threshold_minutes,
            "learned_base_rate": artifact.training.base_rate,
            "cut": artifact.decision_threshold,
            **as_answer(with_timetable, alone),
            "calibration_noise": dict(zip(_MODES, (one.noise_floor for one in reliability), strict=True)),
        }
        if with_reliability:
            answer["reliability"] = dict(zip(_MODES, reliability, strict=True))
        if report is not None:
            answer["report"] = str(report / CARD)
        typer.echo(msgspec.json.encode(answer).decode())
        return
    title = (
        f"{artifact.name} on {alone.flights:,} flights of {flights.where} "
        f"from {days.min()!s} to {days.max()!s}, delay > {artifact.threshold_minutes} minutes"
    )
    OUT.print(metrics_table(title, with_timetable, alone, artifact.decision_threshold))
    print_line(verdict_in_words(with_timetable, alone, artifact.training.base_rate))
    print_line(_noise(*reliability))
    if with_reliability:
        _print_reliability(*reliability)
    if report is not None:
        print_line(f"the model's card: {report / CARD}")


def _write_card(artifact: Artifact, flights: Flights, folder: Path, language: str | None) -> None:
    """Write a model's card with a section on the given flights."""
    from puntual.cli.options import language_of
    from puntual.cli.output import write_files
    from puntual.inference.card import describe
    from puntual.reports.model_card import render_card
    from puntual.training.evaluation import assess

    card = describe(artifact, assess(artifact, flights))
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
