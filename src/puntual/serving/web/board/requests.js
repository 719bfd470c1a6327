// A schedule's flights to the server and their predictions back: whole days in each request.

import { predictDays } from "../api.js";

const DAY_MS = 86_400_000;
/** Longest that a flight can be in a request, with eight characters a code. */
const BYTES_A_FLIGHT = 190;

/** A day has more flights than the server takes at once. */
export class DayTooLarge extends Error {
  constructor(day, flights, most) {
    super("a day with too many flights");
    Object.assign(this, { day, flights, most });
  }
}

/**
 * The predictions, one a flight and in their order; only what the model reads of a flight is sent.
 *
 * @param flights as readSchedule gives them
 * @param known { max_flights, max_body_bytes }
 * @param progress called with the number of flights that are answered
 */
export async function askAbout(flights, known, signal, progress) {
  const predictions = new Array(flights.length);
  let answered = 0;
  for (const part of inRequests(flights, known)) {
    const told = await predictDays(part.map((index) => asked(flights[index])), signal);
    part.forEach((index, place) => (predictions[index] = told[place]));
    answered += part.length;
    progress(answered);
  }
  return predictions;
}

/** Groups of flights, by their places: as many whole days as a request takes. */
function inRequests(flights, { max_flights: maxFlights, max_body_bytes: maxBytes }) {
  const most = Math.min(maxFlights, Math.max(1, Math.floor(maxBytes / BYTES_A_FLIGHT)));
  const days = new Map();
  flights.forEach(({ at }, index) => {
    const day = Math.floor(at / DAY_MS);
    if (!days.has(day)) days.set(day, []);
    days.get(day).push(index);
  });
  const requests = [[]];
  for (const [day, places] of days) {
    if (places.length > most) throw new DayTooLarge(isoDay(day * DAY_MS), places.length, most);
    if (requests.at(-1).length + places.length > most) requests.push([]);
    requests.at(-1).push(...places);
  }
  return requests;
}

function asked({ at, airline, origin, destination, operator, type }) {
  const flight = { airline, origin, destination, scheduled_departure: new Date(at).toISOString().slice(0, -1) };
  if (operator) flight.operator = operator;
  if (type) flight.flight_type = type;
  return flight;
}

export function isoDay(at) {
  return new Date(at).toISOString().slice(0, 10);
}
