"""`puntual mcp`."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer

from puntual.console import note


def mcp(
    model: Annotated[Path, typer.Option("--model", help="A file from `puntual train`.", show_default=False)],
) -> None:
    """Offer a model to assistants as tools (Model Context Protocol, over stdin and stdout)."""
    from puntual.api.assistants import build_server
    from puntual.inference.artifact import read_artifact

    artifact = read_artifact(model)
    server = build_server(artifact, importlib.metadata.version("puntual"))
    note(f"{artifact.name}: tools for assistants on stdin and stdout, until stdin ends")
    server.run("stdio")
