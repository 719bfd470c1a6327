"""The rivals: how each is started, what it takes, what it gives; a new one is an entry here and a module."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
_MODULES = "benchmarks.serving.rivals"

Fields = dict[str, str]
"""A flight, as it is posted."""


def _puntual_body(flight: Fields) -> Any:
    """What Puntual is posted about one flight."""
    return {"flights": [flight]}


def _first_prediction(answer: Any) -> float:
    """The probability in an answer such as Puntual's."""
    return float(answer["predictions"][0]["delay_probability"])


def _tensors(flight: Fields) -> Any:
    """The V2 inference protocol: a tensor a column."""
    return {
        "inputs": [
            {"name": name, "shape": [1], "datatype": "BYTES", "data": [value]}
            for name, value in flight.items()
        ]
    }


def _write_mlserver(folder: Path, port: int, more_ports: tuple[int, int]) -> None:
    """Its two files of settings: in one process, which answers most here, and without a log of requests."""
    ports = dict(zip(("http_port", "grpc_port", "metrics_port"), (port, *more_ports), strict=True))
    settings = {"host": "127.0.0.1", "parallel_workers": 0, "debug": False, **ports}
    model = {"name": "delays", "implementation": f"{_MODULES}.mlserver.Delays"}
    (folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    (folder / "model-settings.json").write_text(json.dumps(model), "utf-8")


class Rival(NamedTuple):
    """A way to serve the model, as its own documentation advises.

    Attributes
    ----------
    name : of its module and its requirements
    title : of its row in the table
    packages : whose versions the table shows
    command : run by its own environment; ``{port}``, ``{model}``, ``{folder}`` (empty) are filled in
    calls : of `rivals.calls`, each measured
    path : where it answers
    body : a flight -> what is posted about it
    probability : an answer -> the probability in it; None: there is none
    write : writes what it reads from ``{folder}``, given its port and two more free ones
    """

    name: str
    title: str
    packages: tuple[str, ...]
    command: str
    calls: tuple[str, ...] = ("ordinary", "fast")
    path: str = "/predict"
    body: Callable[[Fields], Any] = _puntual_body
    probability: Callable[[Any], float] | None = _first_prediction
    write: Callable[[Path, int, tuple[int, int]], None] | None = None

    @property
    def requirements(self) -> Path:
        """Its pinned packages; there is no such file for what this environment runs."""
        return HERE / f"{self.name}.txt"


PUNTUAL = Rival(
    "puntual",
    "Puntual, 1 worker",
    ("puntual", "granian", "lightgbm", "msgspec"),
    "python -m puntual serve --model {model} --port {port}",
    calls=("fast",),
    path="/v1/predictions",
)
BARE = Rival(
    "bare",
    "bare Granian, reads the body only",
    ("granian",),
    "python -m benchmarks.serving.bare {port}",
    calls=("none",),
    path="/",
    probability=None,
)
RIVALS = {
    rival.name: rival
    for rival in (
        Rival(
            "flask",
            "Flask, development server",
            ("flask", "werkzeug"),
            f"python -m flask --app {_MODULES}.flask run --port {{port}}",
            calls=("pandas", "fast"),
        ),
        Rival(
            "fastapi",
            "FastAPI, uvicorn, 2 workers",
            ("fastapi", "uvicorn"),
            f"python -m uvicorn {_MODULES}.fastapi:app --port {{port}} --workers 2 --no-access-log",
        ),
        Rival(
            "litestar",
            "Litestar, Granian, 2 workers",
            ("litestar", "granian"),
            f"python -m granian --interface asgi --workers 2 --port {{port}} {_MODULES}.litestar:app",
        ),
        Rival("robyn", "Robyn --fast", ("robyn",), f"python -m {_MODULES}.robyn --fast"),
        Rival(
            "bentoml",
            "BentoML, a worker a core",
            ("bentoml",),
            "python -m bentoml serve --do-not-track --host 127.0.0.1 --port {port} "
            f"{_MODULES}.bentoml:Delays",
            body=lambda flight: flight,
            probability=lambda answer: float(answer["delay_probability"]),
        ),
        Rival(
            "mlserver",
            "MLServer, in one process",
            ("mlserver",),
            "mlserver start {folder}",
            path="/v2/models/delays/infer",
            body=_tensors,
            probability=lambda answer: float(answer["outputs"][0]["data"][0]),
            write=_write_mlserver,
        ),
    )
}
"""By name, in the order of the table."""
