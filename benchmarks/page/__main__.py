"""How fast the page is, in a real Chromium against a real server on this machine.

``python -m benchmarks.page --model MODEL [PART ...] [--rounds 15]`` exits with 1 where a median is above its
bar.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Browser, sync_playwright

from benchmarks.page import board, first
from benchmarks.page.figures import Figure, table
from benchmarks.serving.contenders import free_port
from puntual.loadtest.machine import this_machine
from tests.browser import FLAGS, find_chromium

PARTS: dict[str, Callable[[Browser, str, int], Iterable[Figure]]] = {
    "first": first.measure,
    "board": board.measure,
}
"""Each is given a browser, the address of the page with its last slash, and how many rounds."""

START_SECONDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the page is.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    wanted = options.parts or [*PARTS]
    if strange := set(wanted) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(strange))}; wanted: {', '.join(PARTS)}")
    chromium = find_chromium()
    if chromium is None:
        sys.exit("benchmarks.page: needs Chromium (Debian: apt-get install chromium)")
    with serving(options.model) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        figures = [figure for name in wanted for figure in PARTS[name](browser, url, options.rounds)]
        machine = this_machine()
        print(f"Chromium {browser.version}, Python {platform.python_version()}, ", end="")
        print(f"{machine.processor}, {machine.cores} cores that others may share\n")
        browser.close()
    print(table(figures))
    sys.exit(not all(figure.held for figure in figures))


@contextmanager
def serving(model: str) -> Iterator[str]:
    """A server of a model; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "puntual", "serve", "--model", model, "--port", str(port)]
    url = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _ready(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"benchmarks.page: puntual serve --model {model} does not answer")
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}readyz").status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
