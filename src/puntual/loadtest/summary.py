"""A result as the rows of JMeter's summary report, so that it stands beside the challenge's own table."""

from __future__ import annotations

from typing import NamedTuple

from puntual.i18n.texts import Texts
from puntual.loadtest.result import OriginalTest, Result


class LoadTestTexts(Texts):
    """The load test's texts and numbers in one language of `puntual.i18n.texts.LANGUAGES`."""

    def __init__(self, language: str) -> None:
        super().__init__("loadtest", language)

    def figure(self, value: float | None) -> str:
        """A number with as few digits as needed.

        Examples
        --------
        >>> english = LoadTestTexts("en").figure
        >>> english(1234.56), english(45.889), english(0.2512), english(None), english(0)
        ('1,235', '45.89', '0.25', '–', '0')
        """
        if value is None:
            return "–"
        if value == int(value) or abs(value) >= 1000:
            return self.number(value)
        return self.number(value, 1 if abs(value) >= 100 else 2)


ENGLISH = LoadTestTexts("en")


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
    received: float | None = None
    sent: float | None = None
    average_bytes: float | None = None


_ORIGINAL = OriginalTest()
PUBLISHED = Row(
    label=ENGLISH.text("row.original"),
    samples=_ORIGINAL.requests,
    average=_ORIGINAL.mean_ms,
    minimum=None,
    maximum=_ORIGINAL.max_ms,
    deviation=None,
    error_percent=_ORIGINAL.error_percent,
    throughput=_ORIGINAL.requests_per_s,
)

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


def rows_of(result: Result, earlier: Result | None = None, texts: LoadTestTexts = ENGLISH) -> list[Row]:
    """The rows of a report: the test, an earlier one, and the original where it is the same test."""
    rows = [row_of(result, texts.text("row.this"))]
    if earlier is not None:
        rows.append(row_of(earlier, texts.text("row.earlier", started=earlier.started.isoformat(" "))))
    if result.profile == "original":
        rows.append(PUBLISHED._replace(label=texts.text("row.original")))
    return rows


def heads(texts: LoadTestTexts = ENGLISH) -> list[str]:
    """The columns as JMeter heads them."""
    return [texts.text(f"head.{name}") for name in Row._fields]


def cells(row: Row, texts: LoadTestTexts = ENGLISH) -> list[str]:
    """A row as text.

    Examples
    --------
    >>> cells(PUBLISHED)[1:7]
    ['20,214', '1,635', '–', '64,800', '–', '45.89']
    """
    return [row.label, *map(texts.figure, row[1:])]


def settings_of(result: Result, texts: LoadTestTexts = ENGLISH) -> list[tuple[str, str]]:
    """What ran, on which machine and with what settings, as label and value."""
    plan, machine = result.plan, result.machine
    figure, text = texts.figure, texts.text
    limits = [] if plan.requests is None else [text("value.requests", count=figure(plan.requests))]
    limits += [] if plan.duration_s is None else [f"{figure(plan.duration_s)} s"]
    processes = "value.process" if plan.processes == 1 else "value.processes"
    values = {
        "service": text("value.service", url=result.url, model=result.model or "–"),
        "load": text("value.closed") if plan.rate is None else text("value.open", rate=figure(plan.rate)),
        "limits": text("value.or").join(limits),
        "connections": text("value.connections", count=figure(plan.connections), seconds=figure(plan.ramp_s)),
        "flights": figure(plan.flights_per_request),
        "timeout": f"{figure(plan.timeout_s)} s",
        "generator": text(
            "value.generator",
            version=result.version,
            processes=text(processes, count=figure(plan.processes)),
            cores=texts.number(result.generator_cores, 2),
            late=texts.number(result.generator_late_ms, 1),
        ),
        "machine": text(
            "value.machine",
            cores=machine.cores,
            processor=machine.processor,
            memory=figure(machine.memory_gb),
        ),
        "system": f"{machine.system}, Python {machine.python}",
        "started": result.started.isoformat(" "),
    }
    return [(text(f"setting.{name}"), value) for name, value in values.items()]
