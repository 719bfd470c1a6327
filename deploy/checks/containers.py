"""`python -m deploy.checks.containers`: the image built and run, the cluster and JMeter's plan, in short.

What a machine lacks is skipped, with the reason; deploy/checks/install.sh installs it where that may be done.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.checks.tools import ROOT, SkippedError
from deploy.cluster.balancer import haproxy
from deploy.cluster.models import find_model

FASTER = 5
"""Times of the manifests, so many times shorter: what holds then holds with theirs."""


def image(model: Path) -> str:
    """Build it with Buildah, on a base of Debian's packages, and hold it to what it promises."""
    for program in ("buildah", "debootstrap", "podman", "runc"):
        _need(program)
    if os.getuid():
        raise SkippedError("Buildah and Podman want root here")
    return _run("deploy.checks.image", "--model", str(model), "--engine", "podman", "--stand-in")


def cluster(model: Path) -> str:
    """A rolling update, killed replicas and a new model, under load: with containers where the image is."""
    if haproxy() is None:
        raise SkippedError("no haproxy here (Debian: apt-get install haproxy)")
    return _run("deploy.cluster", "test", "--model", str(model), "--faster", str(FASTER))


def discriminates(model: Path) -> str:
    """The same with no time to drain has to fail."""
    if haproxy() is None:
        raise SkippedError("no haproxy here (Debian: apt-get install haproxy)")
    given = ("--model", str(model), "--faster", str(FASTER), "--drain", "0")
    return _run("deploy.cluster", "test", "rolling update", *given, status=1)


def jmeter_smoke(model: Path) -> str:
    """JMeter's plan with few clients."""
    _need("java")
    return _run("deploy.checks.jmeter", "--smoke", "--model", str(model))


CHECKS: dict[str, Callable[[Path], str]] = {
    "image": image,
    "cluster": cluster,
    "no-drain": discriminates,
    "jmeter": jmeter_smoke,
}
"""Name -> what gives the check's output; what cannot be checked here raises `SkippedError`."""


class FailedError(Exception):
    """A check that found something: its output."""


def _need(program: str) -> None:
    if shutil.which(program) is None and shutil.which(program, path="/usr/sbin") is None:
        raise SkippedError(f"no {program} here")


def _run(module: str, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode != status:
        raise FailedError(
            f"ended with {ended.returncode}, not {status}\n{ended.stdout}{ended.stderr}".strip()
        )
    return ended.stdout.rstrip()


def main() -> None:
    """Make them all, or those that are named; end with 1 where one fails."""
    parser = argparse.ArgumentParser(prog="python -m deploy.checks.containers")
    parser.add_argument("checks", nargs="*", metavar="CHECK", choices=[[], *CHECKS], help=", ".join(CHECKS))
    parser.add_argument("--model", type=Path, help="else the one of `make run`, or a small one")
    options = parser.parse_args()
    try:
        model = find_model(options.model)
    except FileNotFoundError as error:
        sys.exit(f"deploy.checks.containers: {error}")
    failed = False
    for name in options.checks or CHECKS:
        begun = time.monotonic()
        try:
            told, result = CHECKS[name](model), "as promised"
        except SkippedError as skipped:
            told, result = "", f"skipped: {skipped}"
        except FailedError as error:
            told, result, failed = str(error), "FAILED", True
        sys.stdout.write(f"{name:<10}{time.monotonic() - begun:6.1f} s  {result}\n")
        sys.stdout.writelines(f"    {line}\n" for line in told.splitlines())
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
