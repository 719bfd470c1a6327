"""The sections of a model card, in their order: its use, its limits, what it learned from, how good it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from puntual.inference.card import OF_THE_FIGURES, Limit, ModelCard
from puntual.metrics.intervals import METRICS
from puntual.reports.card_measured import (
    cut_section,
    families_section,
    ladder_section,
    reads_section,
    weak_section,
)
from puntual.reports.card_parts import Section, Table
from puntual.reports.card_rolling import rolling_section
from puntual.reports.card_truth import (
    bins_table,
    parts_table,
    shift_in_words,
    truth_exhibits,
    truth_section,
)
from puntual.reports.card_words import CardWords


def sections(card: ModelCard, told: CardWords) -> list[Section]:
    """All that the card has numbers for, in its order."""
    makers: tuple[Callable[[ModelCard, CardWords], Section | None], ...] = (
        _use,
        _limits,
        _learned,
        _worth,
        _given,
        rolling_section,
        truth_section,
        cut_section,
        ladder_section,
        reads_section,
        weak_section,
        families_section,
        _method,
    )
    return [section for make in makers if (section := make(card, told)) is not None]


def measured_on(card: ModelCard, told: CardWords) -> str:
    """On which flights the card's numbers were measured."""
    first = card.evaluation_results.evaluations[0]
    values = {
        "flights": told.number(first.flights),
        "first": told.day(first.first),
        "last": told.day(first.last),
    }
    how = told.text("card.how.random") if first.split == "random" else told.text("card.how.time")
    return told.text("card.measured", how=how, **values)


def _use(card: ModelCard, told: CardWords) -> Section:
    minutes = [str(rung.minutes) for rung in card.evaluation_results.exceedance]
    return Section(
        "use",
        told.text("card.use"),
        points=[
            told.text("card.use.answer", minutes=card.threshold_minutes, ladder=told.listed(minutes)),
            told.text("card.use.horizon"),
            told.text("card.use.ways"),
            told.text("card.use.many"),
        ],
    )


def _limits(card: ModelCard, told: CardWords) -> Section:
    points = []
    for limit in card.limits:
        if limit.name in OF_THE_FIGURES:
            continue
        if limit.name == "airports":
            about = told.listed([told.words.label("origin", code) for code in limit.about])
        elif limit.name == "season":
            about = told.listed([told.month(int(month)) for month in limit.about])
        else:
            about = told.day(limit.about[0]) if limit.about else ""
        points.append(told.text(f"card.limit.{limit.name}", about=about))
    return Section("limits", told.text("card.limits"), points=points)


def _learned(card: ModelCard, told: CardWords) -> Section:
    training, measured = card.training, card.evaluation_results
    versions = told.listed([f"{name} {version}" for name, version in training.versions.items()])
    days = told.text("card.days", first=told.day(training.first), last=told.day(training.last))
    facts = {
        "source": training.source,
        "days": days,
        "flights": told.number(training.flights),
        "base_rate": told.percent(training.base_rate),
        "trees": told.text(
            "card.trees", within=measured.tuning.trees, alone=measured.tuning_without_timetable.trees
        ),
        "features": told.number(len(card.features)),
        "digest": training.digest,
        "seed": str(training.seed),
        "versions": versions,
    }
    rows = [(told.text(f"card.fact.{name}"), value) for name, value in facts.items()]
    notes = [told.text("card.refitted")] if training.refitted else []
    return Section(
        "learned", told.text("card.learned"), notes, tables=[Table(told.text("card.learned"), [], rows)]
    )


def _worth(card: ModelCard, told: CardWords) -> Section:
    protocols = card.evaluation_results.evaluations
    heads, columns = [told.text("card.metric")], []
    for one in protocols:
        for way, metrics in (("within", one.with_timetable), ("alone", one.without_timetable)):
            heads.append(f"{told.named('split', one.split)}, {told.text(f'card.{way}')}")
            columns.append(
                [
                    told.number(one.flights),
                    told.text("card.days", first=told.joined(one.first), last=told.joined(one.last)),
                    told.percent(one.base_rate),
                    told.number(one.block_days),
                    *(told.metric(name, metrics[name]) for name in METRICS),
                    told.percent(one.decision_threshold),
                ]
            )
    names = ("flights", "days", "base_rate", "block_days", *METRICS, "cut")
    rows = [
        (told.text(f"card.metric.{name}"), *(column[at] for column in columns))
        for at, name in enumerate(names)
    ]
    first = protocols[0]
    verdict = told.verdict(first.with_timetable, first.without_timetable, first.learned_base_rate)
    flattering = any(one.split == "random" for one in protocols)
    notes = [told.text("card.worth.note"), verdict]
    if card.evaluation_results.seeds is not None:
        notes.append(told.seeds(card.evaluation_results.seeds))
    return Section(
        "worth",
        told.text("card.worth"),
        [*notes, *_too_few(card.limits, told)],
        tables=[Table(told.text("card.worth"), heads, rows)],
        notice=told.text("card.worth.random") if flattering else "",
    )


def _too_few(limits: Sequence[Limit], told: CardWords) -> list[str]:
    """What was measured on too little, in sentences."""
    return [
        told.text(f"card.limit.{limit.name}", about=limit.about[0], least=limit.about[1])
        for limit in limits
        if limit.name in OF_THE_FIGURES
    ]


def _given(card: ModelCard, told: CardWords) -> Section | None:
    given = card.given
    if given is None:
        return None
    own = card.evaluation_results.evaluations[0]
    columns = (given.with_timetable, given.without_timetable, own.with_timetable, own.without_timetable)
    heads = [told.text("card.metric")]
    heads += [
        f"{told.text(f'card.of.{whose}')}, {told.text(f'card.{way}')}"
        for whose in ("given", "own")
        for way in ("within", "alone")
    ]
    measured = (given, given, own, own)
    rows = [
        (told.text("card.metric.flights"), *(told.number(one.flights) for one in measured)),
        (told.text("card.metric.base_rate"), *(told.percent(one.base_rate) for one in measured)),
        (told.text("card.metric.block_days"), *(told.number(one.block_days) for one in measured)),
        *(
            (told.text(f"card.metric.{name}"), *(told.metric(name, column[name]) for column in columns))
            for name in METRICS
        ),
    ]
    about = told.text(
        "card.given.about",
        data=given.data,
        flights=told.number(given.flights),
        first=told.day(given.first),
        last=told.day(given.last),
    )
    title = told.text("chart.truth_given")
    return Section(
        "given",
        told.text("card.given"),
        [
            about,
            told.verdict(given.with_timetable, given.without_timetable, card.training.base_rate),
            shift_in_words(given.reliability, told),
        ],
        figures=truth_exhibits("given", title, given.reliability, given.reliability_without_timetable, told),
        tables=[
            Table(told.text("card.given.beside"), heads, rows),
            bins_table(given.reliability, told),
            parts_table(given.reliability, given.reliability_without_timetable, told),
        ],
        notice=told.text("card.given.learned", flights=told.number(given.learned)) if given.learned else "",
    )


def _method(card: ModelCard, told: CardWords) -> Section:
    return Section(
        "method",
        told.text("report.method"),
        [
            told.text("card.method.interval", days=card.evaluation_results.evaluations[0].block_days),
            told.text("card.method.bins"),
            told.text("card.method.metrics"),
            told.text("card.method.brier"),
            told.text("method.made", version=card.training.versions.get("puntual", "?")),
        ],
    )
