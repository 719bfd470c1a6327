// Talks to the server; every way it can fail has a class of its own.

import { fetchWithKey } from "./key.js";
import { text, whenLoaded } from "./messages.js";
import { createRoutes } from "./routes.js";

export const TIMEOUT_SECONDS = 10;

const POINTER = /^\$\.flights\[0\]\.(\w+)$/;

/** The server cannot be reached. */
export class Unreachable extends Error {}

/** The server did not answer in time. */
export class TimedOut extends Error {}

/** The server answered with an error; `fields` says what is wrong with which field of the flight. */
export class Problem extends Error {
  constructor(status, document, retryAfter = 0) {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.status = status;
    this.retryAfter = retryAfter; // seconds; 0: not said
    this.fields = fieldErrors(document);
  }
}

/** What the model knows: { airlines, destinations, model, routes }. */
export async function fetchCatalogue() {
  const paths = ["v1/airlines", "v1/destinations", "v1/model", "v1/routes"];
  const [airlines, destinations, model, { routes }] = await Promise.all(paths.map((path) => request(path)));
  return { airlines, destinations, model, routes: createRoutes(routes, model) };
}

/**
 * The prediction for one flight, with its exceedance probabilities and the reasons in words of a language; alone unless
 * `options` have the timetable of its day.
 */
export async function predict(flight, language, signal, options = {}) {
  const answer = await post(`v1/predictions?detail=full&language=${language}`, { flights: [flight], ...options }, signal);
  const prediction = answer.predictions?.[0];
  if (typeof prediction?.delay_probability !== "number") throw new Problem(200, {});
  return prediction;
}

/** The predictions for several flights, in their order; each alone unless `options` name a timetable. */
export async function predictAll(flights, signal, options = {}) {
  const { predictions } = await post("v1/predictions", { flights, ...options }, signal);
  if (predictions?.length !== flights.length) throw new Problem(200, {});
  return predictions;
}

/** What became of a flight number among the training flights: { records }. */
export const fetchFlightNumber = (number) => request(`v1/flights?${new URLSearchParams({ number })}`);

/** Two schedules of the same days, { before, after }, flight by flight and day by day. */
export const compareSchedules = (schedules) => post("v1/comparisons", schedules);

/** The service's own metrics, as Prometheus reads them. */
export const fetchMetrics = () => request("metrics", { cache: "no-store" }, (response) => response.text());

/** The last load test, and the original API's: { test, original }. */
export const fetchLoadTest = () => request("v1/stress");

/** How schedules are written, how many flights the server takes at once, and whether it may have live boards. */
export const fetchFormats = () => request("board/schedules.json");

/** The first table of a workbook as CSV, which the server reads. */
export function readWorkbook(file, signal) {
  const headers = { "Content-Type": "application/octet-stream" };
  const read = (response) => (response.ok ? response.text() : response.json());
  return request("v1/workbooks", { method: "POST", headers, body: file, signal }, read);
}

/** The origins and days whose flights the service knows: { as_of, days: [{ origin, date, flights }] }. */
export const fetchBoards = () => request("v1/board", { cache: "no-store" });

/** How often the flights that the model learned from were late, group by group. */
export const fetchRates = () => request("v1/rates");

export async function request(path, options = {}, read = (response) => response.json()) {
  let timeout;
  /** The time counts from when a request is sent: the reader may take long to give a key. */
  const timed = () => {
    timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    return options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  };
  try {
    const response = await fetchWithKey(keyWords, path, () => ({ ...options, signal: timed() }));
    const document = await read(response).catch((error) => {
      if (error instanceof SyntaxError) return {};
      throw error;
    });
    if (!response.ok) throw new Problem(response.status, document, Number(response.headers.get("retry-after")) || 0);
    return document;
  } catch (error) {
    if (error instanceof Problem || options.signal?.aborted) throw error;
    throw timeout.aborted ? new TimedOut() : new Unreachable();
  }
}

/** What the page says when it asks for a key. */
export async function keyWords() {
  await whenLoaded;
  const words = ["title", "label", "wrong", "confirm", "cancel"].map((name) => [name, text(`key.${name}`)]);
  return Object.fromEntries(words);
}

/** A fetch whose result is kept once it succeeds; a failed one is tried again the next time. */
export function cached(fetch) {
  let promise;
  return () => (promise ??= fetch().catch((error) => ((promise = undefined), Promise.reject(error))));
}

function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

/** Problem documents (RFC 9457) name a place as `$.flights[0].airline`; the reader knows fields only. */
function fieldErrors({ pointer = "", detail = "" }) {
  const field = POINTER.exec(pointer ?? "")?.[1];
  return field ? { [field]: detail.replace(`${pointer}: `, "") } : {};
}
