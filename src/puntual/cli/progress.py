"""How far the work is, on stderr: bars on a terminal, elsewhere a line a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from puntual.cli.display import ERR, note

LINE_SECONDS = 60.0
"""From one line to the next."""
THREAD = "a line a minute"


@contextmanager
def progress() -> Iterator[Callable[[str, int], None]]:
    """Show each stage's steps; gives what is called after each with the stage and how many that has."""
    name = TextColumn("{task.description:<24}")
    columns = (name, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=ERR, disable=not ERR.is_terminal) as bars:
        stages: dict[str, TaskID] = {}

        def step(stage: str, steps: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=steps)
            bars.advance(stages[stage])

        def describe() -> str:
            left = [task for task in bars.tasks if not task.finished]
            last = f"after {bars.tasks[-1].description}" if bars.tasks else ""
            return (
                ", ".join(f"{one.description} {one.completed:.0f} of {one.total:.0f}" for one in left) or last
            )

        with line_a_minute(describe):
            yield step


@contextmanager
def line_a_minute(describe: Callable[[], str]) -> Iterator[None]:
    """Say each minute how far the work is, where no terminal shows it.

    Parameters
    ----------
    describe : what is being done; blank: nothing that is counted
    """
    if ERR.is_terminal:
        yield
        return
    over, start = threading.Event(), time.monotonic()

    def say() -> None:
        while not over.wait(LINE_SECONDS):
            minutes = (time.monotonic() - start) / 60
            note(f"{minutes:.0f} min: {describe() or 'at work'}")

    lines = threading.Thread(target=say, name=THREAD, daemon=True)
    lines.start()
    try:
        yield
    finally:
        over.set()
        lines.join()
