"""Show a load test on the terminal: its progress on stderr, its result on stdout."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from puntual.cli.display import build_table
from puntual.console import ERR, OUT, line_a_minute, note, print_line
from puntual.loadtest.capacity import Capacity, Step
from puntual.loadtest.plan import Plan
from puntual.loadtest.result import Result, Second
from puntual.loadtest.summary import ENGLISH, PERCENTILES, cells, heads, rows_of

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN_SECONDS = 60


@contextmanager
def show_running(plan: Plan) -> Iterator[Callable[[Result], None]]:
    """Show a running test: a live view on a terminal, otherwise a line a minute."""
    if not ERR.is_terminal:
        last: deque[Result] = deque(maxlen=1)
        with line_a_minute(lambda: _in_words(last[0]) if last else ""):
            yield last.append
        return
    with Live(console=ERR, transient=True, auto_refresh=False) as live:
        live.update(Text("getting ready ..."), refresh=True)
        yield lambda result: live.update(_live_view(result, plan), refresh=True)


def show(result: Result, earlier: Result | None) -> None:
    """Print a test's result, with that of an earlier test if given."""
    print_line(f"{result.url}: {_in_words(result)}")
    OUT.print(_summary_table(result, earlier))
    for kind, count in result.errors_by_kind.items():
        print_line(f"  {kind}: {count:,}")
    cores = result.plan.processes
    if result.generator_cores > 0.9 * cores:
        print_line(
            f"the generator itself kept {result.generator_cores:.2f} cores busy, nearly all that {cores} "
            f"{'process' if cores == 1 else 'processes'} can: the service may do more; see --processes"
        )
    if result.generator_late_ms > 10:
        print_line(
            f"the generator sent up to {result.generator_late_ms:.0f} ms late, which latencies include"
        )


def show_step(step: Step) -> None:
    """Print the result of one rate on stderr."""
    cores = "" if step.service_cores is None else f", {step.service_cores:.2f} cores busy"
    note(
        f"{step.rate:,.0f}/s: {'held' if step.held else 'not held'} (p99 {ENGLISH.figure(step.p99_ms)} ms, "
        f"{step.errors:,} errors{cores})"
    )


def show_capacity(found: Capacity) -> None:
    """Print the capacity of a service."""
    each = [f"{found.per_worker:,.0f}/s a worker ({found.workers})"] if found.per_worker else []
    each += [f"{found.per_core:,.0f}/s for each core that the service keeps busy"] if found.per_core else []
    held = f"holds {found.capacity_per_s:,.0f} requests a second with 99 % within {found.slo_ms:g} ms"
    if not found.capacity_per_s:
        held = f"holds no rate that was tried with 99 % within {found.slo_ms:g} ms and no errors"
    print_line(f"{found.url}: " + "; ".join([held, *each]))
    late = max((step.generator_late_ms for step in found.steps if not step.held), default=0.0)
    if late > found.slo_ms / 2:
        print_line(
            f"at the rates that were not held, the generator itself sent up to {late:.0f} ms late: another "
            "program takes the processor, and the service may hold more"
        )


def as_json(result: Result | Capacity) -> str:
    """A result as JSON."""
    return msgspec.json.format(msgspec.json.encode(result)).decode()


def _in_words(result: Result) -> str:
    error_rate = result.errors / result.requests if result.requests else 0.0
    return (
        f"{result.answered:,} of {result.requests:,} requests answered in {result.duration_s:.1f} s, "
        f"{result.answered_per_s:,.0f}/s; {result.errors:,} errors ({error_rate:.2%})"
        + ("; interrupted" if result.interrupted else "")
    )


def _summary_table(result: Result, earlier: Result | None) -> Table:
    """JMeter's columns as rows, so that two tests fit a narrow terminal."""
    tests = [result] if earlier is None else [result, earlier]
    rows = rows_of(result, earlier)
    table = build_table("", *(row.label for row in rows))
    for line in list(zip(heads(), *map(cells, rows), strict=True))[1:]:
        table.add_row(*line)
    table.add_section()
    for name, head in PERCENTILES.items():
        values = [ENGLISH.figure(getattr(test.latency_ms, name)) for test in tests]
        table.add_row(head, *values, *["–"] * (len(rows) - len(tests)))
    return table


def _live_view(result: Result, plan: Plan) -> RenderableType:
    last = result.seconds[-1]
    bar = Table.grid()
    bar.add_row(ProgressBar(total=1.0, completed=_completed(result, plan), width=_SHOWN_SECONDS))
    counts = (
        f"{result.duration_s:,.0f} s   {result.answered:,} answered   {result.errors:,} errors   "
        f"{last.open:,} connections"
    )
    shown = result.seconds[-_SHOWN_SECONDS:]
    lines = [
        _line("answers/s", shown, lambda second: second.answered),
        _line("p99, ms", shown, lambda second: second.p99 or 0.0),
    ]
    kinds = "   ".join(f"{kind}: {count:,}" for kind, count in result.errors_by_kind.items())
    return Group(
        bar, Text(counts), *lines, Text(kinds, style="red"), Text("Ctrl-C ends it and reports", "dim")
    )


def _line(name: str, seconds: Sequence[Second], of: Callable[[Second], float]) -> Text:
    values = [of(second) for second in seconds]
    top = max(values) or 1.0
    bars = "".join(_BARS[min(int(value / top * len(_BARS)), len(_BARS) - 1)] for value in values)
    return Text(f"{name:<10} {values[-1]:>10,.1f}  {bars}")


def _completed(result: Result, plan: Plan) -> float:
    by_requests = result.requests / plan.requests if plan.requests else 0.0
    by_time = result.duration_s / plan.duration_s if plan.duration_s else 0.0
    return min(max(by_requests, by_time), 1.0)
