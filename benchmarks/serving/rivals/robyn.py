"""`python -m benchmarks.serving.rivals.robyn --fast`; nothing is validated."""

from __future__ import annotations

import os
from typing import Any

from robyn import Request, Robyn

from benchmarks.serving.rivals.answering import flight_of, load

app = Robyn(__file__)
fitted_model = load()


@app.post("/predict")
async def predict(request: Request) -> dict[str, Any]:
    return fitted_model.answer(flight_of(fields) for fields in request.json()["flights"])


if __name__ == "__main__":
    app.start(host="127.0.0.1", port=int(os.environ["PORT"]))
