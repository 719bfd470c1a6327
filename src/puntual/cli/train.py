"""`puntual train`."""

from __future__ import annotations

import datetime as dt
import enum
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from puntual.cli.clusters import find_partitions, refuse_with_cluster
from puntual.cli.display import (
    as_answer,
    cancellation_in_words,
    evaluated_on,
    metrics_table,
    note_flights,
    note_limits,
    seeds_in_words,
    threshold_in_words,
    verdict_in_words,
)
from puntual.cli.families import comparison_tables, families_frame, outcome_in_words
from puntual.cli.lead_times import leads_answer, leads_table, operations_in_words, print_cancellation
from puntual.cli.options import (
    DATE,
    Cluster,
    Data,
    Given,
    Json,
    Sheet,
    Since,
    Source,
    Strict,
    Threshold,
    Until,
    Weather,
    WeatherMonth,
    date,
)
from puntual.cli.rolling import draw_rolling, rolling_frame, rolling_tables
from puntual.cli.train_cluster import train_on_cluster
from puntual.console import OUT, note, print_line, show_progress
from puntual.errors import EXTRAS, SettingError

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact


COMPARISON, MONTHS, MONTHS_CHART = "comparison.csv", "rolling.csv", "rolling.svg"
"""Suffixes of the files that are saved with a model."""


class Split(enum.StrEnum):
    """How the flights are split into training and test part."""

    time = "time"
    random = "random"
    rolling = "rolling"


