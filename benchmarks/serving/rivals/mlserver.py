"""`mlserver start FOLDER`: a runtime of its own; the V2 protocol, a tensor for each field of the flights."""

from __future__ import annotations

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput

from benchmarks.serving.rivals.answering import flight_of, load


class Delays(MLModel):
    async def load(self) -> bool:
        self.fitted_model = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        columns = {tensor.name: tensor.data.root for tensor in payload.inputs}
        rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
        answers = [self.fitted_model.predict(flight_of(row))["delay_probability"] for row in rows]
        output = ResponseOutput(name="delay_probability", shape=[len(answers)], datatype="FP64", data=answers)
        return InferenceResponse(model_name=self.name, outputs=[output])
