"""Docstrings of Puntual as Griffe shows them: what stands after the colon is said in words, not as a type."""

from __future__ import annotations

from typing import Any

import griffe


class Described(griffe.Extension):
    """``name : shape (n,), no nulls`` describes ``name``; its type is in the signature."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the sections of one docstring."""
        for section in obj.docstring.parsed if obj.docstring else []:
            if section.kind in _DESCRIBED:
                for item in section.value:
                    _describe(item)


_DESCRIBED = {
    griffe.DocstringSectionKind.parameters,
    griffe.DocstringSectionKind.attributes,
    griffe.DocstringSectionKind.raises,
}


def _describe(item: Any) -> None:
    if item.description or item.annotation is None:
        return
    name, colon, said = str(item.annotation).partition(" : ")
    if isinstance(item, griffe.DocstringRaise):
        item.annotation, item.description = name, said if colon else ""
    else:
        item.annotation, item.description = None, str(item.annotation)
