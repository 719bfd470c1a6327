"""The months of a model card, each told by what came before it: how a model that is trained anew would do."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from puntual.charts import card_charts
from puntual.inference.card import ModelCard
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import RollingMonth
from puntual.reports.card_parts import Section, Table
from puntual.reports.card_words import CardWords
from puntual.reports.page import Figure

_WAYS = ("within", "alone")
_METRICS = ("log_loss", "auc", "calibration_error")


def rolling_section(card: ModelCard, told: CardWords) -> Section | None:
    """None where the months were not told."""
    months = card.evaluation_results.rolling
    if not months:
        return None
    within, alone, plain = (told.number(mean, 3) for mean in _means(months)[:3])
    losses = [_losses(month)[0].value for month in months]
    better = sum(month.plain_log_loss.value > loss for month, loss in zip(months, losses, strict=True))
    worst = months[max(range(len(months)), key=losses.__getitem__)]
    title = told.named("split", months[0].split)
    title = title[:1].upper() + title[1:]
    return Section(
        "rolling",
        title,
        [told.text("card.rolling.note")],
        points=[
            told.text("card.rolling.mean", within=within, alone=alone, plain=plain),
            told.text("card.rolling.better", better=told.number(better), count=told.number(len(months))),
        ],
        figures=[
            Figure(
                "rolling",
                "rolling",
                card_charts.rolling(months, told.words),
                told.text(
                    "card.alt.rolling",
                    month=told.month_of(worst.month),
                    loss=told.metric("log_loss", _losses(worst)[0]),
                ),
            )
        ],
        tables=[_table(months, title, told)],
    )


def _table(months: Sequence[RollingMonth], title: str, told: CardWords) -> Table:
    heads = [told.text(f"card.head.{name}") for name in ("month", "before", "flights")]
    heads.append(told.text("card.metric.base_rate"))
    for name in _METRICS:
        heads += [f"{told.text(f'card.metric.{name}')}, {told.text(f'card.{way}')}" for way in _WAYS]
        if name == "log_loss":
            heads.append(told.text("card.head.plain_loss"))
    rows = [
        (
            told.month_of(month.month),
            told.number(month.learned_flights),
            told.number(month.flights),
            told.percent(month.base_rate),
            *(told.metric("log_loss", one) for one in _measured(month)),
        )
        for month in months
    ]
    means = [told.number(mean, 3) for mean in _means(months)]
    rate = told.percent(fmean(month.base_rate for month in months))
    return Table(title, heads, [*rows, (told.text("card.rolling.means"), "–", "–", rate, *means)])


def _measured(month: RollingMonth) -> list[Estimate | None]:
    """In the order of the table's columns."""
    both = [way[name] for name in _METRICS for way in (month.with_timetable, month.without_timetable)]
    return [*both[:2], month.plain_log_loss, *both[2:]]


def _losses(month: RollingMonth) -> list[Estimate]:
    """Those that are always defined."""
    return [one for one in _measured(month)[:3] if one is not None]


def _means(months: Sequence[RollingMonth]) -> list[float]:
    """Over the months where each is defined, which are all that have a late flight and one on time."""
    columns = zip(*map(_measured, months), strict=True)
    return [fmean(one.value for one in column if one is not None) for column in columns]
