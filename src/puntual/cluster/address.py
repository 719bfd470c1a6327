"""Which cluster `--cluster` names."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from puntual.errors import SettingError
from puntual.processors import count_processors

MAX_LOCAL_WORKERS = 1024
_WANTED = "tcp://HOST:PORT, local, local:WORKERS or kubernetes:NAME"
_SCHEDULER = re.compile(r"(?:tcp|tls|ws|wss)://(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):(?P<port>\d{1,5})")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""Of a Kubernetes object, RFC 1123."""


class ClusterAddress(NamedTuple):
    """A cluster that was named.

    Attributes
    ----------
    text : as it was given
    name : address of the scheduler, or name of the cluster; empty for a local one
    workers : of a local cluster; otherwise 0
    """

    kind: Literal["scheduler", "local", "kubernetes"]
    text: str
    name: str = ""
    workers: int = 0


def parse_cluster(text: str) -> ClusterAddress:
    """What `--cluster` names.

    Raises
    ------
    SettingError : it names no cluster

    Examples
    --------
    >>> parse_cluster("local:2").workers, parse_cluster("kubernetes:flights").name
    (2, 'flights')
    >>> parse_cluster("tcp://10.0.0.7")
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: --cluster: 'tcp://10.0.0.7'; wanted: tcp://HOST:PORT, local, ...
    """
    kind, _, rest = text.partition(":")
    if text == "local":
        return ClusterAddress("local", text, workers=count_processors())
    if kind == "local" and rest.isdecimal() and 1 <= int(rest) <= MAX_LOCAL_WORKERS:
        return ClusterAddress("local", text, workers=int(rest))
    if kind == "kubernetes" and _NAME.fullmatch(rest):
        return ClusterAddress("kubernetes", text, rest)
    scheduler = _SCHEDULER.fullmatch(text)
    if scheduler and 0 < int(scheduler["port"]) < 1 << 16:
        return ClusterAddress("scheduler", text, text)
    raise SettingError(f"--cluster: {text!r}; wanted: {_WANTED}")
