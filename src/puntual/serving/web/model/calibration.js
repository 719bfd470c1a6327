// The calibration curve: a dot a bin of flights, predicted against observed, and the line where both agree.

import { createPlot } from "../drawing/plot.js";
import { percent } from "../messages.js";

const FRAME = { width: 400, height: 320, left: 46, right: 12, top: 30, bottom: 48 };
/** Of the axes' marks, the one that gives at most seven. */
const STEPS = [0.05, 0.1, 0.2];

/**
 * @param bins of GET /v1/model
 * @param labels { label, predicted, observed }: of the whole plot, and along the axes
 */
export function drawCalibration(bins, { label, predicted, observed }) {
  const max = Math.min(1, 1.04 * Math.max(...bins.flatMap(({ expected, rate, high }) => [expected, high ?? rate])));
  const plot = createPlot("calibration", label, FRAME, [0, max], [0, max]);
  const step = STEPS.find((one) => max / one <= 7) ?? STEPS.at(-1);
  for (let index = 0; index <= max / step + 1e-9; index += 1) {
    const share = index * step;
    plot.level(share, percent(share));
    plot.add(plot.line("grid", [share, 0], [share, max]));
    plot.text(percent(share), "middle", plot.x(share), plot.y(0) + 18);
  }
  plot.text(observed, "start", 0, 14);
  plot.text(predicted, "end", plot.x(max), FRAME.height - 8);
  plot.add(plot.line("exact", [0, 0], [max, max]));
  for (const { expected, rate, low, high } of bins) plot.add(...plot.estimate(expected, { value: rate, low, high }, 4.5));
  return plot.svg;
}
