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
from pathlib import Path
from typing import NamedTuple

from deploy.checks.tools import ROOT, SkippedError
from deploy.cluster.models import find_model

CLUSTER, FASTER = ("deploy.cluster", "test"), ("--faster", "5")
"""With containers if there is an image, and the manifests' times so many times shorter."""
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Debian puts HAProxy and runc where only root looks."""


class Check(NamedTuple):
    """A module of checks with its arguments.

    Attributes
    ----------
    needs : programs
    finds : what it has to report, and to end with 1; empty: nothing
    root : whether it has to be root, as Buildah and Podman want it here
    """

    command: tuple[str, ...]
    needs: tuple[str, ...]
    finds: str = ""
    root: bool = False

    def run(self, model: Path) -> str:
        """Make it; gives its output.

        Raises
        ------
        SkippedError : this machine lacks what it needs
        FailedError : it found something
        """
        for program in self.needs:
            if shutil.which(program, path=SEARCHED) is None:
                raise SkippedError(f"no {program} here")
        if self.root and os.getuid():
            raise SkippedError("Buildah and Podman want root here")
        command = [sys.executable, "-m", *self.command, "--model", str(model)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        status = int(bool(self.finds))
        if ended.returncode != status or self.finds not in ended.stdout:
            output = f"ended with {ended.returncode}, not {status}\n{ended.stdout}{ended.stderr}"
            raise FailedError(output.strip())
        return ended.stdout.rstrip()


CHECKS = {
    # Built with Buildah, on a base of Debian's packages, and held to what it promises.
    "image": Check(
        ("deploy.checks.image", "--engine", "podman", "--stand-in"),
        ("buildah", "debootstrap", "podman", "runc"),
        root=True,
    ),
    # The cluster's own pod, with that image.
    "pod": Check(("deploy.checks.pod",), ("podman", "runc", "kubectl"), root=True),
    # A rolling update, killed replicas and a new model, under load; then with mistakes that it has to find.
    "cluster": Check((*CLUSTER, *FASTER), ("haproxy",)),
    "no-drain": Check(
        (*CLUSTER, "rolling update", *FASTER, "--drain", "0"), ("haproxy",), finds="rolling update failed: "
    ),
    "no-retries": Check(
        (*CLUSTER, "killed replica", *FASTER, "--no-retries"), ("haproxy",), finds="killed replica failed: "
    ),
    # JMeter's plan with few clients.
    "jmeter": Check(("deploy.checks.jmeter", "--smoke"), ("java",)),
}


class FailedError(Exception):
    """A check that found something: its output."""


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
            output, result = CHECKS[name].run(model), "as promised"
        except SkippedError as skipped:
            output, result = "", f"skipped: {skipped}"
        except FailedError as error:
            output, result, failed = str(error), "FAILED", True
        sys.stdout.write(f"{name:<11}{time.monotonic() - begun:6.1f} s  {result}\n")
        sys.stdout.writelines(f"    {line}\n" for line in output.splitlines())
        sys.stdout.flush()
    sys.exit(failed)


if __name__ == "__main__":
    main()
