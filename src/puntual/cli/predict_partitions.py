"""`puntual predict` of a folder of partitions: streamed, to one file or to a folder of partitions."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path, PurePath
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
    output: Path | str,
    question: Question,
    *,
    cluster: str | None,
) -> None:
    """Predict the flights of partitions; an output without a suffix is a folder.

    Parameters
    ----------
    output : path or address
    cluster : whose machines read DATA and write beside the output; None: this process

    Raises
    ------
    SettingError : the output cannot be written
    DataError : no partitions
    """
    from puntual.batch.partitioned import Pieces, answer, answer_partitions
    from puntual.cli.clusters import connected
    from puntual.cli.output import TABLES, check_table, write_rows, writing_folder
    from puntual.inference.artifact import read_artifact, read_model_file

    if not parts:
        raise DataError(data, "no flight of these dates", wanted="dates of its partitions")
    is_folder, is_address = not PurePath(output).suffix, isinstance(output, str)
    if is_address and cluster is not None and not is_folder:
        found = f"{output} is a file at an address"
        raise SettingError(f"--output: {found}; wanted with --cluster: a folder, or a path")
    if isinstance(output, Path) and is_folder and output.exists():
        wanted = f"a new folder, or a file {' or '.join(TABLES)}"
        raise SettingError(f"--output: {output} exists; wanted: {wanted}")
    check_table("--output", output, (model, data), is_folder=is_folder)
    artifact = read_artifact(model)

    def answer_into(output: str | Pieces, progress: Progress) -> Answered:
        if cluster is None:
            return answer_partitions(parts, partial(answer, artifact, question), output, progress)
        from puntual.cluster.answering import answer_on_cluster

        with connected(cluster) as client:
            return answer_on_cluster(
                client, read_model_file(model), question, parts, output, progress=progress
            )

    with show_progress() as on_progress:
        if is_folder:
            with writing_folder("--output", output) as place:
                done = answer_into(place, on_progress)
        else:
            parent = None if isinstance(output, str) else output.parent
            with tempfile.TemporaryDirectory(dir=parent, prefix=".puntual-") as waiting:
                pieces = Pieces(Path(waiting))
                done = answer_into(pieces, on_progress)
                write_rows(pieces.rows(), output)
                on_progress("writing", 1)
    _note_done(artifact, data, output, done)


def _note_done(artifact: Artifact, data: str, output: Path | str, done: Answered) -> None:
    from puntual.features.unseen import MANY_UNSEEN

    for field, count in sorted(done.unknown.items()):
        if count >= MANY_UNSEEN * done.flights:
            share = f"{100 * count / done.flights:.0f} % of the flights have a {field}"
            note(f"{data}: {share} that the model never saw; they are answered from the rest")
    marked = f", {done.cancelled:,} of them marked as cancelled" if done.cancelled else ""
    note(f"{output}: {done.flights:,} flights answered{marked}, by {artifact.name}")
