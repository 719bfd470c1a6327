"""Names are the field's words: the dialect of earlier versions stays out of new ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

# docs/architecture.md and the rooms' own modules have the words that are said instead.
DIALECT = """
told tell tells telling beside hang hangs hold holds climb climber rung rungs stretch ladder answerer alone
crossing crossings tally gathering asking mistakes lives freeze claim exchange wire
"""
BOUNDS = ("LEAST_", "MOST_")
"""Constants that are bounds begin with MIN_ and MAX_."""

# Routes, fields of answers and parts of a model file keep their names until the API changes them.
PUBLISHED = {"alone", "crossings", "ladder"}


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give what a module defines: classes, functions, parameters and variables, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name


def words(name: str) -> set[str]:
    """Split a name into its words.

    >>> sorted(words("LeastSquares_ofDays"))
    ['days', 'least', 'of', 'squares']
    """
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_names_are_the_fields_words() -> None:
    found, dialect = [], set(DIALECT.split())
    for module in sorted((ROOT / "src" / "puntual").rglob("*.py")):
        where = module.relative_to(ROOT)
        if words(module.stem) & dialect:
            found.append(f"{where}: the module's name")
        for line, name in names(ast.parse(module.read_text("utf-8"))):
            if name not in PUBLISHED and (words(name) & dialect or name.startswith(BOUNDS)):
                found.append(f"{where}:{line}: {name}")
    assert not found, "\n" + "\n".join(found)
