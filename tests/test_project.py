"""What holds for the project as a whole."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from puntual.cli import app
from puntual.data import EMBEDDED
from puntual.errors import EXTRAS
from puntual.inference.artifact import FORMAT
from puntual.serving.settings import SETTINGS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = sorted((ROOT / "src" / "puntual").rglob("*.py"))
CEILING = 350


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_a_module_is_one_idea(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= CEILING


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text("utf-8")
        assert "://" not in text
        named = re.findall(r"^\S+==\S+", text, re.MULTILINE)
        assert named
        assert len(re.findall(r"^\S+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(named)


def test_every_command_runs_after_make_install() -> None:
    locked = re.findall(r"^(\S+)==", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE)
    extras = {*EXTRAS.values(), *(embedded.extra for embedded in EMBEDDED.values())}
    # No command has a frame of pandas, and a cluster's libraries need pandas.
    for extra in extras - {"pandas", "cluster", "kubernetes"}:
        for needed in PROJECT["optional-dependencies"][extra]:
            assert re.split(r"[<>=\[]", needed)[0] in locked, (extra, needed)


def test_the_serving_lock_leaves_out_what_serving_never_loads() -> None:
    text = (ROOT / "requirements" / "serving.txt").read_text("utf-8")
    for package in ("polars", "pandas", "numpy", "scipy", "scikit-learn", "holidays", "airportsdata"):
        assert not re.search(rf"^{package}==", text, re.MULTILINE)


def test_importing_touches_no_file_environment_or_network(tmp_path: Path) -> None:
    """scikit-learn and polars tune their own native libraries through variables of theirs."""
    names = [
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.name != "__main__.py"
    ]
    code = (
        "import os, socket, sys\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = socket.socket.bind = refuse\n"
        "before = dict(os.environ)\n"
        f"for name in {names!r}: __import__(name)\n"
        "changed = {name for name in os.environ | before if os.environ.get(name) != before.get(name)}\n"
        "assert not {name for name in changed if not name.startswith(('KMP_', '_RJEM_'))}, changed\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["", ".es"])
def test_the_documents_name_every_command_and_setting(language: str) -> None:
    commands, settings = (
        (ROOT / "docs" / f"{name}{language}.md").read_text("utf-8") for name in ("commands", "settings")
    )
    for command in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert f"puntual {command}" in commands, command
    for setting in SETTINGS:
        assert f"| `{setting.variable}` |" in settings, setting.variable
        if isinstance(setting.default, int):
            assert f"| `{setting.variable}` | {setting.default} |" in settings


def test_the_documents_name_targets_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE))
        assert named <= targets, document


@pytest.mark.parametrize("name", ["docs/evaluation.md", "docs/evaluation.es.md", "CONTRIBUTING.md"])
def test_the_documents_say_how_notebooks_are_opened(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "`make dev`" in text
    assert "python -m notebooks" in text


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("CITATION.cff", r"^version: (.*)$"),
        ("deploy/Dockerfile", r"^ARG VERSION=(.*)$"),
        ("CHANGELOG.md", r"\A(?s:.*?)^## (\d+\.\d+\.\d+) "),
    ],
)
def test_every_file_names_this_version(name: str, pattern: str) -> None:
    assert re.findall(pattern, (ROOT / name).read_text("utf-8"), re.MULTILINE) == [PROJECT["version"]]


def test_the_format_of_a_model_file_is_in_the_docs() -> None:
    text = (ROOT / "docs" / "artifact.md").read_text("utf-8")
    assert re.findall(r"^\| \S+ \| (\d+) \| \d+ \|$", text, re.MULTILINE)[-1] == str(FORMAT)
