"""A command run within the test's own process, as a user would type it."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import NamedTuple
from unittest import mock

from puntual import console
from puntual.cli import main

QUICKLY = ("--seeds", "1", "--trees", "20")
"""For `train`, where a test is about something else."""


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


def run(*arguments: object) -> Ended:
    """Run ``puntual`` with some arguments, its output being a pipe."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["puntual", *map(str, arguments)]),
        mock.patch.object(console, "LINE_SECONDS", 3600),  # a slow machine's lines are no part of an answer
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            status: object = 0
        except SystemExit as end:
            status = end.code
    return Ended(status if isinstance(status, int) else 0, out.getvalue(), err.getvalue())


def mistake(*arguments: object) -> str:
    """What ``puntual`` says of a mistake: one line, and status 2."""
    ended = run(*arguments)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1), ended
    assert ended.err.startswith("puntual: ")
    return ended.err
