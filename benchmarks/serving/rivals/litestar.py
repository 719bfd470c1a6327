"""`granian --interface asgi --workers 2 benchmarks.serving.rivals.litestar:app`."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Litestar, post

from benchmarks.serving.rivals.answering import load
from puntual.types import Flight


class Query(msgspec.Struct, forbid_unknown_fields=True):
    flights: list[Flight]


fitted_model = load()


@post("/predict", status_code=200)
async def predict(data: Query) -> dict[str, Any]:
    return fitted_model.answer(data.flights)


app = Litestar([predict])
