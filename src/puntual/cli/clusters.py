"""What commands do with `--cluster`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from puntual.console import note
from puntual.errors import SettingError

if TYPE_CHECKING:
    from distributed import Client

    from puntual.data.partition_summary import Map
    from puntual.data.partitions import Manifest


def find_partitions(data: list[str], cluster: str | None) -> Manifest | None:
    """What DATA's folder of partitions holds; None if DATA are other files.

    Raises
    ------
    SettingError : they are, and there is a cluster, whose machines read partitions only
    """
    from puntual.data.partitioned import find_folder

    found = find_folder(data)
    if found is None and cluster is not None:
        raise SettingError(
            f"--cluster: {data[0]} is no folder of partitions; wanted: what puntual convert wrote"
        )
    return found


def refuse_with_cluster(cluster: str | None, **given: object) -> None:
    """Refuse options that a cluster does not know.

    Parameters
    ----------
    given : values by the name of the option; None, False or empty: not given

    Raises
    ------
    SettingError : one is given
    """
    if cluster is None:
        return
    for name, value in given.items():
        if value:
            raise SettingError(f"--cluster: cannot be combined with --{name.replace('_', '-')}")


@contextmanager
def connected(cluster: str) -> Iterator[Client]:
    """Give a client of a cluster, whose dashboard is said on stderr."""
    from puntual.cluster.connection import connect

    with connect(cluster, note) as client:
        yield client


@contextmanager
def mapping(cluster: str | None, *, strict: bool) -> Iterator[Map]:
    """Give what runs a function on each partition: this process, or a cluster.

    Parameters
    ----------
    strict : a partition that a cluster cannot read stops all; otherwise it is named and left out
    """
    if cluster is None:
        yield map
        return
    from puntual.cluster.partition_map import PartitionMap

    with connected(cluster) as client:
        yield PartitionMap(client, note, strict=strict)
