"""The rivals: how each is started, what it takes, what it gives; a new one is an entry here and a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
_MODULES = "benchmarks.serving.rivals"

Flight = dict[str, str]


def _as_puntual(flight: Flight) -> Any:
    return {"flights": [flight]}


def _first_prediction(answer: Any) -> float:
    return float(answer["predictions"][0]["delay_probability"])


def _as_tensors(flight: Flight) -> Any:
    """The V2 inference protocol: a tensor a column."""
    return {
        "inputs": [
            {"name": name, "shape": [1], "datatype": "BYTES", "data": [value]}
            for name, value in flight.items()
        ]
    }


def _write_nothing(_folder: Path, _port: int, _more_ports: tuple[int, int]) -> None:
    pass


def _write_mlserver(folder: Path, port: int, more_ports: tuple[int, int]) -> None:
    """Its two files of settings: in one process, which answers most here, and without a log of requests."""
    grpc_port, metrics_port = more_ports
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": grpc_port,
        "metrics_port": metrics_port,
        "parallel_workers": 0,
        "debug": False,
    }
    model = {"name": "delays", "implementation": f"{_MODULES}.mlserver.runtime.Delays"}
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    (folder / "model-settings.json").write_text(json.dumps(model), "utf-8")


class Rival(NamedTuple):
    """What else would serve the model, as its own documentation says to.

    Attributes
    ----------
    name : of its folder
    title : what the table calls it
    packages : whose versions the table tells
    command : run by its own environment; ``{port}`` and ``{folder}``, an empty one, are filled in
    calls : of `rivals.calls`, each measured
    path : where it answers
    body : a flight -> what is posted about it
    probability : an answer -> the probability in it
    write : writes what it reads from ``{folder}``, given its port and two more free ones
    """

    name: str
    title: str
    packages: tuple[str, ...]
    command: tuple[str, ...]
    calls: tuple[str, ...] = ("ordinary", "fast")
    path: str = "/predict"
    body: Callable[[Flight], Any] = _as_puntual
    probability: Callable[[Any], float] = _first_prediction
    write: Callable[[Path, int, tuple[int, int]], None] = _write_nothing

    @property
    def requirements(self) -> Path:
        """Its pinned packages."""
        return HERE / self.name / "requirements.txt"


RIVALS = {
    rival.name: rival
    for rival in (
        Rival(
            "flask",
            "Flask, development server",
            ("flask", "werkzeug"),
            ("python", "-m", "flask", "--app", f"{_MODULES}.flask.app", "run", "--port", "{port}"),
            calls=("pandas", "fast"),
        ),
        Rival(
            "fastapi",
            "FastAPI, uvicorn, 2 workers",
            ("fastapi", "uvicorn"),
            (
                *("python", "-m", "uvicorn", f"{_MODULES}.fastapi.app:app", "--port", "{port}"),
                *("--workers", "2", "--no-access-log"),
            ),
        ),
        Rival(
            "litestar",
            "Litestar, Granian, 2 workers",
            ("litestar", "granian"),
            (
                *("python", "-m", "granian", "--interface", "asgi", "--workers", "2", "--port", "{port}"),
                f"{_MODULES}.litestar.app:app",
            ),
        ),
        Rival("robyn", "Robyn --fast", ("robyn",), ("python", "-m", f"{_MODULES}.robyn.app", "--fast")),
        Rival(
            "bentoml",
            "BentoML, a worker a core",
            ("bentoml",),
            (
                *("python", "-m", "bentoml", "serve", "--do-not-track", f"{_MODULES}.bentoml.service:Delays"),
                *("--host", "127.0.0.1", "--port", "{port}"),
            ),
            body=lambda flight: flight,
            probability=lambda answer: float(answer["delay_probability"]),
        ),
        Rival(
            "mlserver",
            "MLServer, in one process",
            ("mlserver",),
            ("mlserver", "start", "{folder}"),
            path="/v2/models/delays/infer",
            body=_as_tensors,
            probability=lambda answer: float(answer["outputs"][0]["data"][0]),
            write=_write_mlserver,
        ),
    )
}
"""By name, in the order of the table."""
