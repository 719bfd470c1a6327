"""`python -m deploy.checks [CHECK ...]`: a line for each, and its findings; ends with 1 if there were any."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.checks import files, manifests
from deploy.checks.dask import dask
from deploy.checks.tools import FOLDER, SkippedError

Check = Callable[[argparse.Namespace], list[str]]

CHECKS: dict[str, Check] = {
    "dockerfile": files.dockerfile,
    "compose": files.compose,
    "alerts": files.alerts,
    "cloudbuild": files.cloud_build,
    "cloudrun": files.cloud_run,
    "kustomize": manifests.kustomize,
    "kubernetes": manifests.kubernetes,
    "resources": manifests.custom_resources,
    "dask": dask,
    "policy": manifests.policy,
    "audit": files.audit,
    "sbom": files.sbom,
}
"""Name -> what gives a line for each finding, or raises `SkippedError` if a program is missing."""

ON_REQUEST = {"audit", "sbom"}
"""Only when they are named: the first asks the package index, the second writes a file."""


def main() -> None:
    """Make the checks that the command line names, or all but `ON_REQUEST`."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks", description=(__doc__ or "").partition(":")[2]
    )
    add = parser.add_argument
    add("checks", nargs="*", metavar="CHECK", choices=[[], *CHECKS], help=", ".join(CHECKS))
    add("--no-installs", action="store_true", help="skip what needs tools that are not installed yet")
    add("--sbom", type=Path, default=FOLDER / "sbom.json", help="where the bill of materials goes")
    options = parser.parse_args()
    failed = False
    for name in options.checks or [name for name in CHECKS if name not in ON_REQUEST]:
        begun = time.monotonic()
        try:
            findings, result = CHECKS[name](options), "nothing found"
        except SkippedError as skipped:
            findings, result = [], f"skipped: {skipped}"
        if findings:
            result = f"{len(findings)} found"
        sys.stdout.write(f"{name:<12}{time.monotonic() - begun:5.1f} s  {result}\n")
        sys.stdout.writelines(f"    {finding}\n" for finding in findings)
        sys.stdout.flush()
        failed |= bool(findings)
    sys.exit(failed)


if __name__ == "__main__":
    main()
