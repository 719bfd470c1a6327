// The flights of a schedule with their predictions: filtered, sorted, and summed by hour.

import { readFlightKey } from "../address.js";
import { foldCase, homeOf, sortChoices, toChoice, unknownChoice } from "../choices.js";
import { DAY_MS, MINUTE_MS, isoDay } from "../dates.js";

const ORDERS = {
  time: (a, b) => a.at - b.at,
  destination: (a, b) => a.byDestination - b.byDestination,
  airline: (a, b) => a.byAirline - b.byAirline,
  probability: (a, b) => b.probability - a.probability,
};
export const SORTS = Object.keys(ORDERS);

/**
 * @param flights as readSchedule returns them
 * @param predictions one a flight
 * @param catalogue { airlines, destinations, model, routes }
 */
export function createDepartures(flights, predictions, { airlines, destinations, model, routes }) {
  const named = {
    airline: rankChoices(flights, "airline", airlines, homeOf(model)),
    destination: rankChoices(flights, "destination", destinations, homeOf(model)),
    origin: rankChoices(flights, "origin", model.origins, homeOf(model)),
  };
  const ownCode = (field, code) => named[field].get(code).choice.code;
  const neverFlown = memoize((codes) => {
    const [airline, origin, destination] = codes.split(",");
    return routes.neverFlown({ airline, origin, destination });
  });
  const days = memoize((day) => isoDay(day * DAY_MS));
  const times = memoize((minute) => new Date(minute * MINUTE_MS).toISOString().slice(11, 16));
  const departures = flights.map((flight, index) => {
    const day = Math.floor(flight.at / DAY_MS);
    const minute = Math.floor((flight.at - day * DAY_MS) / MINUTE_MS);
    return {
      ...flight,
      day: days(day),
      hour: Math.floor(minute / 60),
      time: times(minute),
      byAirline: named.airline.get(flight.airline).rank,
      byDestination: named.destination.get(flight.destination).rank,
      probability: predictions[index].delay_probability,
      risk: predictions[index].risk,
      unknown: predictions[index].unknown,
      neverFlown: neverFlown(["airline", "origin", "destination"].map((field) => ownCode(field, flight[field])).join()),
    };
  });

  return {
    all: departures,
    days: [...new Set(departures.map(({ day }) => day))].sort(),
    /** The flight that a key of an address names, by the schedule's own codes or the model's; undefined if there is none. */
    find(key) {
      const wanted = readFlightKey(key);
      if (!wanted) return undefined;
      const isCode = (field, flight) => [flight[field], ownCode(field, flight[field])].includes(wanted[field]);
      const found = departures.filter((flight) => {
        const isThen = flight.day === wanted.day && flight.time === wanted.time;
        return isThen && isCode("airline", flight) && isCode("destination", flight) && (!wanted.origin || isCode("origin", flight));
      });
      return found.find(({ number }) => number === wanted.number) ?? (wanted.number ? undefined : found[0]);
    },
    /** How an airline or airport of the schedule is shown. */
    choiceOf: (field, code) => named[field].get(code).choice,
    /** Those of the schedule, in the order of their names. */
    choices: (field) => [...named[field].values()].map(({ choice }) => choice),

    /** The flights that a state asks for, in its order. */
    select(state) {
      const order = ORDERS[state.sort.replace("-", "")];
      const sign = state.sort.startsWith("-") ? -1 : 1;
      const selected = departures.filter(filterOf(state, named));
      return selected.sort((a, b) => sign * order(a, b) || a.at - b.at || a.row - b.row);
    },

    /** Of each day that has flights, whichever day the state asks for: { flights, expected }. */
    sumsByDay(state) {
      const byDay = Map.groupBy(departures.filter(filterOf({ ...state, day: "" }, named)), ({ day }) => day);
      return new Map([...byDay].map(([day, flights]) => [day, sumDepartures(flights)]));
    },

    /** Of each hour of the day, whichever hour the state asks for: { flights, expected }. */
    hours(state) {
      const byHour = Object.groupBy(departures.filter(filterOf({ ...state, hour: "" }, named)), ({ hour }) => hour);
      return Array.from({ length: 24 }, (_, hour) => sumDepartures(byHour[hour] ?? []));
    },
  };
}

/**
 * { flights, expected, warned } of some departures; a warning from a probability of `from` on. Of those that the file says it of
 * also { known, expectedOfKnown, came }: how many left, how many of them late to expect, and how many were, by more than `minutes`.
 */
export function sumDepartures(departures, from = 1, minutes = 0) {
  const sum = { flights: departures.length, expected: 0, warned: 0, known: 0, expectedOfKnown: 0, came: 0 };
  for (const { probability, delay } of departures) {
    sum.expected += probability;
    sum.warned += probability >= from;
    if (delay === null) continue;
    sum.known += 1;
    sum.expectedOfKnown += probability;
    sum.came += delay > minutes;
  }
  return sum;
}

/** The codes of some flights, each with its choice and the rank of its name. */
export function rankChoices(flights, field, entries, home) {
  const known = new Map();
  for (const choice of entries.map((entry) => toChoice(entry, home))) {
    for (const code of choice.codes) known.set(code, choice);
  }
  const codes = [...new Set(flights.map((flight) => flight[field]))];
  const choices = codes.map((code) => ({ ...(known.get(code) ?? unknownChoice(code)), own: code }));
  return new Map(sortChoices(choices).map((choice, rank) => [choice.own, { choice, rank }]));
}

function memoize(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

function filterOf({ day, hour, airline, destination, warned, from, search }, named) {
  const matches = searcher(search, named);
  return (flight) =>
    (!day || flight.day === day) &&
    (hour === "" || flight.hour === Number(hour)) &&
    (!airline || flight.airline === airline) &&
    (!destination || flight.destination === destination) &&
    (!warned || flight.probability >= from) &&
    matches(flight);
}

/**
 * Whether a flight has every word of a search. Words are looked for once in each name, not once in each flight.
 *
 * @param named { airline, destination } as rankChoices returns them
 */
export function searcher(search, named) {
  const words = foldCase(search).split(/\s+/).filter(Boolean);
  const matches = words.map((word) => ({
    word,
    airlines: codesWith(named.airline, word),
    destinations: codesWith(named.destination, word),
  }));
  return (flight) =>
    matches.every(
      ({ word, airlines, destinations }) =>
        airlines.has(flight.airline) ||
        destinations.has(flight.destination) ||
        flight.number.toLowerCase().startsWith(word) ||
        flight.time.startsWith(word),
    );
}

function codesWith(names, word) {
  const found = [...names].filter(([, { choice: { title, detail, codes } }]) => {
    return foldCase(`${title} ${detail} ${codes.join(" ")}`).includes(word);
  });
  return new Set(found.map(([code]) => code));
}
