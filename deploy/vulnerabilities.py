"""Refuses an image with severe known vulnerabilities, but for exceptions that have a date and a reason.

    python3 deploy/vulnerabilities.py FOUND [--exceptions deploy/vulnerabilities.txt]

FOUND has a severity and a name a line, as the scan's list. A line of the exceptions is
`NAME until YYYY-MM-DD: REASON`; after its date it excepts nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from pathlib import Path

REFUSED = ("CRITICAL", "HIGH")
EXCEPTIONS = Path(__file__).with_suffix(".txt")

_EXCEPTION = re.compile(r"(?P<name>\S+) until (?P<date>\d{4}-\d\d-\d\d): \S.*")


def read_exceptions(text: str, today: dt.date) -> set[str]:
    """The names that are excepted today.

    Raises
    ------
    ValueError : a line has another form

    Examples
    --------
    >>> read_exceptions("CVE-1 until 2026-12-31: not reached", dt.date(2026, 12, 31))
    {'CVE-1'}
    >>> read_exceptions("CVE-1 until 2026-12-31: not reached", dt.date(2027, 1, 1))
    set()
    """
    excepted = set()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = _EXCEPTION.fullmatch(line.strip())
        if found is None:
            raise ValueError(f"{line!r}; wanted: NAME until YYYY-MM-DD: REASON")
        if today <= dt.date.fromisoformat(found["date"]):
            excepted.add(found["name"])
    return excepted


def find_refused(found: str, excepted: set[str]) -> list[str]:
    r"""The lines that end a build.

    Examples
    --------
    >>> find_refused("SEVERITY NAME\nHIGH CVE-1\nCRITICAL CVE-2\nLOW CVE-3", {"CVE-1"})
    ['CRITICAL CVE-2']
    """
    lines = [line.split() for line in found.splitlines()]
    return [
        " ".join(words)
        for words in lines
        if len(words) > 1 and words[0] in REFUSED and words[1] not in excepted
    ]


def main() -> None:
    """End with 1 if something is refused, with 2 if the exceptions cannot be read."""
    parser = argparse.ArgumentParser(prog="deploy/vulnerabilities.py")
    parser.add_argument("found", type=Path)
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS)
    options = parser.parse_args()
    today = dt.datetime.now(dt.UTC).date()
    try:
        excepted = read_exceptions(options.exceptions.read_text("utf-8"), today)
    except ValueError as error:
        sys.stderr.write(f"{options.exceptions}: {error}\n")
        sys.exit(2)
    refused = find_refused(options.found.read_text("utf-8"), excepted)
    for line in refused:
        sys.stderr.write(f"{line}: renew the base, raise what brings it, or except it until a date\n")
    sys.exit(bool(refused))


if __name__ == "__main__":
    main()
