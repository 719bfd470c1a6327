"""Whether a model's probabilities came true: on its own test flights, or on others."""

from __future__ import annotations

from collections.abc import Sequence

from puntual.charts import card_charts
from puntual.inference.card import ModelCard
from puntual.inference.evaluation_results import Slice
from puntual.inference.reliability import Group, Reliability
from puntual.reports.card_texts import CardTexts, Section, Table
from puntual.reports.page import Figure

_BRIER_PARTS = ("reliability", "resolution", "uncertainty", "within")


def reliability_section(card: ModelCard, texts: CardTexts) -> Section:
    """On the model's own test flights."""
    results = card.evaluation_results
    both = results.with_timetable, results.without_timetable
    return texts.section(
        "truth",
        [_calibration(card, texts), calibration_in_words(both[0], texts), texts.text("card.truth.note")],
        figures=reliability_figures("own", texts.text("chart.truth"), *both, texts),
        tables=[brier_table(*both, texts), bins_table(both[0], texts)],
    )


def _calibration(card: ModelCard, texts: CardTexts) -> str:
    tuning = card.evaluation_results.tuning
    method = texts.named("calibration", tuning.calibration)
    if not tuning.losses:
        return texts.text("card.calibration.few", method=method)
    losses = ", ".join(
        f"{texts.named('calibration', name)} {texts.number(loss, 4)}"
        for name, loss in sorted(tuning.losses.items(), key=lambda item: item[1])
    )
    return texts.text("card.calibration.chosen", method=method, losses=losses)


def calibration_in_words(reliability: Reliability, texts: CardTexts) -> str:
    """How much of the calibration error is a shifted mean, and how large chance alone would make it."""
    flights = sum(one.flights for one in reliability.bins)
    error, without = round(reliability.calibration_error, 3), round(reliability.without_shift, 3)
    shift = texts.text(
        "card.truth.shift",
        expected=texts.percent(sum(one.flights * one.expected for one in reliability.bins) / flights),
        rate=texts.percent(sum(one.flights * one.rate for one in reliability.bins) / flights),
        error=texts.number(error, 3),
        without=texts.number(without, 3),
        shift=texts.number(max(error - without, 0), 3),
    )
    floor = reliability.noise_floor
    if floor is None:
        return f"{shift} {texts.text('card.truth.no_floor')}"
    ends = {"expected": texts.number(floor.expected, 3), "most": texts.number(floor.most, 3)}
    return f"{shift} {texts.text('card.truth.floor', **ends)}"


def reliability_figures(
    whose: str, title: str, with_timetable: Reliability, without: Reliability, texts: CardTexts
) -> list[Figure]:
    """Two charts: the bins in both modes, and the months with the timetable.

    Parameters
    ----------
    whose : ``own`` or ``given``
    """
    series = {texts.text("series.within"): with_timetable.bins, texts.text("series.alone"): without.bins}
    section = "truth" if whose == "own" else "given"
    months = [texts.month_of(one.name) for one in with_timetable.months]
    by_month = card_charts.reliability_by_group(
        with_timetable.months, months, texts.text(f"chart.months_{whose}"), texts
    )
    error = texts.number(with_timetable.calibration_error, 3)
    return [
        Figure(
            f"truth_{whose}",
            section,
            card_charts.reliability(series, title, texts),
            texts.text("card.alt.truth", error=error),
        ),
        Figure(f"months_{whose}", section, by_month, furthest(with_timetable.months, months, texts)),
    ]


def furthest(groups: Sequence[Group | Slice], labels: Sequence[str], texts: CardTexts) -> str:
    """The group whose rate is furthest from its mean probability."""
    group, label = max(zip(groups, labels, strict=True), key=lambda one: abs(one[0].expected - one[0].rate))
    return texts.text(
        "card.alt.held", name=label, expected=texts.percent(group.expected), rate=texts.rate(group)
    )


def bins_table(reliability: Reliability, texts: CardTexts) -> Table:
    """The mean probability and the rate of every bin."""
    rows = [
        (texts.percent(one.expected), texts.number(one.flights), texts.rate(one)) for one in reliability.bins
    ]
    return Table(texts.text("card.bins"), texts.heads("predicted", "flights", "observed"), rows, folded=True)


def brier_table(with_timetable: Reliability, without: Reliability, texts: CardTexts) -> Table:
    """The parts of the Brier score, in both modes."""
    both = with_timetable.brier, without.brier
    rows = [
        (texts.text(f"card.brier.{name}"), *(texts.number(getattr(one, name), 4) for one in both))
        for name in _BRIER_PARTS
    ]
    totals = [
        texts.number(one.reliability - one.resolution + one.uncertainty + one.within, 4) for one in both
    ]
    heads = [texts.text(f"card.{name}") for name in ("brier.part", "within", "alone")]
    return Table(texts.text("card.brier"), heads, [*rows, (texts.text("card.metric.brier"), *totals)])
