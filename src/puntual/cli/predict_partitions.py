"""`puntual predict` of a folder of partitions: streamed, to one file or to a folder of partitions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.console import note, show_progress
from puntual.errors import DataError, SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.batch.partitioned import Answered
    from puntual.data.partitions import Partition
    from puntual.inference.artifact import Artifact


def predict_partitions(
    model: Path,
    data: str,
    parts: list[Partition],
    output: Path,
    *,
    alone: bool,
    detail: bool,
    language: str | None,
    decision_threshold: float | None,
) -> None:
    """Predict the flights of partitions; an output without a suffix is a folder.

    Raises
    ------
    SettingError : the output cannot be written
    DataError : no partitions
    """
    from puntual.batch import predict
    from puntual.batch.partitioned import Pieces, answer_partitions, write_partitions
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_rows, writing_folder
    from puntual.inference.artifact import read_artifact

    if not parts:
        raise DataError(data, "no flight of these dates", wanted="dates of its partitions")
    is_folder = not output.suffix
    if is_folder and output.exists():
        raise SettingError(
            f"--output: {output} exists; wanted: a new folder, or a file {' or '.join(TABLES)}"
        )
    if not is_folder:
        check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (model, data))
    artifact = read_artifact(model)

    def answer(flights: pl.DataFrame) -> pl.DataFrame:
        return predict(
            artifact,
            flights,
            None if alone else flights,
            detail=detail,
            language=language,
            decision_threshold=decision_threshold,
        )

    with show_progress() as on_progress:
        if is_folder:
            with writing_folder("--output", output) as place:
                done = answer_partitions(parts, answer, write_partitions(str(place)), on_progress)
        else:
            with tempfile.TemporaryDirectory(dir=output.parent, prefix=".puntual-") as waiting:
                pieces = Pieces(Path(waiting))
                done = answer_partitions(parts, answer, pieces.write, on_progress)
                write_rows(pieces.rows(), output)
                on_progress("writing", 1)
    _note_done(artifact, data, output, done)


def _note_done(artifact: Artifact, data: str, output: Path, done: Answered) -> None:
    from puntual.features.unseen import MANY_UNSEEN

    for field, count in sorted(done.unknown.items()):
        if count >= MANY_UNSEEN * done.flights:
            share = f"{100 * count / done.flights:.0f} % of the flights have a {field}"
            note(f"{data}: {share} that the model never saw; they are answered from the rest")
    marked = f", {done.cancelled:,} of them marked as cancelled" if done.cancelled else ""
    note(f"{output}: {done.flights:,} flights answered{marked}, by {artifact.name}")
