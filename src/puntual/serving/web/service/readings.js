// A reading of the service's metrics, and what came between two readings.

import { readMetrics, toNumber } from "./metrics.js";

const PREDICTIONS = "/v1/predictions";
/** Monitoring, this page's included. */
const MONITORING = ["/metrics", "/healthz", "/readyz"];

/** Which routes are counted, by the name that the address has for it. */
export const COUNTED = {
  predictions: (route) => route === PREDICTIONS,
  all: (route) => !MONITORING.includes(route),
};

/**
 * @param text of GET /metrics
 * @param at when it was fetched, in milliseconds of the page's clock
 */
export function readService(text, at) {
  const samples = readMetrics(text);
  const all = (name) => samples.get(`puntual_${name}`) ?? [];
  const one = (name) => all(name)[0]?.value;
  const loaded = new Map(all("model_loaded_timestamp_seconds").map(({ labels, value }) => [labels.model, value]));
  const memory = all("worker_resident_memory_bytes").map(({ value }) => value);
  return {
    at,
    began: one("start_timestamp_seconds"),
    requests: all("requests_total").map(({ labels, value }) => ({ ...labels, count: value })),
    buckets: all("request_duration_seconds_bucket").map(({ labels: { route, le }, value }) => {
      return { route, seconds: toNumber(le), count: value };
    }),
    flights: one("flights_predicted_total") ?? 0,
    inFlight: Math.max(0, (one("requests_in_flight") ?? 0) - 1), // without this one
    models: all("model_info").map(({ labels: { model } }) => ({ name: model, loaded: loaded.get(model) })),
    workers: memory.length,
    memory: memory.reduce((sum, bytes) => sum + bytes, 0),
    restarts: Math.max(0, (one("worker_starts_total") ?? 0) - memory.length),
    tested: one("load_test_timestamp_seconds"),
  };
}

/**
 * What came between two readings of the same service.
 *
 * @param earlier null: everything since the service began
 * @param isCounted of a route
 * @returns { seconds, requests, errors, flights, statuses, within }; within(share) is the time in milliseconds within
 *   which that share was answered, null if nothing was
 */
export function between(earlier, later, isCounted) {
  const statuses = subtract(later.requests, earlier?.requests, isCounted, ({ status }) => status);
  const buckets = subtract(later.buckets, earlier?.buckets, isCounted, ({ seconds }) => seconds);
  const sum = (counts) => counts.reduce((total, [, count]) => total + count, 0);
  return {
    seconds: earlier && (later.at - earlier.at) / 1000,
    requests: sum([...statuses]),
    errors: sum([...statuses].filter(([status]) => status >= "400")),
    flights: later.flights - (earlier?.flights ?? 0),
    statuses,
    within: (share) => quantile([...buckets].sort(([a], [b]) => a - b), share),
  };
}

/** Counts by key, of the routes that are counted. */
function subtract(later, earlier = [], isCounted, keyOf) {
  const counts = new Map();
  const add = (one, sign) => {
    if (isCounted(one.route)) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + sign * one.count);
  };
  for (const one of later) add(one, 1);
  for (const one of earlier) add(one, -1);
  return counts;
}

/** As Prometheus' histogram_quantile: evenly within a bucket; beyond the last bound, that bound. */
function quantile(cumulative, share) {
  const wanted = share * (cumulative.at(-1)?.[1] ?? 0);
  if (!wanted) return null;
  let [low, below] = [0, 0];
  for (const [high, count] of cumulative) {
    if (count >= wanted) return 1000 * (high === Infinity ? low : low + ((high - low) * (wanted - below)) / (count - below));
    [low, below] = [high, count];
  }
  return null;
}
