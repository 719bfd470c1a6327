"""How good the probability of a cancellation was, on the test part and on given flights."""

from __future__ import annotations

from puntual.inference.card import ModelCard
from puntual.inference.evaluation_results import CancellationAssessment
from puntual.reports.card_texts import CardTexts, Section, Table

_METRICS = (
    *("log_loss", "plain_log_loss", "gain", "auc", "average_precision", "brier"),
    "calibration_error",
)


def cancellation_section(card: ModelCard, texts: CardTexts) -> Section | None:
    """The probability of a cancellation against the base rate; None if the model has none."""
    own = card.evaluation_results.cancellation
    if own is None:
        return None
    measured = {"own": own, "given": card.given.cancellation if card.given else None}
    columns: dict[str, list[str]] = {}
    for name, found in measured.items():
        if found is not None:
            columns |= _columns(texts.text(f"card.of.{name}"), found, texts)
    names = [texts.text(f"card.cancellation.{name}") for name in ("flights", "cancelled", "rate")]
    names += [texts.text(f"card.metric.{name}") for name in _METRICS]
    rows = [(name, *(column[at] for column in columns.values())) for at, name in enumerate(names)]
    learned = texts.text(
        "card.cancellation.learned",
        cancelled=texts.number(own.learned_cancelled),
        flights=texts.number(own.learned_flights),
        rate=texts.percent(own.learned_base_rate),
    )
    kept = [] if own.trees else [texts.text("card.cancellation.constant")]
    return texts.section(
        "cancellation",
        [texts.text("card.cancellation.note"), learned, *kept],
        tables=[Table(texts.text("card.cancellation"), [texts.text("card.metric"), *columns], rows)],
    )


def _columns(whose: str, found: CancellationAssessment, texts: CardTexts) -> dict[str, list[str]]:
    """What stands under each head, from the top."""
    counts = [
        texts.number(found.flights),
        texts.number(found.cancelled),
        texts.percent(found.base_rate),
    ]
    modes = {"within": found.with_timetable, "alone": found.without_timetable}
    return {
        f"{whose}, {texts.text(f'card.{mode}')}": counts
        + [texts.metric(name, metrics[name]) for name in _METRICS]
        for mode, metrics in modes.items()
    }
