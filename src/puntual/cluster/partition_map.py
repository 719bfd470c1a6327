"""Runs a function on each partition of a folder, a task each, on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from distributed import Client

from puntual.cluster.connection import Say
from puntual.cluster.tasks import Failure, stream_tasks
from puntual.data.partitions import Partition
from puntual.data.places import Where, is_address
from puntual.errors import DataError

Result = TypeVar("Result")


class PartitionMap:
    """A `puntual.data.partition_summary.Map` of a cluster.

    A partition that cannot be read is named, and left out from then on.

    Parameters
    ----------
    say : is told what is left out
    strict : a partition that cannot be read stops all

    Attributes
    ----------
    left_out : paths of those that could not be read

    Raises
    ------
    DataError : a partition cannot be read, and `strict`, or none can
    ClusterError : the scheduler is lost
    """

    def __init__(self, client: Client, say: Say, *, strict: bool = False) -> None:
        self._client, self._say, self._strict = client, say, strict
        self.left_out = set[str]()

    def __call__(
        self, work: Callable[[Partition], Result], parts: Sequence[Partition], /
    ) -> Iterator[Result]:
        """What the function gives, in the order of the partitions."""
        tasks = {one.path: (reachable(one),) for one in parts if one.path not in self.left_out}
        order, waiting, given = iter(tasks), dict[str, Result | Failure](), 0
        awaited = next(order, None)
        for path, result in stream_tasks(self._client, work, tasks, strict=self._strict):
            waiting[path] = result
            while awaited in waiting:
                found = waiting.pop(awaited)
                if isinstance(found, Failure):
                    self._leave_out(awaited, found)
                else:
                    given += 1
                    yield found
                awaited = next(order, None)
        if not given:
            path = parts[0].path if parts else "partitions"
            raise DataError(path, "no partition can be read", wanted=REACHABLE)

    def _leave_out(self, path: str, failure: Failure) -> None:
        self.left_out.add(path)
        self._say(f"{path} is left out: {failure.reason}")


REACHABLE = "the files of puntual convert, in a folder that every machine reaches"


def reachable(partition: Partition) -> Partition:
    """A partition whose file a process in another folder finds."""
    return partition._replace(path=absolute(partition.path))


def absolute(where: Where) -> str:
    """A path or an address that means the same in every folder.

    Examples
    --------
    >>> absolute("s3://bucket/flights"), absolute("/flights/2001")
    ('s3://bucket/flights', '/flights/2001')
    """
    return str(where) if is_address(where) else str(Path(where).absolute())
