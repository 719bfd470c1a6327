"""The attacks of `benchmarks.siege`, in full size, within the memory of the manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import ATTACKS
from benchmarks.siege import MEMORY_MIB, besiege


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_worker_ends(model: Path, attack: str) -> None:
    """The kernel would end them, where a memory cgroup can be made."""
    assert besiege(model, [attack], 10, MEMORY_MIB).ended == 0
