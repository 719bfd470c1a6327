"""`python -m tests.inference.fuzz_trees FILE FEATURES COUNT`: changed trees, read as a model file's are.

A process of its own: what it looks for would end it.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

from puntual.errors import ArtifactError
from puntual.inference.calibration import Platt
from puntual.inference.scorer import Scorer
from puntual.inference.trees import check_trees

EXTREME = ("", "-1", "0", "1", "2", "31", "64", "255", "4096", "65536", "2147483647", "-2147483648")
ROWS = (0.0, 1.0, -1.0, 7.0, 300.0, 1e300, float("nan"), 4294967296.0)
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")


def main(path: str, features: str, count: str) -> None:
    """Say how many changed texts were refused, and how many were read and scored."""
    text, width, draw = Path(path).read_text(), int(features), random.Random(1)
    refused = scored = 0
    for _ in range(int(count)):
        changed = change(text, draw)
        try:
            check_trees(changed, width, "fuzz")
        except ArtifactError:
            refused += 1
            continue
        try:
            scorer = Scorer(changed, width, Platt(slope=1.0, intercept=0.0))
        except ArtifactError:
            refused += 1
            continue
        for value in ROWS:
            scorer.raw((value,) * width)
            scorer.contributions((value,) * width)
        scored += 1
    sys.stdout.write(f"{refused} {scored}\n")


def change(text: str, draw: random.Random) -> str:
    """The text with a number, a line or a letter changed, once or several times."""
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        lines = text.split("\n")
        at = draw.randrange(len(lines))
        numbers = [*_NUMBER.finditer(lines[at])]
        kind = draw.random()
        if kind < 0.85 and numbers:
            number = draw.choice(numbers)
            other = draw.choice((*EXTREME, draw.choice(numbers)[0], str(draw.randrange(-40, 40))))
            lines[at] = lines[at][: number.start()] + other + lines[at][number.end() :]
        elif kind < 0.9:
            lines.insert(draw.randrange(len(lines)), lines.pop(at))
        elif kind < 0.95:
            lines.insert(draw.randrange(len(lines)), lines[at])
        else:
            lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
        text = "\n".join(lines)
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])
