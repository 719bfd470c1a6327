// A generated day to try the board with: as many flights as on the model's average day, each on a route and at an hour that its
// airline flew.

import { DAY_MS, isoDay, twoDigits } from "../dates.js";

const MIN_FLIGHTS = 20;

/**
 * A schedule as a CSV text, in Puntual's own columns; the same on the same day.
 *
 * @param model of /v1/model
 * @param routes of /v1/routes
 * @param date the day, 2017-07-14
 */
export function generateDay({ training }, routes, date) {
  const days = (Date.parse(training.last) - Date.parse(training.first)) / DAY_MS + 1;
  const count = Math.max(MIN_FLIGHTS, Math.round(training.flights / days));
  const random = createRandom(Date.parse(date) / DAY_MS);
  const departures = routes.flatMap((route) => route.hours.map((flights, hour) => ({ ...route, hour, flights })));
  const total = departures.reduce((sum, { flights }) => sum + flights, 0);
  const flights = Array.from({ length: count }, (_, index) => {
    const { airline, origin, destination, hour } = draw(departures, total * random());
    const time = `${twoDigits(hour)}:${twoDigits(5 * Math.floor(12 * random()))}`;
    return [`${date}T${time}`, airline, origin, destination, 101 + index].join();
  });
  return ["scheduled_departure,airline,origin,destination,flight_number", ...flights.sort()].join("\n");
}

/** The last day that the model learned from which is of tomorrow's day of the week: its season is known. */
export function sampleDate({ training }) {
  const last = new Date(training.last);
  const tomorrow = new Date().getDay() + 1;
  return isoDay(last.getTime() - ((last.getUTCDay() - tomorrow + 7) % 7) * DAY_MS);
}

/** The departure at a place among the flights of all of them. */
function draw(departures, place) {
  let left = place;
  return departures.find(({ flights }) => (left -= flights) < 0) ?? departures.at(-1);
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
