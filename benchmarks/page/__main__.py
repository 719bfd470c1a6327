"""How fast the page is, in a real Chromium against a real server on this machine.

``python -m benchmarks.page --model MODEL [PART ...] [--rounds 15]`` ends with 1 if a median misses its bar.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.page import board, first
from benchmarks.page.figures import Figure, table
from deploy.service import StartError, serving, unwind_on_sigterm
from puntual.loadtest.machine import this_machine
from tests.browser import FLAGS, find_chromium

PARTS: dict[str, Callable[[Browser, str, int], Iterable[Figure]]] = {
    "first": first.measure,
    "board": board.measure,
}
"""Each is given a browser, the address of the page, and how many rounds."""


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the page is.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    unwind_on_sigterm()
    wanted = options.parts or [*PARTS]
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; wanted: {', '.join(PARTS)}")
    chromium = find_chromium()
    if chromium is None:
        sys.exit("benchmarks.page: needs Chromium (Debian: apt-get install chromium)")
    try:
        with serving(options.model) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            figures = [
                figure for name in wanted for figure in PARTS[name](browser, service.url, options.rounds)
            ]
            machine = this_machine()
            print(f"Chromium {browser.version}, Python {platform.python_version()}, ", end="")
            print(f"{machine.processor}, {machine.cores} cores that others may share\n")
            browser.close()
    except StartError as error:
        sys.exit(f"benchmarks.page: {error}")
    print(table(figures))
    sys.exit(not all(figure.held for figure in figures))


if __name__ == "__main__":
    main()
