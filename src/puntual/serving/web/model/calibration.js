// Draws what was told against what came, as SVG: a dot a group of flights, its interval, and the line where both agree.

import { mark, shape } from "../drawing/svg.js";
import { percent } from "../messages.js";

const WIDTH = 400;
const HEIGHT = 320;
const EDGE = { left: 46, right: 12, top: 30, bottom: 48 };
/** Of the axes' marks, the one that gives at most seven. */
const STEPS = [0.05, 0.1, 0.2];

/**
 * @param groups what /v1/model calls bins
 * @param words { label, told, came }: for those who cannot see it, and along the axes
 */
export function drawTruth(groups, words) {
  const most = Math.min(1, 1.04 * Math.max(...groups.flatMap(({ expected, rate, high }) => [expected, high ?? rate])));
  const x = (share) => EDGE.left + (share / most) * (WIDTH - EDGE.left - EDGE.right);
  const y = (share) => HEIGHT - EDGE.bottom - (share / most) * (HEIGHT - EDGE.top - EDGE.bottom);
  const told = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words.label };
  const picture = shape("svg", { class: "truth-picture", ...told });
  const line = (name, from, to) => shape("line", { class: name, x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
  for (const share of marks(most)) {
    const [across, up] = [x(share), y(share)];
    picture.append(
      line("grid", [x(0), up], [x(most), up]),
      line("grid", [across, y(0)], [across, y(most)]),
      mark(percent(share), "end", x(0) - 8, up + 4),
      mark(percent(share), "middle", across, y(0) + 18),
    );
  }
  picture.append(
    mark(words.came, "start", 0, 14),
    mark(words.told, "end", x(most), HEIGHT - 8),
    line("exact", [x(0), y(0)], [x(most), y(most)]),
  );
  for (const { expected, rate, low, high } of groups) {
    picture.append(
      line("interval", [x(expected), y(low ?? rate)], [x(expected), y(high ?? rate)]),
      shape("circle", { class: "dot", cx: x(expected), cy: y(rate), r: 4.5 }),
    );
  }
  return picture;
}

function marks(most) {
  const step = STEPS.find((one) => most / one <= 7) ?? STEPS.at(-1);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}
