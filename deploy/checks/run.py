"""`python -m deploy.checks [CHECK ...]`: a line for each, and what was found; ends with 1 if anything was."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.checks import cloudrun, files, manifests, supply
from deploy.checks.tools import FOLDER, SkippedError

Check = Callable[[argparse.Namespace], list[str]]

CHECKS: dict[str, Check] = {
    "dockerfile": files.dockerfile,
    "compose": files.compose,
    "alerts": files.alerts,
    "cloudbuild": files.cloud_build,
    "cloudrun": cloudrun.service,
    "kustomize": manifests.kustomize,
    "kubernetes": manifests.kubernetes,
    "resources": manifests.custom_resources,
    "policy": manifests.policy,
    "audit": supply.audit,
    "sbom": supply.sbom,
}
"""Name -> what gives a line for each finding; what cannot be checked here raises `SkippedError`."""

ASKED_FOR = {"audit", "sbom"}
"""Only when they are named: the first asks the package index, the second writes a file."""


def main() -> None:
    """Make the checks that the command line names, or all but `ASKED_FOR`."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks", description=(__doc__ or "").partition(":")[2]
    )
    parser.add_argument("checks", nargs="*", metavar="CHECK", choices=[[], *CHECKS], help=", ".join(CHECKS))
    parser.add_argument("--no-skips", action="store_true", help="what cannot be checked is a finding")
    parser.add_argument(
        "--no-installs", action="store_true", help="skip what needs tools that are not there yet"
    )
    parser.add_argument(
        "--sbom", type=Path, default=FOLDER / "sbom.json", help="where the bill of materials goes"
    )
    options = parser.parse_args()
    failed = False
    for name in options.checks or [name for name in CHECKS if name not in ASKED_FOR]:
        begun = time.monotonic()
        try:
            findings, said = CHECKS[name](options), ""
        except SkippedError as skipped:
            findings, said = [str(skipped)] if options.no_skips else [], f"skipped: {skipped}"
        result = f"{len(findings)} found" if findings else said or "nothing found"
        sys.stdout.write(f"{name:<12}{time.monotonic() - begun:5.1f} s  {result}\n")
        sys.stdout.writelines(f"    {finding}\n" for finding in findings)
        sys.stdout.flush()
        failed |= bool(findings)
    sys.exit(failed)


if __name__ == "__main__":
    main()
