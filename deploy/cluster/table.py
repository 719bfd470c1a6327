"""What came of the scenarios, for a terminal."""

from __future__ import annotations

from deploy.cluster.scenarios import Outcome

HEADS = ("", "s", "requests", "answered", "failed", "retried", "p50 ms", "p99 ms", "max ms")


def outcomes(played: list[Outcome]) -> str:
    """A row each, and beneath it what failed."""
    rows = [HEADS, *(_row(outcome) for outcome in played)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = []
    for row, outcome in zip(rows, [None, *played], strict=True):
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join((row[0].ljust(widths[0]), *cells)))
        if outcome and outcome.failed:
            kinds = (f"{count:,} {kind}" for kind, count in outcome.result["errors_by_kind"].items())
            lines.append(f"    failed: {', '.join(kinds)}")
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome) -> tuple[str, ...]:
    result, latency = outcome.result, outcome.result["latency_ms"]
    counts = (result["requests"], result["answered"], outcome.failed, outcome.retried)
    times = (latency["p50"], latency["p99"], latency["max"])
    return (
        outcome.name,
        f"{result['duration_s']:.0f}",
        *(f"{count:,}" for count in counts),
        *("–" if value is None else f"{value:.1f}" for value in times),
    )
