"""How good a model is by lead time, from what had happened by the moment of asking."""

from __future__ import annotations

from collections.abc import Sequence

from puntual.charts import card_charts
from puntual.inference.card import ModelCard
from puntual.inference.estimates import MetricEstimates, verdict
from puntual.inference.lead_results import LeadCancellation, LeadMetrics
from puntual.reports.card_texts import CardTexts, Section, Table
from puntual.reports.page import Figure

_METRICS = ("log_loss", "auc", "calibration_error")


def leads_section(card: ModelCard, texts: CardTexts) -> Section | None:
    """Metrics by lead time beside the timetable's; None of a model that answers from the timetable alone."""
    leads = card.evaluation_results.leads
    if not leads:
        return None
    own = card.evaluation_results.evaluations[0].with_timetable
    schedule = own["gain"]
    known = [one for one in leads if one.metrics["gain"] is not None]
    figures = []
    if schedule is not None and known:
        gains = [texts.metric("gain", one.metrics["gain"]) for one in (known[0], known[-1])]
        description = texts.text(
            "card.alt.leads",
            first=texts.lead(known[0].lead_minutes),
            early=gains[0],
            last=texts.lead(known[-1].lead_minutes),
            late=gains[1],
            schedule=texts.metric("gain", schedule),
        )
        chart = card_charts.leads(known, schedule.value, texts)
        figures.append(Figure("leads", "leads", chart, description))
    tables = [leads_table(texts.text("card.leads"), leads, own, texts)]
    limits = ["known", "aircraft", "missing"]
    notes = [texts.text("card.leads.note"), _since_when(leads, texts)]
    if leads[0].every > 1:
        flights = texts.number(leads[0].flights)
        notes.append(texts.text("card.leads.sampled", every=leads[0].every, flights=flights))
    cancellation = cancellation_table(card, texts)
    if cancellation:
        tables.append(cancellation)
        limits.append("open")
    if card.given and card.given.leads:
        title = texts.text("card.leads.given")
        tables.append(leads_table(title, card.given.leads, card.given.with_timetable, texts))
    return texts.section(
        "leads",
        notes,
        points=[texts.text(f"card.leads.{name}") for name in limits],
        figures=figures,
        tables=tables,
    )


def leads_table(
    title: str, leads: Sequence[LeadMetrics], schedule: MetricEstimates, texts: CardTexts
) -> Table:
    """A row each lead time, and one of the timetable's answers about the same flights."""
    return _table(title, [(one.lead_minutes, one) for one in leads], schedule, texts)


def cancellation_table(card: ModelCard, texts: CardTexts) -> Table | None:
    """The same of the probability of a cancellation; None if the model has none that knows the day."""
    results = card.evaluation_results
    known = [(one.lead_minutes, one.cancellation) for one in results.leads if one.cancellation]
    if not known or results.cancellation is None:
        return None
    return _table(texts.text("card.leads.cancellation"), known, results.cancellation.with_timetable, texts)


def _table(
    title: str,
    leads: Sequence[tuple[int, LeadMetrics | LeadCancellation]],
    schedule: MetricEstimates,
    texts: CardTexts,
) -> Table:
    heads = [*texts.heads("lead", "loss", "auc", "calibration_error", "gain_on_schedule")]
    rows = [(texts.lead(lead), *_cells(one.metrics, texts), texts.decimal(one.gain)) for lead, one in leads]
    return Table(title, heads, [*rows, (texts.text("card.leads.schedule"), *_cells(schedule, texts), "–")])


def _cells(metrics: MetricEstimates, texts: CardTexts) -> list[str]:
    return [texts.metric(name, metrics[name]) for name in _METRICS]


def _since_when(leads: Sequence[LeadMetrics], texts: CardTexts) -> str:
    """From which lead time on what had happened is worth more than chance explains."""
    verdicts = [verdict(one.gain) for one in leads]
    if "unknown" in verdicts:
        return texts.text("card.leads.few")
    first = next((at for at in range(len(leads)) if {*verdicts[at:]} == {"better"}), None)
    if first is None:
        return texts.text("card.leads.never")
    return texts.text("card.leads.since", lead=texts.lead(leads[first].lead_minutes))
