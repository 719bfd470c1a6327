"""The two consoles: results on stdout; notes and progress on stderr, as bars or a line a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich import progress as bars
from rich.console import Console

from puntual.errors import printable
from puntual.types import Progress

OUT = Console(highlight=False, soft_wrap=True, force_jupyter=False)
ERR = Console(stderr=True, highlight=False, soft_wrap=True, force_jupyter=False)

LINE_SECONDS = 60.0
"""Time between two lines."""
THREAD = "a line a minute"


def note(message: str) -> None:
    """Print one line on stderr, whatever a file or a path contains."""
    ERR.print(printable(message), markup=False)


def print_line(text: str) -> None:
    """Print one text on stdout as it is."""
    OUT.print(text, markup=False)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show the steps of each stage; give the callback for each step."""
    name = bars.TextColumn("{task.description:<24}")
    columns = (name, bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeElapsedColumn())
    with bars.Progress(*columns, console=ERR, disable=not ERR.is_terminal) as shown:
        stages: dict[str, bars.TaskID] = {}

        def step(stage: str, steps: int) -> None:
            if stage not in stages:
                stages[stage] = shown.add_task(stage, total=steps)
            shown.advance(stages[stage])

        def describe() -> str:
            left = [task for task in shown.tasks if not task.finished]
            last = f"after {shown.tasks[-1].description}" if shown.tasks else ""
            return (
                ", ".join(f"{one.description} {one.completed:.0f} of {one.total:.0f}" for one in left) or last
            )

        with line_a_minute(describe):
            yield step


@contextmanager
def line_a_minute(describe: Callable[[], str]) -> Iterator[None]:
    """Print a line of progress each minute unless a terminal shows it.

    Parameters
    ----------
    describe : gives the state of the work; empty if no steps are counted
    """
    if ERR.is_terminal:
        yield
        return
    done, start = threading.Event(), time.monotonic()

    def print_lines() -> None:
        while not done.wait(LINE_SECONDS):
            minutes = (time.monotonic() - start) / 60
            note(f"{minutes:.0f} min: {describe() or 'at work'}")

    lines = threading.Thread(target=print_lines, name=THREAD, daemon=True)
    lines.start()
    try:
        yield
    finally:
        done.set()
        lines.join()
