"""The versions of client, scheduler and workers, which have to be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from distributed import Client

from puntual.errors import ClusterError

COMPARED = ("puntual", "dask", "distributed", "lightgbm", "polars", "numpy")
"""With another version of these, a task may fail or give other numbers."""
_SHOWN = 3

Packages = Mapping[str, str | None]


def check_versions(client: Client, where: str) -> None:
    """Compare what is installed at the client, the scheduler and every worker.

    Parameters
    ----------
    where : the cluster, in messages

    Raises
    ------
    ClusterError : a version differs, or something is not installed
    """
    found: Any = client.get_versions(packages=list(COMPARED))
    own = found["client"]["packages"]
    others = {"the scheduler": found["scheduler"], **found["workers"]}
    differences = [
        f"{name}: {difference}"
        for name, other in others.items()
        for difference in compare_versions(own, other["packages"], scheduler=name == "the scheduler")
    ]
    if differences:
        more = f", and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        raise ClusterError(
            where,
            f"other versions than here: {'; '.join(differences[:_SHOWN])}{more}",
            wanted="the same versions of Python and all libraries on every machine",
        )


def compare_versions(own: Packages, other: Packages, *, scheduler: bool = False) -> Iterator[str]:
    """What differs.

    Parameters
    ----------
    scheduler : it runs no task, so that what it lacks does not matter

    Examples
    --------
    >>> here = {"python": "3.11.7.final.0", "puntual": "0.2.0", "dask": "2026.8.0"}
    >>> list(compare_versions(here, {**here, "puntual": None}))
    ['no puntual, here 0.2.0']
    >>> list(compare_versions(here, {**here, "python": "3.12.1.final.0"}))
    ['python 3.12, here 3.11']
    """
    for name in ("python", *COMPARED):
        here, there = _comparable(name, own.get(name)), _comparable(name, other.get(name))
        if here == there or (scheduler and there is None):
            continue
        yield f"{name} {there}, here {here}" if there else f"no {name}, here {here}"


def _comparable(name: str, version: str | None) -> str | None:
    """A version; of Python only what pickles depend on."""
    return ".".join(version.split(".")[:2]) if version and name == "python" else version
