"""What docs/operations.md sends is what the service takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from puntual.operations.events import Cancellation, Departure, Estimate, Observation, PlannedFlight

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("operations.md", "operations.es.md")


class _Timetable(msgspec.Struct, forbid_unknown_fields=True):
    flights: tuple[PlannedFlight, ...]


class _Weather(msgspec.Struct, forbid_unknown_fields=True):
    observations: tuple[Observation, ...]


TYPES: dict[str, Any] = {
    "timetables": _Timetable,
    "events": Departure | Cancellation | Estimate,
    "weather": _Weather,
}


@pytest.mark.parametrize("page", PAGES)
def test_every_body_is_one_that_the_service_takes(page: str) -> None:
    commands = re.findall(r"/v1/(\w+)\S* [^\n]*\\\n  -d '(.+)'", (DOCS / page).read_text("utf-8"))
    assert {kind for kind, _ in commands} == {*TYPES}
    for kind, body in commands:
        msgspec.json.decode(body, type=TYPES[kind])


@pytest.mark.parametrize("page", PAGES)
def test_every_field_of_an_event_is_described(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for kind in (Departure, Cancellation, Estimate):
        for field in kind.__struct_fields__:
            assert f"`{field}`" in text
