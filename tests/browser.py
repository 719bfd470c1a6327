"""The Chromium that the page is seen in; ``python -m tests.browser`` installs Debian's where it can."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

CHROMIUM_VARIABLE = "PUNTUAL_CHROMIUM"
SIZES = [("en", 1200), ("es", 360)]
"""A language and a width of the window: both of each, if not all pairs."""

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


@contextlib.contextmanager
def opened(browser: Browser, file: Path, width: int) -> Iterator[Page]:
    """Open a file as a page, which must neither log anything nor ask for anything else."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    logged: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert logged == []
    assert requested == [file.as_uri()]
    page.close()


def see_every_chart(page: Page) -> None:
    """Read a report to its end, and see each of its pictures give way to a chart."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator(".vega-embed svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def main() -> None:
    """Have a Chromium, or say why the browser tests will be skipped."""
    if find_chromium() is None and (reason := install_chromium()):
        sys.stderr.write(f"The browser tests will be skipped: {reason}\n")


if __name__ == "__main__":
    main()
