"""`python -m flask --app benchmarks.serving.rivals.flask run`: the original's, on its development server."""

from __future__ import annotations

import logging
import threading

from flask import Flask, Response, jsonify, request

from benchmarks.serving.rivals.answering import flight_of, load

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__)
fitted_model = load()
lock = threading.Lock()  # every connection has a thread of its own


@app.post("/predict")
def predict() -> Response:
    flights = [flight_of(fields) for fields in request.get_json()["flights"]]
    with lock:
        return jsonify(fitted_model.answer(flights))
