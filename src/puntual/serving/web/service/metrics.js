// Parses Prometheus' text format, as GET /metrics gives it.

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The samples by name, each { labels, value }. */
export function readMetrics(text) {
  const samples = text.split("\n").map((line) => SAMPLE.exec(line)).filter(Boolean);
  const named = Map.groupBy(samples, ([, name]) => name);
  const parse = ([, , labels = "", value]) => ({ labels: parseLabels(labels), value: toNumber(value) });
  return new Map([...named].map(([name, found]) => [name, found.map(parse)]));
}

function parseLabels(text) {
  const unescape = (value) => value.replace(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one));
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, unescape(value)]));
}

/** A number as Prometheus writes it. */
export function toNumber(text) {
  return Number(text.replace("Inf", "Infinity"));
}
