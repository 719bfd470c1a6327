"""`puntual serve`."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    model: Annotated[
        str | None,
        typer.Option(help="From `puntual train`: a file, gs://BUCKET/OBJECT, or an https address."),
    ] = None,
    *,
    model_sha256: Annotated[str | None, typer.Option(help="SHA-256 that its file must have.")] = None,
    host: Annotated[str | None, typer.Option(help="Address or name to listen on; * for all.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer.")] = None,
    cut: Annotated[
        float | None,
        typer.Option(help="Probability from which an answer says delayed; else the model's own."),
    ] = None,
    cost_of_a_missed_delay: Annotated[
        float | None, typer.Option(help="What one costs, in false alarms; decides the cut.")
    ] = None,
    stress_report: Annotated[
        str | None, typer.Option(help="The last load test, for the page: a file of `puntual stress --save`.")
    ] = None,
) -> None:
    """Serve the API and the page; each option may also be given as PUNTUAL_MODEL, PUNTUAL_PORT, ..."""
    from puntual.serving.server import run
    from puntual.serving.settings import read_settings

    flags = {"model": model, "model_sha256": model_sha256, "host": host, "port": port, "workers": workers}
    decided = {"cut": cut, "cost_of_a_missed_delay": cost_of_a_missed_delay}
    run(read_settings(flags | decided | {"stress_report": stress_report}))
