"""What a model tells of the delays: adjusted rates, pairs that interact, and the weight of the variables."""

from __future__ import annotations

import polars as pl

from puntual.data import Flights
from puntual.exploration.pairs import find_pairs
from puntual.exploration.study import Explanation
from puntual.features import compute_features
from puntual.inference.tables import Tables
from puntual.statistics.adjusted_rates import adjusted_rates
from puntual.training.importance import weigh_variables
from puntual.types import Progress


def explain(
    departed: pl.DataFrame, told: pl.DataFrame, tables: Tables, flights: Flights, progress: Progress
) -> Explanation:
    """Explain the delays of flights; some are delayed, and not all.

    Parameters
    ----------
    departed : from `puntual.statistics.rates.with_outcomes`, in time order
    told : `puntual.statistics.rates.group` of them
    flights : whose complete frame is the timetable
    progress : called after each step with the stage that it belongs to and how many that has
    """
    adjusted = adjusted_rates(told)
    pairs = find_pairs(told)
    progress("adjusted rates", 1)
    features = compute_features(departed, tables, flights.frame)
    dates = departed["scheduled_departure"].dt.date().to_numpy()
    importance = weigh_variables(features, departed["delayed"].to_numpy(), dates, progress)
    return Explanation(adjusted, pairs, importance)
