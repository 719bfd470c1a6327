// Draws what was told against what came, as SVG: a dot a group of flights, its interval, and the line where both agree.

import { percent } from "../messages.js";

const SVG = "http://www.w3.org/2000/svg";
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
  const most = Math.min(1, 1.04 * Math.max(...groups.flatMap(({ expected, high }) => [expected, high])));
  const x = (share) => EDGE.left + (share / most) * (WIDTH - EDGE.left - EDGE.right);
  const y = (share) => HEIGHT - EDGE.bottom - (share / most) * (HEIGHT - EDGE.top - EDGE.bottom);
  const picture = shape("svg", "truth-picture", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  picture.setAttribute("aria-label", words.label);
  const line = (name, from, to) => shape("line", name, { x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
  for (const mark of marks(most)) {
    const [across, up] = [x(mark), y(mark)];
    picture.append(
      line("grid", [x(0), up], [x(most), up]),
      line("grid", [across, y(0)], [across, y(most)]),
      label(percent(mark), "end", x(0) - 8, up + 4),
      label(percent(mark), "middle", across, y(0) + 18),
    );
  }
  picture.append(
    label(words.came, "start", 0, 14),
    label(words.told, "end", x(most), HEIGHT - 8),
    line("exact", [x(0), y(0)], [x(most), y(most)]),
  );
  for (const { expected, rate, low, high } of groups) {
    picture.append(
      line("interval", [x(expected), y(low)], [x(expected), y(high)]),
      shape("circle", "dot", { cx: x(expected), cy: y(rate), r: 4.5 }),
    );
  }
  return picture;
}

function marks(most) {
  const step = STEPS.find((one) => most / one <= 7) ?? STEPS.at(-1);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

function label(content, anchor, x, y) {
  const element = shape("text", "", { x, y, "text-anchor": anchor });
  element.textContent = content;
  return element;
}

function shape(kind, name, attributes) {
  const element = document.createElementNS(SVG, kind);
  if (name) element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
