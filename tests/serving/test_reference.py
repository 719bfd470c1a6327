"""The reference tables of docs/: every column is what the code says; `python -m` this module writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import get_args

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families

from puntual.cli import app
from puntual.serving.http.problems import PROBLEM_TYPES
from puntual.serving.http.route import Route, route_labels
from puntual.serving.ops.counters import FOLLOWED, SharedCounters
from puntual.serving.ops.metrics import expose
from puntual.serving.routes import ROUTES
from puntual.serving.settings import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"


def table(header: str, rows: Iterable[Iterable[str]]) -> str:
    lines = [header, "|" + "---|" * header.count(" | ") + "---|"]
    return "\n".join([*lines, *("| " + " | ".join(row).replace("|  |", "| |") + " |" for row in rows)])


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)


def answer_of(route: Route) -> str:
    """The type of the answer, its media type if it is not JSON, and whether it may be 304."""
    (inner,) = get_args(route.answers) or (route.answers,)
    plain = "JSON" if route.media_type == "application/json" else code(route.media_type)
    answer = plain if inner is None else code(inner.__name__)
    if inner is not route.answers:
        answer = f"a list of {answer}"
    if inner is str:
        answer = code(route.media_type)
    return answer + (", or 304" if route.cached else "")


def routes() -> str:
    return table(
        "| route | answer | query | with status 200 | refused with |",
        [
            (
                code(f"{route.method} {route.path}"),
                route.summary,
                code(*(route.parameters or ())),
                answer_of(route),
                ", ".join(f"{PROBLEM_TYPES[kind].status} `{kind}`" for kind in route.refusals),
            )
            for route in ROUTES
        ],
    )


def problems() -> str:
    rows = [(code(f"/docs#{name}"), str(kind.status), kind.title) for name, kind in PROBLEM_TYPES.items()]
    return table("| type | status | title |", rows)


def settings() -> str:
    command = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    flags = {option.name: code(option.opts[0]) for option in command.params}
    return table(
        "| variable | flag | default | meaning |",
        [
            (
                code(*filter(None, (setting.variable, setting.alias))),
                flags.get(setting.name, ""),
                "" if setting.default in {None, ""} else str(setting.default),
                setting.meaning,
            )
            for setting in SETTINGS
        ],
    )


def metrics() -> str:
    counters = SharedCounters(1, len(route_labels(ROUTES)))
    row = counters.acquire_row()
    row.model = "a"
    row.count_request(0, 200, 1)
    row.numbers[FOLLOWED] = 1
    exposed = expose(counters, route_labels(ROUTES), load_test_started=1.0).decode()
    rows = []
    for family in text_string_to_metric_families(exposed):
        labels = dict.fromkeys(label for sample in family.samples for label in sample.labels if label != "le")
        name = family.name + ("_total" if family.type == "counter" else "")
        rows.append(
            (code(name + (f"{{{','.join(labels)}}}" if labels else "")), family.type, family.documentation)
        )
    return table("| metric | type | meaning |", rows)


TABLES: dict[tuple[str, str], Callable[[], str]] = {
    ("api.md", "Routes"): routes,
    ("api.md", "Problems"): problems,
    ("serving.md", "Settings"): settings,
    ("serving.md", "Metrics"): metrics,
}


def find_table(document: str, section: str) -> str:
    """The first table below a heading."""
    found = re.search(rf"^## {section}\n.*?^(\|.*?)\n\n", document, re.DOTALL | re.MULTILINE)
    assert found, section
    return found[1]


@pytest.mark.parametrize(("name", "section"), TABLES)
def test_a_table_of_the_docs_is_what_the_code_says(name: str, section: str) -> None:
    written = find_table((DOCS / name).read_text("utf-8"), section)
    assert written == TABLES[name, section](), "python -m tests.serving.test_reference writes it"


if __name__ == "__main__":
    for (name, section), made in TABLES.items():
        text = (DOCS / name).read_text("utf-8")
        (DOCS / name).write_text(text.replace(find_table(text, section), made(), 1), "utf-8")
