"""`puntual train` on a cluster."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.cli.clusters import connected
from puntual.cli.display import note_warnings
from puntual.console import note, show_progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact

LEFT_OUT = "on a cluster the day of the flight is not learned: the model answers from the timetable alone"


def train_on_cluster(
    cluster: str,
    data: str,
    *,
    output: Path,
    work: str | None,
    resume: bool,
    threshold: int,
    split_date: dt.date | None,
    final: bool,
    since: dt.date | None,
    until: dt.date | None,
    cost_of_a_missed_delay: float | None,
    settings: Mapping[str, float] | None,
    trees: int | None,
    seed: int,
    seeds: int,
    strict: bool,
) -> Artifact:
    """Train on the workers of a cluster, which write into a folder that all machines reach.

    Parameters
    ----------
    work : that folder, in which a training that goes on finds what is finished; None: a temporary one beside
        the model, for a cluster of this machine
    resume : go on from what is finished there
    others : options of `puntual train`

    Raises
    ------
    SettingError : no folder for other machines, or it holds another training
    DataError : too few flights, or a bad partition if `strict`
    ClusterError : the cluster cannot be used, or is lost
    """
    from puntual.cluster.artifact import train_network
    from puntual.cluster.partition_map import PartitionMap, absolute, reachable
    from puntual.cluster.training import compute_network
    from puntual.data.partition_summary import summarise_partitions
    from puntual.data.partitions import partitions, read_manifest
    from puntual.data.places import join

    with (
        _working(work, cluster, output) as place,
        show_progress() as on_progress,
        connected(cluster) as client,
    ):
        run = PartitionMap(client, note, strict=strict)
        note_warnings(summarise_partitions(data, run=run, progress=on_progress), strict=strict)
        note(LEFT_OUT)
        manifest = read_manifest(data)
        compute = partial(
            compute_network,
            client,
            manifest,
            [reachable(one) for one in partitions(data, since, until) if one.path not in run.left_out],
            data,
            delay_minutes=threshold,
            strict=strict,
            resume=resume,
            say=note,
            progress=on_progress,
        )
        within = absolute(place)
        return train_network(
            client,
            compute(within, split_date=split_date),
            manifest.source,
            everything=partial(compute, join(within, "final"), everything=True) if final else None,
            trees=trees,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            settings=settings,
            seed=seed,
            seeds=seeds,
            say=note,
            progress=on_progress,
        )


@contextmanager
def _working(work: str | None, cluster: str, output: Path) -> Iterator[str]:
    """The folder that the workers write into."""
    from puntual.cluster.address import parse_cluster

    if work is not None:
        yield work
        return
    if parse_cluster(cluster).kind != "local":
        raise SettingError("--work: not given; wanted: a folder that every machine of the cluster reaches")
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".puntual-") as place:
        yield place
