"""`uvicorn benchmarks.serving.rivals.fastapi:app --workers 2`."""

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


class Query(BaseModel, extra="forbid"):
    flights: list[Flight] = Field(min_length=1)


class Prediction(BaseModel):
    delay_probability: float
    delayed: bool
    horizon: str
    unknown: list[str]


class Answer(BaseModel):
    model: str
    threshold_minutes: int
    predictions: list[Prediction]


app = FastAPI()
fitted_model = load()


@app.post("/predict", response_model=Answer)
async def predict(query: Query) -> dict[str, Any]:
    return fitted_model.answer(query.flights)
