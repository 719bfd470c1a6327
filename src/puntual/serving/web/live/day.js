// The flights of an origin's day as they are known now: what comes in about them, which are shown, and their sums.

import { readFlightKey } from "../address.js";
import { rankChoices, searcher } from "../board/departures.js";
import { homeOf } from "../choices.js";
import { MINUTE_MS, wallClock } from "../dates.js";

export const STATUSES = ["scheduled", "overdue", "late", "departed", "cancelled"];
export const RISKS = ["high", "raised", "low"];
/** A probability that has moved by less is shown anew without being pointed at. */
const NOTABLE = 0.05;

const ORDERS = {
  time: () => 0,
  destination: (a, b) => a.byDestination - b.byDestination,
  airline: (a, b) => a.byAirline - b.byAirline,
  probability: (a, b) => isOpen(b) - isOpen(a) || expectedOf(b) - expectedOf(a),
};
export const SORTS = Object.keys(ORDERS);

/** Whether what becomes of a flight is not known yet. */
export const isOpen = ({ status }) => status !== "departed" && status !== "cancelled";

/**
 * @param board of /v1/board
 * @param catalogue { airlines, destinations, model }
 * @param zone the time zone of the origin
 */
export function createDay(board, { airlines, destinations, model }, zone) {
  const flights = new Map();
  const home = homeOf(model);
  let named;
  let asOf = null;
  replace(board);

  function setAsOf({ as_of: instant }) {
    asOf = instant ? wallClock(instant, zone) : asOf;
  }

  /** Take over a flight; what is notable about its change, or null. */
  function take(flight) {
    const key = keyOf(flight);
    const now = readFlight(flight, zone);
    const row = flights.get(key);
    if (!row) {
      flights.set(key, { ...now, order: `${now.day} ${now.time} ${key}`, pointed: now.probability });
      return null;
    }
    const change = compare(row, now);
    Object.assign(row, now);
    if (change.chance || change.status) row.pointed = now.probability;
    return change.any ? { row, ...change } : null;
  }

  /** A flight that should have left is later with each minute; true if it is now. */
  function wait(row) {
    if (row.status !== "overdue" && row.status !== "late") return false;
    const delay = row.expectedAt ? row.delay : minutesBetween(row, asOf);
    if (delay === row.delay) return false;
    row.delay = delay;
    return true;
  }

  function rank() {
    const all = [...flights.values()];
    named = {
      airline: rankChoices(all, "airline", airlines, home),
      destination: rankChoices(all, "destination", destinations, home),
    };
    for (const row of all) {
      row.byAirline = named.airline.get(row.airline).rank;
      row.byDestination = named.destination.get(row.destination).rank;
    }
  }

  /** Take over a whole board of the same day; its changes as `change` returns them. */
  function replace(document) {
    const keys = new Set(document.flights.map(keyOf));
    for (const key of flights.keys()) if (!keys.has(key)) flights.delete(key);
    const found = change(document);
    rank();
    return found;
  }

  /** Take over what has changed: { rows, notable }, the flights to show anew, and what is notable of each that has it. */
  function change(document) {
    setAsOf(document);
    const size = flights.size;
    const notable = document.flights.map(take).filter(Boolean);
    if (flights.size !== size) rank();
    const rows = new Set(document.flights.map((flight) => flights.get(keyOf(flight))));
    for (const row of flights.values()) if (wait(row)) rows.add(row);
    return { rows, notable };
  }

  const isToCome = ({ day, time }) => !asOf || `${day} ${time}` > `${asOf.day} ${asOf.time}`;
  const isGone = (row) => row.status === "departed" || (row.status === "cancelled" && !isToCome(row));

  function filter({ hour, airline, destination, risk, status, left, search }) {
    const matches = searcher(search, named);
    return [...flights.values()].filter(
      (row) =>
        (hour === "" || row.hour === Number(hour)) &&
        (!airline || row.airline === airline) &&
        (!destination || row.destination === destination) &&
        (!risk || (isOpen(row) && row.risk === risk)) &&
        (!status || row.status === status) &&
        (!left || !isGone(row)) &&
        matches(row),
    );
  }

  return {
    /** Minutes beyond which a flight is late. */
    threshold: board.threshold_minutes,
    replace,
    change,
    /** How many flights it has. */
    size: () => flights.size,
    /** When it was known, on the clock of the origin: { day, time }; null: nothing has been heard yet. */
    asOf: () => asOf,
    isToCome,
    choiceOf: (field, code) => named[field].get(code).choice,
    choices: (field) => [...named[field].values()].map(({ choice }) => choice),
    hasCancellations: () => [...flights.values()].some(({ cancellation }) => cancellation !== null),

    /** The flight that a key of an address names; undefined if there is none. */
    find(key) {
      const wanted = readFlightKey(key ?? "");
      const fields = ["airline", "destination", "day", "time"];
      return wanted && [...flights.values()].find((row) => {
        return fields.every((field) => row[field] === wanted[field]) && (!wanted.number || row.number === wanted.number);
      }) || undefined;
    },

    /** The flights that a state asks for, in its order. */
    select(state) {
      const order = ORDERS[state.sort.replace("-", "")];
      const sign = state.sort.startsWith("-") ? -1 : 1;
      const inTime = state.sort === "-time" ? -1 : 1;
      return filter(state).sort((a, b) => sign * order(a, b) || inTime * byTime(a, b));
    },

    /** Of each hour of the day, whichever hour the state asks for: { flights, expected }. */
    hours(state) {
      const byHour = Object.groupBy(filter({ ...state, hour: "", left: "" }), ({ hour }) => hour);
      return Array.from({ length: 24 }, (_, hour) => sumDay(byHour[hour] ?? []));
    },

    /** Of all its flights, as sumDay gives them. */
    sum: () => sumDay([...flights.values()]),
  };
}

