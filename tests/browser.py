"""The Chromium that the page is seen in; ``python -m tests.browser`` installs Debian's where it can."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

CHROMIUM_VARIABLE = "PUNTUAL_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MAX_SECONDS = 240
"""For each step of the installation."""


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: the one that ``PUNTUAL_CHROMIUM`` names, else the first on PATH."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install_chromium() -> str:
    """Install Debian's package; an empty string, or why that cannot be done."""
    if os.environ.get(CHROMIUM_VARIABLE):
        return f"{CHROMIUM_VARIABLE} names no program"
    if shutil.which("apt-get") is None:
        return "no Chromium on PATH, and no apt-get to install it with"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "no Chromium on PATH, and only root can install it: apt-get install chromium"
    sys.stderr.write("Installing chromium for the browser tests ...\n")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
        try:
            done = subprocess.run(
                ["apt-get", *step],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=MAX_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"apt-get {step[0]}: {error}"
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            return f"apt-get {step[0]} failed: {said[-1] if said else done.returncode}"
    return "" if find_chromium() else "chromium was installed, but is not on PATH"


def main() -> None:
    """Have a Chromium, or say why the browser tests will be skipped."""
    if find_chromium() is None and (reason := install_chromium()):
        sys.stderr.write(f"The browser tests will be skipped: {reason}\n")


if __name__ == "__main__":
    main()
