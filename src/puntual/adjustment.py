"""Rates of groups with everything else being equal."""

from __future__ import annotations

import polars as pl

from puntual.models.additive import Additive, fit_additive
from puntual.rates import ADJUSTED, DIMENSIONS, group_codes
from puntual.resampling import blocks_of

ADJUSTED_FOR = ("airline", "origin", "destination", "month", "weekday", "hour")


def adjusted_rates(told: pl.DataFrame) -> pl.DataFrame:
    """The rate that all flights would have in each group, were everything else as it is.

    An additive logistic regression on airline, origin, destination, month, weekday and hour says what each
    group is worth; what a dimension says more coarsely or more finely (`Dimension.in_place_of`) gives way to
    it. So an airline that flies at bad hours is not blamed for them.

    Parameters
    ----------
    told : `group` of `with_outcomes`

    Returns
    -------
    `dimension`, `value`, `adjusted`, `adjusted_low`, `adjusted_high`; no rows where all flights are alike
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
        found = pl.DataFrame(dict(zip(list(ADJUSTED)[2:], margins, strict=True))).fill_nan(None)
        parts.append(values.sort("value", nulls_last=False).hstack(found).drop_nulls("value"))
    return pl.concat(parts)
