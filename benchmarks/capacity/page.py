"""`docs/capacity.md`, from what was measured and simulated."""

from __future__ import annotations

import math
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from benchmarks.capacity import autoscaler, prices, scenarios, sums
from benchmarks.capacity.manifests import autoscaler_rules, cloud_run, gke
from benchmarks.capacity.records import Measured, ScaleOut, Simulated
from puntual.serving.settings import read_settings

TEMPLATE = Path(__file__).with_name("capacity.md.template")
STEPS = (scenarios.ORIGINAL_RATE, 10_000, 100_000, 300_000, 1_000_000)
"""Requests a second on the way to a million."""


def render(measured: Measured, real: ScaleOut, simulated: Simulated) -> str:
    """The page."""
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    environment.filters |= {"number": number, "money": money}
    half, one, rules = measured.of(0.5), measured.of(1), autoscaler_rules()
    best, worst = sums.reaction_s(measured)
    comparison = simulated.comparison
    pods = [max(sums.pods_for(rate, half), rules.min_replicas) for rate in STEPS]
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(
        autoscaler=autoscaler,
        best=best,
        comparison=comparison,
        demand=scenarios.demand_of(half),
        demand_of=scenarios.demand_of,
        demand_of_run=scenarios.demand_of_run(real),
        doublings=math.ceil(math.log2(pods[-1] / rules.min_replicas)),
        far_off=[each.figure for each in comparison if abs(each.ratio - 1) * 100 > scenarios.BAR_PERCENT],
        gke=gke(),
        half=half,
        max_in_flight=read_settings({}, {}).max_in_flight,
        measured=measured,
        one=one,
        outcomes=simulated.outcomes,
        pods=pods,
        prices=prices,
        real=real,
        rules=rules,
        run=cloud_run(),
        scenarios=scenarios,
        sums=sums,
        target=f"{100 * sums.TARGET:.0f}",
        worst=worst,
    )


def number(value: float, digits: int = 0) -> str:
    """A number with commas between its thousands.

    Examples
    --------
    >>> number(1234.56), number(0.456, 2)
    ('1,235', '0.46')
    """
    return f"{value:,.{digits}f}"


def money(usd: float) -> str:
    """Two significant digits.

    Examples
    --------
    >>> money(0.001987), money(73.2), money(1234.5)
    ('0.0020', '73', '1,234')
    """
    return number(usd, max(1 - math.floor(math.log10(usd)), 0))
