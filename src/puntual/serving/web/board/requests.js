// A schedule's flights to the server and their predictions back: whole days in each request.

import { predictAll } from "../api.js";
import { DAY_MS, isoDay } from "../dates.js";
import { askPatiently } from "../patience.js";

/** The most that a flight takes in a request, with eight characters a code. */
const MAX_FLIGHT_BYTES = 190;

/** A day has more flights than the server takes at once. */
export class DayTooLarge extends Error {
  constructor(day, flights, max) {
    super("a day with too many flights");
    Object.assign(this, { day, flights, max });
  }
}

/**
 * The predictions, one a flight and in their order; only what the model reads of a flight is sent.
 *
 * @param flights as readSchedule returns them
 * @param limits { max_flights, max_body_bytes }
 * @param progress called with the number of flights that are predicted
 * @param waiting called every second with the seconds until the server is asked again, if it has too much to do
 */
export async function predictSchedule(flights, limits, signal, { progress, waiting }) {
  const predictions = new Array(flights.length);
  let predicted = 0;
  for (const places of splitByDay(flights, limits)) {
    const asked = places.map((place) => toFlight(flights[place]));
    const found = await askPatiently(() => predictAll(asked, signal, { timetable: "request" }), signal, waiting);
    places.forEach((place, index) => (predictions[place] = found[index]));
    predicted += places.length;
    progress(predicted);
  }
  return predictions;
}

/** The places of the flights of each request: as many whole days as one takes. */
function splitByDay(flights, { max_flights: maxFlights, max_body_bytes: maxBytes }) {
  const max = Math.min(maxFlights, Math.max(1, Math.floor(maxBytes / MAX_FLIGHT_BYTES)));
  const days = Map.groupBy(flights.keys(), (place) => Math.floor(flights[place].at / DAY_MS));
  const requests = [[]];
  for (const [day, places] of days) {
    if (places.length > max) throw new DayTooLarge(isoDay(day * DAY_MS), places.length, max);
    if (requests.at(-1).length + places.length > max) requests.push([]);
    requests.at(-1).push(...places);
  }
  return requests;
}

/** A flight of a schedule as the API takes it. */
export function toFlight({ at, airline, origin, destination, operator, type }) {
  const flight = { airline, origin, destination, scheduled_departure: new Date(at).toISOString().slice(0, -1) };
  if (operator) flight.operator = operator;
  if (type) flight.flight_type = type;
  return flight;
}
