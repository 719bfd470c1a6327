"""`mlserver start FOLDER`: a runtime of its own; the V2 protocol, a tensor for each field of the flights."""

from __future__ import annotations

import datetime as dt

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

from benchmarks.serving.rivals.answering import load
from puntual.types import Flight


class Delays(MLModel):
    async def load(self) -> bool:
        self.fitted_model = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        columns = {tensor.name: tensor.data.root for tensor in payload.inputs}
        rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
        flights = [
            Flight(
                airline=row["airline"],
                origin=row["origin"],
                destination=row["destination"],
                scheduled_departure=dt.datetime.fromisoformat(row["scheduled_departure"]),
            )
            for row in rows
        ]
        answers = [self.fitted_model.predict(flight)["delay_probability"] for flight in flights]
        output = ResponseOutput(name="delay_probability", shape=[len(answers)], datatype="FP64", data=answers)
        return InferenceResponse(model_name=self.name, outputs=[output])
