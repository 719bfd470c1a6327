"""The tools of the checks: environments of their own under .cache, from locks with hashes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "deploy"


class SkippedError(Exception):
    """A check that cannot be made here, and why."""


def environment(lock: str) -> Path:
    """The folder of the environment of a lock; made anew when the lock has changed.

    Parameters
    ----------
    lock : name of a file of requirements/, without its ending
    """
    folder = _folder_of(lock)
    if not is_installed(lock):
        shutil.rmtree(folder, ignore_errors=True)
        sys.stderr.write(f"Installing the tools of requirements/{lock}.txt ...\n")
        venv.create(folder, with_pip=True)
        python, uv = str(folder / "bin" / "python"), str(ROOT / ".venv" / "bin" / "uv")
        quick = Path(uv).exists()
        pip = (uv, "pip") if quick else (python, "-m", "pip")
        into = ("--python", python) if quick else ("--disable-pip-version-check",)
        locked = ("--quiet", "--require-hashes", "--no-deps", "--requirement", str(_lock(lock)))
        # What comes as source (JMeter's jars do) is built with the pinned tools.
        built = ("--build-constraints", str(_lock("build"))) if quick else ()
        subprocess.run([*pip, "install", *locked, *built, *into], check=True)
        (folder / "whole").touch()
    return folder


def is_installed(lock: str) -> bool:
    """Whether `environment` has nothing to do."""
    return (_folder_of(lock) / "whole").exists()


def _lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def _folder_of(lock: str) -> Path:
    return FOLDER / f"{lock}-{_digest(_lock(lock))}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def node_modules() -> Path:
    """The folder of the packages of package-lock.json, which npm installs without running their scripts.

    Raises
    ------
    SkippedError : there is no npm, or it cannot install them
    """
    npm, lock = shutil.which("npm"), Path(__file__).with_name("package-lock.json")
    if npm is None or shutil.which("node") is None:
        raise SkippedError("no npm and node here")
    folder = FOLDER / f"npm-{_digest(lock)}"
    if not (folder / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.with_name(name), folder)
        command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise SkippedError(f"npm cannot install: {ended.stderr.strip()[-200:]}")
        (folder / "whole").touch()
    return folder


def differences(found: dict[str, Any], promised: dict[str, Any]) -> list[str]:
    """What is found otherwise than promised, a line each."""
    return [f"{name}: {found[name]}, not {value}" for name, value in promised.items() if found[name] != value]


def report_faults(name: str, faults: list[str]) -> None:
    """Write the faults that a check found, and end with 1 if there are any, else with 0."""
    sys.stderr.writelines(f"{name}: {fault}\n" for fault in faults)
    sys.exit(bool(faults))


def findings_of(*command: str | Path) -> list[str]:
    """The lines that a command writes, if it does not end with 0."""
    words = [str(word) for word in command]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    if ended.returncode == 0:
        return []
    lines = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
    return lines or [f"{words[0]} ended with {ended.returncode}"]


def tool(name: str) -> Path:
    """A tool of the environment that this runs in."""
    return Path(sys.executable).with_name(name)
