"""The service on this machine, as a process or as a container of the image: started, asked, ended."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

IMAGE = "localhost/puntual:check"
"""What `python -m deploy.checks.image` builds."""
ENGINES = {
    "docker": ("docker",),
    # As root inside another container: runc and cgroupfs work where crun and systemd do not.
    "podman": ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs"),
}
RESTRICTIONS = (
    *("--network", "host", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"),  # noqa: S108
    *("--security-opt", "no-new-privileges"),
    *("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"),
)
MODEL = "model.puntual"
"""The model's name in the folder that a container mounts."""
START_SECONDS = 30
END_SECONDS = 10


class StartError(RuntimeError):
    """The service does not start; the message ends with the last line of its log."""


class LoadError(RuntimeError):
    """The load test itself did not run."""


class Service:
    """A server on a port of its own, from the moment that it was started.

    Parameters
    ----------
    engine : how the container that runs it is controlled, of `ENGINES`; empty: it is a process
    name : of the container

    Attributes
    ----------
    start_s : from its start to the first answer that `wait_ready` waited for
    """

    start_s: float

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        *,
        environment: Mapping[str, str] | None = None,
        engine: tuple[str, ...] = (),
        name: str = "",
    ) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self._engine, self._name = engine, name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._begun = time.monotonic()
        # A session of its own: Ctrl-C is not for it.
        self.process = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, env=environment, start_new_session=True
        )

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self.process.poll() is not None

    @cached_property
    def pid(self) -> int:
        """The process id of the server itself, inside its container or not."""
        if not self._engine:
            return self.process.pid
        command = (*self._engine, "inspect", "--format", "{{.State.Pid}}", self._name)
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def status(self, path: str) -> int:
        """The status of a GET; 0: nobody answers."""
        return status_of(f"{self.url}{path}")

    def wait_ready(self, path: str = "/readyz", seconds: float = START_SECONDS) -> None:
        """Wait until a path is answered with 200.

        Raises
        ------
        StartError : it ends first, or takes longer
        """
        end = time.monotonic() + seconds
        while self.status(path) != 200:
            if self.has_ended or time.monotonic() > end:
                raise StartError(f"the service does not start: {self.last_line()}")
            time.sleep(0.01)
        self.start_s = time.monotonic() - self._begun

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program inside the container."""
        words = (*self._engine, "exec", self._name, *command)
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal: SIGTERM asks it to drain and end, SIGINT to end, SIGKILL is an accident."""
        if self.has_ended:
            return
        if self._engine:
            command = (*self._engine, "kill", "--signal", number.name, self._name)
            subprocess.run(command, capture_output=True, check=False)
        elif number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Wait until it is gone; kill it if that takes longer."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self._log.close()

    def end(self) -> None:
        """End it without its drain."""
        self.signal(signal.SIGINT)
        self.wait(END_SECONDS)

    def log(self) -> str:
        """What it has written so far."""
        return Path(f"/proc/self/fd/{self._log.fileno()}").read_bytes().decode(errors="replace")

    def last_line(self) -> str:
        """The last line of its log."""
        lines = self.log().strip().splitlines()
        return lines[-1] if lines else "its log is empty"


def start_process(model: Path, **environment: str) -> Service:
    """Start `puntual serve` of this Python environment, on a free port.

    Parameters
    ----------
    environment : settings; those of this process are not handed on
    """
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUNTUAL_")}
    settings = {"PORT": str(port), "PUNTUAL_HOST": "127.0.0.1", "PUNTUAL_MODEL": str(model)}
    command = [sys.executable, "-m", "puntual", "serve"]
    return Service(command, port, environment=inherited | settings | environment)


def start_container(
    engine: tuple[str, ...], folder: Path, *options: str, cpus: float, memory: str, **environment: str
) -> Service:
    """Start the image, restricted as the cluster restricts it, on a free port.

    Parameters
    ----------
    folder : holds the model under the name `MODEL`, so that a model which replaces it is seen
    options : more of the engine's
    """
    port = free_port()
    name = f"puntual-{os.getpid()}-{port}"
    settings = {"PORT": str(port), "PUNTUAL_HOST": "127.0.0.1"} | environment
    given = [f"--env={key}={value}" for key, value in settings.items()]
    limits = ("--cpus", str(cpus), "--memory", memory, "--volume", f"{folder.resolve()}:/models:ro")
    command = [*engine, "run", "--rm", "--name", name, *RESTRICTIONS, *limits, *given, *options, IMAGE]
    return Service(command, port, engine=engine, name=name)


def serving(model: Path, **environment: str) -> AbstractContextManager[Service]:
    """`puntual serve` as soon as it is ready, ended afterwards.

    Raises
    ------
    StartError : it does not start
    """
    return when_ready(start_process(model, **environment))


@contextmanager
def when_ready(service: Service) -> Iterator[Service]:
    """A service that was started, as soon as it is ready; ended afterwards.

    Raises
    ------
    StartError : it does not start
    """
    try:
        service.wait_ready()
        yield service
    finally:
        service.end()


@contextmanager
def shared_folder(model: Path) -> Iterator[Path]:
    """A folder that holds a copy of a model as `MODEL`, which the image's user may read."""
    with tempfile.TemporaryDirectory(prefix="puntual-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        put_model(model, folder)
        yield folder


def put_model(model: Path, folder: Path) -> None:
    """Let a model take the place of the one in a folder, all at once."""
    written = folder / f"{MODEL}.new"
    written.write_bytes(model.read_bytes())
    written.chmod(0o644)
    written.replace(folder / MODEL)


def unwind_on_sigterm() -> None:
    """Have SIGTERM end this program as an exception does, so that no server of its own is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status_of(url: str) -> int:
    """The status of a GET; 0: nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, http.client.HTTPException):
        return 0


def has_image(engine: tuple[str, ...], image: str = IMAGE) -> bool:
    """Whether an engine has an image already."""
    ended = subprocess.run((*engine, "image", "inspect", image), capture_output=True, check=False)
    return ended.returncode == 0


def stress_command(url: str, *options: str) -> list[str]:
    """The command line of a load test whose result is JSON."""
    return [sys.executable, "-m", "puntual", "stress", url, *options, "--json"]


def read_result(output: str, messages: str) -> dict[str, Any]:
    """The result that a load test has printed, whatever its exit status: errors are in the result too.

    Raises
    ------
    LoadError : it printed none; the message is what it said
    """
    try:
        result: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise LoadError(messages.strip() or "puntual stress printed nothing") from error
    return result


def stress(url: str, *options: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
    """Run `puntual stress` and give its result.

    Parameters
    ----------
    prefix : words before the command, such as those of `taskset`

    Raises
    ------
    LoadError : the load test did not run
    """
    command = [*prefix, *stress_command(url, *options)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return read_result(ended.stdout, ended.stderr)
