"""What every command shares: help, mistakes, and how it ends."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from puntual.cli.up import data_folder
from puntual.errors import SettingError
from tests.cli.running import mistake, run
from tests.ports import free_port

PUNTUAL = str(Path(sys.executable).with_name("puntual"))
COMMANDS = ("up", "check", "features", "train", "evaluate", "predict", "serve", "stress")


def test_help_names_every_command() -> None:
    ended = run("--help")
    assert ended.status == 0
    assert all(f" {command} " in ended.out for command in COMMANDS)


def test_no_command_shows_the_help() -> None:
    ended = run()
    assert "Usage" in ended.out
    assert (ended.status, ended.err) == (0, "")


def test_the_version() -> None:
    assert run("--version") == (0, f"puntual {importlib.metadata.version('puntual')}\n", "")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("puntual pre", {"predict"}),
        ("puntual predict --ti", {"--timetable"}),
        ("puntual s", {"serve", "sign", "stress"}),
    ],
)
def test_a_shell_completes_commands_and_options(typed: str, completed: set[str]) -> None:
    told = {"_PUNTUAL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    ended = subprocess.run([PUNTUAL], env=os.environ | told, capture_output=True, text=True, check=True)
    assert set(ended.stdout.split()) == completed


def test_the_completion_of_a_shell_is_shown() -> None:
    command = ["bash", "-c", f"{PUNTUAL} --show-completion; true"]
    script = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "_PUNTUAL_COMPLETE=complete_bash" in script.stdout


@pytest.mark.parametrize("command", [[PUNTUAL], [sys.executable, "-m", "puntual"]])
def test_ctrl_c_is_silent_while_libraries_are_loaded(tmp_path: Path, command: list[str]) -> None:
    """A signal to itself, as the first of them is imported."""
    (tmp_path / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\n"
    )
    ended = subprocess.run(
        [*command, "check", "flights.csv"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("arguments", [["nothing"], ["check", "--odd"], ["check"], ["train", "nyc"]])
def test_a_misspelt_call_is_one_line(arguments: list[str]) -> None:
    assert mistake(*arguments)


def test_help_loads_no_training_library() -> None:
    code = (
        "import sys; from puntual.cli import main\n"
        "sys.argv = ['puntual', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'polars', 'numpy', 'lightgbm', 'sklearn', 'granian'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_mistake(made_up_scl: Path) -> None:
    command = f"{sys.executable} -m puntual check {made_up_scl} | head -n 1"
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert ended.stderr == run("check", made_up_scl).err


def test_a_missing_library_is_named(made_up_scl: Path) -> None:
    code = (
        "import sys; sys.modules['polars'] = None\n"
        "from puntual.cli import main\n"
        f"sys.argv = ['puntual', 'check', {str(made_up_scl)!r}]\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == (
        "puntual: this needs polars, which is not installed: pip install 'puntual[train]'\n"
    )


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), SettingError("no way")])
def test_a_model_stays_until_the_next_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stopped: BaseException
) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise stopped

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("puntual.data.read_flights", stop)
    model = tmp_path / "puntual" / "nyc.puntual"
    model.parent.mkdir()
    model.write_text("of another version")
    ended = run("up", "--port", free_port())
    assert ended.status == (2 if isinstance(stopped, SettingError) else 130)
    assert "training a new model" in ended.err
    assert model.read_text() == "of another version"
    assert [path.name for path in model.parent.iterdir()] == [model.name]


def test_models_are_kept_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "puntual"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / ".local" / "share" / "puntual"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data_folder() == tmp_path / "Library" / "Application Support" / "puntual"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", os.fspath(tmp_path / "local"))
    assert data_folder() == tmp_path / "local" / "puntual"
