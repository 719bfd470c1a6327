"""The API against its own description: requests drawn from its schemas, right and wrong, to a server."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import schemathesis
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    StatefulPhaseConfig,
)
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.hooks import HookContext

from puntual.serving.api.schemas import MAX_DETAILED
from puntual.serving.routes import ROUTES
from tests.serving.conftest import serving

FEW, MANY = 15, 60
"""Examples drawn for each operation, rightly and wrongly; with many of them, those at every bound too."""


class Told(NamedTuple):
    """What came of all requests.

    Attributes
    ----------
    wrong : what was found, each with a request that shows it
    answers : how many, by operation and status
    """

    wrong: list[str]
    answers: Counter[tuple[str, int]]


def ask_all(model: Path, load_test: Path, examples: int) -> Told:
    wrong: list[str] = []
    answers: Counter[tuple[str, int]] = Counter()
    with serving(model, "--stress-report", str(load_test)) as server:
        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", config=configuration(examples))
        schema.hook("filter_failure")(is_failure)
        for event in from_schema(schema).execute():
            if isinstance(event, FatalError | NonFatalError):
                wrong.append(repr(event))
            elif isinstance(event, ScenarioFinished):
                recorder = event.recorder
                for interaction in recorder.interactions.values():
                    answered = interaction.response
                    answers[recorder.label, answered.status_code if answered else 0] += 1
                for check in (check for checks in recorder.checks.values() for check in checks):
                    if check.status != Status.SUCCESS:
                        shown = check.failure_info
                        wrong.append(
                            f"{check.name}: {shown.failure}\n{shown.code_sample}" if shown else check.name
                        )
    return Told(wrong, answers)


def configuration(examples: int) -> schemathesis.Config:
    """The same requests each time, all of them whatever is found."""
    project = ProjectConfig(
        continue_on_failure=True,
        generation=GenerationConfig(max_examples=examples, deterministic=True),
        phases=PhasesConfig(
            coverage=CoveragePhaseConfig(enabled=examples == MANY),
            stateful=StatefulPhaseConfig(enabled=False),
        ),
    )
    return schemathesis.Config(seed=11, projects=ProjectsConfig(default=project))


def is_failure(
    context: HookContext, failure: Failure, case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Whether it is more than the refusal of what the description forbids in words, as no schema can."""
    if response.status_code != 422:
        return True
    problem = response.json()
    asked = case.query or {}
    detailed = asked.get("detail") == "full"
    match problem["pointer"].rpartition(".")[2]:
        case "?language":
            return detailed
        case "flights":
            flights = case.body["flights"] if isinstance(case.body, dict) else None
            return not (detailed and isinstance(flights, list) and len(flights) > MAX_DETAILED)
        case "scheduled_departure":
            return "without an offset" not in problem["allowed"] and is_a_day(
                problem["found"].strip('"')[:10]
            )
    return True


def is_a_day(date: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(date))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("of", "examples"),  # a fixture's name, which an argument of the same name would hide
    [
        ("new_york_model", FEW),
        pytest.param("model", MANY, marks=pytest.mark.slow),
        pytest.param("new_york_model", MANY, marks=pytest.mark.slow),
    ],
)
def test_everything_is_answered_as_described(
    request: pytest.FixtureRequest, load_test: Path, of: str, examples: int
) -> None:
    """No server error; status, content type and body as described; right data taken, wrong data refused.

    Of a model that knows one origin, and of one that knows three.
    """
    wrong, answers = ask_all(request.getfixturevalue(of), load_test, examples)
    assert wrong == []
    labels = [f"{route.method} {route.path}" for route in ROUTES if route.answers is not None]
    assert [label for label in labels if not answers[label, 200]] == []
    assert min(answers["POST /v1/predictions", status] for status in (200, 422)) > examples / 4
    assert answers["GET /v1/rates", 422] > 0
