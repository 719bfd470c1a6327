"""Files of every source -> canonical flights."""

from puntual.data.declaration import Source
from puntual.data.embedded import EMBEDDED, Embedded
from puntual.data.flights import Flights
from puntual.data.reading import read_flights
from puntual.data.recognition import SOURCES

__all__ = ["EMBEDDED", "SOURCES", "Embedded", "Flights", "Source", "read_flights"]
