// The last load test of the service, beside the one that the original API was put to; and how to make one.

import { fetchLoadTest } from "../api.js";
import { moment, number, percent, text } from "../messages.js";
import { milliseconds, picture, row } from "./board.js";

const FILE = "stress.json";

const part = (id) => document.getElementById(id);

/** Fetches and shows a load test whenever the service tells of another one. */
export function createLoadTest() {
  let shown;

  part("service-commands").textContent = [
    "puntual serve --model model.puntual \\",
    `  --stress-report ${FILE}`,
    `puntual stress ${location.origin} \\`,
    `  --profile original --save ${FILE}`,
  ].join("\n");

  return {
    /** @param tested when the last load test began, undefined: there was none */
    async show(tested) {
      if (shown === String(tested)) return;
      shown = String(tested);
      if (tested === undefined) return showNone();
      try {
        showReport(await fetchLoadTest());
      } catch {
        shown = undefined; // asked for again with the next look
      }
    },
  };
}

function showNone() {
  part("service-test-summary").textContent = text("service.test_none");
  part("service-test").replaceChildren();
  part("service-test-pictures").replaceChildren();
}

function showReport({ test, original }) {
  part("service-test-summary").textContent = [
    text("service.test_when", { moment: moment(Date.parse(test.started) / 1000), model: test.model || "–" }),
    told(test.plan),
    text("service.test_where", { processor: test.machine.processor, cores: number(test.machine.cores) }),
    test.interrupted ? text("service.test_interrupted") : "",
  ].join(" ");
  part("service-test").replaceChildren(table(test, original));
  part("service-test-pictures").replaceChildren(...pictures(test));
}

function told({ connections, rate }) {
  const values = { connections: number(connections), rate: number(rate ?? 0) };
  return rate === null ? text("service.test_closed", values) : text("service.test_open", values);
}

function table({ latency_ms: latency, ...test }, original) {
  const time = (value) => (value === null || value === undefined ? "–" : `${milliseconds(value)} ${text("service.ms")}`);
  const element = document.createElement("table");
  const head = element.createTHead().insertRow();
  head.insertCell();
  for (const name of [text("service.test_this"), text("service.test_original")]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const kinds = Object.entries(test.errors_by_kind).map(([kind, count]) => `${kind}: ${number(count)}`);
  element.createTBody().append(
    row(text("service.counted_requests"), "", [number(test.requests), number(original.requests)]),
    row(text("service.test_duration"), "", [seconds(test.duration_s), seconds(original.duration_s)]),
    row(text("service.rate"), "", [number(test.requests_per_s, 1), number(original.requests_per_s, 1)]),
    row(text("service.errors"), kinds.join(", "), [
      percent(test.errors / (test.requests || 1), 2),
      percent(original.error_percent / 100, 2),
    ]),
    row(text("service.test_mean"), "", [time(latency.mean), time(original.mean_ms)]),
    row(text("service.median"), "", [time(latency.p50), "–"]),
    row(text("service.p99"), "", [time(latency.p99), "–"]),
    row(text("service.test_worst"), "", [time(latency.max), time(original.max_ms)]),
  );
  return element;
}

function pictures({ seconds: each, duration_s: duration }) {
  const span = [0, Math.max(duration, 1)];
  const words = { begin: seconds(0), end: seconds(duration) };
  const rate = each.map((second, index) => [second, second.end_s - (each[index - 1]?.end_s ?? 0)]);
  const whole = rate.filter(([, length]) => length >= 0.1);
  const line = (kind, name, read) => ({ kind, name, points: whole.map(([one, length]) => [one.end_s, read(one, length)]) });
  return [
    picture(
      text("service.rate"),
      text("service.per_second"),
      span,
      [
        line("one", text("service.line_answers"), ({ answered }, length) => answered / length),
        line("bad", text("service.line_errors"), ({ errors }, length) => errors / length),
      ],
      words,
    ),
    picture(
      text("service.latency"),
      text("service.ms"),
      span,
      [line("one", text("service.median"), ({ p50 }) => p50), line("two", text("service.p99"), ({ p99 }) => p99)],
      words,
    ),
  ];
}

function seconds(value) {
  return text("service.seconds", { count: number(value, value % 1 ? 1 : 0) });
}
