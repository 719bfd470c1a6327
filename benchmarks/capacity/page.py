"""`docs/capacity.md` and its charts, from what was measured and simulated."""

from __future__ import annotations

import math
import statistics
import textwrap
from pathlib import Path

from benchmarks.capacity import prices, sums
from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S
from benchmarks.capacity.check import BAR_PERCENT, Check, check
from benchmarks.capacity.manifests import autoscaler_rules, cloud_run, documents, gke
from benchmarks.capacity.records import Measured, ScaleOut, Size
from benchmarks.capacity.scenarios import (
    CREATE_S,
    NODE_S,
    NOTICE_S,
    ORIGINAL_RATE,
    ORIGINAL_REQUESTS,
    RATE_LAG_S,
    Curve,
    Simulated,
    demand_of,
    demand_of_run,
)
from puntual.serving.settings import read_settings

TEMPLATE = Path(__file__).with_name("capacity.md.template")
WIDTH = 120
SERIES = 135
"""That a pod tells (`deploy/gke/base/monitoring.yaml`)."""
MODEL_MIB = 1.0
LOG_BYTES = 1000
MONTH_S = 30 * 86_400
BIG_POD_CPUS = 4
NODE_CPUS = 8
MAX_SURGE = 0.1


def render(measured: Measured, real: ScaleOut, simulated: Simulated) -> str:
    """The page."""
    values = _measured(measured) | _sums(measured) | _costs(measured) | _simulated(measured, simulated)
    values |= _check(real, check(real, simulated.curves["rerun"])) | _million(measured)
    return wrapped(TEMPLATE.read_text("utf-8").format(**values))


