"""Goes on in the environment that has the tools; makes it first. Python's standard library alone."""

from __future__ import annotations

import os
import sys

from deploy.checks.tools import ROOT, environment


def main() -> None:
    """Become `deploy.checks.run` with the same arguments."""
    python = environment("deploy") / "bin" / "python"
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "deploy.checks.run", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
