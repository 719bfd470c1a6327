"""An environment of the serving lock, and nothing else, serves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.serving.conftest import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh one, with the packages of `requirements/serving.txt` and Puntual itself."""
    uv = Path(sys.executable).parent / "uv"
    if not uv.exists():
        pytest.skip("no uv beside this Python; `make test` installs it")
    folder = tmp_path_factory.mktemp("serving") / "venv"
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    locked = ("--require-hashes", "--requirement", str(ROOT / "requirements" / "serving.txt"))
    built = ("--build-constraints", str(ROOT / "requirements" / "build.txt"), str(source))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    into = ("--quiet", "--no-deps", "--python", str(folder / "bin" / "python"))
    for what in (locked, built):
        subprocess.run([str(uv), "pip", "install", *into, *what], check=True)
    return folder


def test_it_holds_no_training_library(environment: Path) -> None:
    code = (
        "import importlib.util as u\n"
        "names = ('polars', 'pandas', 'numpy', 'scipy', 'sklearn', 'holidays', 'airportsdata')\n"
        "print([name for name in names if u.find_spec(name)])"
    )
    python = environment / "bin" / "python"
    ended = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_it_answers(environment: Path, model: Path) -> None:
    with serving(model, python=str(environment / "bin" / "python")) as served:
        body = {"airline": "LAN", "destination": "SCFA", "scheduled_departure": "2017-07-14T18:35:00"}
        request = urllib.request.Request(
            f"{served.url}/v1/predictions",
            json.dumps({"flights": [body]}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert 0 < json.load(answer)["predictions"][0]["delay_probability"] < 1


def test_it_says_what_training_lacks(environment: Path, tmp_path: Path) -> None:
    ended = subprocess.run(
        [environment / "bin" / "puntual", "check", tmp_path / "flights.csv"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert ended.returncode == 2
    assert ended.stderr.endswith("pip install 'puntual[train]'\n")
    assert ended.stderr.count("\n") == 1