def wrapped(text: str) -> str:
    r"""Paragraphs and items broken at `WIDTH`; tables, headings and pictures as they are.

    Examples
    --------
    >>> wrapped("# A heading\n\none\ntwo\n- an item\n  of two lines\n\n| a | table |")
    '# A heading\n\none two\n- an item of two lines\n\n| a | table |\n'
    """
    blocks: list[list[str]] = []
    for line in text.splitlines():
        alone = not line or line[0] in "#|![`"
        if alone or line.startswith("- ") or not blocks or blocks[-1][0][:1] in ("", *"#|!["):
            blocks.append([line])
        else:
            blocks[-1].append(line.strip())
    told = []
    for block in blocks:
        if block[0][:1] in ("", *"#|!["):
            told += block
        else:
            indent = "  " if block[0].startswith("- ") else ""
            told += textwrap.wrap(
                " ".join(block),
                WIDTH,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return "\n".join(told) + "\n"


def row(*cells: object) -> str:
    """A row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def money(usd: float) -> str:
    """Two digits that count.

    Examples
    --------
    >>> money(0.001987), money(73.2), money(1234.5)
    ('0.0020', '73', '1,234')
    """
    if usd >= 10:
        return f"{usd:,.0f}"
    digits = max(1 - math.floor(math.log10(usd)), 0)
    return f"{usd:.{digits}f}"


def _measured(measured: Measured) -> dict[str, object]:
    sizes = [measured.of(cpus) for cpus in sorted({size.cpus for size in measured.sizes})]
    return {
        "slo": f"{measured.slo_ms:g}",
        "model": measured.model,
        "processor": measured.processor,
        "cores": measured.machine_cores,
        "python": measured.python,
        "rounds_told": "one round"
        if (rounds := len(measured.rounds(0.5))) == 1
        else f"{rounds} rounds, of each size the one with the median of what is held (in brackets the range)",
        "starts": sum(len(size.starts_s) for size in measured.rounds(0.5)),
        "half_held": f"{measured.of(0.5).held_per_s:,.0f}",
        "one_held": f"{measured.of(1).held_per_s:,.0f}",
        "half_start": f"{_start(measured, 0.5):.1f}",
        "half_memory": f"{measured.of(0.5).memory_mib:.0f}",
        "measured_table": "\n".join(
            [
                row(
                    "CPUs",
                    "workers",
                    "holds, /s",
                    "for each core",
                    "at most, /s",
                    "refusing, µs",
                    "start, s",
                    "memory, MiB",
                ),
                row(*["---"] * 8),
                *(_size_row(measured, size) for size in sizes),
            ]
        ),
    }


def _start(measured: Measured, cpus: float) -> float:
    return statistics.median(start for size in measured.rounds(cpus) for start in size.starts_s)


def _size_row(measured: Measured, size: Size) -> str:
    held = [each.held_per_s for each in measured.rounds(size.cpus)]
    return row(
        f"{size.cpus:g}",
        size.workers,
        f"{size.held_per_s:,.0f}" + (f" ({min(held):,.0f} to {max(held):,.0f})" if len(held) > 1 else ""),
        f"{size.held_per_s / size.held_cores:,.0f}",
        f"{size.most_per_s:,.0f}",
        f"{1e6 * demand_of(size).look_s:.0f}",
        f"{_start(measured, size.cpus):.2f}",
        f"{size.memory_mib:.0f} (a worker {size.worker_mib:.0f})",
    )


def _sums(measured: Measured) -> dict[str, object]:
    told, run, rules = gke(), cloud_run(), autoscaler_rules()
    half, one = measured.of(0.5), measured.of(1)
    best, worst = sums.reaction_s(half)
    rows = []
    for times in (1, 10, 100):
        rate = ORIGINAL_RATE * times
        rows.append(
            row(
                f"{ORIGINAL_REQUESTS * times:,}",
                f"{rate:,.0f}",
                sums.pods_for(rate, half.held_per_s),
                sums.pods_for(rate, half.held_per_s, 1),
                sums.pods_for(rate, one.held_per_s),
            )
        )
    component = documents("gke/components/metrics-autoscaling/kustomization.yaml")[0]["patches"][0]["patch"]
    return {
        "target": f"{100 * sums.TARGET:.0f}",
        "target_computed": f"{100 * sums.target_for(1, worst):.0f}",
        "target_mean": f"{100 * sums.target_for(1, (best + worst) / 2):.0f}",
        "target_slow": f"{100 * sums.target_for(1 / 3, worst):.0f}",
        "react_best": f"{best:.0f}",
        "react_worst": f"{worst:.0f}",
        "create": f"{CREATE_S:g}",
        "notice": f"{NOTICE_S:g}",
        "node": f"{NODE_S:g}",
        "rate_lag": f"{RATE_LAG_S:g}",
        "sync": f"{SYNC_S:g}",
        "metrics": f"{METRICS_S:g}",
        "max_rate": f"{told.max_rate:,.0f}",
        "average_value": component.split('averageValue: "')[1].split('"')[0],
        "request_cpus": f"{told.request_cpus:g}",
        "memory": told.memory_mib,
        "pods_1": sums.pods_for(ORIGINAL_RATE, half.held_per_s),
        "instances_table": "\n".join(rows),
        "least": rules.least,
        "most": rules.most,
        "run_most": run.most,
        "concurrency": run.concurrency,
        "concurrency_ms": f"{1000 * run.concurrency / one.held_per_s:.0f}",
        "most_rate": f"{rules.most * half.held_per_s:,.0f}",
        "run_most_rate": f"{run.most * one.held_per_s:,.0f}",
        "max_pods_rate": f"{rules.most * half.held_per_s * sums.TARGET:,.0f}",
    }


def _costs(measured: Measured) -> dict[str, object]:
    half, one = measured.of(0.5), measured.of(1)
    run = cloud_run()
    always, asked = (sums.instance_second(run, always=always) for always in (True, False))
    return {
        "gke_million": money(sums.million(sums.pod_second(gke()), half.held_per_s)),
        "run_always_million": money(sums.million(always, one.held_per_s)),
        "run_million": money(sums.million(asked, one.held_per_s)),
        "run_requests": f"{prices.RUN_MILLION_REQUESTS.usd:.2f}",
        "told_bytes": f"{half.told_bytes:.0f}",
        "data_million": money(sums.data_million(half)),
        "log_million": money(1e6 / 100 * LOG_BYTES / sums.GIB * prices.LOG_GIB.usd),
        "always_from": f"{sums.always_from(run):.0f}",
        "prices_as_of": prices.AS_OF,
        "prices_table": "\n".join(
            row(f"{each.usd:.9f}".rstrip("0"), each.per, f"<{each.page}>") for each in prices.PRICES
        ),
    }


def _simulated(measured: Measured, simulated: Simulated) -> dict[str, object]:
    curves = simulated.curves
    demand, half = demand_of(measured.of(gke().request_cpus)), measured.of(gke().request_cpus)
    rules = autoscaler_rules()
    one, ready, day, spike = (curves[name] for name in ("burst", "burst100ready", "day", "spike"))
    short = sum(refused > 0 for refused in spike.refused) * spike.bin_s
    share = 100 * ready.total_refused / ready.total_offered
    return {
        "most_in_flight": f"{read_settings({}, {}).max_in_flight:,}",
        "answer_us": f"{1e6 * demand.answer_s:.0f}",
        "refuse_us": f"{1e6 * demand.look_s:.0f}",
        "simulated_table": "\n".join(_curve_row(each) for name, each in curves.items() if name != "rerun"),
        "burst_share": f"{100 * one.offered[5] / (rules.least * half.held_per_s):.0f}",
        "ready_refused": "none is refused"
        if not ready.total_refused
        else f"{share:.1f} % are refused, 99 % answered within {ready.p99_ms:,.0f} ms",
        "day_most": day.most_pods,
        "day_refused": day.total_refused or "no",
        "day_used": f"{100 * day.pod_seconds / (day.most_pods * 86_400):.0f}",
        "spike_short_s": f"{short:.0f}",
        "spike_refused": f"{_share_of_spike(spike):.0f}",
        "nodes_refused": f"{_share_of_spike(curves['spikenodes']):.0f}",
        "lent_refused": f"{_share_of_spike(curves['spikelent']):.0f}",
    }


def _share_of_spike(each: Curve) -> float:
    """Refused, percent of what was offered while more was offered than at the beginning."""
    within = sum(offered for offered in each.offered if offered > 2 * each.offered[0]) * each.bin_s
    return 100 * each.total_refused / within


def _curve_row(each: Curve) -> str:
    share = 100 * each.total_refused / each.total_offered
    return row(
        each.what,
        f"{each.total_offered:,}",
        f"{each.total_refused:,} ({share:.1f} %)" if each.total_refused else 0,
        *(f"{value:,.0f}" if value >= 10 else f"{value:.2g}" for value in (each.p50_ms, each.p99_ms)),
        each.most_pods,
        f"{each.pod_seconds:,}",
    )


def _check(real: ScaleOut, found: Check) -> dict[str, object]:
    rows = [
        row(
            line.what,
            f"{line.measured:,.{line.digits}f}",
            f"{line.simulated:,.{line.digits}f}",
            f"{line.ratio:.2f}",
        )
        for line in found.lines
    ]
    demand = demand_of_run(real)
    inside = abs(found.p99_ratio - 1) * 100 <= BAR_PERCENT
    off = [line.what for line in found.lines if abs(line.ratio - 1) * 100 > BAR_PERCENT]
    return {
        "so_rate": f"{real.rate:,.0f}",
        "so_duration": f"{real.duration_s:g}",
        "so_connections": f"{real.connections:,}",
        "so_cpus": f"{real.cpus:g}",
        "so_limit": real.most_in_flight,
        "so_look_us": f"{1e6 * demand.look_s:.0f}",
        "so_sync": f"{real.sync_s:g}",
        "scaleout_table": "\n".join(rows),
        "bar": BAR_PERCENT,
        "verdict": f"{'within' if inside else 'NOT within'} it, at {100 * (found.p99_ratio - 1):+.0f} %",
        "phases_note": f"Further off than that: {'; '.join(off)}."
        if off
        else "No line is further off than that.",
    }


def _million(measured: Measured) -> dict[str, object]:
    half, one, rules = measured.of(0.5), measured.of(1), autoscaler_rules()
    pods = [
        sums.pods_for(rate, half.held_per_s) for rate in (ORIGINAL_RATE, 10_000, 100_000, 300_000, 1_000_000)
    ]
    doublings = math.ceil(math.log2(pods[-1] / rules.least))
    out = 300_000 * half.told_bytes
    return {
        "step_1": f"{ORIGINAL_RATE:,.0f}",
        **{f"steps_{index}": max(count, rules.least) for index, count in enumerate(pods, 1)},
        "log_rate": f"{100_000 / 100:,.0f}",
        "samples": f"{pods[2] * SERIES / METRICS_S:,.0f}",
        "out_gbit": f"{8 * out / 1e9:.1f}",
        "out_month": f"{out * MONTH_S / sums.GIB * prices.OUT_GIB.usd:,.0f}",
        "most_nodes": f"about {math.ceil(pods[-1] * gke().request_cpus / NODE_CPUS)}",
        "big_pods": math.ceil(1_000_000 / (one.held_per_s * sums.TARGET * BIG_POD_CPUS)),
        "rollout_hours": f"{pods[-1] * (10 + CREATE_S + _start(measured, 0.5)) / 3600:.1f}",
        "rollout_surge": f"{(10 + CREATE_S + _start(measured, 0.5)) / MAX_SURGE / 60:.0f}",
        "doublings": doublings,
        "doublings_s": f"{doublings * SYNC_S:.0f}",
        "model_mib": f"{MODEL_MIB:.0f}",
        "model_gbit": f"{pods[-1] * MODEL_MIB * 2**20 * 8 / 60 / 1e9:.2f}",
        "series": SERIES,
        "all_series": f"{pods[-1] * SERIES:,}",
        "million_hour": money(3600 * sums.million(sums.pod_second(gke()), half.held_per_s)),
        "data_hour": money(3600 * sums.data_million(half)),
    }
