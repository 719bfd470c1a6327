"""What many flights have that a model never saw."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from puntual.features import in_model_codes
from puntual.inference.artifact import Artifact
from puntual.inference.encoder import NAMED
from puntual.inference.season_rules import day_of_year

MANY_UNSEEN = 0.1
"""Share of the flights from which on values never seen are worth a warning."""
SHOWN_UNSEEN = 5


class Unseen(NamedTuple):
    """A field whose value the model never saw, of many flights.

    Attributes
    ----------
    share : of the flights
    codes : as in the source, the most frequent first
    """

    field: str
    share: float
    codes: list[str]

    def __str__(self) -> str:
        return (
            f"{100 * self.share:.0f} % of the flights have a value of {self.field} that the model never saw, "
            f"mostly {', '.join(self.codes)}; they are answered from the rest"
        )


def unseen(artifact: Artifact, flights: pl.DataFrame) -> list[str]:
    """What a tenth of the flights or more have that the model never saw, a sentence each.

    Parameters
    ----------
    flights : canonical frame
    """
    values = [str(one) for one in unseen_values(artifact, flights)]
    days = unseen_days(artifact, flights)
    return values if days is None else [*values, days]


def unseen_values(artifact: Artifact, flights: pl.DataFrame) -> list[Unseen]:
    """The fields of which a tenth of the flights or more have a value that the model never saw.

    Parameters
    ----------
    flights : canonical frame
    """
    coded = in_model_codes(flights, artifact.tables)
    found = []
    for field in NAMED:
        known = coded[field].is_null() | coded[field].is_in(artifact.tables.categories[field])
        strange = flights[field].filter(~known)
        share = len(strange) / max(flights.height, 1)
        if share >= MANY_UNSEEN:
            counted = strange.value_counts().sort("count", field, descending=[True, False])
            codes = counted[field].head(SHOWN_UNSEEN).to_list()
            found.append(Unseen(field, share, codes))
    return found


def unseen_days(artifact: Artifact, flights: pl.DataFrame) -> str | None:
    """Say that a tenth of the flights or more are of a season, or far from the dates, that were learned from.

    Parameters
    ----------
    flights : canonical frame
    """
    tables, training = artifact.tables, artifact.training
    day = flights["scheduled_departure"].dt.date()
    distinct = day.unique()
    of_season = [one for one in distinct if day_of_year(one) not in tables.seasons]
    first, last = tables.near_dates
    far = distinct.filter(~distinct.is_between(first, last)).to_list()
    strange = day.is_in(sorted({*of_season, *far}))
    share = int(strange.sum()) / max(flights.height, 1)
    if share < MANY_UNSEEN:
        return None
    what = "season" if of_season else "date"
    found = (
        f"{100 * share:.0f} % of the flights have a {what} that the model never saw: it learned from "
        f"{training.first} to {training.last}, so their level is a guess"
    )
    later = int((strange & (day > dt.date.fromisoformat(training.last))).sum())
    if not later:
        return found
    if training.refitted:
        return f"{found}; train it anew on later flights"
    return f"{found}; trained with `final` (--final), a model learns from the last days of its history, too"
