"""`python -m deploy.checks.containers`: the image built and run, the cluster and JMeter's plan, in short.

A check that this machine cannot make is skipped, with the reason; deploy/checks/install.sh installs what they
need, in CI.
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
from deploy.cluster.models import find_model

FASTER = 5
"""The manifests' times are so many times shorter here: what holds then holds with theirs."""
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Debian puts HAProxy and runc where only root looks."""


def image(model: Path) -> str:
    """Build it with Buildah, on a base of Debian's packages, and hold it to what it promises."""
    _need("buildah", "debootstrap", "podman", "runc")
    if os.getuid():
        raise SkippedError("Buildah and Podman want root here")
    return _run("deploy.checks.image", "--model", str(model), "--engine", "podman", "--stand-in")


def cluster(model: Path) -> str:
    """A rolling update, killed replicas and a new model, under load: with containers if there is an image."""
    _need("haproxy")
    return _run("deploy.cluster", "test", "--model", str(model), "--faster", str(FASTER))


def no_drain(model: Path) -> str:
    """The same with no time to drain has to fail."""
    _need("haproxy")
    given = ("--model", str(model), "--faster", str(FASTER), "--drain", "0")
    return _run("deploy.cluster", "test", "rolling update", *given, status=1)


def jmeter(model: Path) -> str:
    """JMeter's plan with few clients."""
    _need("java")
    return _run("deploy.checks.jmeter", "--smoke", "--model", str(model))


CHECKS: dict[str, Callable[[Path], str]] = {
    "image": image,
    "cluster": cluster,
    "no-drain": no_drain,
    "jmeter": jmeter,
}
"""Name -> what gives the check's output, or raises `SkippedError` if this machine lacks what it needs."""


class FailedError(Exception):
    """A check that found something: its output."""


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program, path=SEARCHED) is None:
            raise SkippedError(f"no {program} here")


def _run(module: str, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, "-m", module, *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode != status:
        output = f"ended with {ended.returncode}, not {status}\n{ended.stdout}{ended.stderr}"
        raise FailedError(output.strip())
    return ended.stdout.rstrip()


def main() -> None:
    """Make them all, or those that are named; end with 1 if one fails."""
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
            output, result = CHECKS[name](model), "as promised"
        except SkippedError as skipped:
            output, result = "", f"skipped: {skipped}"
        except FailedError as error:
            output, result, failed = str(error), "FAILED", True
        sys.stdout.write(f"{name:<10}{time.monotonic() - begun:6.1f} s  {result}\n")
        sys.stdout.writelines(f"    {line}\n" for line in output.splitlines())
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
