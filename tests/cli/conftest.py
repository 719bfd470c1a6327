"""Commands that try little, where a test is about something else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.quick import command_quickly


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        command_quickly(patch)
        yield
