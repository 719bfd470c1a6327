"""Builds the image, runs it as the cluster would, and measures it.

    python -m deploy.checks.image --model nyc.puntual                     with Docker
    python -m deploy.checks.image --model nyc.puntual --engine podman     with Podman and Buildah, as root
    python -m deploy.checks.image --model nyc.puntual --engine podman --stand-in

The last needs no registry: Debian's own packages play the base, made once. What depends on the real one, its
size and what is known against it, is left open then. Buildah's build is handed this machine's certificates
and pip's settings. Only 127.0.0.1 is asked.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.checks.surroundings import SUITE, build_options, mirror
from deploy.checks.tools import ROOT, SkippedError
from deploy.smoke import check

BASE = "docker.io/library/python:3.11-slim-bookworm"
IMAGE = "localhost/puntual:check"
BARS = {"megabytes_without_base": 160.0, "first_200_s": 3.0, "worker_mib": 100.0}
"""What may be taken at the most; the start with half a core."""
UID = 10001
STOP_SECONDS = 15
REQUESTS = 2000
"""Answered before the memory is read."""

ENGINES = {
    "docker": ("docker",),
    # As root inside another container: runc and cgroupfs work where crun and systemd do not.
    "podman": ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs"),
}
MEMORY = "256m"
RESTRICTIONS = (
    *("--network", "host", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"),  # noqa: S108
    *("--security-opt", "no-new-privileges"),
    *("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"),
)

_RSS = (
    "import os,re\n"
    "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
    "    if int(pid) == os.getpid(): continue\n"
    "    told = open(f'/proc/{pid}/status').read()\n"
    "    print(pid, *(re.search(rf'{name}:\\s+(\\d+)', told)[1] for name in ('PPid', 'Uid', 'VmRSS')))\n"
)
_WRITES = "import sys\ntry: open(sys.argv[1], 'w')\nexcept OSError as error: print(error.strerror)"


class Container:
    """The image, running."""

    def __init__(self, engine: tuple[str, ...], name: str, port: int, process: subprocess.Popen[str]) -> None:
        self.engine, self.name, self.port, self.process = engine, name, port, process
        self.url = f"http://127.0.0.1:{port}"

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the image's Python inside."""
        command = (*self.engine, "exec", self.name, "/opt/puntual/bin/python", *arguments)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def says(self, path: str) -> int:
        """Status of a GET; 0: nobody answers."""
        return says(f"{self.url}{path}")


