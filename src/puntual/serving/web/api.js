// Talks to the server; every way it can fail has a class of its own.

export const PATIENCE_SECONDS = 10;

const PLACE = /^\$\.flights\[0\]\.(\w+)$/;

/** The server cannot be reached. */
export class Unreachable extends Error {}

/** The server did not answer in time. */
export class TooSlow extends Error {}

/** The server answered with an error; `fields` says what is wrong with which field of the flight. */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail ?? document.title ?? `HTTP ${status}`);
    this.status = status;
    this.fields = fieldErrors(document);
  }
}

/** What the model knows: { airlines, destinations, model }. */
export async function fetchKnown() {
  const [airlines, destinations, model] = await Promise.all(
    ["v1/airlines", "v1/destinations", "v1/model"].map((path) => request(path)),
  );
  return { airlines, destinations, model };
}

/** The prediction for one flight, with how late it may be and the reasons in words of a language. */
export async function predict(flight, language, signal) {
  const answer = await ask(`v1/predictions?detail=full&language=${language}`, [flight], signal);
  const prediction = answer.predictions?.[0];
  if (typeof prediction?.delay_probability !== "number") throw new Problem(200, {});
  return prediction;
}

/** The chances of several flights, each alone. */
export async function predictAll(flights, signal) {
  const answer = await ask("v1/predictions", flights, signal);
  return answer.predictions.map((prediction) => prediction.delay_probability);
}

function ask(path, flights, signal, more = {}) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify({ flights, ...more }), signal });
}

/** What the service tells of itself, as Prometheus reads it. */
export function fetchMetrics() {
  return request("metrics", { cache: "no-store" }, (response) => response.text());
}

/** The last load test, and the original API's: { test, original }. */
export function fetchLoadTest() {
  return request("v1/stress");
}

/** The predictions for flights that are complete days of their origins, in their order. */
export async function predictDays(flights, signal) {
  const { predictions } = await ask("v1/predictions", flights, signal, { timetable: "request" });
  if (predictions?.length !== flights.length) throw new Problem(200, {});
  return predictions;
}

/** How schedules are written, and how many flights the server takes at once. */
export const fetchSchedules = () => request("board/schedules.json");

/** How often the flights that the model learned from were late, group by group. */
export const fetchRates = () => request("v1/rates");

export async function request(path, options = {}, read = (response) => response.json()) {
  const timeout = AbortSignal.timeout(PATIENCE_SECONDS * 1000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const response = await fetch(path, { ...options, signal });
    const document = await read(response).catch((error) => {
      if (error instanceof SyntaxError) return {};
      throw error;
    });
    if (!response.ok) throw new Problem(response.status, document);
    return document;
  } catch (error) {
    if (error instanceof Problem || options.signal?.aborted) throw error;
    throw timeout.aborted ? new TooSlow() : new Unreachable();
  }
}

/** Problem documents (RFC 9457) name a place as `$.flights[0].airline`; the reader knows fields only. */
function fieldErrors({ pointer = "", detail = "" }) {
  const field = PLACE.exec(pointer ?? "")?.[1];
  return field ? { [field]: detail.replace(`${pointer}: `, "") } : {};
}
