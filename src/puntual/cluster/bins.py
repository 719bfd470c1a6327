"""Whether a booster knows the categories of the rows that it was fitted on.

LightGBM takes the bins of a feature from the rows of one process. If the rows are not spread evenly, what
that process does not have vanishes without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from puntual.errors import ClusterError

BIN_SAMPLE = 200_000
"""Rows that LightGBM takes the bins from (``bin_construct_sample_cnt``)."""
MIN_EXPECTED = 30
"""Rows of a category in such a sample, so many that none of three or more is no chance."""
KEPT_SHARE = 0.98
"""Of the rows: LightGBM itself leaves out the rarest categories, up to 1 % of the rows."""


def check_categories(
    text: str,
    categories: Mapping[str, Mapping[int, int]],
    *,
    processes: int = 1,
    without: Collection[str] = (),
) -> None:
    r"""Check that the bins of a booster have every category but the rarest.

    Parameters
    ----------
    text : LightGBM's text format
    categories : by feature, the number of rows of each category
    processes : over which the rows are spread
    without : features that the booster does not read

    Raises
    ------
    ClusterError : a category is missing

    Examples
    --------
    >>> text = "feature_names=airline hour\nfeature_infos=0:2 [0:23]\n"
    >>> check_categories(text, {"airline": {0: 500, 2: 400}})
    >>> check_categories(text, {"airline": {0: 500, 1: 400}})
    Traceback (most recent call last):
        ...
    puntual.errors.ClusterError: airline: 1 of 2 categories are not in the bins, such as 1 of 400 flights; ...
    """
    bins = read_bins(text)
    for feature, rows in categories.items():
        if feature in without or bins[feature] is None:
            continue
        expected = expected_categories(rows, processes)
        missing = expected - (bins[feature] or set())
        if missing:
            most = max(missing, key=lambda category: rows[category])
            found = (
                f"{len(missing)} of {len(expected)} categories are not in the bins, such as {most} of "
                f"{rows[most]:,} flights"
            )
            raise ClusterError(feature, found, wanted="rows that are spread evenly over the workers")


def expected_categories(rows: Mapping[int, int], processes: int = 1) -> set[int]:
    """The categories that bins cannot lack by chance or by LightGBM's own rules.

    Parameters
    ----------
    rows : of each category
    processes : as in `check_categories`

    Examples
    --------
    >>> expected_categories({0: 1_000_000, 1: 50_000, 2: 40}), expected_categories({0: 70, 1: 40}, 2)
    ({0, 1}, {0})
    """
    total = sum(rows.values())
    sampled = min(1 / processes, BIN_SAMPLE / max(total, 1))
    expected, covered = set(), 0
    for category, count in sorted(rows.items(), key=lambda item: -item[1]):
        if covered >= KEPT_SHARE * total or count * sampled < MIN_EXPECTED:
            break
        expected.add(category)
        covered += count
    return expected


def read_bins(text: str) -> dict[str, set[int] | None]:
    """The categories in the bins of each feature; None of one with numbers, or without any split."""
    header = dict(line.split("=", 1) for line in text.partition("\nTree=")[0].splitlines() if "=" in line)
    infos = zip(header["feature_names"].split(), header["feature_infos"].split(), strict=True)
    return {
        name: None if info == "none" or info.startswith("[") else {int(one) for one in info.split(":")}
        for name, info in infos
    }