def says(url: str) -> int:
    """Status of a GET; 0: nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, http.client.HTTPException):
        return 0


@contextmanager
def running(
    engine: tuple[str, ...], model: Path, cpus: float, *more: str, port: int | None = None
) -> Iterator[Container]:
    """The image with a model and so much CPU, on a port of its own; it may not be ready yet."""
    port = port or free_port()
    name = f"puntual-check-{port}"
    given = ("--volume", f"{model.resolve()}:/models/model.puntual:ro", "--env", f"PORT={port}", *more)
    limits = ("--cpus", str(cpus), "--memory", MEMORY)
    command = (*engine, "run", "--rm", "--name", name, *limits, *RESTRICTIONS, *given, IMAGE)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Container(engine, name, port, process)
        finally:
            if process.poll() is None:
                subprocess.run((*engine, "kill", name), capture_output=True, check=False)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(container: Container) -> None:
    """Until /readyz says 200.

    Raises
    ------
    RuntimeError : the container ends first
    """
    while container.says("/readyz") != 200:
        if container.process.poll() is not None:
            raise RuntimeError(container.process.stderr.read() if container.process.stderr else "ended")
        time.sleep(0.01)


def build(engine: tuple[str, ...], options: argparse.Namespace) -> None:
    """Build the unmodified Dockerfile.

    Raises
    ------
    CalledProcessError : it cannot be built
    """
    if engine[0] == "podman":
        command = ["buildah", "bud", "--isolation", "chroot", "--network", "host", "--format", "docker"]
        command += ["--pull-never"] if options.stand_in else []
    else:
        command = [*engine, "build"]
    with tempfile.TemporaryDirectory() as folder:
        if engine[0] == "podman":
            command += build_options(Path(folder))
        command += options.build_option
        command += ["--build-arg", f"BASE={options.base}", "--file", "deploy/Dockerfile", "--tag", IMAGE, "."]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def stand_in(base: str) -> None:
    """A base of Debian's packages, under the name of the real one; without bytecode, as that is."""
    for program in ("debootstrap", "buildah"):
        if shutil.which(program) is None:
            raise SkippedError(f"no {program} here")
    if has_image(ENGINES["podman"], base):
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        packages = "--include=python3,python3-venv,ca-certificates"
        command = ["debootstrap", "--variant=minbase", packages, SUITE, str(root), *mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for path in [*root.glob("usr/lib/python3*/**/*.pyc"), *root.glob("var/cache/apt/archives/*.deb")]:
            path.unlink()
        container = _buildah("from", "scratch")
        _buildah("add", container, str(root), "/")
        _buildah("config", "--env", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        _buildah("commit", "--rm", container, base)


def measure(engine: tuple[str, ...], model: Path) -> dict[str, Any]:
    """Run the image as the cluster would, and hold against it what is promised."""
    found: dict[str, Any] = {}
    begun = time.monotonic()
    with running(engine, model, 0.5, "--env", "PUNTUAL_DRAIN_SECONDS=3") as container:
        wait_ready(container)
        found["first_200_s"] = round(time.monotonic() - begun, 2)
        found["model"] = check(container.url, patience=5)
        _load(container)
        rows = [list(map(int, line.split())) for line in container.python("-c", _RSS).stdout.splitlines()]
        found["parent_mib"] = max(rss / 1024 for pid, _, _, rss in rows if pid == 1)
        found["worker_mib"] = max(rss / 1024 for _, parent, _, rss in rows if parent == 1)
        found["uids"] = sorted({uid for _, _, uid, _ in rows})
        found["root"] = container.python("-c", _WRITES, "/written").stdout.strip() or "can be written to"
        found["tmp"] = container.python("-c", _WRITES, "/tmp/written").stdout.strip() or "can be written to"  # noqa: S108
        found["pip"] = container.python("-c", "import pip").returncode == 0
        found["health"] = container.python("-m", "puntual.serving.ops.health").returncode == 0
        found |= _end(container)
    return found


def _load(container: Container) -> None:
    """Ask for the description's own examples, again and again."""
    end = time.monotonic() + 30
    for _ in range(REQUESTS // 2):
        check(container.url, patience=0)
        if time.monotonic() > end:
            break


def _end(container: Container) -> dict[str, Any]:
    """SIGTERM: it says no at once, answers until the drain is over, and then ends with 0."""
    answered, failed, done = 0, 0, threading.Event()

    def ask() -> None:
        nonlocal answered, failed
        while not done.is_set():
            if container.says("/v1/model") == 200:
                answered += 1
            elif container.process.poll() is None and time.monotonic() < told + 2.5:
                failed += 1

    told = time.monotonic()
    subprocess.run(
        (*container.engine, "kill", "--signal", "TERM", container.name), check=True, stdout=subprocess.DEVNULL
    )
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    draining = container.says("/readyz")
    status = container.process.wait(STOP_SECONDS)
    lasted = time.monotonic() - told
    done.set()
    asking.join()
    return {
        "ready_while_draining": draining,
        "answered_while_draining": answered,
        "failed_while_draining": failed,
        "ended_after_s": round(lasted, 2),
        "status": status,
    }


def faults(found: dict[str, Any]) -> list[str]:
    """What is not as it is promised."""
    told = [
        f"{name}: {found[name]:.4g}, more than {most:g}" for name, most in BARS.items() if found[name] > most
    ]
    wanted = {
        "uids": [UID],
        "root": os.strerror(30),
        "tmp": "can be written to",
        "pip": False,
        "health": True,
        "ready_while_draining": 503,
        "failed_while_draining": 0,
        "status": 0,
    }
    return told + [
        f"{name}: {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value
    ]


def has_image(engine: tuple[str, ...], image: str) -> bool:
    """Whether an engine has it already."""
    return (
        subprocess.run([*engine, "image", "inspect", image], capture_output=True, check=False).returncode == 0
    )


def _size(engine: tuple[str, ...], image: str) -> int:
    command = (*engine, "image", "inspect", image)
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return int(json.loads(told)[0]["Size"])


def _buildah(*arguments: str) -> str:
    command = ("buildah", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Build, run, measure; end with 1 where something is not as it is promised."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks.image", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--model", type=Path, required=True, help="from `puntual train`")
    parser.add_argument("--engine", choices=ENGINES, default="docker")
    parser.add_argument("--base", default=BASE)
    parser.add_argument("--stand-in", action="store_true", help="make a base of Debian's packages first")
    parser.add_argument(
        "--build-option", action="append", default=[], help="handed on to the build, as =OPTION"
    )
    parser.add_argument("--no-build", action="store_true", help=f"measure {IMAGE} as it is")
    options = parser.parse_args()
    engine = ENGINES[options.engine]
    if shutil.which(engine[0]) is None:
        sys.exit(f"deploy.checks.image: no {engine[0]} here")
    if not options.model.is_file():
        sys.exit(f"deploy.checks.image: --model: {options.model}: no such file")
    try:
        if options.stand_in and not options.no_build:
            stand_in(options.base)
        if not options.no_build:
            build(engine, options)
        size = (_size(engine, IMAGE) - _size(engine, options.base)) / 1e6
        found = {"megabytes_without_base": round(size, 1), **measure(engine, options.model)}
    except subprocess.CalledProcessError as error:
        # What the program itself says stands above, or is its last line.
        said = (error.stderr or "").strip().splitlines()[-1:]
        sys.exit(": ".join([f"deploy.checks.image: {error.cmd[0]} ended with {error.returncode}", *said]))
    except (SkippedError, RuntimeError) as error:
        sys.exit(f"deploy.checks.image: {error}")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    wrong = faults(found)
    sys.stderr.writelines(f"deploy.checks.image: {line}\n" for line in wrong)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
