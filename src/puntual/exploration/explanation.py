"""What explains the delays, by models: adjusted rates, interactions, and the importance of the variables."""

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
    departed: pl.DataFrame, grouped: pl.DataFrame, tables: Tables, flights: Flights, progress: Progress
) -> Explanation:
    """Explain the delays of flights, of which some are delayed, and not all.

    Parameters
    ----------
    departed : from `puntual.statistics.rates.with_outcomes`, in time order
    grouped : from `puntual.statistics.rates.add_groups`, the same flights
    flights : their complete frame is the timetable
    progress : called after each step
    """
    adjusted = adjusted_rates(grouped)
    pairs = find_pairs(grouped)
    progress("adjusted rates", 1)
    features = compute_features(departed, tables, flights.frame)
    dates = departed["scheduled_departure"].dt.date().to_numpy()
    importance = weigh_variables(features, departed["delayed"].to_numpy(), dates, progress)
    return Explanation(adjusted, pairs, importance)
