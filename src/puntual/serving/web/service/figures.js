// The readings on the page: state and workers, the last seconds as figures, two minutes as charts, and counts.

import { byId, element, span, tableRow } from "../elements.js";
import { listAnd, moment, number, percent, plural, text, textOr } from "../messages.js";
import { drawLines } from "./chart.js";
import { between } from "./readings.js";

/** What the figures are of. */
const RECENT_MS = 10_500;
/** What the charts show. */
export const MINUTES = 2;
const SPAN_MS = MINUTES * 60_000;

/** The model, the workers, the requests in flight. */
export function renderFacts({ models, workers, memory, restarts, inFlight }) {
  const names = listAnd(models.map(({ name }) => name));
  const loaded = Math.max(...models.map((model) => model.loaded ?? 0));
  const facts = [
    [text("service.model"), names || text("service.no_model")],
    [text("service.loaded"), loaded > 0 ? moment(loaded) : "–"],
    [text("service.workers"), plural("service.workers_value", workers, { mebibytes: number(memory / 2 ** 20) })],
    [text("service.restarts"), number(restarts)],
    [text("service.in_flight"), number(inFlight)],
  ];
  byId("service-facts").replaceChildren(...facts.map(([name, value]) => definition(name, value)));
}

/** @param isCounted of a route */
export function renderFigures(readings, isCounted) {
  const last = readings.at(-1);
  const first = readings.find(({ at }) => at > last.at - RECENT_MS);
  const recent = first === last ? null : between(first, last, isCounted);
  const figures = [
    [text("service.rate"), recent ? number(recent.requests / recent.seconds, recent.requests < 100 ? 1 : 0) : "–", text("service.per_second")],
    [text("service.median"), formatMs(recent?.within(0.5)), text("service.ms")],
    [text("service.p99"), formatMs(recent?.within(0.99)), text("service.ms")],
    [text("service.errors"), recent?.requests ? percent(recent.errors / recent.requests, 1) : "–", ""],
  ];
  const flaps = figures.map(([name, value, unit]) => definition(name, span("flap", value), " ", span("unit", unit)));
  byId("service-figures").replaceChildren(...flaps);

  const steps = readings.slice(1).map((later, index) => [later.at, between(readings[index], later, isCounted)]);
  const range = [last.at - SPAN_MS, last.at];
  const line = (kind, name, read) => ({ kind, name, points: steps.map(([at, step]) => [at, read(step)]) });
  const inFlight = readings.map((one) => [one.at, one.inFlight]);
  byId("service-pictures").replaceChildren(
    createChart(text("service.rate"), text("service.per_second"), range, [
      line("one", text("service.line_requests"), ({ requests, seconds }) => requests / seconds),
      line("bad", text("service.line_errors"), ({ errors, seconds }) => errors / seconds),
    ]),
    createChart(text("service.latency"), text("service.ms"), range, [
      line("one", text("service.median"), ({ within }) => within(0.5)),
      line("two", text("service.p99"), ({ within }) => within(0.99)),
    ]),
    createChart(text("service.in_flight"), "", range, [{ kind: "one", name: text("service.line_requests"), points: inFlight }], {
      min: 2,
    }),
  );
}

/** Of the last minutes, and since the service began. */
export function renderCounts(readings, isCounted) {
  const last = readings.at(-1);
  const columns = [between(readings[0], last, isCounted), between(null, last, isCounted)];
  const time = (share) => (one) => (one.requests ? `${formatMs(one.within(share))} ${text("service.ms")}` : "–");
  const statuses = [...new Set(columns.flatMap((one) => [...one.statuses.keys()]))].sort();
  const rows = [
    [text("service.counted_requests"), "", (one) => number(one.requests)],
    [text("service.counted_flights"), "", (one) => number(one.flights)],
    [text("service.median"), "", time(0.5)],
    [text("service.p99"), "", time(0.99)],
    ...statuses.map((status) => [status, textOr(`service.status_${status}`, ""), (one) => number(one.statuses.get(status) ?? 0)]),
  ];
  byId("service-counts").replaceChildren(...rows.map(([name, details, read]) => tableRow(name, details, columns.map(read))));
  const seconds = number((last.at - readings[0].at) / 1000);
  byId("service-lately").textContent = text("service.lately", { seconds });
  byId("service-summary").textContent = describe(columns[0], seconds);
  byId("service-since").textContent = text("service.since", { moment: moment(last.began) });
}

function describe({ requests, errors, within }, seconds) {
  if (!requests) return text("service.summary_none", { seconds });
  const times = { half: formatMs(within(0.5)), most: formatMs(within(0.99)) };
  return plural("service.summary", requests, { seconds, errors: number(errors), ...times });
}

/** A line chart with its title, and each line's name and last value. */
export function createChart(title, unit, range, lines, options = {}) {
  const format = (value) => number(value, value && value < 1 ? 2 : value < 10 && value % 1 ? 1 : 0);
  const measure = (value) => (value === null || value === undefined ? "–" : `${format(value)} ${unit}`.trim());
  const named = lines.map(({ name, points }) => `${name}: ${measure(points.at(-1)?.[1])}`);
  const max = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  const label = text("service.picture", { title, lines: listAnd(named), most: measure(max) });
  const ends = { begin: text("service.ago", { minutes: MINUTES }), end: text("service.just_now"), ...options };
  const keys = lines.map(({ kind }, index) => span(`key ${kind}`, named[index]));
  const caption = element("figcaption", {}, element("strong", {}, title), ...keys);
  return element("figure", {}, caption, drawLines(lines, range, { label, format, ...ends }));
}

export function formatMs(value) {
  if (value === null || value === undefined) return "–";
  return number(value, value < 1 ? 2 : value < 10 ? 1 : 0);
}

function definition(name, ...value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}
