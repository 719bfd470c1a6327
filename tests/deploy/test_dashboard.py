"""The Grafana dashboard asks for what the service tells."""

from __future__ import annotations

import re

from tests.deploy.conftest import read

PANELS = read("grafana/dashboard.json")["panels"]


def test_every_query_is_of_what_there_is(labels: dict[str, set[str]]) -> None:
    asked = set()
    for expression in (target["expr"] for panel in PANELS for target in panel["targets"]):
        for name, matchers in re.findall(r"(puntual_\w+)\{([^}]*)\}", expression):
            asked.add(name)
            assert set(re.findall(r"(\w+)=", matchers)) <= {*labels[name], "instance"}
        grouped = {
            label for group in re.findall(r" by \(([^)]*)\)", expression) for label in group.split(", ")
        }
        assert grouped <= set().union(*(labels[name] for name in re.findall(r"(puntual_\w+)\{", expression)))
        assert expression.count("(") == expression.count(")")
    drawn = {re.sub("_(bucket|sum|count|created)$", "", name) for name in asked}
    exposed = {re.sub("_(bucket|sum|count|created)$", "", name) for name in labels}
    assert exposed - drawn == set(), "exposed, but not drawn"


def test_panels_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
    assert max(x for x, _ in taken) == 23
