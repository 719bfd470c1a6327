"""docs/capacity.md is what the command makes; deploy/ agrees with it, the simulation with a real run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.capacity import __main__ as command
from benchmarks.capacity import scenarios, sums
from benchmarks.capacity.manifests import autoscaler_rules, cloud_run, gke
from benchmarks.capacity.page import render
from benchmarks.capacity.pictures import pictures
from benchmarks.capacity.records import (
    MEASURED,
    SCALE_OUT,
    SIMULATED,
    Measured,
    Outcome,
    ScaleOut,
    Simulated,
    read,
    write,
)
from benchmarks.capacity.scenarios import SCENARIOS, Curve, compare, rerun, simulate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "capacity.md").read_text("utf-8")
MEASUREMENTS, REAL, KEPT = read(MEASURED, Measured), read(SCALE_OUT, ScaleOut), read(SIMULATED, Simulated)


def assert_near(found: Outcome, kept: Outcome) -> None:
    for figure in ("offered", "answered", "peak_offered", "pod_seconds", "max_pods", "p99_ms"):
        assert getattr(found, figure) == pytest.approx(getattr(kept, figure), rel=0.02), figure
    assert found.refused == pytest.approx(kept.refused, rel=0.02, abs=10)


def test_the_page_is_what_the_command_makes() -> None:
    assert render(MEASUREMENTS, REAL, KEPT) == PAGE, "run: python -m benchmarks.capacity page"


def test_a_record_is_written_as_it_is_read(tmp_path: Path) -> None:
    for file, record in ((MEASURED, MEASUREMENTS), (SCALE_OUT, REAL), (SIMULATED, KEPT)):
        write(tmp_path / file.name, record)
        assert (tmp_path / file.name).read_text("utf-8") == file.read_text("utf-8")


def test_the_quickest_simulation_gives_what_is_kept() -> None:
    assert set(KEPT.outcomes) == {*SCENARIOS, "rerun"}
    assert_near(simulate(MEASUREMENTS, "burst", KEPT.seed)[0], KEPT.outcomes["burst"])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "burst"])
def test_every_simulation_gives_what_is_kept(name: str) -> None:
    assert_near(simulate(MEASUREMENTS, name, KEPT.seed)[0], KEPT.outcomes[name])


@pytest.mark.slow
def test_the_real_run_simulated_gives_what_is_kept() -> None:
    outcome, curve = rerun(REAL, KEPT.seed)
    assert_near(outcome, KEPT.outcomes["rerun"])
    for found, kept in zip(compare(REAL, outcome, curve), KEPT.comparison, strict=True):
        assert found.figure == kept.figure
        assert found.simulated == pytest.approx(kept.simulated, rel=0.02)


def test_every_chart_of_the_page_is_drawn() -> None:
    curve = Curve(1.0, [5, 5], [4, 5], [1, 0], [2.0, None], [1, 2])
    drawn = pictures(MEASUREMENTS, REAL, dict.fromkeys([*SCENARIOS, "rerun"], curve))
    for name, svg in drawn.items():
        assert svg.startswith("<svg")
        assert f"(images/{name})" in PAGE
        assert (ROOT / "docs" / "images" / name).exists()


def test_the_simulation_agrees_with_the_real_run() -> None:
    assert KEPT.comparison[0].ratio == pytest.approx(1, abs=scenarios.BAR_PERCENT / 100)
    assert REAL.other_errors == 0
    assert sums.pods_for(scenarios.ORIGINAL_RATE, MEASUREMENTS.of(0.5)) <= autoscaler_rules().min_replicas
    assert KEPT.outcomes["burst"].refused == 0, "the original's burst needs no growth"
    assert KEPT.outcomes["burst"].p99_ms < MEASUREMENTS.slo_ms


def test_what_deploy_says_agrees_with_the_sums() -> None:
    manifest, rules, run = gke(), autoscaler_rules(), cloud_run()
    half, one = MEASUREMENTS.of(manifest.request_cpus), MEASUREMENTS.of(run.cpus)
    assert manifest.max_rate == sums.rounded_rate(MEASUREMENTS, manifest.request_cpus)
    assert rules.cpu_percent == rules.rate_percent == 100 * sums.TARGET
    best, worst = sums.reaction_s(MEASUREMENTS)
    assert sums.target_for(1, worst) < sums.TARGET < sums.target_for(1, (best + worst) / 2)
    assert manifest.average_value == round(manifest.max_rate * sums.TARGET)
    assert 64 <= run.concurrency <= MEASUREMENTS.slo_ms / 1000 * one.capacity_per_s
    assert half.memory_mib < manifest.memory_mib < 1024 * manifest.limit_cpus
    assert one.memory_mib < run.memory_mib
    run_rate = sums.rounded_rate(MEASUREMENTS, run.cpus)
    for file, rate in (
        ("deploy/gke/base/deployment.yaml", manifest.max_rate),
        ("deploy/gke/base/autoscaling.yaml", rules.max_replicas * manifest.max_rate),
        ("deploy/cloudrun/service.yaml", run_rate),
        ("docs/deploy.md", run_rate),
    ):
        assert f"about {rate:,.0f} flights" in (ROOT / file).read_text("utf-8"), (file, rate)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["measure"], "measure needs --model, a file from `puntual train`"),
        (["scale-out", "--model", "none.puntual"], "--model: none.puntual: no such file"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.capacity", *arguments])
    with pytest.raises(SystemExit, match="2"):
        command.main()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"benchmarks.capacity: {message}")
    assert said.err.count("\n") == 1
