"""Whether a model's probabilities came true: on its own test flights, or on others."""

from __future__ import annotations

from collections.abc import Sequence

from puntual.charts import card_charts
from puntual.inference.card import ModelCard
from puntual.inference.evaluation_results import Card
from puntual.inference.reliability import Group, Reliability
from puntual.reports.card_parts import Section, Table
from puntual.reports.card_words import CardWords
from puntual.reports.page import Figure


def truth_section(card: ModelCard, told: CardWords) -> Section:
    """On the model's own test flights."""
    measured = card.evaluation_results
    within, alone = measured.with_timetable, measured.without_timetable
    return Section(
        "truth",
        told.text("card.truth"),
        [_calibration(measured, told), shift_in_words(within, told), told.text("card.truth.note")],
        figures=truth_exhibits("own", told.text("chart.truth"), within, alone, told),
        tables=[parts_table(within, alone, told), bins_table(within, told)],
    )


def _calibration(measured: Card, told: CardWords) -> str:
    chosen = measured.tuning
    method = told.named("calibration", chosen.calibration)
    if not chosen.losses:
        return told.text("card.calibration.few", method=method)
    losses = sorted(chosen.losses.items(), key=lambda one: one[1])
    listed = told.listed(
        [f"{told.named('calibration', name)} {told.number(loss, 4)}" for name, loss in losses]
    )
    return told.text("card.calibration.chosen", method=method, losses=listed)


def shift_in_words(held: Reliability, told: CardWords) -> str:
    """How much of the calibration error is a shifted mean, and what chance alone would make of it."""
    flights = sum(one.flights for one in held.bins)
    expected = sum(one.flights * one.expected for one in held.bins) / flights
    rate = sum(one.flights * one.rate for one in held.bins) / flights
    shift = told.text(
        "card.truth.shift",
        expected=told.percent(expected),
        rate=told.percent(rate),
        error=told.number(held.calibration_error, 3),
        without=told.number(held.without_shift, 3),
        shift=told.number(max(round(held.calibration_error, 3) - round(held.without_shift, 3), 0), 3),
    )
    floor = held.noise_floor
    if floor is None:
        return f"{shift} {told.text('card.truth.no_floor')}"
    ends = {"expected": told.number(floor.expected, 3), "most": told.number(floor.most, 3)}
    return f"{shift} {told.text('card.truth.floor', **ends)}"


def truth_exhibits(
    whose: str, title: str, within: Reliability, alone: Reliability, told: CardWords
) -> list[Figure]:
    """Two charts: the bins both ways, and the months within the timetable.

    Parameters
    ----------
    whose : ``own`` or ``given``
    """
    series = {
        told.text("series.within"): within.bins,
        told.text("series.alone"): alone.bins,
    }
    months = [told.month_of(one.name) for one in within.months]
    by_month = told.text(f"chart.months_{whose}")
    return [
        Figure(
            f"truth_{whose}",
            "truth",
            card_charts.truth(series, title, told.words),
            told.text("card.alt.truth", error=told.number(within.calibration_error, 3)),
        ),
        Figure(
            f"months_{whose}",
            "truth",
            card_charts.held(within.months, months, by_month, told.words),
            furthest(within.months, months, told),
        ),
    ]


def furthest(groups: Sequence[Group], labels: Sequence[str], told: CardWords) -> str:
    """The group that is furthest from what was told of it."""
    furthest = max(range(len(groups)), key=lambda at: abs(groups[at].expected - groups[at].rate))
    one = groups[furthest]
    return told.text(
        "card.alt.held",
        name=labels[furthest],
        expected=told.percent(one.expected),
        rate=told.rate(one),
    )


def bins_table(held: Reliability, told: CardWords) -> Table:
    """Every bin, its probability told and its rate."""
    rows = [
        (
            told.percent(one.expected),
            told.number(one.flights),
            told.rate(one),
        )
        for one in held.bins
    ]
    heads = [told.text(f"card.head.{name}") for name in ("told", "flights", "came")]
    return Table(told.text("card.bins"), heads, rows, folded=True)


def parts_table(within: Reliability, alone: Reliability, told: CardWords) -> Table:
    """What the Brier score is made of, both ways."""
    names = ("reliability", "resolution", "uncertainty", "within")
    rows = [
        (
            told.text(f"card.brier.{name}"),
            *(told.number(getattr(one.brier, name), 4) for one in (within, alone)),
        )
        for name in names
    ]
    whole = [
        told.number(parts.reliability - parts.resolution + parts.uncertainty + parts.within, 4)
        for parts in (within.brier, alone.brier)
    ]
    heads = [told.text("card.brier.part"), told.text("card.within"), told.text("card.alone")]
    return Table(told.text("card.brier"), heads, [*rows, (told.text("card.metric.brier"), *whole)])
