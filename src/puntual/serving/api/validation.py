"""Explains why a body cannot be decoded: where, what was found, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from puntual.errors import parse_decoding_error
from puntual.serving.http.problems import RefusedError, shorten

CODE = "an IATA or ICAO code, 2 to 8 characters"

ALLOWED: dict[str, str] = {
    "$": 'an object such as {"flights": [...]}',
    "$.flights": "a list of 1 to {limit} flights",
    "$.flights[]": "an object with airline, destination and scheduled_departure",
    "$.flights[].airline": CODE,
    "$.flights[].destination": CODE,
    "$.flights[].scheduled_departure": "a date and time such as 2017-07-14T18:35:00: local at the origin, "
    "or with an offset if the model knows the origin",
    "$.flights[].origin": f"{CODE}; may be left out if the model knows only one",
    "$.flights[].operator": f"{CODE}, or left out",
    "$.flights[].flight_number": "a text or a whole number, or left out",
    "$.flights[].flight_type": "N (domestic) or I (international), or left out",
    "$.flights[].aircraft": "a tail number such as CC-BAA, or left out",
    "$.timetable": '"request" if the flights are complete days, a list of all flights of their days, '
    "or left out",
    "$.as_of": "a moment with its offset such as 2017-07-14T16:35:00-04:00, or left out",
    "$.horizon": '"schedule" to answer from the timetable alone, or left out',
}
ALLOWED |= {
    place.replace("$.flights[]", "$.timetable[]"): allowed
    for place, allowed in ALLOWED.items()
    if place.startswith("$.flights[]")
}
"""What is allowed at each place of a request for predictions."""

MAX_RECODED_BYTES = 4096
"""A longer value is shown as it was sent."""
MAX_COMMAS = 200_000
"""Of a list of which one item is shown."""

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_BYTE = re.compile(r" \(byte (\d+)\)$")


def explain(
    body: bytes,
    error: ValueError | RecursionError,
    limit: int,
    allowed: Mapping[str, str] = ALLOWED,
    root: str = "$",
) -> RefusedError:
    """The refusal of a body that the decoder did not accept.

    Parameters
    ----------
    body : as received; it is read a second time, but only what leads to the wrong value is decoded
    error : what the decoder raised
    limit : the most flights, or other things, in a request
    allowed : what is allowed at each place
    root : place of the body itself, as of a line among others
    """
    try:
        document = msgspec.json.decode(body, type=msgspec.Raw)
        body.decode()
    except (ValueError, RecursionError) as reason:
        return _malformed(body, reason, allowed["$"], None if root == "$" else root)
    return _invalid(document, str(error), limit, allowed, root)


def _malformed(
    body: bytes, error: ValueError | RecursionError, allowed: str, place: str | None
) -> RefusedError:
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return _at_byte(body, wrong.start, "not UTF-8", place)
    if isinstance(error, RecursionError):
        return RefusedError("malformed", "nested too deeply", pointer=place, allowed=allowed)
    placed = _BYTE.search(str(error))
    what = _BYTE.sub("", str(error)).removeprefix("JSON is malformed: ")
    return _at_byte(body, int(placed[1]) if placed else len(body), what.lower(), place)


def _at_byte(body: bytes, offset: int, what: str, place: str | None) -> RefusedError:
    found = body[offset : offset + 20].decode("ascii", errors="backslashreplace")
    detail = f"{what} at byte {offset} of {len(body)}"
    return RefusedError("malformed", detail, pointer=place, found=found, allowed="JSON in UTF-8")


def _invalid(
    document: msgspec.Raw, message: str, limit: int, places: Mapping[str, str], root: str
) -> RefusedError:
    problem = parse_decoding_error(message)
    pointer, steps = problem.path, problem.steps
    if problem.kind != "invalid":
        pointer, steps = f"{pointer}.{problem.field}", [*steps, problem.field]
    place, parent = (re.sub(r"\[\d+\]", "[]", path) for path in (pointer, problem.path))
    if problem.kind == "unknown":
        detail = "unknown field"
        inside = [name.rpartition(".") for name in places if not name.endswith("[]")]
        allowed = f"only {', '.join(name for path, _, name in inside if path == parent)}"
    else:
        detail = "missing" if problem.kind == "missing" else problem.reason[:1].lower() + problem.reason[1:]
        allowed = places.get(place, places["$"]).replace("{limit}", str(limit))
    found = None if problem.kind == "missing" else _show(document, steps)
    return RefusedError(
        "invalid", detail, pointer=root + pointer.removeprefix("$"), found=found, allowed=allowed
    )


def _show(document: msgspec.Raw, steps: list[str | int]) -> str | None:
    """The value at a place as JSON, shortened; None if there is none, or to find it takes too long."""
    value = document
    try:
        for step in steps:
            if isinstance(step, str):
                value = _decode_fields(value)[step]
            elif bytes(value).count(b",") > MAX_COMMAS:
                return None
            else:
                value = _decode_items(value)[step]
        if len(value) <= MAX_RECODED_BYTES:
            return shorten(msgspec.json.encode(msgspec.json.decode(value)).decode())
        beginning = bytes(memoryview(value)[:MAX_RECODED_BYTES]).decode(errors="ignore")
        return shorten(" ".join(beginning.split()))
    except (LookupError, ValueError, RecursionError):
        return None
