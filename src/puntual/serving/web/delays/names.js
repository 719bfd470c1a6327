// How groups of flights are called.

import { nameAndCode, nameOf } from "../choices.js";
import { clock } from "../dates.js";
import { month, text, textOr, weekday } from "../messages.js";

/**
 * @param catalogue { airlines, destinations, model }
 * @returns (dimension, value) => its name
 */
export function groupNames({ airlines, destinations, model }) {
  const byCode = (entries) => new Map(entries.map((entry) => [entry.code, entry]));
  const [companies, airports] = [byCode(airlines), byCode([...destinations, ...model.origins])];
  const airline = (code) => entryName(companies.get(code), code);
  const airport = (code) => entryName(airports.get(code), code);
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
    month,
    weekday,
    hour: clock,
    period: (value) =>
      ({
        mañana: text("delays.period_morning"),
        tarde: text("delays.period_afternoon"),
        noche: text("delays.period_night"),
      })[value],
  };
  return (dimension, value) => names[dimension]?.(value) ?? value;
}

export const dimensionName = (dimension) => textOr(`delays.by_${dimension}`, dimension);

function entryName(entry, code) {
  return entry && nameOf(entry) !== code ? nameAndCode(entry) : code;
}
