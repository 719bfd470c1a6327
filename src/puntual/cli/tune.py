"""`puntual tune`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from puntual.cli.display import build_table, note_dropped
from puntual.cli.options import DATE, Data, Given, Json, Sheet, Since, Source, Threshold, Until, date
from puntual.console import ERR, OUT, line_a_minute, print_line

if TYPE_CHECKING:
    from puntual.training.tuning import SearchResult

SUFFIXES = (".json", ".toml")


def tune(
    data: Data,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File for the best settings: .json or .toml.", show_default=False
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0, help="Seconds after which no trial starts.")] = 600,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Most trials to run; by default, as many as the seconds allow.")
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(help="File that stores the trials; the search continues from it.", show_default=False),
    ] = None,
    threshold: Threshold = 15,
    split_date: Annotated[
        dt.datetime | None,
        typer.Option(formats=DATE, help="Do not use flights from this date on; by default, the last fifth."),
    ] = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the trees and of the search.")] = 11,
    as_json: Json = False,
) -> None:
    """Search the best settings of LightGBM, for `train --settings`, on months inside the training part."""
    from puntual.cli.output import check_outputs, check_suffix, write_text
    from puntual.cli.reading import read_data
    from puntual.models.settings import settings_text
    from puntual.training.splits import divide
    from puntual.training.tuning import search

    check_suffix("--output", output, SUFFIXES)
    check_outputs([("--output", output), ("--study", study)], (*data, source))
    flights = read_data(data, source=source, given=given, sheet=sheet, since=since, until=until)
    note_dropped(flights)
    parts = divide(flights, threshold, split_date=date(split_date))
    with _progress(seconds) as (on_step, on_trial):
        found = search(
            parts, seconds=seconds, trials=trials, study=study, seed=seed, on_step=on_step, on_trial=on_trial
        )
    if output:
        text = settings_text(found.best.settings, toml=output.suffix.lower() == ".toml")
        write_text("--output", text, output)
    if as_json:
        typer.echo(_json(found))
        return
    print_line(
        f"{found.trials} trials on flights from {parts.learned.first} to {parts.learned.last}, "
        f"delay > {threshold} minutes; those from {parts.test.first} on were not used"
    )
    OUT.print(_settings_table(found))
    OUT.print(_months_table(found))
    print_line(_gain(found))
    if output:
        print_line(f"written to {output}; puntual train DATA -o MODEL --settings {output} takes it")


@contextmanager
def _progress(seconds: float) -> Iterator[tuple[Callable[[], None], Callable[[SearchResult], None]]]:
    """Show the time and the best trial so far; give the callbacks for each tree and each trial."""
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    start = time.perf_counter()
    with Progress(*columns, console=ERR, disable=not ERR.is_terminal) as bars:
        task = bars.add_task("trial 1: the usual settings", total=max(seconds, 1))

        def on_step() -> None:
            bars.update(task, completed=min(time.perf_counter() - start, seconds))

        def on_trial(found: SearchResult) -> None:
            losses = f"usual {found.usual.loss:.5f}, best {found.best.loss:.5f}"
            bars.update(task, description=f"trial {found.trials + 1}: {losses}")

        with line_a_minute(lambda: bars.tasks[task].description):
            yield on_step, on_trial


def _settings_table(found: SearchResult) -> Table:
    table = build_table("setting", "usual", "best")
    for name, value in found.usual.settings.items():
        table.add_row(name, f"{value:.4g}", f"{found.best.settings[name]:.4g}")
    return table


def _months_table(found: SearchResult) -> Table:
    """Log loss of each rolling month: the mean of with its timetable and alone."""
    table = build_table("rolling month from", "usual", "best", "gain")
    for first, usual, best, gain in zip(
        found.firsts, found.usual.months, found.best.months, found.gains, strict=True
    ):
        table.add_row(first, f"{usual:.5f}", f"{best:.5f}", f"{gain:+.5f}")
    table.add_row("all flights", f"{found.usual.loss:.5f}", f"{found.best.loss:.5f}", f"{_total(found):+.5f}")
    return table


def _gain(found: SearchResult) -> str:
    return (
        f"log loss, mean of with the timetable and alone: {found.usual.loss:.5f} with the usual settings, "
        f"{found.best.loss:.5f} with the best: {_total(found):+.5f}, "
        f"{min(found.gains):+.5f} to {max(found.gains):+.5f} over the months{_other_seeds(found)}"
    )


def _other_seeds(found: SearchResult) -> str:
    """Say how much of the gain remains with other seeds, and whether it may be chance."""
    if found.gain is None:
        return ""
    from puntual.training.tuning import SEEDS

    gain = found.gain
    again = f"\nmeasured again on these months with {SEEDS} other seeds: {gain.value:+.5f}"
    if gain.low is None or gain.high is None:
        return f"{again}; too few days to say whether that is chance"
    chance = "" if gain.low > 0 else "; it may be chance, and the usual settings are as good"
    return f"{again} (95 %, days and seeds: {gain.low:+.5f} to {gain.high:+.5f}){chance}"


def _total(found: SearchResult) -> float:
    return found.usual.loss - found.best.loss


def _json(found: SearchResult) -> str:
    answer = {
        "settings": found.best.settings,
        "usual_settings": found.usual.settings,
        "log_loss": found.best.loss,
        "usual_log_loss": found.usual.loss,
        "gain": _total(found),
        "gain_of_other_seeds": found.gain,
        "trials": found.trials,
        "months": [
            {"first": first, "usual_log_loss": usual, "log_loss": best}
            for first, usual, best in zip(found.firsts, found.usual.months, found.best.months, strict=True)
        ],
    }
    return msgspec.json.encode(answer).decode()
