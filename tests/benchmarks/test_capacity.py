"""docs/capacity.md is what the command makes; deploy/ agrees with it, the simulation with a real run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.capacity import prices, sums
from benchmarks.capacity.check import BAR_PERCENT, check
from benchmarks.capacity.manifests import autoscaler_rules, cloud_run, gke
from benchmarks.capacity.page import WIDTH, render
from benchmarks.capacity.pictures import pictures
from benchmarks.capacity.records import MEASURED, SCALE_OUT, SIMULATED, Measured, ScaleOut, read
from benchmarks.capacity.scenarios import SCENARIOS, Curve, Simulated, rerun, simulate

ROOT = Path(__file__).parents[2]
MEASUREMENTS, REAL, KEPT = read(MEASURED, Measured), read(SCALE_OUT, ScaleOut), read(SIMULATED, Simulated)


def test_the_page_is_what_the_command_makes() -> None:
    page = (ROOT / "docs" / "capacity.md").read_text("utf-8")
    assert page == render(MEASUREMENTS, REAL, KEPT), "run: python -m benchmarks.capacity page"
    for line in page.splitlines():
        assert len(line) <= WIDTH or line[0] in "|![", line


def test_the_charts_are_what_the_command_makes() -> None:
    page = (ROOT / "docs" / "capacity.md").read_text("utf-8")
    for name, svg in pictures(MEASUREMENTS, REAL, KEPT).items():
        assert (ROOT / "docs" / "images" / name).read_text("utf-8") == f"{svg}\n"
        assert f"(images/{name})" in page


def nearly(found: Curve, kept: Curve) -> None:
    assert found.total_offered == pytest.approx(kept.total_offered, rel=0.01)
    assert found.total_refused == pytest.approx(kept.total_refused, rel=0.02, abs=10)
    assert found.p99_ms == pytest.approx(kept.p99_ms, rel=0.02)
    assert found.serving == kept.serving


def test_what_is_kept_is_what_is_simulated() -> None:
    """The quick ones; the others take half a minute."""
    assert set(KEPT.curves) == {*SCENARIOS, "rerun"}
    for name in ("burst", "burst10"):
        nearly(simulate(MEASUREMENTS, name, KEPT.seed), KEPT.curves[name])
    nearly(rerun(REAL, KEPT.seed), KEPT.curves["rerun"])


def test_the_simulation_agrees_with_the_real_run() -> None:
    found = check(REAL, KEPT.curves["rerun"])
    assert found.p99_ratio == pytest.approx(1, abs=BAR_PERCENT / 100)
    assert REAL.other_errors == 0
    assert [each.serving_s for each in REAL.replicas] == sorted(each.serving_s for each in REAL.replicas)


def test_what_deploy_says_agrees_with_the_sums() -> None:
    told, rules, run = gke(), autoscaler_rules(), cloud_run()
    half, one = MEASUREMENTS.of(told.request_cpus), MEASUREMENTS.of(run.cpus)
    assert told.max_rate == sums.tell_rate(MEASUREMENTS, told.request_cpus)
    target = 100 * sums.TARGET
    assert rules.cpu_percent == rules.rate_percent == target
    best, worst = sums.reaction_s(half)
    assert sums.target_for(1, worst) < sums.TARGET < sums.target_for(1, (best + worst) / 2)
    component = (ROOT / "deploy/gke/components/metrics-autoscaling/kustomization.yaml").read_text("utf-8")
    assert f'averageValue: "{told.max_rate * sums.TARGET:.0f}"' in component
    assert 64 <= run.concurrency <= MEASUREMENTS.slo_ms / 1000 * one.held_per_s
    assert half.memory_mib < told.memory_mib < 1024 * told.limit_cpus
    assert one.memory_mib < run.memory_mib
    for texts, rate in (
        (("deploy/gke/base/deployment.yaml",), told.max_rate),
        (("deploy/gke/base/autoscaling.yaml",), rules.most * told.max_rate),
        (("deploy/cloudrun/service.yaml", "docs/deploy.md"), sums.tell_rate(MEASUREMENTS, run.cpus)),
    ):
        for text in texts:
            assert f"about {rate:,.0f} flights" in (ROOT / text).read_text("utf-8"), (text, rate)


def test_the_original_burst_needs_no_growth() -> None:
    needed = sums.pods_for(50_000 / 45, MEASUREMENTS.of(0.5).held_per_s)
    assert needed <= autoscaler_rules().least
    assert KEPT.curves["burst"].total_refused == 0
    assert KEPT.curves["burst"].p99_ms < MEASUREMENTS.slo_ms


def test_every_price_names_its_page() -> None:
    assert all(each.page.startswith("https://cloud.google.com/") and each.usd > 0 for each in prices.PRICES)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["measure"], "measure needs --model, a file from `puntual train`"),
        (["scale-out", "--model", "none.puntual"], "--model: none.puntual: no such file"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], told: str) -> None:
    command = [sys.executable, "-m", "benchmarks.capacity", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"benchmarks.capacity: {told}")
    assert ended.stderr.count("\n") == 1
