"""`puntual predict` of a folder of partitions: streamed, to one file or to a folder of partitions."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.console import note, show_progress
from puntual.errors import DataError, SettingError

if TYPE_CHECKING:
    from puntual.batch.partitioned import Answered, Question
    from puntual.data.partitions import Partition
    from puntual.inference.artifact import Artifact
    from puntual.types import Progress


def predict_partitions(
    model: Path,
    data: str,
    parts: list[Partition],
    output: Path,
    question: Question,
    *,
    cluster: str | None,
) -> None:
    """Predict the flights of partitions; an output without a suffix is a folder.

    Parameters
    ----------
    cluster : whose machines read DATA and write beside the output; None: this process

    Raises
    ------
    SettingError : the output cannot be written
    DataError : no partitions
    """
    from puntual.batch.partitioned import Pieces, answer, answer_partitions, write_partitions
    from puntual.cli.clusters import connected
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_rows, writing_folder
    from puntual.inference.artifact import read_artifact, read_model_file

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

    def answer_into(output: str | Pieces, progress: Progress) -> Answered:
        if cluster is None:
            write = output.write if isinstance(output, Pieces) else write_partitions(output)
            return answer_partitions(parts, partial(answer, artifact, question), write, progress)
        from puntual.cluster.answering import answer_on_cluster

        with connected(cluster) as client:
            return answer_on_cluster(
                client, read_model_file(model), question, parts, output, progress=progress
            )

    with show_progress() as on_progress:
        if is_folder:
            with writing_folder("--output", output) as place:
                done = answer_into(str(place), on_progress)
        else:
            with tempfile.TemporaryDirectory(dir=output.parent, prefix=".puntual-") as waiting:
                pieces = Pieces(Path(waiting))
                done = answer_into(pieces, on_progress)
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
