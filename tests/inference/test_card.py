"""What a card makes of an artifact: weak places, limits, and nothing that serving cannot load."""

from __future__ import annotations

import msgspec
import pytest

from puntual.inference.card import (
    OF_THE_DATA,
    LimitName,
    ModelCard,
    describe,
    level_loss,
    limits,
    weak_slices,
)
from puntual.inference.evaluation_results import Slice
from tests.flights import TABLES, artifact_of

GOOD = Slice("airline", "LAN", 600, 0.2, 0.19, 0.17, 0.21, 0.45, 0.48)


def changed(**numbers: float | str) -> Slice:
    return msgspec.structs.replace(GOOD, **numbers)


@pytest.mark.parametrize(
    ("slice_", "weakness", "lost"),
    [
        (changed(expected=0.1), "too_low", level_loss(0.1, 0.19)),
        (changed(expected=0.3), "too_high", level_loss(0.3, 0.19)),
        (changed(expected=0.3, log_loss=0.98), "too_high", 0.5),
        (changed(log_loss=0.5), "no_better", 0.02),
    ],
)
def test_each_weakness_is_told_with_what_it_costs(slice_: Slice, weakness: str, lost: float) -> None:
    (found,) = weak_slices([slice_])
    assert (found.weakness, found.value) == (weakness, "LAN")
    assert found.lost == pytest.approx(lost)


def test_the_worst_comes_first_and_what_was_predicted_well_is_left_out() -> None:
    found = weak_slices([changed(value="A", expected=0.15), GOOD, changed(value="B", expected=0.6)])
    assert [one.value for one in found] == ["B", "A"]


def test_limits_name_what_the_model_never_saw() -> None:
    artifact = artifact_of(TABLES, "")
    told = {one.name: one for one in limits(artifact)}
    assert list(told) == ["decisions", "airports", "season", "later", "cause", "day", "few_late"]
    assert told["airports"].about == ("SCEL",)
    assert told["season"].about == tuple(map(str, range(9, 13)))
    assert "September" in told["season"].text
    assert told["later"].about == ("2017-08-31",)
    assert told["few_late"].about == ("190", "200")


def test_limits_say_what_is_too_little_or_missing() -> None:
    """A whole year of flights, well measured, but for what is taken away."""
    made = artifact_of(msgspec.structs.replace(TABLES, days_of_year=tuple(range(1, 367))), "")

    def said(cancelled: float = 0.02, **protocol: int | str) -> set[LimitName]:
        first = msgspec.structs.replace(made.card.evaluations[0], **({"flights": 2000} | protocol))
        artifact = msgspec.structs.replace(
            made,
            card=msgspec.structs.replace(made.card, evaluations=(first,)),
            training=msgspec.structs.replace(made.training, cancelled=cancelled),
        )
        return {one.name for one in limits(artifact)} & OF_THE_DATA

    assert said() == set()
    assert said(cancelled=0.0009) == {"no_cancellations"}
    assert said(last="2017-09-27") == {"few_days"}
    assert said(last="2017-09-28") == set()
    assert said(flights=1000) == {"few_late"}


def test_a_card_is_data() -> None:
    card = describe(artifact_of(TABLES, ""))
    assert card.given is None
    assert card.evaluation_results.evaluations[0].flights == 1000
    assert msgspec.json.decode(msgspec.json.encode(card), type=ModelCard) == card
