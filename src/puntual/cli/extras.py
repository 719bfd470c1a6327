"""Which extra of puntual installs a library that is missing."""

from __future__ import annotations

EXTRAS = {
    **dict.fromkeys(("airportsdata", "holidays", "lightgbm", "numpy", "polars", "scipy", "sklearn"), "train"),
    **dict.fromkeys(("altair", "jinja2", "vl_convert"), "explore"),
    "optuna": "tune",
    "hdrh": "stress",
}
"""By library, the extra that installs it."""
