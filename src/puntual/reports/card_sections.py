"""The sections of a model card in their order, and those on its use, its flights and how good it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from puntual.inference.card import HORIZON, OF_THE_FIGURES, Assessment, ModelCard
from puntual.inference.evaluation_results import Evaluation
from puntual.metrics.intervals import METRICS
from puntual.reports.card_cancellation import cancellation_section
from puntual.reports.card_leads import leads_section
from puntual.reports.card_performance import (
    backtest_section,
    exceedance_section,
    families_section,
    importance_section,
    threshold_section,
    weak_section,
)
from puntual.reports.card_reliability import (
    bins_table,
    brier_table,
    calibration_in_words,
    reliability_figures,
    reliability_section,
)
from puntual.reports.card_texts import NO_BREAK_HYPHEN, CardTexts, Section, Table


def sections(card: ModelCard, texts: CardTexts) -> list[Section]:
    """All that the card has numbers for, in its order."""
    makers: tuple[Callable[[ModelCard, CardTexts], Section | None], ...] = (
        _use,
        _limits,
        _learned,
        _performance,
        _given,
        backtest_section,
        leads_section,
        reliability_section,
        threshold_section,
        exceedance_section,
        cancellation_section,
        importance_section,
        weak_section,
        families_section,
        _method,
    )
    return [section for make in makers if (section := make(card, texts)) is not None]


def measured_on(card: ModelCard, texts: CardTexts) -> str:
    """On which flights the card's numbers were measured."""
    first = card.evaluation_results.evaluations[0]
    return texts.text(
        "card.measured",
        how=texts.text("card.how.random" if first.split == "random" else "card.how.time"),
        flights=texts.number(first.flights),
        first=texts.day(first.first),
        last=texts.day(first.last),
    )


def _use(card: ModelCard, texts: CardTexts) -> Section:
    minutes = ", ".join(str(one.minutes) for one in card.evaluation_results.exceedance)
    answer = texts.text("card.use.answer", minutes=card.threshold_minutes, ladder=minutes)
    horizon = "horizon" if card.horizon == HORIZON else "day"
    others = [texts.text(f"card.use.{name}") for name in (horizon, "ways", "many")]
    return texts.section("use", points=[answer, *others])


def _limits(card: ModelCard, texts: CardTexts) -> Section:
    points = []
    for limit in card.limits:
        if limit.name in OF_THE_FIGURES:
            continue
        if limit.name == "airports":
            about = ", ".join(texts.label("origin", code) for code in limit.about)
        elif limit.name == "season":
            about = ", ".join(texts.month(int(month)) for month in limit.about)
        else:
            about = texts.day(limit.about[0]) if limit.about else ""
        points.append(texts.text(f"card.limit.{limit.name}", about=about))
    return texts.section("limits", points=points)


def _learned(card: ModelCard, texts: CardTexts) -> Section:
    training, results = card.training, card.evaluation_results
    trees, alone = results.tuning.trees, results.tuning_without_timetable.trees
    facts = {
        "source": training.source,
        "days": texts.text("card.days", first=texts.day(training.first), last=texts.day(training.last)),
        "flights": texts.number(training.flights),
        "base_rate": texts.percent(training.base_rate),
        "trees": texts.text("card.trees", within=trees, alone=alone),
        "features": texts.number(len(card.features)),
        "digest": training.digest,
        "seed": str(training.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in training.versions.items()),
    }
    rows = [(texts.text(f"card.fact.{name}"), value) for name, value in facts.items()]
    notes = [texts.text("card.refitted")] if training.refitted else []
    return texts.section("learned", notes, tables=[Table(texts.text("card.learned"), [], rows)])


def _performance(card: ModelCard, texts: CardTexts) -> Section:
    evaluations, seeds = card.evaluation_results.evaluations, card.evaluation_results.seeds
    columns: dict[str, dict[str, str]] = {}
    for one in evaluations:
        others = {
            "days": texts.text("card.days", first=one.first, last=one.last).replace("-", NO_BREAK_HYPHEN),
            "cut": texts.percent(one.decision_threshold),
        }
        for head, column in _columns(texts.named("split", one.split), one, texts).items():
            columns[head] = column | others
    names = ("flights", "days", "base_rate", "block_days", *METRICS, "cut")
    first = evaluations[0]
    notes = [
        texts.text("card.worth.note"),
        texts.verdict(first.with_timetable, first.without_timetable, first.learned_base_rate),
        *([] if seeds is None else [texts.seeds(seeds)]),
        *(
            texts.text(f"card.limit.{limit.name}", about=limit.about[0], least=limit.about[1])
            for limit in card.limits
            if limit.name in OF_THE_FIGURES
        ),
    ]
    random = any(one.split == "random" for one in evaluations)
    return texts.section(
        "worth",
        notes,
        tables=[_metrics_table(texts.text("card.worth"), names, columns, texts)],
        notice=texts.text("card.worth.random") if random else "",
    )


def _columns(whose: str, one: Evaluation | Assessment, texts: CardTexts) -> dict[str, dict[str, str]]:
    """The metrics of some flights in both modes, by the head of the column and the name of the metric."""
    modes = {"within": one.with_timetable, "alone": one.without_timetable}
    return {
        f"{whose}, {texts.text(f'card.{mode}')}": {
            "flights": texts.number(one.flights),
            "base_rate": texts.percent(one.base_rate),
            "block_days": texts.number(one.block_days),
            **{name: texts.metric(name, metrics[name]) for name in METRICS},
        }
        for mode, metrics in modes.items()
    }


def _metrics_table(
    title: str, names: Sequence[str], columns: Mapping[str, Mapping[str, str]], texts: CardTexts
) -> Table:
    rows = [
        (texts.text(f"card.metric.{name}"), *(column[name] for column in columns.values())) for name in names
    ]
    return Table(title, [texts.text("card.metric"), *columns], rows)


def _given(card: ModelCard, texts: CardTexts) -> Section | None:
    given = card.given
    if given is None:
        return None
    both = given.reliability, given.reliability_without_timetable
    about = texts.text(
        "card.given.about",
        data=given.data,
        flights=texts.number(given.flights),
        first=texts.day(given.first),
        last=texts.day(given.last),
    )
    verdict = texts.verdict(given.with_timetable, given.without_timetable, card.training.base_rate)
    own = card.evaluation_results.evaluations[0]
    columns = _columns(texts.text("card.of.given"), given, texts)
    columns |= _columns(texts.text("card.of.own"), own, texts)
    names = ("flights", "base_rate", "block_days", *METRICS)
    metrics = _metrics_table(texts.text("card.given.beside"), names, columns, texts)
    return texts.section(
        "given",
        [about, verdict, calibration_in_words(both[0], texts)],
        figures=reliability_figures("given", texts.text("chart.truth_given"), *both, texts),
        tables=[metrics, bins_table(both[0], texts), brier_table(*both, texts)],
        notice=texts.text("card.given.learned", flights=texts.number(given.learned)) if given.learned else "",
    )


def _method(card: ModelCard, texts: CardTexts) -> Section:
    notes = [
        texts.text("card.method.interval", days=card.evaluation_results.evaluations[0].block_days),
        *(texts.text(f"card.method.{name}") for name in ("bins", "metrics", "brier")),
        texts.text("method.made", version=card.training.versions.get("puntual", "?")),
    ]
    return Section("method", texts.text("report.method"), notes)
