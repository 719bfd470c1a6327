"""`puntual train`."""

from __future__ import annotations

import datetime as dt
import enum
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from puntual.cli.display import (
    OUT,
    cut_in_words,
    measured_on,
    metrics_table,
    note,
    note_dropped,
    note_limits,
    seeds_in_words,
    verdict_in_words,
)
from puntual.cli.extras import EXTRAS
from puntual.cli.families import comparison_tables, families_frame, outcome_in_words
from puntual.cli.options import Data, Json, Since, Source, Threshold, Until, date
from puntual.cli.progress import progress
from puntual.cli.rolling import draw_rolling, rolling_frame, rolling_tables
from puntual.errors import SettingError
from puntual.inference.estimates import verdict

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact


COMPARISON, MONTHS, MONTHS_CHART = "comparison.csv", "rolling.csv", "rolling.svg"
"""What is saved beside a model, behind its name without the suffix."""


class Split(enum.StrEnum):
    """How the flights are parted into those learned from and those measured on."""

    time = "time"
    random = "random"
    rolling = "rolling"


def train(
    data: Data,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the model goes.", show_default=False)],
    threshold: Threshold = 15,
    split: Annotated[
        Split,
        typer.Option(
            help="time: measure on the latest flights; random: the original's 30 %, seed 11; "
            "rolling: time, and each month by what came before it; beside m.puntual: m.rolling.csv and .svg."
        ),
    ] = Split.time,
    split_date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Measure from this date on; else on the last fifth."),
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="After measuring, learn from all flights.")] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    cost_of_a_missed_delay: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="In false alarms; decides from which probability on an answer says delayed. "
            "Else: as many flights are called delayed as are late.",
        ),
    ] = None,
    trees: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of each booster. Else: as many as help on months that were not learned from.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the trees' random choices.")] = 11,
    seeds: Annotated[
        int,
        typer.Option(
            min=1, help="Models that differ in the seed only, to tell how much of a figure is its own."
        ),
    ] = 5,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Measure every family of models; beside m.puntual: m.comparison.csv."),
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="Of --compare: seconds to choose each family's settings; 20 unless given."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(help="LightGBM's, a JSON or TOML file of `puntual tune -o`.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit, calibrate and measure a model, and write it."""
    _check(split, split_date, cost_of_a_missed_delay, budget, compare=compare)

    from puntual.cli.output import check_outputs
    from puntual.data import read_flights
    from puntual.inference.card import OF_THE_DATA, limits
    from puntual.models.settings import read_settings
    from puntual.training.comparison import BUDGET_SECONDS
    from puntual.training.pipeline import train as fit

    kinds = [COMPARISON] * compare + [MONTHS, MONTHS_CHART] * (split is Split.rolling)
    written = [output, *(_beside(output, kind) for kind in kinds)]
    check_outputs([("--output", path) for path in written], (data, source, settings))
    given = read_settings(settings) if settings else None
    flights = read_flights(data, source=source, since=date(since), until=date(until))
    note_dropped(flights)
    if split is Split.random:
        note("random split: learned from flights of the same and the neighbouring days; for comparison only")
    with progress() as on_progress:
        artifact = fit(
            flights,
            delay_minutes=threshold,
            split="random" if split is Split.random else "time",
            split_date=date(split_date),
            final=final,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            comparison_seconds=(BUDGET_SECONDS if budget is None else budget) if compare else None,
            rolling=split is Split.rolling,
            settings=given,
            trees=trees,
            seed=seed,
            seeds=seeds,
            progress=on_progress,
        )
    _write(artifact, output)
    note_limits(data, (limit for limit in limits(artifact) if limit.name in OF_THE_DATA))
    if as_json:
        typer.echo(_json(artifact))
    else:
        _tell(artifact, output)


def _beside(output: Path, kind: str) -> Path:
    """Where what belongs to a model is saved."""
    return output.with_name(f"{output.stem}.{kind}")


def _write(artifact: Artifact, output: Path) -> None:
    """Write a model, and beside it the tables that were asked for."""
    from puntual.cli.output import write_table
    from puntual.inference.artifact import write_artifact

    write_artifact(artifact, output)
    if artifact.card.families:
        write_table(families_frame(artifact.card.families), _beside(output, COMPARISON))
    if artifact.card.rolling:
        write_table(rolling_frame(artifact.card.rolling), _beside(output, MONTHS))
        _draw(artifact, _beside(output, MONTHS_CHART))


def _json(artifact: Artifact) -> str:
    evaluation, card = artifact.evaluation, artifact.card
    answer: dict[str, object] = {
        "model": artifact.name,
        "threshold_minutes": artifact.threshold_minutes,
        "learned_base_rate": card.evaluations[0].learned_base_rate,
        "cut": artifact.decision_threshold,
        "with_timetable": evaluation.with_timetable,
        "alone": evaluation.without_timetable,
        "verdict": {
            "with_timetable": verdict(evaluation.with_timetable.gain),
            "alone": verdict(evaluation.without_timetable.gain),
        },
        "seeds": card.seeds,
    }
    if card.families:
        answer["comparison"] = card.families
    if card.rolling:
        answer["rolling"] = card.rolling
    return msgspec.json.encode(answer).decode()


def _tell(artifact: Artifact, output: Path) -> None:
    """Print what was measured, as tables."""
    evaluation, training, card = artifact.evaluation, artifact.training, artifact.card
    title = f"{artifact.name}: {measured_on(evaluation, artifact.threshold_minutes)}"
    OUT.print(
        metrics_table(
            title, evaluation.with_timetable, evaluation.without_timetable, artifact.decision_threshold
        )
    )
    usual = card.evaluations[0].learned_base_rate
    OUT.print(verdict_in_words(evaluation.with_timetable, evaluation.without_timetable, usual), markup=False)
    OUT.print(seeds_in_words(card), markup=False)
    OUT.print(cut_in_words(artifact), markup=False)
    OUT.print(
        f"learned from {training.flights:,} flights from {training.first} to {training.last}, "
        f"two boosters of {card.tuning.trees} trees with the timetable and two of "
        f"{card.tuning_without_timetable.trees} without"
        f"{', refitted on all flights' if training.refitted else ''}; written to {output}",
        markup=False,
    )
    if card.rolling:
        for part in rolling_tables(card.rolling, artifact.threshold_minutes):
            OUT.print(part)
        OUT.print(
            f"the artifact is that of the time split, measured from {evaluation.first} on; "
            f"the months are saved as {_beside(output, MONTHS)}",
            markup=False,
        )
    if card.families:
        for part in comparison_tables(artifact):
            OUT.print(part)
        OUT.print(
            f"{outcome_in_words(card.families)}; the table is saved as {_beside(output, COMPARISON)}",
            markup=False,
        )


def _draw(artifact: Artifact, output: Path) -> None:
    """Draw the months, where the libraries of charts are installed."""
    try:
        draw_rolling(artifact, output)
    except ModuleNotFoundError as error:
        if EXTRAS.get(error.name or "") != "explore":
            raise
        note(f"no chart of the months: {error.name} is not installed: pip install 'puntual[explore]'")


def _check(
    split: Split, split_date: dt.datetime | None, cost: float | None, budget: float | None, *, compare: bool
) -> None:
    """Refuse options that do not go together, and a cost that is no number."""
    if split_date and split is not Split.time:
        raise SettingError("--split-date: goes with --split time only")
    if budget is not None and not compare:
        raise SettingError("--budget: goes with --compare only")
    if cost is not None and not math.isfinite(cost):
        raise SettingError(f"--cost-of-a-missed-delay: {cost}; wanted: a number from 0 on")
