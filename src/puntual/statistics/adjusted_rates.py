"""The delay rates of groups, all else being equal."""

from __future__ import annotations

import polars as pl

from puntual.metrics.bootstrap import blocks_of
from puntual.statistics.additive import AdditiveModel, fit_additive
from puntual.statistics.rates import ADJUSTED, DIMENSIONS, MIN_GROUP_SIZE, group_codes

ADJUSTED_FOR = ("airline", "origin", "destination", "month", "weekday", "hour")

NEARLY_ALL = 0.95
"""If this share of a group's flights have one value, the others are too few to tell the two effects apart."""

MIN_COMPARED = 2
"""Other groups that must share the value of nearly all of a group's flights, so that it can be compared."""


def adjusted_rates(grouped: pl.DataFrame) -> pl.DataFrame:
    """The delay rate that all flights would have in each group, everything else about them as it is.

    An additive logistic regression on `ADJUSTED_FOR` gives the effect of each group; the dimension itself
    takes the place of the variables that it overlaps. So an airline that flies at bad hours is not blamed for
    them. A confounded group (`find_confounders`) has no adjusted rate.

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`

    Returns
    -------
    The columns of `puntual.statistics.rates.ADJUSTED`; no rows if all flights were delayed, or none
    """
    delayed = grouped["delayed"].to_numpy()
    parts = [pl.DataFrame(schema=ADJUSTED)]
    if delayed.all() or not delayed.any():
        return parts[0]
    days, blocks = group_codes(grouped["scheduled_departure"].dt.date()), blocks_of(grouped)
    codes = {name: group_codes(grouped[name]) for name in DIMENSIONS}
    models: dict[tuple[str, ...], AdditiveModel] = {}
    for name, dimension in DIMENSIONS.items():
        kept = [other for other in ADJUSTED_FOR if other not in dimension.overlaps]
        categories = tuple(sorted((name, *kept)))
        if categories not in models:
            models[categories] = fit_additive([codes[one] for one in categories], delayed, days, blocks)
        margins = models[categories].margins(categories.index(name))
        values = grouped.select(pl.lit(name).alias("dimension"), pl.col(name).alias("value")).unique()
        # Nulls sort first, as they do among the codes.
        found = pl.DataFrame(margins._asdict()).fill_nan(None)
        rated = values.sort("value", nulls_last=False).hstack(found).drop_nulls("value")
        rated = rated.join(find_confounders(grouped, name), on="value", how="left", maintain_order="left")
        apart = pl.when(pl.col("confounder").is_null())
        rates = {"adjusted": "rate", "adjusted_low": "low", "adjusted_high": "high"}
        rated = rated.with_columns(**{adjusted: apart.then(pl.col(rate)) for adjusted, rate in rates.items()})
        parts.append(rated.select(*ADJUSTED))
    return pl.concat(parts)


def find_confounders(grouped: pl.DataFrame, name: str) -> pl.DataFrame:
    """The groups of a dimension whose effect cannot be separated from a value of another dimension.

    Nearly all flights of such a group have that value, as do those to a city that only one airline serves,
    and fewer than two other groups have as many flights with it, or 50, for comparison. The adjusted rate
    would be an extrapolation of the model. A value that nearly all flights have confounds nothing.

    Parameters
    ----------
    grouped : from `puntual.statistics.rates.add_groups`
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
    known = grouped.drop_nulls(name)
    needed = min(MIN_COMPARED, known[name].n_unique() - 1)
    flights, other = pl.col("flights"), pl.col("flights_right")
    found = [pl.DataFrame(schema=dict.fromkeys(("value", "confounder", "confounder_value"), pl.String))]
    for confounder in ADJUSTED_FOR:
        if confounder == name or confounder in DIMENSIONS[name].overlaps:
            continue
        pairs = known.group_by(value=name, confounder_value=confounder).agg(flights=pl.len())
        shared = pairs.filter(
            pl.col("confounder_value").is_not_null(),
            flights >= NEARLY_ALL * flights.sum().over("value"),
            flights.sum().over("confounder_value") < NEARLY_ALL * flights.sum(),
        )
        compared = (pl.col("value_right") != pl.col("value")) & (
            other >= pl.min_horizontal(flights, MIN_GROUP_SIZE)
        )
        counted = shared.join(pairs, on="confounder_value").group_by("value", "confounder_value")
        few = counted.agg(compared=compared.sum()).filter(pl.col("compared") < needed)
        found.append(few.select("value", pl.lit(confounder).alias("confounder"), "confounder_value"))
    return pl.concat(found).unique("value", keep="first", maintain_order=True)
