"""The examples of the README and of docs/commands.md, run as they stand."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from puntual.cli.up import train_embedded
from puntual.inference.predictor import Predictor
from puntual.training.families import FAMILIES
from puntual.types import Flight, no_progress
from tests import made_up
from tests.cli.running import run
from tests.quick import command_quickly

ROOT = Path(__file__).parents[1]


DOCUMENTS = ("README.md", "docs/commands.md")
SERVING = {"feed", "mcp", "replay", "serve", "stress", "up"}
"""Commands that wait, or need a service."""
IN_SPANISH = {"README.md": "README.es.md", "docs/commands.md": "docs/commands.es.md"}


def examples(document: str) -> list[str]:
    """Every `puntual` line of the shell blocks that needs no service, without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("puntual ")]
    commands = [shlex.join(shlex.split(line, comments=True)) for line in lines]
    return [command for command in commands if command.split()[1] not in SERVING]


def outputs(document: str) -> list[tuple[str, list[str]]]:
    """The command of each shell block that a block of text follows, and patterns of what it prints."""
    text = (ROOT / document).read_text("utf-8")
    shown = re.findall(r"```sh\n(puntual .*)\n```\n\n```text\n((?:.+\n)+?)```", text)
    return [(command, [pattern(line) for line in printed.splitlines()]) for command, printed in shown]


def pattern(line: str) -> str:
    """What a printed line looks like, whatever its numbers, columns and model are."""
    return r"\s+".join(
        r"scl-\w+" if word.startswith("scl-") else re.sub(r"\d+", r"\\d+", re.escape(word))
        for word in line.split()
    )


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few trees, and families that are fitted soon: each is held by its own tests."""
    monkeypatch.chdir(tmp_path)
    command_quickly(monkeypatch)
    for name in ("forest", "svm", "mlp"):
        monkeypatch.delitem(FAMILIES, name)
    history = made_up.made_up_scl(tmp_path / "flights.csv", days=70).read_text("utf-8").splitlines()
    (tmp_path / "tomorrow.csv").write_text("\n".join([history[0], *history[-20:]]), "utf-8")
    (tmp_path / "2023").mkdir()
    for month in (1, 2):
        made_up.made_up_nyc(tmp_path / "2023" / f"{month}.csv", days=3)
    (tmp_path / "list.csv").write_text("Date,STD,Airline,Dest\n2024-03-01,06:00,IB,LHR\n", "utf-8")
    secret = Ed25519PrivateKey.generate()
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "release.pem").write_bytes(pem)
    for plan in ("plan", "retimed"):
        (tmp_path / f"{plan}.csv").write_text("\n".join([history[0], *history[-20:]]), "utf-8")
    (tmp_path / "one.csv").write_text("\n".join([history[0], history[-3]]), "utf-8")
    commands = list(dict.fromkeys(command for document in DOCUMENTS for command in examples(document)))
    assert {command.split()[1] for command in commands} == {
        "check",
        "convert",
        "explore",
        "features",
        "train",
        "tune",
        "evaluate",
        "predict",
        "compare",
        "sign",
        "keys",
    }
    printed = {}
    for command in commands:
        ended = run(*shlex.split(command)[1:])
        assert ended.status == 0, (command, ended.err)
        printed[command] = ended.out + ended.err
    for command, lines in outputs("README.md"):
        for line in lines:
            assert re.search(line, printed[command]), (command, line)


def test_both_languages_show_the_same_commands() -> None:
    for english, spanish in IN_SPANISH.items():
        assert [line.replace("language es", "language en") for line in examples(english)] == [
            line.replace("language es", "language en") for line in examples(spanish)
        ]
        assert outputs(english) == outputs(spanish)


class Request(msgspec.Struct):
    flights: list[Flight]


@pytest.mark.slow
def test_the_answer_shown_is_what_up_gives() -> None:
    """By the model that `puntual up` makes: the longest test, some minutes."""
    predictor = Predictor(train_embedded(no_progress))
    for readme in ("README.md", "README.es.md"):
        text = (ROOT / readme).read_text("utf-8")
        request = re.search(r"/v1/predictions .*? -d '(\{.*?\})'\n", text, re.DOTALL)
        shown = re.search(r"```json\n(\{\"model\".*?\})\n```", text, re.DOTALL)
        assert request
        assert shown
        answer = json.loads(shown[1])
        (prediction,) = predictor.predict(msgspec.json.decode(request[1], type=Request).flights)
        (expected,) = answer["predictions"]
        # Processors add in other orders: their models differ in the last digits, and so in their names.
        assert answer["model"].startswith("nyc-"), readme
        given = msgspec.json.decode(msgspec.json.encode(prediction))
        assert given.pop("delay_probability") == pytest.approx(expected.pop("delay_probability"), abs=0.01)
        assert given == expected, readme
