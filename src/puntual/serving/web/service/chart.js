// A line chart of values over time.

import { createPlot, shape } from "../drawing/plot.js";

const FRAME = { width: 360, height: 132, left: 44, right: 4, top: 8, bottom: 22, gap: 6 };

/**
 * @param lines each { kind, points }: the class of the line, and [time, value] in order; a null value breaks the line
 * @param span [first, last] time
 * @param options { label, begin, end, format, min }: of the whole chart, of the ends of the time, of a value, and the least
 *   that the scale reaches to
 */
export function drawLines(lines, [first, last], { label, begin, end, format, min = 0 }) {
  const max = roundUp(Math.max(min, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0))));
  const plot = createPlot("lines", label, FRAME, [first, last], [0, max]);
  for (const value of [0, max / 2, max]) plot.level(value, format(value));
  plot.text(begin, "start", plot.x(first), FRAME.height - 4);
  plot.text(end, "end", plot.x(last), FRAME.height - 4);
  for (const { kind, points } of lines) {
    plot.add(shape("path", { class: `line ${kind}`, d: pathOf(points.filter(([time]) => time >= first), plot) }));
  }
  return plot.svg;
}

function pathOf(points, { x, y }) {
  let drawing = false;
  const steps = points.map(([time, value]) => {
    const command = drawing ? "L" : "M";
    drawing = value !== null;
    return drawing ? `${command}${x(time).toFixed(1)} ${y(value).toFixed(1)}h0` : "";
  });
  return steps.join("");
}

/** The next round number, of which half is round too. */
function roundUp(value) {
  if (!value) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * size).find((step) => step >= value * 0.9999);
}
