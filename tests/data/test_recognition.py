from __future__ import annotations

import pytest

from puntual.data import SOURCES
from puntual.data.recognition import detect_source
from puntual.errors import DataError


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_by_its_columns_in_any_order(name: str) -> None:
    source = SOURCES[name]
    columns = ["more", *reversed(source.columns)]
    assert detect_source(columns, "f", source=None, history=True) is source
    assert detect_source(source.schedule_columns, "f", source=name, history=False) is source


def test_a_file_of_no_source_is_told_what_each_wants() -> None:
    with pytest.raises(DataError) as caught:
        detect_source(list("abcdefg"), "f", source=None, history=True)
    assert caught.value.found == "the columns are 'a', 'b', 'c', 'd', 'e', …"
    for source in SOURCES.values():
        assert f"{source.outcome_columns[-1]} (source {source.name})" in caught.value.wanted


def test_an_unknown_source() -> None:
    with pytest.raises(DataError, match="no source 'lax'; wanted: one of scl, nyc"):
        detect_source(["a"], "f", source="lax", history=True)
