"""The README's examples, run as they stand."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import msgspec
import pytest

from puntual.cli.up import train_embedded
from puntual.inference.predictor import Predictor
from puntual.types import Flight
from tests import made_up
from tests.cli.running import run

ROOT = Path(__file__).parents[1]


def examples(readme: str) -> list[list[str]]:
    """Every `puntual` line of the shell blocks that ends by itself, as words."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("puntual ")]
    commands = [shlex.split(line, comments=True)[1:] for line in lines]
    return [command for command in commands if command[0] not in {"serve", "stress", "up"}]


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    history = made_up.made_up_scl(tmp_path / "flights.csv", days=90).read_text("utf-8").splitlines()
    (tmp_path / "tomorrow.csv").write_text("\n".join([history[0], *history[-20:]]), "utf-8")
    (tmp_path / "one.csv").write_text("\n".join([history[0], history[-3]]), "utf-8")
    commands = examples("README.md")
    assert {command[0] for command in commands} == {
        "check",
        "explore",
        "features",
        "train",
        "tune",
        "evaluate",
        "predict",
    }
    for command in commands:
        ended = run(*command)
        assert ended.status == 0, (command, ended.err)


def test_both_readmes_show_the_same_commands() -> None:
    assert examples("README.md") == examples("README.es.md")


class Request(msgspec.Struct):
    flights: list[Flight]


@pytest.mark.slow
def test_the_answer_shown_is_what_up_gives() -> None:
    """By the model that `puntual up` makes: the longest test, some minutes."""
    predictor = Predictor(train_embedded(lambda stage, steps: None))
    for readme in ("README.md", "README.es.md"):
        text = (ROOT / readme).read_text("utf-8")
        request = re.search(r"/v1/predictions .*? -d '(\{.*?\})'\n", text, re.DOTALL)
        shown = re.search(r"```json\n(\{\"model\".*?\})\n```", text, re.DOTALL)
        assert request
        assert shown
        answer = json.loads(shown[1])
        (prediction,) = predictor.predict(msgspec.json.decode(request[1], type=Request).flights)
        (expected,) = answer["predictions"]
        assert answer["model"] == predictor.artifact.name, readme
        assert msgspec.json.decode(msgspec.json.encode(prediction)) == expected, readme
