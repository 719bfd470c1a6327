"""The reasons of an answer in words that name the flight's own values, in Spanish and in English."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from puntual.i18n.texts import Texts
from puntual.inference.catalogue import COUNTED
from puntual.inference.encoder import DAY, Encoder, Resolved, Values
from puntual.inference.operations import OPERATIONS
from puntual.inference.reasons import BASE
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES

MIN_POINTS = 0.005
"""Reasons of fewer points are summed up in one sentence."""
MAX_HOLIDAY_DAYS = 7
"""A public holiday further away is no reason that a person would give."""


class Encoded(NamedTuple):
    """A flight, what is counted for it in the timetable, and what is known of its day.

    Attributes
    ----------
    day : values of `puntual.inference.operations.OPERATIONS`; None: answered from the schedule
    """

    flight: Resolved
    counts: Values
    day: Values | None = None

    def known(self, name: str) -> float:
        """What is known of the day, by name; NaN where nothing is."""
        return math.nan if self.day is None else self.day[OPERATIONS.index(name)]


class ReasonTexts(Texts):
    """Reasons as sentences of one language.

    Parameters
    ----------
    language : of `puntual.i18n.texts.LANGUAGES`
    tables : of the artifact: names of airlines and airports
    encoder : of the artifact: days of the year and holidays
    """

    def __init__(self, language: str, tables: Tables, encoder: Encoder) -> None:
        super().__init__("reasons", language)
        self._tables, self._encoder = tables, encoder

    def render(self, encoded: Encoded, reasons: Iterable[tuple[str, float]]) -> tuple[str, ...]:
        """A sentence for each group and its points, largest first; one for all others.

        The others are those of less than half a point, and `unsaid_groups`.
        """
        largest = sorted(reasons, key=lambda reason: -abs(reason[1]))
        unsaid = unsaid_groups(self._encoder, encoded.flight)
        said = [
            (group, points) for group, points in largest if abs(points) >= MIN_POINTS and group not in unsaid
        ]
        sentences = [self._sentence(SUBJECTS[group](self, encoded), points) for group, points in said]
        rest = [points for group, points in largest if abs(points) < MIN_POINTS or group in unsaid]
        if rest:
            sentences.append(self._sentence(self.text("rest"), math.fsum(rest)))
        return tuple(sentences)

    def _sentence(self, subject: str, points: float) -> str:
        written = self._number(abs(points) * 100, 1)
        if float(f"{points * 100:.1f}") == 0:
            return self.text("changes_nothing", subject=subject)
        form = "points.one" if written == "1" else "points.other"
        verb = "adds" if points > 0 else "takes_off"
        return self.text(verb, subject=subject, points=self.text(form, points=written))

    def _number(self, value: float, decimals: int = 0) -> str:
        """With the language's marks, and no decimals where they are zero."""
        return self.localize(f"{value:,.{decimals}f}".removesuffix(".0"))

    def airline(self, encoded: Encoded) -> str:
        """Who sells the flight."""
        return self._seen(encoded, "airline", self._tables.airline_name(encoded.flight.departure[1]))

    def operator(self, encoded: Encoded) -> str:
        """Who flies it."""
        code = encoded.flight.operator
        if code is None:
            return self.text("operator.not_known")
        return self._seen(encoded, "operator", self._tables.airline_name(code))

    def destination(self, encoded: Encoded) -> str:
        """Where to."""
        return self._seen(encoded, "destination", self._airport(encoded.flight.departure[2]))

    def origin(self, encoded: Encoded) -> str:
        """Where from."""
        return self._seen(encoded, "origin", self._airport(encoded.flight.departure[0]))

    def flight_type(self, encoded: Encoded) -> str:
        """Domestic or international."""
        origin, _, destination, _ = encoded.flight.departure
        kind = encoded.flight.flight_type or self._tables.flight_type(origin, destination)
        return self.text(f"flight_type.{kind or 'not_known'}")

    def weekday(self, encoded: Encoded) -> str:
        """Which day of the week."""
        return self.text(f"weekday.{encoded.flight.day.isoweekday()}")

    def season(self, encoded: Encoded) -> str:
        """Which part of the year, and whether the model knows it."""
        day = self._day(encoded)
        kind = "never_seen" if day["new_season"] else "high" if day["high_season"] else "usual"
        return self.text(f"season.{kind}", date=self._date(encoded.flight.day))

    def holiday(self, encoded: Encoded) -> str:
        """How far the nearest public holiday is; of two as near, the one to come."""
        ahead, ago = _holidays_around(self._encoder, encoded.flight)
        days, side = (ago, "after") if math.isnan(ahead) or ago < ahead else (ahead, "before")
        if math.isnan(days):
            return self.text("holiday.not_known")
        if days == 0:
            return self.text("holiday.on")
        return self.text(f"holiday.{side}.{'one' if days == 1 else 'other'}", days=self._number(days))

    def hour(self, encoded: Encoded) -> str:
        """The scheduled local time."""
        minute = encoded.flight.departure[3] % DAY_MINUTES
        return self.text("hour", time=f"{minute // 60}:{minute % 60:02}")

    def congestion(self, encoded: Encoded) -> str:
        """What else departs on its day."""
        counts = dict(zip(COUNTED, encoded.counts, strict=True))
        if math.isnan(counts["departures_day"]):
            return self.text("congestion.not_known")
        around = counts["departures_hour_before"] + counts["departures_hour_after"]
        day = self._number(counts["departures_day"])
        return self.text("congestion.known", day=day, around=self._number(around))

    def day_so_far(self, encoded: Encoded) -> str:
        """How the last departures of the airport left."""
        return self._late("day_so_far", encoded.known("airport_late_120"))

    def airline_today(self, encoded: Encoded) -> str:
        """How the airline's last departures left."""
        name = self._tables.airline_name(encoded.flight.departure[1])
        return self._late("airline_today", encoded.known("airline_late_1440"), name=name)

    def destination_lately(self, encoded: Encoded) -> str:
        """How the last flights there left."""
        name = self._airport(encoded.flight.departure[2])
        return self._late("destination_lately", encoded.known("destination_late_7_days"), name=name)

    def inbound(self, encoded: Encoded) -> str:
        """How flights from elsewhere to here left."""
        return self._late("inbound", encoded.known("inbound_late_240"))

    def overdue(self, encoded: Encoded) -> str:
        """How many flights should have left by now."""
        count = encoded.known("airport_0_minutes_overdue")
        form = "one" if count == 1 else "other"
        return self.text(f"overdue.{form}", count=self._number(count))

    def weather(self, encoded: Encoded) -> str:
        """The last observation."""
        temperature, wind = encoded.known("temperature_c"), encoded.known("wind_kt")
        if math.isnan(temperature) or math.isnan(wind):
            return self.text("weather.not_known")
        return self.text(
            "weather.known", temperature=self._number(round(temperature)), wind=self._number(wind)
        )

    def aircraft(self, encoded: Encoded) -> str:
        """How late its aircraft last left."""
        delay = encoded.known("aircraft_delay")
        if math.isnan(delay):
            return self.text("aircraft.not_known")
        form = "late" if delay > 0 else "on_time"
        return self.text(f"aircraft.{form}", minutes=self._number(delay))

    def lead_time(self, _asked: Encoded) -> str:
        """How long before the departure it is."""
        return self.text("lead_time")

    def _late(self, group: str, share: float, **names: str) -> str:
        if math.isnan(share):
            return self.text(f"{group}.not_known", **names)
        return self.text(f"{group}.known", share=self._number(round(100 * share)), **names)

    def _date(self, day: dt.date) -> str:
        return self.text("date", day=day.day, month=self.text(f"month.{day.month}"))

    def _seen(self, encoded: Encoded, field: str, name: str) -> str:
        return self.text(f"{field}.{'never_seen' if field in encoded.flight.unknown else 'seen'}", name=name)

    def _airport(self, code: str) -> str:
        return self._tables.airport_name(code, self.language)

    def _day(self, encoded: Encoded) -> dict[str, float]:
        origin = encoded.flight.departure[0]
        return dict(zip(DAY, self._encoder.day(encoded.flight.day, origin), strict=True))


