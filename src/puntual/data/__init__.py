"""Files of every source -> canonical flights."""

from puntual.data.declaration import Source
from puntual.data.embedded import EMBEDDED, Embedded
from puntual.data.reading import Flights, read_flights
from puntual.data.recognition import SOURCES

__all__ = ["EMBEDDED", "SOURCES", "Embedded", "Flights", "Source", "read_flights"]
