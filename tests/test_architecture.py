"""docs/architecture.md draws the rooms that there are, and what leads from one to another."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
GROUND = {"console", "errors", "files", "formats", "processors", "types"}
MAX_ROOMS = 27

Edges = set[tuple[str, str]]


@pytest.fixture(scope="module")
def imports() -> Edges:
    """What each room imports, the ground aside."""
    graph = grimp.build_graph("puntual", cache_dir=None)
    found = {
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules - {"puntual"}
        for imported in graph.find_modules_directly_imported_by(importer) - {"puntual"}
    }
    return {(one, other) for one, other in found if one != other and not {one, other} & GROUND}


def reached(room: str, edges: Edges) -> set[str]:
    found: set[str] = set()
    while more := {to for start, to in edges if start in {room, *found}} - found:
        found |= more
    return found


def test_the_drawing_is_what_imports_what(imports: Edges) -> None:
    """Without shortcuts: an edge is left out where another way leads there."""
    drawn = {(one, other) for one, other in re.findall(r"^    (\w+) --> (\w+)$", PAGE, re.MULTILINE)}
    shown = {edge for edge in imports if edge[1] not in reached(edge[0], imports - {edge})}
    assert drawn == shown


def test_every_room_is_described() -> None:
    rooms = {
        path.stem
        for path in (ROOT / "src" / "puntual").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__"}
    table = PAGE.partition("| room |")[2].partition("\n\n")[0]
    told = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert told == rooms
    assert len(rooms) <= MAX_ROOMS


def test_no_room_leads_back(imports: Edges) -> None:
    rooms = {room for edge in imports for room in edge}
    assert [room for room in rooms if room in reached(room, imports)] == []


def test_the_layers_are_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert {contract["type"] for contract in settings["contracts"]} == {"layers", "acyclic_siblings"}