def unsaid_groups(encoder: Encoder, flight: Resolved) -> frozenset[str]:
    """Groups that are no reasons of a flight, whatever their points: they stand among all others.

    ``base`` is of no flight, and a public holiday more than `MAX_HOLIDAY_DAYS` days away is near none.
    """
    ahead, ago = _holidays_around(encoder, flight)
    near = [days for days in (ahead, ago) if not math.isnan(days)]
    return frozenset({BASE, "holiday"} if near and min(near) > MAX_HOLIDAY_DAYS else {BASE})


def _holidays_around(encoder: Encoder, flight: Resolved) -> tuple[float, float]:
    """Days to the next public holiday, and since the last; NaN where they are not known."""
    day = dict(zip(DAY, encoder.day(flight.day, flight.departure[0]), strict=True))
    return day["days_to_holiday"], day["days_since_holiday"]


SUBJECTS: dict[str, Callable[[ReasonTexts, Encoded], str]] = {
    "airline": ReasonTexts.airline,
    "operator": ReasonTexts.operator,
    "destination": ReasonTexts.destination,
    "origin": ReasonTexts.origin,
    "flight_type": ReasonTexts.flight_type,
    "weekday": ReasonTexts.weekday,
    "season": ReasonTexts.season,
    "holiday": ReasonTexts.holiday,
    "hour": ReasonTexts.hour,
    "congestion": ReasonTexts.congestion,
    "day_so_far": ReasonTexts.day_so_far,
    "overdue": ReasonTexts.overdue,
    "airline_today": ReasonTexts.airline_today,
    "destination_lately": ReasonTexts.destination_lately,
    "inbound": ReasonTexts.inbound,
    "weather": ReasonTexts.weather,
    "aircraft": ReasonTexts.aircraft,
    "lead_time": ReasonTexts.lead_time,
}
"""Group of a reason -> what adds or takes off its points."""
