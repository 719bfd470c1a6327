"""Vega, Vega-Lite and Vega-Embed as one script; ``python -m puntual.charts.vega`` puts it in place."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from pathlib import Path

import vl_convert

_VERSION = importlib.metadata.version("vl-convert-python")
PLACE = Path(__file__).parent / "vendor" / f"vega-{_VERSION}.js"
"""Filled by `make`, and carried by wheels: putting the script together takes more than a second."""


@cache
def vega() -> str:
    """The script, fit to stand within a page; put together anew if it is not in its place."""
    if PLACE.exists():
        return PLACE.read_text("utf-8")
    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.replace("</script", "<\\/script")


def main() -> None:
    """Put the script in its place."""
    script = vega()
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(script, "utf-8")


if __name__ == "__main__":
    main()
