"""Which events are new, and which repeat what the log has: the rule of `puntual.operations.events`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from puntual.errors import StoreError
from puntual.operations.events import Event, Observation, TimetableChange, canonical, content, subject

Newest = dict[bytes, tuple[dt.datetime, set[bytes]]]
"""By subject, when its newest events became known, and their digests."""

_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_MOMENT = dt.timedelta(microseconds=1)


class Batch(NamedTuple):
    """Events that are written together, or not at all.

    Attributes
    ----------
    received_at : None: when they are written
    """

    events: Sequence[Event]
    received_at: dt.datetime | None = None


class Appended(NamedTuple):
    """What became of a batch.

    Attributes
    ----------
    new, repeated : number of events
    sequence : a follower that has read up to here has seen them all
    """

    new: int
    repeated: int
    sequence: int


class Row(NamedTuple):
    """An event as the table has it; the columns are those of `puntual.operations.store.table`."""

    known_at: dt.datetime
    received_at: dt.datetime
    kind: str
    origin: str
    day: dt.date
    subject: bytes
    digest: bytes
    body: str


def subject_digest(event: Event) -> bytes:
    """A hash of what the event is about."""
    return blake2b("\0".join(subject(event)).encode(), digest_size=16).digest()


def undated_subjects(batches: Iterable[Batch]) -> set[bytes]:
    """The subjects of the events that do not say when they became known."""
    return {subject_digest(event) for batch in batches for event in batch.events if event.known_at is None}


def admit(batches: Sequence[Batch], newest: Newest, now: dt.datetime) -> list[list[Row]]:
    """The rows of each batch that may be new; what surely repeats is left out.

    Parameters
    ----------
    newest : of all `undated_subjects`, as the log has them; the batches' own are added
    now : in UTC; a batch that does not say when it was received came a microsecond after the one before
    """
    rows = []
    for batch in batches:
        now += _MOMENT
        received_at = now if batch.received_at is None else batch.received_at.astimezone(dt.UTC)
        statements = [_Statement(event, canonical(event, received_at)) for event in batch.events]
        dated = [one.row(received_at) for one in statements if one.dated]
        _note(dated, newest)
        news = _subjects_with_news(statements, newest)
        undated = [one.row(received_at) for one in statements if not one.dated and one.subject in news]
        _note(undated, newest)
        rows.append(dated + undated)
    return rows


class _Statement:
    """An event as it is kept, and what it is compared by."""

    def __init__(self, event: Event, kept: Event) -> None:
        self.dated, self.kept = event.known_at is not None, kept
        self.said, self.subject = content(kept), subject_digest(kept)

    def row(self, received_at: dt.datetime) -> Row:
        kept = self.kept
        known_at = kept.known_at or received_at
        kind, (origin, day) = str(type(kept).__struct_config__.tag), _place(kept)
        digest, body = _digest(self.said, known_at), _encode(kept)
        return Row(known_at, received_at, kind, origin, day, self.subject, digest, body)


def _encode(event: Event) -> str:
    """As JSON; what no follower could read would end them all."""
    body = msgspec.json.encode(event)
    try:
        _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise StoreError(
            f"{type(event).__name__} event", str(error), wanted="an event as it may be sent"
        ) from None
    return body.decode()


def _subjects_with_news(statements: list[_Statement], newest: Newest) -> set[bytes]:
    """The subjects of which not all that is said without a time is the newest that is known."""
    news = set()
    for statement in statements:
        if not statement.dated:
            moment, digests = newest.get(statement.subject, (None, ()))
            if moment is None or _digest(statement.said, moment) not in digests:
                news.add(statement.subject)
    return news


def _note(rows: list[Row], newest: Newest) -> None:
    for row in rows:
        moment, digests = newest.get(row.subject, (row.known_at, set()))
        if row.received_at >= row.known_at >= moment:
            newest[row.subject] = row.known_at, {row.digest, *(digests if moment == row.known_at else ())}


def _digest(said: bytes, known_at: dt.datetime) -> bytes:
    return blake2b(said + known_at.isoformat().encode(), digest_size=16).digest()


def _place(event: Event) -> tuple[str, dt.date]:
    match event:
        case Observation():
            return event.airport, event.observed_at.date()
        case TimetableChange():
            return event.origin, event.date
    return event.origin, event.scheduled_departure.date()
