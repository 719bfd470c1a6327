// Draws what was measured month by month, as SVG: for each month a mark a series, with its interval.

import { mark, shape } from "../drawing/svg.js";

const WIDTH = 400;
const HEIGHT = 280;
const EDGE = { left: 46, right: 8, top: 30, bottom: 30 };
const STEPS = [0.02, 0.05, 0.1, 0.2, 0.5];
/** Room for the names of the months. */
const MOST_NAMES = 6;

/**
 * @param months each { name, estimates }: what it is called, and { value, low, high } for each of the kinds
 * @param kinds classes of the series, in the order of the estimates
 * @param words { label, axis, write }: for those who cannot see it, along the axis, and of a value
 */
export function drawMonths(months, kinds, { label, axis, write }) {
  const ends = months.flatMap(({ estimates }) => estimates.flatMap(({ value, low, high }) => [low ?? value, high ?? value]));
  const step = STEPS.find((one) => (Math.max(...ends) - Math.min(...ends)) / one <= 6) ?? STEPS.at(-1);
  const [least, most] = [Math.floor(Math.min(...ends) / step) * step, Math.ceil(Math.max(...ends) / step) * step];
  const room = (WIDTH - EDGE.left - EDGE.right) / months.length;
  const apart = Math.min(10, room / (kinds.length + 1));
  const y = (value) => HEIGHT - EDGE.bottom - ((value - least) / (most - least)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const picture = shape("svg", { class: "months-picture", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  picture.append(mark(axis, "start", 0, 14));
  for (let value = least; value < most + step / 2; value += step) {
    picture.append(shape("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) }));
    picture.append(mark(write(value), "end", EDGE.left - 8, y(value) + 4));
  }
  const every = Math.ceil(months.length / MOST_NAMES);
  months.forEach(({ name, estimates }, index) => {
    const middle = EDGE.left + (index + 0.5) * room;
    if (index % every === 0) picture.append(mark(name, "middle", middle, HEIGHT - 8));
    estimates.forEach(({ value, low, high }, series) => {
      const x = middle + (series - (kinds.length - 1) / 2) * apart;
      const group = shape("g", { class: kinds[series] });
      group.append(
        shape("line", { class: "interval", x1: x, x2: x, y1: y(low ?? value), y2: y(high ?? value) }),
        shape("circle", { class: "dot", cx: x, cy: y(value), r: 4 }),
      );
      picture.append(group);
    });
  });
  return picture;
}
