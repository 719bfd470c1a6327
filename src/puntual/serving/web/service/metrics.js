// Reads Prometheus' text format, as GET /metrics gives it.

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const ESCAPED = { n: "\n" };

/** The samples by name, each { labels, value }. */
export function readMetrics(text) {
  const found = new Map();
  for (const line of text.split("\n")) {
    const [, name, labels, value] = SAMPLE.exec(line) ?? [];
    if (!name) continue;
    if (!found.has(name)) found.set(name, []);
    found.get(name).push({ labels: readLabels(labels ?? ""), value: toNumber(value) });
  }
  return found;
}

function readLabels(text) {
  const plain = (value) => value.replace(/\\(.)/g, (_, one) => ESCAPED[one] ?? one);
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, plain(value)]));
}

/** A number as Prometheus writes it. */
export function toNumber(text) {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}
