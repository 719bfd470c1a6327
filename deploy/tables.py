"""A table in Markdown, for a terminal as well as for a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, texts: int = 1) -> str:
    """Columns as wide as their cells; all but the first ones, which are text, stand to the right.

    Parameters
    ----------
    texts : columns of text

    Examples
    --------
    >>> print(markdown_table(["what", "ms"], [["a view", 12], ["another", 3]]))
    | what    |  ms |
    | :------ | --: |
    | a view  |  12 |
    | another |   3 |
    """
    cells = [list(map(str, row)) for row in (heads, *rows)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        [cell.ljust(width) if at < texts else cell.rjust(width) for at, (cell, width) in enumerate(pairs)]
        for pairs in (zip(row, widths, strict=True) for row in cells)
    ]
    rule = [
        ":" + "-" * (width - 1) if at < texts else "-" * (width - 1) + ":" for at, width in enumerate(widths)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))
