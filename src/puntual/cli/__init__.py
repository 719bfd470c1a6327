"""The command line: one module a command, arguments -> one call."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import Annotated

import typer

from puntual.cli import (
    check,
    compare,
    convert,
    evaluate,
    explore,
    features,
    feed,
    keys,
    mcp,
    predict,
    replay,
    serve,
    sign,
    stress,
    train,
    tune,
    up,
)
from puntual.errors import EXTRAS, MissingDependencyError, PuntualError, printable

app = typer.Typer(
    name="puntual",
    help="Flight-delay probabilities, from the raw flight history to a service that holds its load.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"puntual {importlib.metadata.version('puntual')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take the options of no command."""


for _module in (
    up,
    check,
    convert,
    explore,
    features,
    train,
    tune,
    evaluate,
    predict,
    compare,
    serve,
    feed,
    replay,
    stress,
    mcp,
    sign,
):
    app.command()(getattr(_module, _module.__name__.rsplit(".", 1)[1]))
app.add_typer(keys.keys, name="keys")


def main() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit status 2."""
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        status = 130
    except typer.TyperException as error:
        print(f"puntual: {printable(error.format_message())}", file=sys.stderr)
        status = 2
    except PuntualError as error:
        print(f"puntual: {printable(str(error))}", file=sys.stderr)
        status = 2
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRAS:
            raise
        print(f"puntual: {MissingDependencyError(missing, extra=EXTRAS[missing])}", file=sys.stderr)
        status = 2
    except BrokenPipeError:
        # The reader of a pipe has gone: say nothing, and keep Python from saying it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
