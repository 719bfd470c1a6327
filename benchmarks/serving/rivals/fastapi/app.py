"""`uvicorn benchmarks.serving.rivals.fastapi.app:app --workers 2`."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from benchmarks.serving.rivals.answering import load


class Flight(BaseModel, extra="forbid"):
    airline: str = Field(min_length=2, max_length=8)
    destination: str = Field(min_length=2, max_length=8)
    scheduled_departure: dt.datetime
    origin: str | None = None
    operator: str | None = None
    flight_type: Literal["N", "I"] | None = None


class Asked(BaseModel, extra="forbid"):
    flights: list[Flight] = Field(min_length=1)


class Prediction(BaseModel):
    delay_probability: float
    delayed: bool
    horizon: str
    unknown: list[str]


class Answered(BaseModel):
    model: str
    threshold_minutes: int
    predictions: list[Prediction]


app = FastAPI()
fitted_model = load()


@app.post("/predict", response_model=Answered)
async def predict(asked: Asked) -> dict[str, Any]:
    return fitted_model.answer(asked.flights)
