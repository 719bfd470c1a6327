"""Runs a function on partitions of a folder, or on groups of them, in the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from distributed import Client

from puntual.cluster.connection import Say
from puntual.cluster.tasks import TRIES, Failure, stream_tasks
from puntual.data.partitions import Group, Partition
from puntual.data.places import Where, is_address
from puntual.errors import DataError

Result = TypeVar("Result")
Item = TypeVar("Item", Partition, Group)


class PartitionMap:
    """Runs a function on partitions, or on groups of them, in the workers of a cluster.

    It is a `puntual.data.partition_summary.Map`. A partition that cannot be read is named, and left out from
    then on; a group that it is in is taken apart.

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

    def __call__(self, work: Callable[[Item], Result], items: Sequence[Item], /) -> Iterator[Result]:
        """What the function gives, in the order of the items; of a group that was taken apart, last."""
        readable, given = [one for one in map(self._readable, items) if one], 0
        while readable:
            apart = list[Item]()
            for one, found in self._run(work, readable):
                if not isinstance(found, Failure):
                    given += 1
                    yield found
                elif len(parts := _parts(one)) > 1:
                    apart += [cast("Item", (part,)) for part in parts]
                elif self._strict:
                    raise DataError(parts[0].path, f"failed {TRIES} times: {found.reason}")
                else:
                    self.left_out.add(parts[0].path)
                    self._say(f"{parts[0].path} is left out: {found.reason}")
            readable = apart
        if not given:
            path = _parts(items[0])[0].path if items else "partitions"
            raise DataError(path, "no partition can be read", wanted=REACHABLE)

    def _run(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Result | Failure]]:
        """As `stream_tasks`, in the order of the items."""
        named = {name_parts(_parts(one)): one for one in items}
        tasks = {name: (_map_parts(reachable, one),) for name, one in named.items()}
        order, waiting = iter(named), dict[str, Result | Failure]()
        awaited = next(order, "")
        for name, result in stream_tasks(self._client, work, tasks):
            waiting[name] = result
            while awaited in waiting:
                yield named[awaited], waiting.pop(awaited)
                awaited = next(order, "")

    def _readable(self, item: Item) -> Item | None:
        """An item without what was left out; None if nothing is left."""
        parts: Any = tuple(one for one in _parts(item) if one.path not in self.left_out)
        return item if len(parts) == len(_parts(item)) else parts or None


def _parts(item: Item) -> Group:
    return (item,) if isinstance(item, Partition) else item


def _map_parts(change: Callable[[Partition], Partition], item: Item) -> Item:
    """An item with other partitions."""
    if isinstance(item, Partition):
        return change(item)
    return cast("Item", tuple(map(change, _parts(item))))


def name_parts(parts: Group) -> str:
    """What is said of some partitions that are read together."""
    return parts[0].path if len(parts) == 1 else f"{parts[0].path} and {len(parts) - 1} more"


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
