"""`puntual train`."""

from __future__ import annotations

import datetime as dt
import enum
import math
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from puntual.cli.display import OUT, cut_in_words, measured_on, metrics_table, note, note_dropped, progress
from puntual.cli.families import comparison_tables, families_frame
from puntual.cli.options import Data, Json, Since, Source, Threshold, Until, date
from puntual.errors import SettingError


class Split(enum.StrEnum):
    """How the flights are parted into those learned from and those measured on."""

    time = "time"
    random = "random"


def train(
    data: Data,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the model goes.", show_default=False)],
    threshold: Threshold = 15,
    split: Annotated[
        Split, typer.Option(help="time: measure on the latest flights; random: the original's 30 %, seed 11.")
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
            "Else: the best F1 on months that were not learned from.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the trees' random choices.")] = 11,
    compare: Annotated[
        bool, typer.Option("--compare", help="Measure every family of models; saved as MODEL.comparison.csv.")
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="Of --compare: seconds to choose each family's settings; 20 unless given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fit, calibrate and measure a model, and write it."""
    _check(split, split_date, cost_of_a_missed_delay, budget, compare=compare)
    if output.is_dir():
        raise SettingError(f"--output: {output} is a directory; wanted: a file such as model.puntual")

    from puntual.cli.output import write_table
    from puntual.comparison import BUDGET_SECONDS
    from puntual.inference.artifact import write_artifact
    from puntual.sources import read_flights
    from puntual.training import train as fit

    flights = read_flights(data, source=source, since=date(since), until=date(until))
    note_dropped(flights)
    if split is Split.random:
        note("random split: each day's shock is learned from its neighbours; for comparison only")
    with progress() as report:
        artifact = fit(
            flights,
            threshold=threshold,
            split=split.value,
            split_date=date(split_date),
            final=final,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            comparison_seconds=(BUDGET_SECONDS if budget is None else budget) if compare else None,
            seed=seed,
            report=report,
        )
    write_artifact(artifact, output)
    families = artifact.card.families
    saved = output.with_name(f"{output.stem}.comparison.csv")
    if families:
        write_table(families_frame(families), saved)
    evaluation, training, card = artifact.evaluation, artifact.training, artifact.card
    if as_json:
        answer: dict[str, object] = {
            "model": artifact.name,
            "threshold_minutes": threshold,
            "with_timetable": evaluation.with_timetable,
            "alone": evaluation.alone,
        }
        if families:
            answer["comparison"] = families
        typer.echo(msgspec.json.encode(answer).decode())
        return
    title = f"{artifact.name}: {measured_on(evaluation, threshold)}"
    OUT.print(metrics_table(title, evaluation.with_timetable, evaluation.alone))
    OUT.print(cut_in_words(artifact), markup=False)
    OUT.print(
        f"learned from {training.flights:,} flights from {training.first} to {training.last}, "
        f"{card.chosen.trees} trees with the timetable and {card.chosen_alone.trees} without"
        f"{', refitted on all flights' if final else ''}; written to {output}",
        markup=False,
    )
    if families:
        for part in comparison_tables(artifact):
            OUT.print(part)
        servable = [one.family for one in families if one.servable]
        OUT.print(
            f"servable: {', '.join(servable)}; the artifact holds {servable[0]}, the best of them; "
            f"the table is saved as {saved}",
            markup=False,
        )


def _check(
    split: Split, split_date: dt.datetime | None, cost: float | None, budget: float | None, *, compare: bool
) -> None:
    """Refuse options that do not go together, and a cost that is no number."""
    if split_date and split is Split.random:
        raise SettingError("--split-date: goes with --split time only")
    if budget is not None and not compare:
        raise SettingError("--budget: goes with --compare only")
    if cost is not None and not math.isfinite(cost):
        raise SettingError(f"--cost-of-a-missed-delay: {cost}; wanted: a number from 0 on")
