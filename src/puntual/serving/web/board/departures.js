// The flights of a schedule with their answers: which of them are shown, in which order, and their sums by hour.

import { sorted, strange, toChoice } from "../choices.js";
import { isoDay } from "./requests.js";

export const SORTS = ["time", "destination", "airline", "probability"];
const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/**
 * @param flights as readSchedule gives them
 * @param predictions one a flight
 * @param known { airlines, destinations, model }
 */
export function createDepartures(flights, predictions, { airlines, destinations, model }) {
  const home = model.origins[0]?.country;
  const named = {
    airline: names(flights, "airline", airlines, home),
    destination: names(flights, "destination", destinations, home),
    origin: names(flights, "origin", model.origins, home),
  };
  const days = remembered((day) => isoDay(day * DAY_MS));
  const times = remembered((minute) => new Date(minute * MINUTE_MS).toISOString().slice(11, 16));
  const minuteOf = (at) => Math.floor((((at % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);
  const departures = flights.map((flight, index) => ({
    ...flight,
    day: days(Math.floor(flight.at / DAY_MS)),
    hour: Math.floor(minuteOf(flight.at) / 60),
    time: times(minuteOf(flight.at)),
    byAirline: named.airline.get(flight.airline).rank,
    byDestination: named.destination.get(flight.destination).rank,
    chance: predictions[index].delay_probability,
    delayed: predictions[index].delayed,
    unknown: predictions[index].unknown,
  }));
  const orders = {
    time: (a, b) => a.at - b.at,
    destination: (a, b) => a.byDestination - b.byDestination,
    airline: (a, b) => a.byAirline - b.byAirline,
    probability: (a, b) => b.chance - a.chance,
  };

  return {
    all: departures,
    days: [...new Set(departures.map(({ day }) => day))].sort(),
    /** How an airline or airport of the schedule is called. */
    called: (field, code) => named[field].get(code).choice,
    /** Those of the schedule, in the order of their names. */
    choices: (field) => [...named[field].values()].map(({ choice }) => choice),

    /** The flights that a state asks for, in its order. */
    select(state) {
      const found = departures.filter(filter(state, named));
      const order = orders[state.sort.replace("-", "")];
      const turned = state.sort.startsWith("-") ? -1 : 1;
      return found.sort((a, b) => turned * order(a, b) || a.at - b.at || a.row - b.row);
    },

    /** Of each hour of the day, whichever hour the state asks for: { flights, expected }. */
    hours(state) {
      const sums = Array.from({ length: 24 }, () => ({ flights: 0, expected: 0 }));
      for (const { hour, chance } of departures.filter(filter({ ...state, hour: "" }, named))) {
        sums[hour].flights += 1;
        sums[hour].expected += chance;
      }
      return sums;
    },
  };
}

/** { flights, expected, warned } of some departures. */
export function totals(departures) {
  const sum = { flights: departures.length, expected: 0, warned: 0 };
  for (const { chance, delayed } of departures) {
    sum.expected += chance;
    sum.warned += delayed;
  }
  return sum;
}

function names(flights, field, entries, home) {
  const known = new Map();
  for (const choice of entries.map((entry) => toChoice(entry, home))) {
    for (const code of choice.codes) known.set(code, choice);
  }
  const codes = [...new Set(flights.map((flight) => flight[field]))];
  const choices = codes.map((code) => ({ ...(known.get(code) ?? strange(code, "")), own: code }));
  return new Map(sorted(choices).map((choice, rank) => [choice.own, { choice, rank }]));
}

function remembered(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

/** Words are looked for once in each name, not once in each flight. */
function filter({ day, hour, airline, destination, warned, search }, named) {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const fits = words.map((word) => ({
    word,
    airline: holding(named.airline, word),
    destination: holding(named.destination, word),
  }));
  return (flight) =>
    (!day || flight.day === day) &&
    (hour === "" || flight.hour === Number(hour)) &&
    (!airline || flight.airline === airline) &&
    (!destination || flight.destination === destination) &&
    (!warned || flight.delayed) &&
    fits.every(
      (fit) =>
        fit.airline.has(flight.airline) ||
        fit.destination.has(flight.destination) ||
        flight.number.toLowerCase().startsWith(fit.word) ||
        flight.time.startsWith(fit.word),
    );
}

function holding(names, word) {
  const found = [...names].filter(([, { choice }]) => {
    return plain(`${choice.title} ${choice.detail} ${choice.codes.join(" ")}`).includes(word);
  });
  return new Set(found.map(([code]) => code));
}

function plain(value) {
  return value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
