"""The wheel, built and used in environments that hold nothing but it and what the lock files name.

Two environments are installed, and nothing in them is compiled yet: what CI does after the tests of minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from puntual.inference.artifact import write_artifact
from tests import made_up
from tests.flights import TABLES, artifact_of, small_booster
from tests.serving.conftest import serving

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements"
UV = Path(sys.executable).with_name("uv")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
PREDICT = """
import datetime as dt, json, sys
import puntual
flight = puntual.Flight(
    origin="SCEL", destination="SCFA", airline="LAN", scheduled_departure=dt.datetime(2017, 1, 20, 9, 30)
)
prediction, = puntual.Predictor(puntual.read_artifact(sys.argv[1])).predict([flight])
print(json.dumps(prediction.delay_probability))
"""

FRAMES = """
import sys
import pandas, polars, puntual, pyarrow
model, data, written = puntual.load(sys.argv[1]), sys.argv[2], polars.read_csv(sys.argv[3])
frame = polars.read_csv(data)
for given in (frame, frame.to_arrow(), frame.to_pandas()):
    answered = model.predict(given)
    assert type(answered) is type(given), type(answered)
    is_pandas = isinstance(answered, pandas.DataFrame)
    rows = polars.from_pandas(answered) if is_pandas else polars.DataFrame(answered)
    assert rows["delay_probability"].equals(written["delay_probability"])
    assert rows.columns == written.columns
print(len(written))
"""


pytestmark = pytest.mark.slow


class Environment(NamedTuple):
    """A virtual environment, and a folder outside the checkout to run its commands in."""

    path: Path
    folder: Path

    def run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.path / "bin" / program, *map(str, arguments)],
            cwd=self.folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def install(wheel: Path, lock: str, folder: Path) -> Environment:
    path = folder / "environment"
    uv("venv", "--quiet", "--python", sys.executable, path)
    into = ("pip", "install", "--quiet", "--python", path / "bin" / "python", "--no-deps")
    uv(*into, "--require-hashes", "--build-constraints", LOCKS / "build.txt", "-r", LOCKS / lock)
    uv(*into, wheel)
    return Environment(path, folder)


def add_frames(environment: Environment) -> None:
    """Install what frames of pandas and pyarrow need, as the lock file of the tests has it."""
    lock = (ROOT / "requirements" / "dev.txt").read_text("utf-8")
    names = ("pandas", "pyarrow", "python-dateutil", "six")
    wanted = [re.search(rf"^{name}==(?:.*\\\n)*.*\n", lock, re.MULTILINE) for name in names]
    file = environment.folder / "frames.txt"
    file.write_text("".join(one[0] for one in wanted if one), "utf-8")
    python = environment.path / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", python, "--no-deps", "--require-hashes", "-r", file)


def uv(*arguments: object) -> None:
    done = subprocess.run(
        [UV, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--build-constraints", LOCKS / "build.txt", "--out-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def workbench(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return install(wheel, "run.txt", tmp_path_factory.mktemp("workbench"))


@pytest.fixture(scope="module")
def server(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return install(wheel, "serving.txt", tmp_path_factory.mktemp("server"))


def test_it_holds_the_package_and_nothing_else(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in packed} == {"puntual", f"puntual-{VERSION}.dist-info"}
    tracked = subprocess.check_output(["git", "ls-files", "src/puntual"], cwd=ROOT, text=True).split()
    assert {name.removeprefix("src/") for name in tracked} <= packed
    assert "puntual/py.typed" in packed


def test_a_model_is_trained_where_all_extras_are_and_answers_where_none_is(
    workbench: Environment, server: Environment
) -> None:
    flights = made_up.made_up_scl(workbench.folder / "flights.csv", days=45)
    model = workbench.folder / "made-up.puntual"
    trained = workbench.run("puntual", "train", flights, "-o", model, "--seeds", 1, "--trees", 5)
    assert trained.returncode == 0, trained.stderr
    add_frames(workbench)
    answers = workbench.folder / "answers.csv"
    assert workbench.run("puntual", "predict", model, flights, "-o", answers).returncode == 0
    asked = workbench.run("python", "-c", FRAMES, model, flights, answers)
    assert asked.returncode == 0, asked.stderr
    assert server.run("puntual", "--version").stdout.strip().endswith(VERSION)
    predicted = server.run("python", "-c", PREDICT, model)
    assert predicted.returncode == 0, predicted.stderr
    assert 0 < json.loads(predicted.stdout) < 1


def test_a_server_holds_no_training_library_and_answers(server: Environment) -> None:
    training = ("polars", "pandas", "numpy", "scipy", "sklearn", "holidays", "airportsdata")
    code = f"import importlib.util as u; print([name for name in {training} if u.find_spec(name)])"
    assert server.run("python", "-c", code).stdout.strip() == "[]"
    model = server.folder / "small.puntual"
    write_artifact(artifact_of(TABLES, small_booster()), model)
    with serving(model, python=str(server.path / "bin" / "python")) as served:
        assert served.model()


def test_what_is_missing_is_said_with_the_extra_that_brings_it(server: Environment) -> None:
    flights = made_up.made_up_scl(server.folder / "flights.csv")
    ended = server.run("puntual", "train", flights, "-o", "model.puntual")
    assert ended.returncode == 2
    assert ended.stderr.strip().splitlines()[-1].endswith("pip install 'puntual[train]'")
