// A generated day to try the board with: the model's own airlines and routes, as often as it learned from them.

import { DAY_MS, isoDay, twoDigits } from "../dates.js";

const HOURS = Array.from({ length: 18 }, (_, index) => ({ value: String(index + 6), flights: 1 }));

/**
 * A schedule as a CSV text, in Puntual's own columns; the same on the same day.
 *
 * @param model of /v1/model
 * @param rates of /v1/rates
 * @param date the day, 2017-07-14
 */
export function generateDay({ training }, rates, date) {
  const groups = Object.groupBy(rates, ({ dimension }) => dimension);
  const days = (Date.parse(training.last) - Date.parse(training.first)) / DAY_MS + 1;
  const count = Math.min(400, Math.max(20, Math.round(training.flights / days)));
  const random = createRandom(Date.parse(date) / DAY_MS);
  const flights = Array.from({ length: count }, (_, index) => {
    const hour = twoDigits(draw(groups.hour ?? HOURS, random));
    const time = `${hour}:${twoDigits(5 * Math.floor(12 * random()))}`;
    const route = draw(groups.route, random).replace("-", ",");
    return `${date}T${time},${draw(groups.airline, random)},${route},${101 + index}`;
  });
  return ["scheduled_departure,airline,origin,destination,flight_number", ...flights.sort()].join("\n");
}

export function tomorrow() {
  const now = new Date();
  return isoDay(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) + DAY_MS);
}

/** The value of one of some groups, each as often as it has flights. */
function draw(groups, random) {
  let left = random() * groups.reduce((sum, { flights }) => sum + flights, 0);
  return (groups.find(({ flights }) => (left -= flights) < 0) ?? groups.at(-1)).value;
}

/** Pseudo-random numbers from 0 to 1 (mulberry32). */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
