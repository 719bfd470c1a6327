"""Rates of groups with everything else being equal."""

from __future__ import annotations

import polars as pl

from puntual.metrics.bootstrap import blocks_of
from puntual.statistics.additive import Additive, fit_additive
from puntual.statistics.rates import ADJUSTED, DIMENSIONS, MIN_GROUP_SIZE, group_codes

ADJUSTED_FOR = ("airline", "origin", "destination", "month", "weekday", "hour")

NEARLY_ALL = 0.95
"""Share of a group's flights that have one value; the others are too few to say what that value does."""

MIN_COMPARED = 2
"""Other groups to compare a group with, among the flights of a value that nearly all of its own have."""


def adjusted_rates(told: pl.DataFrame) -> pl.DataFrame:
    """The rate that all flights would have in each group, were everything else as it is.

    An additive logistic regression on airline, origin, destination, month, weekday and hour says what each
    group is worth; what a dimension says more coarsely or more finely (`Dimension.in_place_of`) gives way to
    it. So an airline that flies at bad hours is not blamed for them. A group that is not told apart from its
    company (`find_confounders`) has no such rate.

    Parameters
    ----------
    told : `group` of `with_outcomes`

    Returns
    -------
    The columns of `puntual.statistics.rates.ADJUSTED`; no rows where all flights are alike
    """
    delayed = told["delayed"].to_numpy()
    parts = [pl.DataFrame(schema=ADJUSTED)]
    if delayed.all() or not delayed.any():
        return parts[0]
    days, blocks = group_codes(told["scheduled_departure"].dt.date()), blocks_of(told)
    codes = {name: group_codes(told[name]) for name in DIMENSIONS}
    models: dict[tuple[str, ...], Additive] = {}
    for name, dimension in DIMENSIONS.items():
        kept = [other for other in ADJUSTED_FOR if other not in dimension.in_place_of]
        categories = tuple(sorted((name, *kept)))
        if categories not in models:
            models[categories] = fit_additive([codes[one] for one in categories], delayed, days, blocks)
        margins = models[categories].margins(categories.index(name))
        values = told.select(pl.lit(name).alias("dimension"), pl.col(name).alias("value")).unique()
        # Nulls sort first, as they do among the codes.
        found = pl.DataFrame(margins._asdict()).fill_nan(None)
        rated = values.sort("value", nulls_last=False).hstack(found).drop_nulls("value")
        rated = rated.join(find_confounders(told, name), on="value", how="left", maintain_order="left")
        apart = pl.when(pl.col("confounder").is_null())
        rates = {"adjusted": "rate", "adjusted_low": "low", "adjusted_high": "high"}
        rated = rated.with_columns(**{adjusted: apart.then(pl.col(rate)) for adjusted, rate in rates.items()})
        parts.append(rated.select(*ADJUSTED))
    return pl.concat(parts)


def find_confounders(told: pl.DataFrame, name: str) -> pl.DataFrame:
    """The groups of a dimension that cannot be told from a value of another dimension.

    Nearly all flights of such a group have that value, as those to a city to which one airline flies, and
    fewer than two other groups have as many flights with it, or 50, to compare the group with. An adjusted
    rate would come from the form of the model, not from flights. A value that nearly all flights have
    confounds nothing.

    Parameters
    ----------
    told : `group` of `with_outcomes`
    name : of `DIMENSIONS`

    Returns
    -------
    `value`, `confounder` (a dimension of `ADJUSTED_FOR`, the first where there are several) and
    `confounder_value`; a row for each confounded group

    References
    ----------
    Petersen, Porter, Gruber, Wang and van der Laan (2012), Diagnosing and responding to violations in the
    positivity assumption, Statistical Methods in Medical Research 21(1).
    """
    grouped = told.drop_nulls(name)
    needed = min(MIN_COMPARED, grouped[name].n_unique() - 1)
    flights, other = pl.col("flights"), pl.col("flights_right")
    found = [pl.DataFrame(schema=dict.fromkeys(("value", "confounder", "confounder_value"), pl.String))]
    for confounder in ADJUSTED_FOR:
        if confounder == name or confounder in DIMENSIONS[name].in_place_of:
            continue
        cells = grouped.group_by(value=name, confounder_value=confounder).agg(flights=pl.len())
        shared = cells.filter(
            pl.col("confounder_value").is_not_null(),
            flights >= NEARLY_ALL * flights.sum().over("value"),
            flights.sum().over("confounder_value") < NEARLY_ALL * flights.sum(),
        )
        compared = (pl.col("value_right") != pl.col("value")) & (
            other >= pl.min_horizontal(flights, MIN_GROUP_SIZE)
        )
        counted = shared.join(cells, on="confounder_value").group_by("value", "confounder_value")
        few = counted.agg(compared=compared.sum()).filter(pl.col("compared") < needed)
        found.append(few.select("value", pl.lit(confounder).alias("confounder"), "confounder_value"))
    return pl.concat(found).unique("value", keep="first", maintain_order=True)
