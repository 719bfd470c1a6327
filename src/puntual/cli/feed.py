"""`puntual feed`."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from puntual.cli.options import Given, Sheet, Source
from puntual.console import note
from puntual.errors import DataError, PuntualError

if TYPE_CHECKING:
    from puntual.data import Flights
    from puntual.operations.client import Received, ServiceClient
    from puntual.operations.feeding import Changes
    from puntual.operations.timeline import Row

_FILE_HELP = "A file of departures of any kind, such as an export that is written anew every minute."
_SETTLED_SECONDS = 1.0
"""A file that has not changed for so long is whole."""


def feed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_FILE_HELP, show_default=False)],
    *,
    url: Annotated[str, typer.Option(help="The service, which has a store.")] = "http://127.0.0.1:8000",
    origin: Annotated[str | None, typer.Option(help="The airport, if the file does not hold it.")] = None,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks at the file.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Send the file as it is, and end.")] = False,
    days: Annotated[int, typer.Option(min=0, help="Send flights from so many days ago on.")] = 31,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
) -> None:
    """Send what is new in a file of departures to a service, and watch the file until Ctrl-C."""
    from puntual.operations.client import ServiceClient

    if origin is not None:
        given = [*(given or []), f"origin={origin}"]
    with ServiceClient(url) as client:
        watched = WatchedFile(file, client, days, source=source, given=given, sheet=sheet)
        watched.look()
        if once:
            return
        note(f"{file}: looked at every {every:g} seconds, until Ctrl-C")
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(every)
                watched.try_to_look()


class WatchedFile:
    """A file, and the service that is told what is new in it.

    Parameters
    ----------
    days : before today from which flights are sent
    reading : arguments of `puntual.cli.reading.read_data`
    """

    def __init__(self, file: Path, client: ServiceClient, days: int, **reading: Any) -> None:
        from puntual.operations.feeding import Feed

        self._file, self._client, self._days, self._reading = file, client, days, reading
        self._feed = Feed()
        self._signature: tuple[int, int] | None = None
        self._said: set[str] = set()

    def look(self) -> None:
        """Read the file if it has changed, and send what is new.

        Raises
        ------
        PuntualError : the file cannot be read, or the service does not take what it says
        """
        signature = _wait_until_settled(self._file)
        if signature == self._signature:
            return
        flights = self._read()
        now = dt.datetime.now(dt.UTC)
        changes = self._feed.changes(self._rows(flights, now), now)
        received = _send(self._client, changes)
        self._feed.sent(changes)
        self._signature = signature
        if changes.timetables or changes.events:
            note(f"{now:%Y-%m-%d %H:%M:%S} UTC: {in_words(changes, received)}")

    def try_to_look(self) -> None:
        """The same, where what is wrong is said, once, and tried again at the next look."""
        try:
            self.look()
        except PuntualError as error:
            self._say(f"{error}; trying again")
        else:
            self._said = {line for line in self._said if not line.endswith("; trying again")}

    def _read(self) -> Flights:
        from puntual.cli.reading import read_data
        from puntual.data.notes import rows_left_out

        flights = read_data([str(self._file)], history=False, **self._reading)
        for line in (*flights.read_as, *rows_left_out(flights)):
            self._say(line)
        return flights

    def _rows(self, flights: Flights, now: dt.datetime) -> list[Row]:
        """The flights that can be sent."""
        import polars as pl

        from puntual.data.zones import airport_zones

        first = now.date() - dt.timedelta(self._days)
        recent = flights.frame.filter(pl.col("scheduled_departure").dt.date() >= first)
        if recent.is_empty():
            wanted = "flights of these days (--days); puntual replay plays a day of the past"
            raise DataError(flights.where, f"no flight from {first} on", wanted=wanted)
        named = recent.filter(pl.col("airline").is_not_null())
        if len(named) < len(recent):
            self._say(
                f"{flights.where}: {len(recent) - len(named):,} flights without an airline are not sent"
            )
        # What a history would take for cancelled has, on the day itself, not left yet.
        over = pl.col("scheduled_departure").dt.date() < now.date() - dt.timedelta(1)
        assumed = pl.col("row").is_in(flights.assumed_cancelled["row"].implode())
        named = named.with_columns(cancelled=pl.col("cancelled") & (over | ~assumed))
        self._feed.use(airport_zones(named["origin"].unique()))
        return list(named.iter_rows(named=True))

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            note(line)


def in_words(changes: Changes, received: Received) -> str:
    """What was sent.

    Examples
    --------
    >>> from puntual.operations.client import Received
    >>> from puntual.operations.events import TimetableChange
    >>> from puntual.operations.feeding import Changes
    >>> day = TimetableChange(origin="SCL", date=dt.date(2017, 1, 1), flights=())
    >>> in_words(Changes([day], []), Received(accepted=1))
    '1 timetable sent'
    """
    counts = {"timetable": len(changes.timetables)}
    counts |= Counter(type(event).__name__.lower() for event in changes.events)
    named = [f"{count:,} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
    unknown = f"; {received.unknown:,} of flights that no timetable has" if received.unknown else ""
    repeated = f"; {received.repeated:,} were known" if received.repeated else ""
    return f"{', '.join(named)} sent{repeated}{unknown}"


def _send(client: ServiceClient, changes: Changes) -> Received:
    from puntual.operations.client import Received

    received = Received()
    for change in changes.timetables:
        received += client.send_timetable(change)
    return received + client.send(changes.events)


def _wait_until_settled(file: Path) -> tuple[int, int]:
    """When the file was last changed, and its size, once nobody writes it any more."""
    before, now = None, _signature(file)
    while before != now and time.time_ns() - now[0] < _SETTLED_SECONDS * 1e9:
        time.sleep(_SETTLED_SECONDS)
        before, now = now, _signature(file)
    return now


def _signature(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(str(file), reason, wanted="a file of departures") from None
    return found.st_mtime_ns, found.st_size
