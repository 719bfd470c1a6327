"""Flights in: files of every known source as canonical flights, and what was left out and why."""

from puntual.sources.declaration import Source
from puntual.sources.embedded import EMBEDDED, Embedded
from puntual.sources.reading import Flights, read_flights
from puntual.sources.recognition import SOURCES

__all__ = ["EMBEDDED", "SOURCES", "Embedded", "Flights", "Source", "read_flights"]
