from __future__ import annotations

import pytest

from puntual.data.schema import COLUMNS, check_known_at
from puntual.errors import DataError, LeakageError
from puntual.types import KnownAt

OUTCOMES = {
    "actual_departure",
    "cancelled",
    "cancelled_at",
    "operated_by",
    "operated_flight_number",
    "operated_origin",
    "operated_destination",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_no_schedule_feature_reads_an_outcome(column: str) -> None:
    check_known_at([column], KnownAt.DEPARTURE, "any")
    if column not in OUTCOMES:
        check_known_at(["origin", column], KnownAt.SCHEDULE, "any")
        return
    with pytest.raises(
        LeakageError, match=f"'any' reads '{column}', which is known at departure, .* 'schedule'"
    ):
        check_known_at(["origin", column], KnownAt.SCHEDULE, "any")


def test_an_unknown_column() -> None:
    with pytest.raises(DataError, match="feature 'any': no column 'colour'; wanted: one of row, "):
        check_known_at(["colour"], KnownAt.DEPARTURE, "any")
