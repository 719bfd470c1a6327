"""`puntual check`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from puntual.cli.clusters import find_partitions, mapping
from puntual.cli.display import fail_on
from puntual.cli.options import Cluster, Data, Given, Json, Sheet, Source, Strict
from puntual.console import OUT, note, show_progress
from puntual.errors import SettingError

_PACKED = {".gz", ".zip", ".bz2", ".xz", ".zst"}


def check(
    data: Data,
    *,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    write_mapping: Annotated[
        bool, typer.Option("--write-mapping", help="Draft a TOML file for --source in DATA's folder.")
    ] = False,
    cluster: Cluster = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Show what a file of flights holds and what looks wrong; exit status 2 if it cannot be used."""
    if write_mapping:
        if source is not None or given or sheet is not None or cluster is not None or as_json or strict:
            others = "--source, --set, --sheet, --cluster, --strict or --json"
            raise SettingError(f"--write-mapping: cannot be combined with {others}")
        if len(data) > 1 or data == ["-"]:
            raise SettingError("--write-mapping: wanted: one file; its mapping reads others like it")
        _write_mapping(data[0])
        return

    from puntual.cli.check_display import show_summary
    from puntual.cli.reading import read_data
    from puntual.data.partition_summary import summarise_partitions
    from puntual.data.partitioned import check_canonical
    from puntual.data.summary import summarise

    if find_partitions(data, cluster) is not None:
        check_canonical(source=source, constants=given, sheet=sheet)
        with show_progress() as on_progress, mapping(cluster, strict=strict) as run:
            summary = summarise_partitions(data[0], run=run, progress=on_progress)
    else:
        summary = summarise(read_data(data, source=source, given=given, sheet=sheet, history=False))
    if as_json:
        typer.echo(msgspec.json.encode(summary).decode())
    else:
        show_summary(summary, OUT)
    if strict:
        fail_on(f"{summary.data}: {one.sentence}" for one in summary.warnings if not one.limit)


def _write_mapping(data: str) -> None:
    from puntual.cli.output import write_text
    from puntual.data.draft_file import draft_mapping

    draft = draft_mapping(data)
    if isinstance(draft, str):
        note(f"{data}: source {draft} reads it, so it needs no mapping")
        return
    path = Path(data)
    place = (path.with_suffix("") if path.suffix.lower() in _PACKED else path).with_suffix(".toml")
    if place.exists():
        raise SettingError(f"--write-mapping: {place} exists already and is not replaced")
    write_text("--write-mapping", draft.toml(), place)
    for line in draft.guesses:
        note(f"guessed: {line}")
    for line in draft.todos:
        note(f"to fill in: {line}")
    for line in draft.doubts:
        note(f"left open: {line}")
    then = "fill in what is left, then run" if draft.todos else "now run"
    note(f"{place}: written; {then}: {shlex.join(['puntual', 'check', data, '--source', str(place)])}")
    if not draft.todos:
        _check_draft(data, place)


def _check_draft(data: str, place: Path) -> None:
    """Read the file as the draft has it, and refuse a draft by which it looks wrong."""
    from puntual.data import read_flights
    from puntual.data.summary import summarise

    summary = summarise(read_flights(data, source=str(place), history=False))
    fail_on(f"{place}: reads wrongly: {one.sentence}" for one in summary.warnings if not one.limit)
