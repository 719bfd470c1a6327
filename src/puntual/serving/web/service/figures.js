// What was read of the service, on the board: how it stands, how it is doing now, two minutes as pictures, and counts.

import { list, moment, number, percent, plural, text } from "../messages.js";
import { drawLines } from "./chart.js";
import { between } from "./readings.js";

/** What the figures are of. */
const LATELY_MS = 10_500;
/** What the pictures show. */
export const MINUTES = 2;
const SPAN_MS = MINUTES * 60_000;

const part = (id) => document.getElementById(id);

/** The model, the workers, what is under way. */
export function showFacts({ models, workers, memory, restarts, inFlight }) {
  const names = list(models.map(({ name }) => name));
  const loaded = Math.max(...models.map((model) => model.loaded ?? 0));
  const facts = [
    [text("service.model"), names || text("service.no_model")],
    [text("service.loaded"), loaded > 0 ? moment(loaded) : "–"],
    [text("service.workers"), plural("service.workers_value", workers, { mebibytes: number(memory / 2 ** 20) })],
    [text("service.restarts"), number(restarts)],
    [text("service.in_flight"), number(inFlight)],
  ];
  part("service-facts").replaceChildren(...facts.map(([name, value]) => entry(name, value)));
}

/** @param counts whether a route is counted */
export function showBoard(readings, counts) {
  const last = readings.at(-1);
  const first = readings.find(({ at }) => at > last.at - LATELY_MS);
  const lately = first === last ? null : between(first, last, counts);
  const rate = (count) => (lately ? number(count(lately) / lately.seconds, lately.requests < 100 ? 1 : 0) : "–");
  const figures = [
    [text("service.rate"), rate(({ requests }) => requests), text("service.per_second")],
    [text("service.median"), milliseconds(lately?.within(0.5)), text("service.ms")],
    [text("service.p99"), milliseconds(lately?.within(0.99)), text("service.ms")],
    [text("service.errors"), lately?.requests ? percent(lately.errors / lately.requests, 1) : "–", ""],
  ];
  part("service-figures").replaceChildren(...figures.map(figure));

  const steps = readings.slice(1).map((later, index) => [later.at, between(readings[index], later, counts)]);
  const span = [last.at - SPAN_MS, last.at];
  const line = (kind, name, read) => ({ kind, name, points: steps.map(([at, step]) => [at, read(step)]) });
  const pictures = [
    picture(text("service.rate"), text("service.per_second"), span, [
      line("one", text("service.line_requests"), ({ requests, seconds }) => requests / seconds),
      line("bad", text("service.line_errors"), ({ errors, seconds }) => errors / seconds),
    ]),
    picture(text("service.latency"), text("service.ms"), span, [
      line("one", text("service.median"), ({ within }) => within(0.5)),
      line("two", text("service.p99"), ({ within }) => within(0.99)),
    ]),
    picture(
      text("service.in_flight"),
      "",
      span,
      [{ kind: "one", name: text("service.line_requests"), points: readings.map((one) => [one.at, one.inFlight]) }],
      { least: 2 },
    ),
  ];
  part("service-pictures").replaceChildren(...pictures);
}

/** Of the last minutes, and since the service began. */
export function showCounts(readings, counts) {
  const last = readings.at(-1);
  const columns = [between(readings[0], last, counts), between(null, last, counts)];
  const time = (share) => (one) => (one.requests ? `${milliseconds(one.within(share))} ${text("service.ms")}` : "–");
  const statuses = [...new Set(columns.flatMap((one) => [...one.statuses.keys()]))].sort();
  const rows = [
    [text("service.counted_requests"), "", (one) => number(one.requests)],
    [text("service.counted_flights"), "", (one) => number(one.flights)],
    [text("service.median"), "", time(0.5)],
    [text("service.p99"), "", time(0.99)],
    ...statuses.map((status) => [status, meaning(status), (one) => number(one.statuses.get(status) ?? 0)]),
  ];
  part("service-counts").replaceChildren(...rows.map(([name, about, read]) => row(name, about, columns.map(read))));
  const [lately] = columns;
  const seconds = number((last.at - readings[0].at) / 1000);
  part("service-lately").textContent = text("service.lately", { seconds });
  part("service-summary").textContent = said(lately, seconds);
  part("service-since").textContent = text("service.since", { moment: moment(last.began) });
}

/** The same in a sentence. */
function said({ requests, errors, within }, seconds) {
  if (!requests) return text("service.summary_none", { seconds });
  const times = { half: milliseconds(within(0.5)), most: milliseconds(within(0.99)) };
  return plural("service.summary", requests, { seconds, errors: number(errors), ...times });
}

/** A line picture with its name, and beside each line's name where it ends. */
export function picture(title, unit, span, lines, words = {}) {
  const measured = (value) => (value === null || value === undefined ? "–" : `${brief(value)} ${unit}`.trim());
  const told = lines.map(({ name, points }) => `${name}: ${measured(points.at(-1)?.[1])}`);
  const most = Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0)));
  const label = text("service.picture", { title, lines: list(told), most: measured(most) });
  const ends = { begin: text("service.ago", { minutes: MINUTES }), end: text("service.just_now"), ...words };
  const element = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.append(make("strong", title), ...lines.map(({ kind }, index) => make("span", told[index], `key ${kind}`)));
  element.append(caption, drawLines(lines, span, { label, write: brief, ...ends }));
  return element;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return number(value, value < 1 ? 2 : value < 10 ? 1 : 0);
}

function brief(value) {
  return number(value, value && value < 1 ? 2 : value < 10 && value % 1 ? 1 : 0);
}

function meaning(status) {
  const told = {
    200: text("service.status_200"),
    304: text("service.status_304"),
    400: text("service.status_400"),
    404: text("service.status_404"),
    405: text("service.status_405"),
    408: text("service.status_408"),
    413: text("service.status_413"),
    415: text("service.status_415"),
    422: text("service.status_422"),
    500: text("service.status_500"),
    503: text("service.status_503"),
  };
  return told[status] ?? "";
}

function figure([name, value, unit]) {
  const element = entry(name, "");
  element.lastChild.append(make("span", value, "flap"), " ", make("span", unit, "unit"));
  return element;
}

function entry(name, value) {
  const element = document.createElement("div");
  element.append(make("dt", name), make("dd", value));
  return element;
}

export function row(name, about, cells) {
  const line = document.createElement("tr");
  const head = make("th", name);
  head.scope = "row";
  if (about) head.append(make("small", about));
  line.append(head, ...cells.map((cell) => make("td", cell)));
  return line;
}

function make(kind, content, name = "") {
  const element = document.createElement(kind);
  if (name) element.className = name;
  element.textContent = content;
  return element;
}
