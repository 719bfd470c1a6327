"""Builds the image, runs it as the cluster would, and measures it.

    python -m deploy.checks.image --model nyc.puntual                     with Docker
    python -m deploy.checks.image --model nyc.puntual --engine podman     with Podman and Buildah, as root
    python -m deploy.checks.image --model nyc.puntual --engine podman --stand-in

The last needs no registry: it makes a base of Debian's own packages, once. What depends on the real base, its
size and its known vulnerabilities, stays open then. Buildah's build is handed this machine's certificates and
pip's settings. Only 127.0.0.1 is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from deploy.checks.surroundings import SUITE, build_options, mirror
from deploy.checks.tools import ROOT, SkippedError, differences, report_faults
from deploy.service import (
    ENGINES,
    IMAGE,
    Service,
    has_image,
    shared_folder,
    start_container,
    unwind_on_sigterm,
    when_ready,
)
from deploy.smoke import check

BASE = "docker.io/library/python:3.11-slim-bookworm"
BARS = {"megabytes_without_base": 160.0, "first_200_s": 3.0, "worker_mib": 100.0}
"""What the image may take at the most; the start with half a core."""
UID = 10001
STOP_SECONDS = 15
STARTS = 3
"""Tries at most to start in time: a machine that does something else, too, says little of the image."""
REQUESTS, REQUEST_SECONDS = 2000, 30
"""Answered before the memory is read, and within what time."""

_PYTHON = "/opt/puntual/bin/python"
_MEMORY = (
    "import os,re\n"
    "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
    "    if int(pid) == os.getpid(): continue\n"
    "    text = open(f'/proc/{pid}/status').read()\n"
    "    print(pid, *(re.search(rf'{name}:\\s+(\\d+)', text)[1] for name in ('PPid', 'Uid', 'VmRSS')))\n"
)
_WRITES = (
    "import sys\n"
    "try: open(sys.argv[1], 'w'); print('can be written to')\n"
    "except OSError as error: print(error.strerror)"
)


def build(options: argparse.Namespace) -> None:
    """Build the unmodified Dockerfile.

    Raises
    ------
    CalledProcessError : it cannot be built
    """
    engine = ENGINES[options.engine]
    with tempfile.TemporaryDirectory() as folder:
        if options.engine == "podman":
            command = ["buildah", "bud", "--isolation", "chroot", "--network", "host", "--format", "docker"]
            command += ["--pull-never"] if options.stand_in else []
            command += build_options(Path(folder))
        else:
            command = [*engine, "build"]
        command += ["--build-arg", f"BASE={BASE}", "--file", "deploy/Dockerfile", "--tag", IMAGE, "."]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def stand_in() -> None:
    """Make a base of Debian's packages, under the name of the real one; without bytecode, as that is."""
    for program in ("debootstrap", "buildah"):
        if shutil.which(program) is None:
            raise SkippedError(f"no {program} here")
    if has_image(ENGINES["podman"], BASE):
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        packages = "--include=python3,python3-venv,ca-certificates"
        command = ["debootstrap", "--variant=minbase", packages, SUITE, str(root), *mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for path in [*root.glob("usr/lib/python3*/**/*.pyc"), *root.glob("var/cache/apt/archives/*.deb")]:
            path.unlink()
        container = _output("buildah", "from", "scratch")
        _output("buildah", "add", container, str(root), "/")
        _output("buildah", "config", "--env", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        _output("buildah", "commit", "--rm", container, BASE)


def measure(engine: tuple[str, ...], model: Path) -> dict[str, Any]:
    """Run the image as the cluster would, with half a core, and gather what it promises."""
    first_200_s: list[float] = []
    with shared_folder(model) as folder:
        while True:
            started = start_container(engine, folder, cpus=0.5, memory="256m", PUNTUAL_DRAIN_SECONDS="3")
            with when_ready(started) as service:
                first_200_s.append(round(service.start_s, 2))
                if min(first_200_s) <= BARS["first_200_s"] or len(first_200_s) == STARTS:
                    return {"first_200_s": min(first_200_s), **_inspect(service), **_drain(service)}


def _inspect(service: Service) -> dict[str, Any]:
    """Ask for the description's own examples many times, then look inside."""
    name = check(service.url, patience=5)
    end = time.monotonic() + REQUEST_SECONDS
    for _ in range(REQUESTS // 2):
        check(service.url, patience=0)
        if time.monotonic() > end:
            break

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return service.execute(_PYTHON, *arguments)

    rows = [list(map(int, line.split())) for line in python("-c", _MEMORY).stdout.splitlines()]
    return {
        "model": name,
        "parent_mib": max(rss / 1024 for pid, _, _, rss in rows if pid == 1),
        "worker_mib": max(rss / 1024 for _, parent, _, rss in rows if parent == 1),
        "uids": sorted({uid for _, _, uid, _ in rows}),
        "root": python("-c", _WRITES, "/written").stdout.strip(),
        "tmp": python("-c", _WRITES, "/tmp/written").stdout.strip(),  # noqa: S108
        "pip": python("-c", "import pip").returncode == 0,
        "health": python("-m", "puntual.serving.ops.health").returncode == 0,
    }


def _drain(service: Service) -> dict[str, Any]:
    """SIGTERM: it says no at once, answers until the drain is over, and then ends with 0."""
    answered, failed, done = 0, 0, threading.Event()

    def ask() -> None:
        nonlocal answered, failed
        while not done.is_set():
            if service.status("/v1/model") == 200:
                answered += 1
            elif not service.has_ended and time.monotonic() < begun + 2.5:
                failed += 1

    begun = time.monotonic()
    service.signal(signal.SIGTERM)
    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    draining = service.status("/readyz")
    status = service.process.wait(STOP_SECONDS)
    seconds = time.monotonic() - begun
    done.set()
    asking.join()
    return {
        "ready_while_draining": draining,
        "answered_while_draining": answered,
        "failed_while_draining": failed,
        "ended_after_s": round(seconds, 2),
        "status": status,
    }


def faults(found: dict[str, Any]) -> list[str]:
    """What is not as promised, a line each."""
    promised = {
        "uids": [UID],
        "root": os.strerror(30),
        "tmp": "can be written to",
        "pip": False,
        "health": True,
        "ready_while_draining": 503,
        "failed_while_draining": 0,
        "status": 0,
    }
    over = [
        f"{name}: {found[name]:.4g}, more than {bar:g}" for name, bar in BARS.items() if found[name] > bar
    ]
    return over + differences(found, promised)


def _megabytes(engine: tuple[str, ...], image: str) -> float:
    return int(json.loads(_output(*engine, "image", "inspect", image))[0]["Size"]) / 1e6


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Build, run, measure; end with 1 if something is not as promised."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks.image", description=(__doc__ or "").split("\n")[0]
    )
    add = parser.add_argument
    add("--model", type=Path, required=True, help="from `puntual train`")
    add("--engine", choices=ENGINES, default="docker")
    add("--stand-in", action="store_true", help="make a base of Debian's packages first")
    add("--no-build", action="store_true", help=f"measure {IMAGE} as it is")
    options = parser.parse_args()
    engine = ENGINES[options.engine]
    if shutil.which(engine[0]) is None:
        sys.exit(f"deploy.checks.image: no {engine[0]} here")
    if not options.model.is_file():
        sys.exit(f"deploy.checks.image: --model: {options.model}: no such file")
    try:
        if not options.no_build:
            if options.stand_in:
                stand_in()
            build(options)
        size = _megabytes(engine, IMAGE) - _megabytes(engine, BASE)
        found = {"megabytes_without_base": round(size, 1), **measure(engine, options.model)}
    except subprocess.CalledProcessError as error:
        # What the program itself wrote stands above, or is its last line.
        last = (error.stderr or "").strip().splitlines()[-1:]
        sys.exit(": ".join([f"deploy.checks.image: {error.cmd[0]} ended with {error.returncode}", *last]))
    except (SkippedError, RuntimeError) as error:
        sys.exit(f"deploy.checks.image: {error}")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    report_faults("deploy.checks.image", faults(found))


if __name__ == "__main__":
    unwind_on_sigterm()
    main()
