"""An environment for each rival, made by uv from its pinned requirements and kept for the next run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.serving.rivals.lineup import Rival

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "rivals"
"""Where the environments are; git ignores it."""
SOURCES = os.pathsep.join((str(ROOT), str(ROOT / "src")))
"""`PYTHONPATH` of a rival: the project, and Puntual's own sources, which its environment does not hold."""


class NotInstalledError(Exception):
    """What a rival needs cannot be installed."""


def prepare(rival: Rival) -> Path:
    """Make a rival's environment, unless it is there as its requirements say; the folder of its programs.

    What has no requirements of its own runs in this environment.

    Raises
    ------
    NotInstalledError : with the last line of what uv said
    """
    if not rival.requirements.exists():
        return Path(sys.executable).parent
    folder, wanted = CACHE / rival.name, rival.requirements.read_text("utf-8")
    stamp = folder / "requirements.txt"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        print(f"Installing {rival.title} ...", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        _run("venv", "--python", sys.executable, str(folder))
        _run("pip", "install", "--python", str(folder / "bin" / "python"), "-r", str(rival.requirements))
        stamp.write_text(wanted, "utf-8")
    return folder / "bin"


def pinned(rival: Rival) -> dict[str, str]:
    """The versions in a rival's row of the table."""
    if not rival.requirements.exists():
        return {name: version(name) for name in rival.packages}
    found = dict(re.findall(r"^(\S+)==([^\s;]+)", rival.requirements.read_text("utf-8"), re.MULTILINE))
    return {name: found[name] for name in rival.packages}


def _run(*arguments: str) -> None:
    places = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    uv = shutil.which("uv", path=places)
    if uv is None:
        raise NotInstalledError("needs uv, which `make install` puts into .venv")
    ended = subprocess.run(
        [uv, *arguments, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode:
        raise NotInstalledError((ended.stderr.strip().splitlines() or ["uv failed"])[-1].strip())
