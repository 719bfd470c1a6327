"""`python -m flask --app benchmarks.serving.rivals.flask.app run`."""

from __future__ import annotations

import datetime as dt
import logging
import threading

from flask import Flask, Response, jsonify, request

from benchmarks.serving.rivals.answering import load
from puntual.types import Flight

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)
fitted_model = load()
lock = threading.Lock()  # every connection has a thread of its own


@app.post("/predict")
def predict() -> Response:
    flights = [
        Flight(
            airline=flight["airline"],
            origin=flight["origin"],
            destination=flight["destination"],
            scheduled_departure=dt.datetime.fromisoformat(flight["scheduled_departure"]),
        )
        for flight in request.get_json()["flights"]
    ]
    with lock:
        return jsonify(fitted_model.answer(flights))