/** How many of some flights have left, left late, are overdue, late or cancelled; late ones expected, and of those to come. */
function sumDay(rows) {
  const sum = { flights: rows.length, departed: 0, lateDeparted: 0, overdue: 0, late: 0, cancelled: 0, expected: 0, coming: 0 };
  for (const row of rows) {
    if (row.status in sum) sum[row.status] += 1;
    if (row.status === "departed") sum.lateDeparted += row.isLate;
    if (isOpen(row)) sum.coming += expectedOf(row);
  }
  sum.expected = sum.coming + sum.lateDeparted;
  return sum;
}

/** A flight that is late already is not a matter of chance. */
function expectedOf({ isLate, probability }) {
  return isLate ? 1 : (probability ?? 0);
}

function byTime(a, b) {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}

function minutesBetween(one, other) {
  const [from, to] = [one, other].map(({ day, time }) => Date.parse(`${day}T${time}Z`));
  return Math.round((to - from) / MINUTE_MS);
}

const keyOf = ({ airline, flight_number: number, destination, scheduled_departure: scheduled }) =>
  [airline, number ?? "", destination, scheduled].join("|");

function readFlight(flight, zone) {
  const { day, time } = wallClock(flight.scheduled_departure, zone);
  const read = (iso) => (iso ? wallClock(iso, zone) : null);
  const { status, delayed } = flight;
  const expectedAt = read(flight.actual_departure ?? flight.estimated_departure);
  return {
    airline: flight.airline,
    destination: flight.destination,
    number: String(flight.flight_number ?? ""),
    aircraft: flight.aircraft ?? "",
    day,
    time,
    hour: Number(time.slice(0, 2)),
    status,
    isLate: status === "late" || (status === "departed" && delayed),
    expectedAt,
    delay: flight.delay_minutes ?? (expectedAt ? minutesBetween({ day, time }, expectedAt) : null),
    probability: flight.delay_probability ?? null,
    risk: flight.risk ?? "",
    cancellation: flight.cancellation_probability ?? null,
  };
}

/** Which parts of a flight have changed so that a reader should see it, and which way its risk moved. */
function compare(before, now) {
  const status = before.status !== now.status;
  const estimate = before.expectedAt?.day !== now.expectedAt?.day || before.expectedAt?.time !== now.expectedAt?.time;
  const moved = (now.probability ?? 0) - (before.pointed ?? 0);
  const chance = isOpen(now) && now.probability !== null && (before.risk !== now.risk || Math.abs(moved) >= NOTABLE);
  const [was, is] = [before, now].map(({ risk }) => RISKS.indexOf(risk));
  return { status, estimate, chance, riskier: isOpen(now) && is < was, any: status || estimate || chance };
}
