"""`python -m benchmarks.serving.rivals.robyn.app --fast`; nothing is validated."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from robyn import Request, Robyn

from benchmarks.serving.rivals.answering import load
from puntual.types import Flight

app = Robyn(__file__)
fitted_model = load()


@app.post("/predict")
async def predict(request: Request) -> dict[str, Any]:
    flights = [
        Flight(
            airline=flight["airline"],
            origin=flight["origin"],
            destination=flight["destination"],
            scheduled_departure=dt.datetime.fromisoformat(flight["scheduled_departure"]),
        )
        for flight in request.json()["flights"]
    ]
    return fitted_model.answer(flights)


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=int(os.environ["PORT"]))
