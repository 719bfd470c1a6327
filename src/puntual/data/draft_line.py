"""The lines of a drafted mapping."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

MEANINGS = {
    "missing": "cells that count as blank",
    "scheduled_departure": "local time at the origin, unless time_zone is given",
    "actual_departure": "a time alone belongs to the nearest day",
    "delay": "minutes",
    "airline": "its code, IATA or ICAO",
    "origin": "its code, IATA or ICAO",
    "destination": "its code, IATA or ICAO",
    "flight_number": "as scheduled",
    "flight_type": "N domestic, I international",
    "operated_by": "who flew it; use operator instead if that is known days ahead",
    "aircraft": "its tail number",
    "cancelled_at": "when the cancellation became known",
    "cancelled": "its values for cancelled flights are given above",
    "diverted": "its values for diverted flights are given above",
}
TODO, OPTIONAL, DOUBT = "# TODO ", "# ", "# left open: "


class Line(NamedTuple):
    """A key of the mapping, its value as TOML, and a comment; `mark` comments the line out."""

    table: str
    key: str
    value: str
    comment: str = ""
    mark: str = ""

    def __str__(self) -> str:
        if self.mark == DOUBT:
            return f"{self.mark}{self.value}"
        comment = self.comment or (MEANINGS.get(self.key, "") if self.table in ("", "columns") else "")
        return f"{self.mark}{self.key} = {self.value}" + (f"  # {comment}" if comment else "")

    def describe(self) -> str:
        """The line as a message."""
        place = f"{self.table}.{self.key}" if self.table else self.key
        return f"{place} = {self.value}" + (f" ({self.comment})" if self.comment else "")


def quote(text: str) -> str:
    """A TOML string; JSON writes the same, but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def list_of(texts: Iterable[str]) -> str:
    """A TOML list of strings."""
    return f"[{', '.join(map(quote, texts))}]"
