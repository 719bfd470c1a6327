"""A result as the rows of JMeter's summary report, so that it stands beside the challenge's own table."""

from __future__ import annotations

from typing import NamedTuple

from puntual.stress.result import Result


class Row(NamedTuple):
    """One row; None: not known.

    Attributes
    ----------
    average, minimum, maximum, deviation : latency, milliseconds
    throughput : samples a second, errors among them
    received, sent : KB a second, of 1,024 bytes
    average_bytes : received a sample
    """

    label: str
    samples: int
    average: float | None
    minimum: float | None
    maximum: float | None
    deviation: float | None
    error_percent: float
    throughput: float
    received: float | None
    sent: float | None
    average_bytes: float | None


HEADS = {
    "label": "Label",
    "samples": "# Samples",
    "average": "Average",
    "minimum": "Min",
    "maximum": "Max",
    "deviation": "Std. Dev.",
    "error_percent": "Error %",
    "throughput": "Throughput/s",
    "received": "Received KB/s",
    "sent": "Sent KB/s",
    "average_bytes": "Avg. bytes",
}
"""By field of `Row`, the column as JMeter heads it."""

PUBLISHED = Row(
    label="the original API, as published",
    samples=20_214,
    average=1635,
    minimum=None,
    maximum=64_800,
    deviation=None,
    error_percent=45.89,
    throughput=308.9,
    received=None,
    sent=None,
    average_bytes=None,
)
"""What the challenge's own API made of the test of the profile `original`: JMeter, 5,000 clients, 65 s."""

PERCENTILES = {"p50": "p50", "p75": "p75", "p90": "p90", "p95": "p95", "p99": "p99", "p999": "p99.9"}
"""By field of `Latency`, how it is headed."""


def row_of(result: Result, label: str) -> Row:
    """A result as one row."""
    latency = result.latency_ms
    return Row(
        label=label,
        samples=result.requests,
        average=latency.mean,
        minimum=latency.min,
        maximum=latency.max,
        deviation=latency.deviation,
        error_percent=100 * result.errors / max(result.requests, 1),
        throughput=result.requests_per_s,
        received=result.received_bytes / 1024 / result.duration_s,
        sent=result.sent_bytes / 1024 / result.duration_s,
        average_bytes=result.received_bytes / max(result.requests, 1),
    )


def rows_of(result: Result, earlier: Result | None = None) -> list[Row]:
    """The rows of a report: the test, an earlier one, and the original where it is the same test."""
    rows = [row_of(result, "this test")]
    if earlier is not None:
        rows.append(row_of(earlier, f"the one of {earlier.started.replace('T', ' ')}"))
    if result.profile == "original":
        rows.append(PUBLISHED)
    return rows


def cells(row: Row) -> list[str]:
    """A row as text.

    Examples
    --------
    >>> cells(PUBLISHED)[1:7]
    ['20,214', '1,635', '–', '64,800', '–', '45.89']
    """
    return [row.label, f"{row.samples:,}", *(number(value) for value in row[2:])]


def number(value: float | None) -> str:
    """A figure as briefly as it tells enough.

    Examples
    --------
    >>> number(1234.56), number(45.889), number(0.2512), number(None), number(0)
    ('1,235', '45.89', '0.25', '–', '0')
    """
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def settings_of(result: Result) -> list[tuple[str, str]]:
    """What ran, on which machine and with what settings, as label and value."""
    plan, machine = result.plan, result.machine
    pace = "as fast as answers come (closed loop)"
    if plan.rate is not None:
        pace = f"{number(plan.rate)} requests a second by the clock (open loop)"
    return [
        ("service", f"{result.url}, model {result.model or '–'}"),
        ("load", pace),
        ("at most", " or ".join(_limits(result))),
        ("connections", f"{plan.connections:,}, opened within {number(plan.ramp_s)} s"),
        ("flights a request", f"{plan.flights_per_request:,}"),
        ("time limit", f"{number(plan.timeout_s)} s"),
        (
            "generator",
            _generator(result),
        ),
        ("machine", f"{machine.cores} cores of {machine.processor}, {number(machine.memory_gb)} GiB"),
        ("system", f"{machine.system}, Python {machine.python}"),
        ("started", result.started.replace("T", " ")),
    ]


def _generator(result: Result) -> str:
    processes = result.plan.processes
    return (
        f"puntual {result.version}, {processes} {'process' if processes == 1 else 'processes'}, "
        f"{result.generator_cores:.2f} cores busy, at most {result.generator_late_ms:.1f} ms late"
    )


def _limits(result: Result) -> list[str]:
    requests, seconds = result.plan.requests, result.plan.duration_s
    return [
        *([] if requests is None else [f"{requests:,} requests"]),
        *([] if seconds is None else [f"{number(seconds)} s"]),
    ]
