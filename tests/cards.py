"""A made-up artifact of which everything was measured, for what tells of it."""

from __future__ import annotations

import msgspec

from puntual.inference.artifact import Artifact
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import (
    FamilyResult,
    Importance,
    OperatingPoint,
    RollingMonth,
    SeedSpread,
    Slice,
    Spread,
)
from puntual.inference.lead_results import LEADS, LeadCancellation, LeadMetrics
from puntual.inference.reliability import Bin, Group
from tests.estimates import estimates
from tests.flights import TABLES, artifact_of

BINS = [
    Bin("", 100, share, share + 0.02, share - 0.01, share + 0.06, share - 0.05, share + 0.05)
    for share in (0.1, 0.2, 0.4)
]
MONTHS = [Group(f"2017-{month:02}", 150, 0.2, 0.19, 0.15, 0.24) for month in (9, 10)]
ALONE = estimates(0.41, 0.31, 0.51)


def rolling_month(name: str, flights: int, loss: float) -> RollingMonth:
    """As `puntual.training.backtest` tells one: every metric `loss` with the timetable, and .1 more alone."""
    return RollingMonth(
        month=name,
        split="rolling",
        first=f"{name}-01",
        last=f"{name}-28",
        learned_first="2017-01-01",
        learned_last="2017-02-28",
        learned_flights=3000,
        flights=flights,
        base_rate=0.2,
        learned_base_rate=0.19,
        decision_threshold=0.25,
        block_days=8,
        plain_log_loss=Estimate(0.5, 0.45, 0.55),
        with_timetable=estimates(loss, loss - 0.02, loss + 0.02),
        without_timetable=estimates(loss + 0.1, loss - 0.02, loss + 0.22),
    )


SEEDS = SeedSpread(
    seeds=5,
    log_loss=Spread(0.4712, 0.0008),
    auc=Spread(0.6731, 0.0012),
    log_loss_without_timetable=Spread(0.4745, 0.0011),
    auc_without_timetable=Spread(0.6622, 0.0017),
    timetable=Estimate(0.0033, -0.0004, 0.0071),
    moved=0.12,
)
ROLLING = (rolling_month("2017-03", 900, 0.4), rolling_month("2017-04", 1100, 0.46))


def lead_metrics(lead: int, gain: float, worth: float) -> LeadMetrics:
    """As measured at a lead time: a gain over the base rate, and over the timetable."""
    metrics = estimates(0.5 - gain, 0.47 - gain, 0.53 - gain) | {
        "gain": Estimate(gain, gain - 0.02, gain + 0.02)
    }
    return LeadMetrics(
        lead_minutes=lead,
        flights=900,
        base_rate=0.2,
        metrics=metrics,
        gain=Estimate(worth, worth - 0.012, worth + 0.012),
        cancellation=LeadCancellation(estimates(0.08, 0.04, 0.12), Estimate(worth / 2, None, None)),
    )


LEAD_METRICS = tuple(
    lead_metrics(lead, 0.03 + 0.01 * place, 0.005 * (place - 1)) for place, lead in enumerate(LEADS)
)
"""Better than the timetable by more than chance from 4 hours on."""


def full_artifact(booster: str = "") -> Artifact:
    """Both splits, weak and good slices, families, months told by what came before them."""
    made = artifact_of(TABLES, booster)
    card = made.card
    (first,) = card.evaluations
    held = msgspec.structs.replace(card.with_timetable, bins=BINS, months=MONTHS)
    family = FamilyResult(
        family="boosting",
        servable=True,
        note="",
        setting={"trees": 40.0},
        tried=3,
        fit_seconds=1.5,
        decision_threshold=0.5,
        metrics=first.without_timetable,
        difference=Estimate(0.0, 0.0, 0.0),
    )
    other = msgspec.structs.replace(
        family, family="linear", servable=False, difference=Estimate(0.0123, 0.0045, 0.02)
    )
    card = msgspec.structs.replace(
        card,
        evaluations=(
            msgspec.structs.replace(first, without_timetable=ALONE),
            msgspec.structs.replace(first, split="random", flights=777),
        ),
        with_timetable=held,
        without_timetable=held,
        seeds=SEEDS,
        importance=(
            Importance("hour", Estimate(0.01, 0.005, 0.02), {"2017-09": 0.011, "2017-10": 0.009}),
            Importance("month", Estimate(-0.001, -0.002, 0.0), {"2017-09": -0.001}),
        ),
        slices=(
            Slice("airline", "LAN", 600, 0.2, 0.19, 0.17, 0.21, 0.45, 0.48),
            Slice("airline", "SKU", 300, 0.35, 0.19, 0.15, 0.23, 0.53, 0.48),
            *(
                Slice("destination", code, 90, 0.1, 0.3, 0.2, 0.4, 0.55, 0.6)
                for code in ("SCFA", "SAEZ", *(f"SC{letter}X" for letter in "ABCDEFG"))
            ),
            Slice("month", "2017-09", 450, 0.2, 0.2, 0.15, 0.25, 0.5, 0.49),
        ),
        operating_points=tuple(
            OperatingPoint(cut / 100, 1 - cut / 100, None if cut > 90 else 0.3, 1 - cut / 100)
            for cut in range(1, 100)
        ),
        families=(family, other),
        rolling=ROLLING,
        leads=LEAD_METRICS,
    )
    return msgspec.structs.replace(made, card=card)
