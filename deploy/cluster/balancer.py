"""HAProxy in front of the replicas, with the load balancer's times of the manifests."""

from __future__ import annotations

import csv
import io
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.cluster.values import Values
from deploy.service import StartError

CONNECT_SECONDS = 5
CLIENT_KEEPS_SECONDS = 610
"""As long as Google's load balancers keep a client's idle connection."""
START_SECONDS = 5
BACKEND = "replicas"

CONFIGURATION = """\
global
    maxconn {connections}
    nbthread 1
    stats socket {socket} mode 600 level admin

defaults
    mode http
    timeout connect {connect}s
    timeout client {client}s
    timeout server {timeout}ms
    timeout check {check_timeout}ms

frontend puntual
    bind 127.0.0.1:{port}
    default_backend {backend}

backend {backend}
    balance roundrobin
    http-reuse always
    option httpchk
    http-check send meth GET uri {path}
    http-check expect status 200
    {retries}
    default-server check inter {check}ms fall {unhealthy} rise {healthy} disabled
{servers}
"""

RETRIES = """\
# A prediction is a function of its request: asking another replica once more changes nothing.
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response"""
NO_RETRIES = "retries 0"


def configuration(values: Values, slots: int, port: int, control: Path, *, retries: bool) -> str:
    """HAProxy's configuration file.

    Parameters
    ----------
    slots : places for replicas, all of them empty at first
    control : the socket by which they are filled
    retries : whether a request that got no answer is sent to another replica
    """
    return CONFIGURATION.format(
        connections=_max_connections(),
        socket=control,
        connect=CONNECT_SECONDS,
        client=CLIENT_KEEPS_SECONDS,
        timeout=round(values.timeout_s * 1000),
        check_timeout=round(values.check_timeout_s * 1000),
        check=round(values.check_s * 1000),
        port=port,
        backend=BACKEND,
        path=values.check_path,
        retries=RETRIES if retries else NO_RETRIES,
        unhealthy=values.unhealthy,
        healthy=values.healthy,
        servers="\n".join(f"    server r{slot} 127.0.0.1:1" for slot in range(1, slots + 1)),
    )


def haproxy() -> str | None:
    """The program; Debian puts it where only root looks."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


class Balancer:
    """HAProxy, running.

    Parameters
    ----------
    prefix : words before its command, such as those of `taskset`

    Raises
    ------
    StartError : it is missing, or does not start
    """

    def __init__(
        self, values: Values, slots: int, port: int, *, retries: bool, prefix: Sequence[str] = ()
    ) -> None:
        program = haproxy()
        if program is None:
            raise StartError("no haproxy here (Debian: apt-get install haproxy)")
        self.url = f"http://127.0.0.1:{port}"
        self._folder = tempfile.TemporaryDirectory(prefix="puntual-")
        folder = Path(self._folder.name)
        self._control = folder / "haproxy.sock"
        file, log = folder / "haproxy.cfg", folder / "haproxy.log"
        file.write_text(configuration(values, slots, port, self._control, retries=retries), "utf-8")
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*prefix, program, "-db", "-f", file], stdout=output, stderr=output, start_new_session=True
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.has_ended or time.monotonic() > end:
                said = log.read_text(errors="replace").strip()
                self.end()
                alerts = [line for line in said.splitlines() if "ALERT" in line]
                raise StartError(f"haproxy does not start: {alerts[0] if alerts else said}")
            time.sleep(0.02)

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process.poll() is not None

    def fill(self, slot: int, port: int) -> None:
        """Send requests to a replica, as long as it says that it is ready."""
        self._command(f"set server {BACKEND}/r{slot} addr 127.0.0.1 port {port}")
        self._command(f"set server {BACKEND}/r{slot} state ready")

    def empty(self, slot: int) -> None:
        """Send nothing more to a place."""
        self._command(f"set server {BACKEND}/r{slot} state maint")

    def states(self) -> dict[int, str]:
        """Of each place: `up`, `down`, or `maint` if it is empty."""
        return {int(row["svname"][1:]): row["status"].lower().split()[0] for row in self._statistics(4)}

    def retried(self) -> int:
        """Requests that were sent once more, to whichever replica."""
        return sum(int(row["wretr"]) + int(row["wredis"]) for row in self._statistics(2))

    def end(self) -> None:
        """End it, and whatever it still has to do."""
        self._process.terminate()
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            return bool(self.states())
        except OSError:
            return False

    def _statistics(self, kind: int) -> list[dict[str, str]]:
        """HAProxy's table of its servers (4) or of its backend (2)."""
        table = self._command(f"show stat {BACKEND} {kind} -1").removeprefix("# ")
        return list(csv.DictReader(io.StringIO(table)))

    def _command(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(START_SECONDS)
            control.connect(str(self._control))
            control.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: control.recv(65536), b"")).decode()


def _max_connections() -> int:
    """As many clients as the open files allow: each may need two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65536 if most == resource.RLIM_INFINITY else most
    return max(min((files - 100) // 2, 16384), 100)
