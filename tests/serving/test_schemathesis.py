"""The API against its own description: requests drawn from its schemas, right and wrong, to a server."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
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
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import RejectedPositiveData

from puntual.serving.api.schemas import MAX_DETAILED
from puntual.serving.routes import ROUTES
from tests.serving.conftest import PREDICTIONS, serving

DESCRIBED = [
    route for route in ROUTES if route.answers is not None and route.media_type != "text/event-stream"
]
"""A stream never ends; `tests.serving.test_boards` has its tests."""
PATHS = [route.path for route in DESCRIBED]
MOMENT = re.compile(r"(19[7-9]|2[01]\d)\d-\d\d-\d\d[Tt ].*")
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


def ask(model: Path, load_test: Path, examples: int, paths: Sequence[str] = PATHS, **settings: Any) -> Told:
    wrong: list[str] = []
    answers: Counter[tuple[str, int]] = Counter()
    with serving(model, "--stress-report", str(load_test), **settings) as server:
        described = schemathesis.openapi.from_url(
            f"{server.url}/openapi.json", config=configuration(examples)
        )
        described.hook("filter_failure")(is_failure)
        described.hook("map_query")(ask_about_the_past)
        described.hook("map_body")(ask_about_the_past)
        schema = described.include(path=list(paths))
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


def ask_about_the_past(_context: HookContext, asked: Any) -> Any:
    """No schema can say that a moment has passed: most that are drawn have not."""
    if isinstance(asked, dict) and MOMENT.fullmatch(str(asked.get("as_of"))):
        return asked | {"as_of": f"2013{asked['as_of'][4:]}"}
    return asked


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
    if not isinstance(failure, AcceptedNegativeData | RejectedPositiveData):
        return True
    if response.status_code == 413:
        allowed = max_body_bytes(case.operation.schema.raw_schema)
        return int(response.request.headers["content-length"]) <= allowed
    if response.status_code != 422:
        return True
    problem = response.json()
    if "/v1/predictions" not in str(case.path):
        return not is_said_in_words(case, problem)
    asked = case.query or {}
    detailed = asked.get("detail") == "full"
    match problem["pointer"].rpartition(".")[2]:
        case "?language":
            return detailed
        case "?as_of" | "as_of":
            return is_a_day(str(problem["found"]).strip('"')[:10]) and not re.search(
                "after now|in the years", problem["allowed"]
            )
        case "flights":
            flights = case.body["flights"] if isinstance(case.body, dict) else None
            return not (detailed and isinstance(flights, list) and len(flights) > MAX_DETAILED)
        case "timetable":
            return "all departures of the days" not in problem["allowed"]
        case "scheduled_departure":
            return "without an offset" not in problem["allowed"] and is_a_day(
                problem["found"].strip('"')[:10]
            )
    return True


def is_said_in_words(case: schemathesis.Case[Any], problem: Mapping[str, Any]) -> bool:
    """Whether the description of the day of the flight forbids it in words alone."""
    if case.path == "/v1/weather" and case.media_type == "text/plain":
        return True
    wanted = str(problem["allowed"])
    if "after now" in wanted or wanted.startswith("a time on") or "in one minute" in wanted:
        return True
    if "in the years" in problem["detail"]:
        return True
    if problem["pointer"].endswith(".flight_number"):  # to a schema, 7.0 is a whole number
        return re.fullmatch(r"-?\d+\.0", str(problem["found"])) is not None
    if problem["pointer"] in {"?origin", "?date"}:
        return problem["found"] is None or not is_a_day(str(problem["found"]))
    if problem["pointer"] == "{date}" or problem["pointer"].endswith(("_at", "_departure")):
        return not is_a_day(str(problem["found"]).strip('"')[:10])
    return False


def max_body_bytes(described: Mapping[str, Any]) -> int:
    """The longest body, as the description says it."""
    said = re.search(r"at most ([\d,]+) bytes", described["info"]["description"])
    assert said
    return int(said[1].replace(",", ""))


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
    request: pytest.FixtureRequest, load_test: Path, tmp_path: Path, of: str, examples: int
) -> None:
    """No server error; status, content type and body as described; right data taken, wrong data refused.

    Of a model that knows one origin, and of one that knows three.
    """
    store = f"sqlite:///{tmp_path / 'events.db'}"
    wrong, answers = ask(request.getfixturevalue(of), load_test, examples, store=store)
    assert wrong == []
    labels = [f"{route.method} {route.path}" for route in DESCRIBED]
    assert [label for label in labels if not answers[label, 200]] == []
    assert min(answers["POST /v1/predictions", status] for status in (200, 422)) > examples / 4
    assert answers["GET /v1/rates", 422] > 0


@pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_longer_body_than_allowed_is_refused_whatever_it_holds(
    new_york_model: Path, load_test: Path, examples: int
) -> None:
    """By 413, which schemathesis itself does not count as a refusal, right and wrong bodies alike."""
    wrong, answers = ask(new_york_model, load_test, examples, [PREDICTIONS], max_body_bytes=1024)
    assert wrong == []
    assert min(answers[f"POST {PREDICTIONS}", status] for status in (200, 413, 422)) > 0
