// What the reader calls the groups of flights.

import { nameOf } from "../choices.js";
import { month, text, weekday } from "../messages.js";

/**
 * @param known { airlines, destinations, model }
 * @returns (dimension, value) => its name
 */
export function namesOf({ airlines, destinations, model }) {
  const companies = new Map(airlines.map((one) => [one.code, one]));
  const airports = new Map([...destinations, ...model.origins].map((one) => [one.code, one]));
  const airline = (code) => named(companies.get(code), code);
  const airport = (code) => named(airports.get(code), code);
  const names = {
    airline,
    operator: airline,
    destination: airport,
    origin: airport,
    route: (value) => {
      const [from, to] = value.split("-");
      return `${airports.get(from)?.iata ?? from} – ${airport(to)}`;
    },
    flight_type: (value) => ({ N: text("delays.type_n"), I: text("delays.type_i") })[value],
    season: (value) => ({ 1: text("delays.season_high"), 0: text("delays.season_rest") })[value],
    month: (value) => month(value),
    weekday: (value) => weekday(Number(value)),
    hour: hourOf,
    period: (value) =>
      ({
        mañana: text("delays.period_morning"),
        tarde: text("delays.period_afternoon"),
        noche: text("delays.period_night"),
      })[value],
  };
  return (dimension, value) => names[dimension]?.(value) ?? value;
}

/** An hour as it stands in a timetable. */
export function hourOf(value) {
  return `${value.padStart(2, "0")}:00`;
}

/** What the reader calls a dimension. */
export function dimensionName(dimension) {
  const names = {
    airline: text("delays.by_airline"),
    destination: text("delays.by_destination"),
    origin: text("delays.by_origin"),
    route: text("delays.by_route"),
    operator: text("delays.by_operator"),
    flight_type: text("delays.by_flight_type"),
    season: text("delays.by_season"),
    month: text("delays.by_month"),
    weekday: text("delays.by_weekday"),
    hour: text("delays.by_hour"),
    period: text("delays.by_period"),
  };
  return names[dimension] ?? dimension;
}

function named(one, code) {
  const name = one ? nameOf(one) : code;
  return name !== code ? `${name} (${one.iata ?? code})` : code;
}
