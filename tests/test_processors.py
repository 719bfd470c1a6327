"""How many processors work is dealt out to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from puntual.processors import count_processors

SOURCES = Path(__file__).parents[1] / "src" / "puntual"
MOST = len(os.sched_getaffinity(0))


def groups(root: Path, group: str, limits: dict[str, str]) -> Path:
    """A file system on which the process is in a control group."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(group)
    for place, limit in limits.items():
        (root / "sys/fs/cgroup" / place).mkdir(parents=True, exist_ok=True)
        (root / "sys/fs/cgroup" / place / "cpu.max").write_text(limit)
    return root


@pytest.mark.parametrize(
    ("group", "limits", "wanted"),
    [
        ("0::/\n", {"": "100000 100000\n"}, 1),
        ("0::/\n", {"": "50000 100000\n"}, 1),
        ("0::/\n", {"": "max 100000\n"}, MOST),
        ("0::/\n", {"": "99900000 100000\n"}, MOST),
        ("0::/pod/box\n", {"pod/box": "max 100000\n", "pod": "100000 100000\n"}, 1),
        ("4:memory:/a\n0::/pod\n", {"pod": "10000 100000\n"}, 1),
        ("0::/pod\n", {"other": "10000 100000\n"}, MOST),
        ("4:cpu:/a\n", {"a": "10000 100000\n"}, MOST),
        ("0::/\n", {"": "soon\n"}, MOST),
    ],
)
def test_a_container_may_use_less_than_the_machine_has(
    tmp_path: Path, group: str, limits: dict[str, str], wanted: int
) -> None:
    assert count_processors(groups(tmp_path, group, limits)) == wanted


def test_a_machine_without_control_groups(tmp_path: Path) -> None:
    assert count_processors(tmp_path) == MOST


def test_affinity_counts() -> None:
    code = (
        "import os; from puntual.processors import count_processors\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(count_processors())"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "1\n"


def test_nothing_else_counts_them() -> None:
    for path in SOURCES.rglob("*.py"):
        if path.name != "processors.py":
            told = re.findall(r"cpu_count|sched_getaffinity|ThreadPoolExecutor\(\)", path.read_text("utf-8"))
            assert not told, path
