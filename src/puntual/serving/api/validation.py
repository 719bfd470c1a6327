"""A body that cannot be decoded -> what is wrong with it: where, what was found, what is allowed."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from puntual.serving.http.problems import RefusedError, shorten

CODE = "an IATA or ICAO code, 2 to 8 characters"

ALLOWED: dict[str, str] = {
    "$": 'an object such as {"flights": [...]}',
    "$.flights": "a list of 1 to {max_flights} flights",
    "$.flights[]": "an object with airline, destination and scheduled_departure",
    "$.flights[].airline": CODE,
    "$.flights[].destination": CODE,
    "$.flights[].scheduled_departure": "a date and time such as 2017-07-14T18:35:00: local at the origin, "
    "or with an offset where the model knows the origin",
    "$.flights[].origin": f"{CODE}; may be left out where the model knows only one",
    "$.flights[].operator": f"{CODE}, or left out",
    "$.flights[].flight_number": "a text or a whole number, or left out",
    "$.flights[].flight_type": "N (domestic) or I (international), or left out",
    "$.timetable": '"request" where the flights are complete days, or left out',
}
"""What each place of a request may hold."""

_FIELD = re.compile(r"Object (?P<which>missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")
_BYTE = re.compile(r" \(byte (\d+)\)$")


def explain(body: bytes, error: ValueError | RecursionError, max_flights: int) -> RefusedError:
    """Say what is wrong with a body that the decoder refused.

    Parameters
    ----------
    body : as it came; it is decoded once more, to tell the value
    error : of the decoder
    max_flights : the most flights in a request
    """
    try:
        document = msgspec.json.decode(body)
    except msgspec.ValidationError:
        return _invalid(None, str(error), max_flights)
    except (ValueError, RecursionError) as reason:
        return _malformed(body, reason)
    return _invalid(document, str(error), max_flights)


def _malformed(body: bytes, error: ValueError | RecursionError) -> RefusedError:
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return _at_byte(body, wrong.start, "not UTF-8")
    if isinstance(error, RecursionError):
        return RefusedError("malformed", "nested too deeply", allowed=ALLOWED["$"])
    placed = _BYTE.search(str(error))
    what = _BYTE.sub("", str(error)).removeprefix("JSON is malformed: ")
    return _at_byte(body, int(placed[1]) if placed else len(body), what.lower())


def _at_byte(body: bytes, offset: int, what: str) -> RefusedError:
    found = body[offset : offset + 20].decode("ascii", errors="backslashreplace")
    detail = f"{what} at byte {offset} of {len(body)}"
    return RefusedError("malformed", detail, found=found, allowed="JSON in UTF-8")


def _invalid(document: Any, message: str, max_flights: int) -> RefusedError:
    what, placed, place = message.rpartition(" - at `")
    pointer = place.removesuffix("`")
    if not placed:
        what, pointer = message, "$"
    field = _FIELD.fullmatch(what)
    if field is None:
        detail = what[:1].lower() + what[1:]
        found = _show(document, pointer)
    else:
        missing = field["which"] == "missing required"
        detail = "missing" if missing else "unknown field"
        found = None if missing else _show(document, pointer, field["name"])
    allowed = _allowed(pointer, field, max_flights)
    if field is not None:
        pointer = f"{pointer}.{field['name']}"
    return RefusedError("invalid", detail, pointer=pointer, found=found, allowed=allowed)


def _allowed(pointer: str, field: re.Match[str] | None, max_flights: int) -> str:
    place = re.sub(r"\[\d+\]", "[]", pointer)
    if field is not None and field["which"] == "contains unknown":
        inside = [name.rpartition(".")[2] for name in ALLOWED if name.rpartition(".")[0] == place]
        return f"only {', '.join(name for name in inside if not name.endswith('[]'))}"
    if field is not None:
        place = f"{place}.{field['name']}"
    return ALLOWED.get(place, ALLOWED["$"]).replace("{max_flights}", str(max_flights))


def _show(document: Any, pointer: str, *names: str) -> str | None:
    """The value at a place as JSON, shortened; None where there is none."""
    steps: list[str | int] = [step["name"] or int(step["index"]) for step in _STEP.finditer(pointer)]
    value = document
    for step in (*steps, *names):
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return None if document is None else shorten(msgspec.json.encode(value).decode())
