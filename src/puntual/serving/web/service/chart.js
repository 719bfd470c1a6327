// Draws what a few numbers did over time, as SVG.

import { mark, shape } from "../drawing/svg.js";

const WIDTH = 360;
const HEIGHT = 132;
const EDGE = { left: 44, right: 4, top: 8, bottom: 22 };

/**
 * @param lines each { kind, points }: the class of the line, and [time, value] in order; a null value breaks the line
 * @param span [first, last] time
 * @param words { label, begin, end, write, least }: for those who cannot see it, at the ends of the time, of a value, and
 *   the least that the scale reaches to
 */
export function drawLines(lines, [first, last], { label, begin, end, write, least = 0 }) {
  const most = ceiling(Math.max(least, ...lines.flatMap(({ points }) => points.map(([, value]) => value ?? 0))));
  const x = (time) => EDGE.left + ((time - first) / (last - first)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - (value / most) * (HEIGHT - EDGE.top - EDGE.bottom);
  const picture = shape("svg", { class: "lines", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  for (const value of [0, most / 2, most]) {
    picture.append(shape("line", { class: "grid", x1: x(first), x2: x(last), y1: y(value), y2: y(value) }));
    picture.append(mark(write(value), "end", EDGE.left - 6, y(value) + 4));
  }
  picture.append(mark(begin, "start", x(first), HEIGHT - 4), mark(end, "end", x(last), HEIGHT - 4));
  for (const { kind, points } of lines) {
    picture.append(shape("path", { class: `line ${kind}`, d: path(points.filter(([time]) => time >= first), x, y) }));
  }
  return picture;
}

function path(points, x, y) {
  let drawing = false;
  const steps = points.map(([time, value]) => {
    const move = drawing ? "L" : "M";
    drawing = value !== null;
    return drawing ? `${move}${x(time).toFixed(1)} ${y(value).toFixed(1)}h0` : "";
  });
  return steps.join("");
}

/** The next round number, of which half is round too. */
function ceiling(value) {
  if (!value) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * size).find((step) => step >= value * 0.9999);
}
