"""`POST /v1/comparisons`, without a server."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.comparisons import ComparisonResponse
from puntual.types import Flight
from tests.serving.conftest import FLIGHT, SEVERAL, Asker, decoded, problem

COMPARISONS = "/v1/comparisons"
JSON = {"content-type": "application/json"}
ELSEWHERE = FLIGHT | {"origin": "ZZZZ", "scheduled_departure": "2017-07-14T08:35:00Z"}
LATER = [SEVERAL[0] | {"scheduled_departure": "2017-07-14T07:35:00"}, *SEVERAL[2:]]


def test_each_flight_is_answered_within_its_own_schedule(ask: Asker, artifact: Artifact) -> None:
    sent = msgspec.json.encode({"before": SEVERAL, "after": LATER})
    response = ask("POST", COMPARISONS, sent, JSON)
    found = msgspec.json.decode(response.body, type=ComparisonResponse)
    predictor = Predictor(artifact)
    for side, flights in (("before", SEVERAL), ("after", LATER)):
        own = predictor.predict(msgspec.convert(flights, list[Flight]), complete_days=True)
        asked = {
            (one["scheduled_departure"], answer.delay_probability)
            for one, answer in zip(flights, own, strict=True)
        }
        told = {
            (f"{getattr(one, side):%Y-%m-%dT%H:%M:%S}", getattr(one, f"{side}_probability"))
            for one in found.flights
            if getattr(one, side)
        }
        assert told == asked
    assert [one.kind for one in found.flights].count("removed") == 1
    assert (found.days[0].flights_before, found.days[0].flights_after) == (14, 13)
    assert decoded(response)["model"] == artifact.name


def test_what_the_model_never_saw_is_named(ask: Asker) -> None:
    body = {"before": [FLIGHT | {"airline": "ZZ"}], "after": [FLIGHT | {"airline": "ZZ"}]}
    (change,) = decoded(ask("POST", COMPARISONS, msgspec.json.encode(body), JSON))["flights"]
    assert change["unknown"] == ["airline"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"before": SEVERAL}, "$.after"),
        ({"before": SEVERAL, "after": []}, "$.after"),
        ({"before": SEVERAL, "after": [FLIGHT | {"airline": 7}]}, "$.after[0].airline"),
        ({"before": SEVERAL, "after": SEVERAL, "timetable": "request"}, "$.timetable"),
        ({"before": [FLIGHT] * 50, "after": [FLIGHT]}, "$"),
        ({"before": [FLIGHT], "after": [FLIGHT, ELSEWHERE]}, "$.after[1].scheduled_departure"),
    ],
)
def test_a_mistake_is_named_in_its_place(ask: Asker, body: dict[str, Any], pointer: str) -> None:
    assert problem(ask("POST", COMPARISONS, msgspec.json.encode(body), JSON)).pointer == pointer


def test_only_json(ask: Asker) -> None:
    problem(ask("POST", COMPARISONS, b"{}", {"content-type": "text/xml"}), "media-type")
