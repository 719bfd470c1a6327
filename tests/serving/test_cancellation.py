"""The chance of a cancellation: in an answer in detail, on a board, and in the model's card."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from puntual.inference.artifact import Artifact, write_artifact
from tests.serving.conftest import FLIGHT, SEVERAL, Asker, decoded
from tests.serving.live import BOARD, DAY, PLANNED, TIMETABLE, LiveAsker, departure, run_live

NAME = "cancellation_probability"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'events.db'}"


def test_only_an_answer_in_detail_has_it(ask: Asker) -> None:
    """A plain one would take a fifth longer."""
    assert all(NAME not in one for one in decoded(ask.predict(*SEVERAL))["predictions"])
    detailed = decoded(ask.predict(*SEVERAL, query="detail=full"))["predictions"]
    assert all(0 < one[NAME] < 1 for one in detailed)
    assert all(one[NAME] == round(one[NAME], 4) for one in detailed)


def test_the_card_of_the_model_has_its_metrics(ask: Asker, artifact: Artifact) -> None:
    card = decoded(ask("GET", "/v1/model"))["card"]
    assert card["cancellation"] == msgspec.to_builtins(artifact.card.cancellation)
    assert card["cancellation"]["alone"]["auc"]["value"] > 0


@pytest.mark.parametrize("fixture", ["model", "day_model"])
def test_a_board_has_it_for_flights_whose_outcome_is_open(
    fixture: str, request: pytest.FixtureRequest, store: str
) -> None:
    """Within the timetable of their day, at seven in the morning, and what is known of the day."""
    model: Path = request.getfixturevalue(fixture)

    async def main(ask: LiveAsker) -> None:
        await ask("PUT", TIMETABLE, {"flights": PLANNED, "known_at": f"{DAY}T03:00:00-04:00"})
        await ask("POST", "/v1/events", departure(0, known_at=f"{DAY}T06:21:00-04:00"))

        at_seven = f"{BOARD}&as_of={DAY}T11:00:00Z"

        async def is_seen() -> bool:
            response = await ask.respond("GET", at_seven)
            return response.status == 200 and b'"departed":1' in response.body

        await ask.until(is_seen)
        flights = (await ask("GET", at_seven))["flights"]
        named = ("airline", "destination", "flight_number", "scheduled_departure")
        asked = [{name: one[name] for name in named} for one in flights]
        body = {"flights": asked, "timetable": "request", "as_of": f"{DAY}T11:00:00Z"}
        answers = (await ask("POST", "/v1/predictions?detail=full", body))["predictions"]
        is_open = [one["status"] in {"scheduled", "overdue"} for one in flights]
        assert 0 < sum(is_open) < len(flights)
        assert [one[NAME] for one in flights] == [
            answer[NAME] if still else None for answer, still in zip(answers, is_open, strict=True)
        ]

    run_live(model, store, main)


def test_a_model_without_it_leaves_it_out(artifact: Artifact, tmp_path: Path, store: str) -> None:
    path = tmp_path / "model.puntual"
    write_artifact(msgspec.structs.replace(artifact, cancellation=None), path)

    async def main(ask: LiveAsker) -> None:
        await ask("PUT", TIMETABLE, {"flights": PLANNED})
        answer = await ask("POST", "/v1/predictions?detail=full", {"flights": [FLIGHT]})
        assert NAME not in answer["predictions"][0]

        async def is_seen() -> bool:
            return (await ask.respond("GET", BOARD)).status == 200

        await ask.until(is_seen)
        assert {one[NAME] for one in (await ask("GET", BOARD))["flights"]} == {None}

    run_live(path, store, main)
