"""The reference pages: the API from the docstrings, the command line from its own declarations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import typer
from typer.cli import get_docs_for_click

import puntual
from puntual.cli import app

PACKAGE = Path(puntual.__file__).parent
PAGES = {
    "Python API": ("api", "sklearn"),
    "Flights": ("data",),
    "Training": ("training",),
    "Answers": ("inference", "batch"),
    "Metrics": ("metrics",),
    "Exploration": ("exploration",),
    "Types and errors": ("types", "errors"),
}
"""The title of each page of the API, and the rooms whose public modules are on it."""

SUMMARY = ("::: puntual", "    options:", "      members: []", "      show_root_heading: false")


def write_reference(folder: Path) -> dict[str, str]:
    """Write the pages of the reference; the name of each by its title, in order."""
    pages = {"Command line": _command_line(), "puntual": _exported()}
    pages |= {title: _modules(title, rooms) for title, rooms in PAGES.items()}
    names = {title: f"{title.lower().replace(' ', '-')}.md" for title in pages}
    folder.mkdir(parents=True)
    for title, text in pages.items():
        (folder / names[title]).write_text(text, "utf-8")
    return names


def _command_line() -> str:
    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="puntual", title="Command line")
    return re.sub(r"\*\*Commands\*\*:\n\n(\* .*\n)+\n", "", text)


def _exported() -> str:
    rows = [_row(name, getattr(puntual, name)) for name in puntual.__all__ if name != "__version__"]
    return "\n".join(["# puntual", "", *SUMMARY, "", "| `puntual.` | |", "|---|---|", *rows])


def _row(name: str, exported: Callable[..., object]) -> str:
    summary = (inspect.getdoc(exported) or "").partition("\n\n")[0].replace("\n", " ")
    return f"| [`{name}`][{exported.__module__}.{exported.__qualname__}] | {summary} |"


def _modules(title: str, rooms: tuple[str, ...]) -> str:
    paths = [path for room in rooms for path in _module_paths(PACKAGE / room)]
    dotted = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]
    return "\n\n".join([f"# {title}", *(f"::: {module}" for module in dotted)])


def _module_paths(room: Path) -> list[Path]:
    if not room.is_dir():
        return [room.with_suffix(".py")]
    return [path for path in sorted(room.glob("*.py")) if not path.stem.startswith("_")]
