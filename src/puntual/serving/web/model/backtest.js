// The backtest as a plot: for each month a dot a series, with its interval.

import { createPlot, shape } from "../drawing/plot.js";
import { number } from "../messages.js";

const FRAME = { width: 400, height: 280, left: 46, right: 8, top: 30, bottom: 30 };
const STEPS = [0.02, 0.05, 0.1, 0.2, 0.5];
/** Room for the names of the months. */
const MAX_NAMES = 6;

/**
 * @param months each { name, estimates }: how it is called, and { value, low, high } of each series
 * @param series their classes, in the order of the estimates
 * @param labels { label, axis }: of the whole plot, and along the axis
 */
export function drawBacktest(months, series, { label, axis }) {
  const ends = months.flatMap(({ estimates }) => estimates.flatMap(({ value, low, high }) => [low ?? value, high ?? value]));
  const [min, max] = [Math.min(...ends), Math.max(...ends)];
  const step = STEPS.find((one) => (max - min) / one <= 6) ?? STEPS.at(-1);
  const [bottom, top] = [Math.floor(min / step) * step, Math.ceil(max / step) * step];
  const plot = createPlot("backtest", label, FRAME, [0, months.length], [bottom, top]);
  const room = plot.x(1) - plot.x(0);
  const apart = Math.min(10, room / (series.length + 1)) / room;
  plot.text(axis, "start", 0, 14);
  for (let value = bottom; value < top + step / 2; value += step) plot.level(value, number(value, 2));
  const every = Math.ceil(months.length / MAX_NAMES);
  months.forEach(({ name, estimates }, index) => {
    if (index % every === 0) plot.text(name, "middle", plot.x(index + 0.5), FRAME.height - 8);
    estimates.forEach((estimate, place) => {
      const group = shape("g", { class: series[place] });
      group.append(...plot.estimate(index + 0.5 + (place - (series.length - 1) / 2) * apart, estimate, 4));
      plot.add(group);
    });
  });
  return plot.svg;
}
