"""A result as the rows of JMeter's summary report, so that it stands beside the challenge's own table."""

from __future__ import annotations

from typing import NamedTuple

from puntual.loadtest.result import Result
from puntual.loadtest.texts import ENGLISH, LoadTestTexts


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


def rows_of(result: Result, earlier: Result | None = None, words: LoadTestTexts = ENGLISH) -> list[Row]:
    """The rows of a report: the test, an earlier one, and the original where it is the same test."""
    rows = [row_of(result, words.text("row.this"))]
    if earlier is not None:
        rows.append(row_of(earlier, words.text("row.earlier", started=earlier.started.replace("T", " "))))
    if result.profile == "original":
        rows.append(PUBLISHED._replace(label=words.text("row.original")))
    return rows


def heads(words: LoadTestTexts = ENGLISH) -> list[str]:
    """The columns as JMeter heads them."""
    return [words.text(f"head.{name}") for name in Row._fields]


def cells(row: Row, words: LoadTestTexts = ENGLISH) -> list[str]:
    """A row as text.

    Examples
    --------
    >>> cells(PUBLISHED)[1:7]
    ['20,214', '1,635', '–', '64,800', '–', '45.89']
    """
    return [row.label, *(words.number(value) for value in row[1:])]


def settings_of(result: Result, words: LoadTestTexts = ENGLISH) -> list[tuple[str, str]]:
    """What ran, on which machine and with what settings, as label and value."""
    plan, machine = result.plan, result.machine
    number, text = words.number, words.text
    pace = text("value.closed") if plan.rate is None else text("value.open", rate=number(plan.rate))
    limits = [] if plan.requests is None else [text("value.requests", count=number(plan.requests))]
    limits += [] if plan.duration_s is None else [f"{number(plan.duration_s)} s"]
    several = text("value.processes", count=number(plan.processes))
    generator = text(
        "value.generator",
        version=result.version,
        processes=text("value.process") if plan.processes == 1 else several,
        cores=words.localize(f"{result.generator_cores:.2f}"),
        late=words.localize(f"{result.generator_late_ms:.1f}"),
    )
    told = {
        "service": text("value.service", url=result.url, model=result.model or "–"),
        "load": pace,
        "limits": text("value.or").join(limits),
        "connections": text("value.connections", count=number(plan.connections), seconds=number(plan.ramp_s)),
        "flights": number(plan.flights_per_request),
        "timeout": f"{number(plan.timeout_s)} s",
        "generator": generator,
        "machine": text(
            "value.machine",
            cores=machine.cores,
            processor=machine.processor,
            memory=number(machine.memory_gb),
        ),
        "system": f"{machine.system}, Python {machine.python}",
        "started": result.started.replace("T", " "),
    }
    return [(text(f"setting.{name}"), value) for name, value in told.items()]
