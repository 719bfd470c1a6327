// The last load test of the service, next to that of the original API; and how to make one.

import { fetchLoadTest } from "../api.js";
import { byId, element, tableRow } from "../elements.js";
import { moment, number, percent, text } from "../messages.js";
import { createChart, formatMs } from "./figures.js";

const FILE = "stress.json";

/** Fetches and shows a load test whenever the metrics say that there is another one. */
export function createLoadTest() {
  let shown;

  byId("service-commands").textContent = [
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
      if (tested === undefined) return render(text("service.test_none"));
      try {
        const { test, original } = await fetchLoadTest();
        render(describe(test), [createTable(test, original)], createCharts(test));
      } catch {
        shown = undefined; // fetched again with the next reading
      }
    },
  };
}

function render(summary, tables = [], charts = []) {
  byId("service-test-summary").textContent = summary;
  byId("service-test").replaceChildren(...tables);
  byId("service-test-pictures").replaceChildren(...charts);
}

function describe({ started, model, plan, machine, interrupted }) {
  const load = { connections: number(plan.connections), rate: number(plan.rate ?? 0) };
  return [
    text("service.test_when", { moment: moment(Date.parse(started) / 1000), model: model || "–" }),
    plan.rate === null ? text("service.test_closed", load) : text("service.test_open", load),
    text("service.test_where", { processor: machine.processor, cores: number(machine.cores) }),
    interrupted ? text("service.test_interrupted") : "",
  ].join(" ");
}

function createTable({ latency_ms: latency, ...test }, original) {
  const time = (value) => (value === null || value === undefined ? "–" : `${formatMs(value)} ${text("service.ms")}`);
  const kinds = Object.entries(test.errors_by_kind).map(([kind, count]) => `${kind}: ${number(count)}`);
  const errors = [test.errors / (test.requests || 1), original.error_percent / 100].map((share) => percent(share, 2));
  const column = (name) => element("th", { scope: "col" }, name);
  const head = [element("td"), column(text("service.test_this")), column(text("service.test_original"))];
  const rows = [
    tableRow(text("service.counted_requests"), "", [number(test.requests), number(original.requests)]),
    tableRow(text("service.test_duration"), "", [formatSeconds(test.duration_s), formatSeconds(original.duration_s)]),
    tableRow(text("service.rate"), "", [number(test.requests_per_s, 1), number(original.requests_per_s, 1)]),
    tableRow(text("service.errors"), kinds.join(", "), errors),
    tableRow(text("service.test_mean"), "", [time(latency.mean), time(original.mean_ms)]),
    tableRow(text("service.median"), "", [time(latency.p50), "–"]),
    tableRow(text("service.p99"), "", [time(latency.p99), "–"]),
    tableRow(text("service.test_worst"), "", [time(latency.max), time(original.max_ms)]),
  ];
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function createCharts({ seconds, duration_s: duration }) {
  const range = [0, Math.max(duration, 1)];
  const ends = { begin: formatSeconds(0), end: formatSeconds(duration) };
  const lengths = seconds.map((second, index) => [second, second.end_s - (seconds[index - 1]?.end_s ?? 0)]);
  const whole = lengths.filter(([, length]) => length >= 0.1);
  const line = (kind, name, read) => ({ kind, name, points: whole.map(([one, length]) => [one.end_s, read(one, length)]) });
  const rates = [
    line("one", text("service.line_answers"), ({ answered }, length) => answered / length),
    line("bad", text("service.line_errors"), ({ errors }, length) => errors / length),
  ];
  const latencies = [
    line("one", text("service.median"), ({ p50 }) => p50),
    line("two", text("service.p99"), ({ p99 }) => p99),
  ];
  return [
    createChart(text("service.rate"), text("service.per_second"), range, rates, ends),
    createChart(text("service.latency"), text("service.ms"), range, latencies, ends),
  ];
}

function formatSeconds(value) {
  return text("service.seconds", { count: number(value, value % 1 ? 1 : 0) });
}