def train(
    data: Data,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="File for the model.", show_default=False)],
    threshold: Threshold = 15,
    split: Annotated[
        Split,
        typer.Option(
            help="time: test on the latest flights; random: on the original's 30 %, seed 11; rolling: "
            "time, and a backtest of each month by the months before it (m.puntual: m.rolling.csv and .svg)."
        ),
    ] = Split.time,
    split_date: Annotated[
        dt.datetime | None,
        typer.Option(formats=DATE, help="Test on flights from this date on; by default, on the last fifth."),
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="After testing, train on all flights.")] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    cost_of_a_missed_delay: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Cost in false alarms, which sets the decision threshold. By default, as many flights are "
            "called delayed as are late.",
        ),
    ] = None,
    trees: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Trees of each booster; by default, as many as help on validation months.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the trees.")] = 11,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Models that differ only in the seed, to show how metrics vary with it; by default 5; of "
            "very many flights, or on a cluster, 1.",
            show_default=False,
        ),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Test every family of models (m.comparison.csv for m.puntual)."),
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="Seconds for --compare to choose each family's settings; by default, 20."),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            help="Settings of LightGBM: a JSON or TOML file from `puntual tune -o`.", show_default=False
        ),
    ] = None,
    operations: Annotated[
        bool | None,
        typer.Option(
            "--operations/--no-operations",
            help="Also learn the day of the flight: what has left, what is overdue. By default, where the "
            "history has days and flights enough.",
            show_default=False,
        ),
    ] = None,
    weather: Weather = None,
    weather_month: WeatherMonth = None,
    cluster: Cluster = None,
    work: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="With --cluster: folder or address that its machines reach, where what is finished is kept.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from what is finished in --work.")] = False,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Train, calibrate and test a model, and write it."""
    _check(split, split_date, cost_of_a_missed_delay, budget, compare=compare)
    refuse_with_cluster(
        cluster,
        split=None if split is Split.time else split,
        compare=compare,
        operations=operations,
        weather=weather,
    )
    if (work is not None and cluster is None) or (resume and work is None):
        raise SettingError("--resume: needs --work" if resume and work is None else "--work: needs --cluster")
    if operations is False and (weather or weather_month):
        raise SettingError("--weather: is read for the day of the flight only; wanted: no --no-operations")

    from puntual.cli.output import check_outputs
    from puntual.cli.reading import read_data, read_weather_at
    from puntual.data.partitioned import check_canonical
    from puntual.models.settings import read_settings
    from puntual.training.comparison import BUDGET_SECONDS
    from puntual.training.pipeline import train as fit
    from puntual.training.splits import RANDOM_SPLIT

    kinds = [COMPARISON] * compare + [MONTHS, MONTHS_CHART] * (split is Split.rolling)
    written = [output, *(_sibling(output, kind) for kind in kinds)]
    check_outputs([("--output", path) for path in written], (*data, *(weather or ()), source, settings))
    chosen = read_settings(settings) if settings else None
    if cluster is not None:
        find_partitions(data, cluster)
        check_canonical(source=source, constants=given, sheet=sheet)
        artifact = train_on_cluster(
            cluster,
            data[0],
            output=output,
            work=work,
            resume=resume,
            threshold=threshold,
            split_date=date(split_date),
            final=final,
            since=date(since),
            until=date(until),
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            settings=chosen,
            trees=trees,
            seed=seed,
            seeds=seeds or 1,
            strict=strict,
        )
        _report(artifact, output, data[0], as_json=as_json)
        return
    flights = read_data(data, source=source, given=given, sheet=sheet, since=since, until=until)
    note_flights(flights, strict=strict)
    observed = None
    if operations or (operations is None and split is not Split.random):
        observed = read_weather_at(weather, data, flights, month=weather_month)
    if split is Split.random:
        note(RANDOM_SPLIT)
    with show_progress() as on_progress:
        artifact = fit(
            flights,
            delay_minutes=threshold,
            split="random" if split is Split.random else "time",
            split_date=date(split_date),
            final=final,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            comparison_seconds=(BUDGET_SECONDS if budget is None else budget) if compare else None,
            rolling=split is Split.rolling,
            settings=chosen,
            trees=trees,
            operations=operations,
            weather=observed,
            seed=seed,
            seeds=seeds,
            progress=on_progress,
        )
    if operations is not False:
        note(operations_in_words(artifact, artifact.evaluation.split, has_weather=observed is not None))
    _report(artifact, output, flights.where, as_json=as_json)


def _report(artifact: Artifact, output: Path, where: str, *, as_json: bool) -> None:
    """Write a model, and say how it does."""
    from puntual.inference.card import OF_THE_DATA, limits

    _write(artifact, output)
    note_limits(where, (limit for limit in limits(artifact) if limit.name in OF_THE_DATA))
    if as_json:
        typer.echo(_json(artifact))
    else:
        _print_results(artifact, output)


def _sibling(output: Path, suffix: str) -> Path:
    return output.with_name(f"{output.stem}.{suffix}")


def _write(artifact: Artifact, output: Path) -> None:
    """Write a model, and its comparison and backtest into the same folder."""
    from puntual.cli.output import write_table
    from puntual.inference.artifact import write_artifact

    write_artifact(artifact, output)
    if artifact.card.families:
        write_table(families_frame(artifact.card.families), _sibling(output, COMPARISON))
    if artifact.card.rolling:
        write_table(rolling_frame(artifact.card.rolling), _sibling(output, MONTHS))
        _draw_months(artifact, _sibling(output, MONTHS_CHART))


def _json(artifact: Artifact) -> str:
    evaluation, card = artifact.evaluation, artifact.card
    answer: dict[str, object] = {
        "model": artifact.name,
        "threshold_minutes": artifact.threshold_minutes,
        "learned_base_rate": card.evaluations[0].learned_base_rate,
        "cut": artifact.decision_threshold,
        **as_answer(evaluation.with_timetable, evaluation.without_timetable),
        "seeds": card.seeds,
        "cancellation": card.cancellation,
    }
    if card.leads:
        answer["leads"] = leads_answer(card.leads)
    if card.families:
        answer["comparison"] = card.families
    if card.rolling:
        answer["rolling"] = card.rolling
    return msgspec.json.encode(answer).decode()


def _print_results(artifact: Artifact, output: Path) -> None:
    from puntual.training.scheduled import MIN_LEARNED, MIN_MEASURED

    evaluation, training, card = artifact.evaluation, artifact.training, artifact.card
    title = f"{artifact.name}: {evaluated_on(evaluation, artifact.threshold_minutes)}"
    modes = evaluation.with_timetable, evaluation.without_timetable
    OUT.print(metrics_table(title, *modes, artifact.decision_threshold))
    print_line(verdict_in_words(*modes, card.evaluations[0].learned_base_rate))
    print_line(seeds_in_words(card))
    print_line(threshold_in_words(artifact))
    if card.cancellation:
        print_line(cancellation_in_words(card.cancellation, constant=not card.cancellation.trees))
    elif training.cancelled:
        wanted = f"{MIN_LEARNED} cancelled flights to learn from and {MIN_MEASURED} to test on"
        print_line(f"no probability of a cancellation: it takes {wanted}")
    if card.leads:
        OUT.print(leads_table(card.leads, card.evaluations[0].with_timetable))
        print_cancellation(card.leads, card.cancellation)
    print_line(
        f"trained on {training.flights:,} flights from {training.first} to {training.last}, "
        f"two boosters of {card.tuning.trees} trees with the timetable and two of "
        f"{card.tuning_without_timetable.trees} without"
        f"{', refitted on all flights' if training.refitted else ''}; written to {output}"
    )
    if card.rolling:
        OUT.print(*rolling_tables(card.rolling, artifact.threshold_minutes), sep="\n")
        print_line(
            f"the artifact is that of the time split, evaluated from {evaluation.first} on; "
            f"the months are saved as {_sibling(output, MONTHS)}"
        )
    if card.families:
        OUT.print(*comparison_tables(artifact), sep="\n")
        print_line(f"{outcome_in_words(card.families)}; the table is saved as {_sibling(output, COMPARISON)}")


def _draw_months(artifact: Artifact, output: Path) -> None:
    """Draw the chart of the months if the libraries of charts are installed."""
    try:
        draw_rolling(artifact, output)
    except ModuleNotFoundError as error:
        if EXTRAS.get(error.name or "") != "explore":
            raise
        note(f"no chart of the months: {error.name} is not installed: pip install 'puntual[explore]'")


def _check(
    split: Split, split_date: dt.datetime | None, cost: float | None, budget: float | None, *, compare: bool
) -> None:
    """Refuse options that cannot be combined, and an infinite cost."""
    if split_date and split is not Split.time:
        raise SettingError("--split-date: needs --split time")
    if budget is not None and not compare:
        raise SettingError("--budget: needs --compare")
    if cost is not None and not math.isfinite(cost):
        raise SettingError(f"--cost-of-a-missed-delay: {cost}; wanted: a number from 0 on")
