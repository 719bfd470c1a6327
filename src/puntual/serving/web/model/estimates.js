// Estimates of the model's card, as text and as bars.

import { element, graphic } from "../elements.js";
import { number, text } from "../messages.js";

export const three = (value) => number(value, 3);

/** The ends of a 95 % interval, as they stand in a sentence. */
export function formatInterval({ low, high }, format) {
  return low === null ? text("delays.few_days") : text("card.interval", { low: format(low), high: format(high) });
}

/** A number, then the ends of its 95 % interval if it has them; a dash if it is not defined. */
export function formatEstimate(estimate, format) {
  if (!estimate) return ["–"];
  const { value, low } = estimate;
  return low === null ? [format(value)] : [format(value), " ", small(formatInterval(estimate, format))];
}

export const small = (content) => element("small", { class: "interval" }, content);

/** Makes a bar with its interval for each of some losses, in proportion to the largest. */
export function gaugesOf(losses) {
  const max = Math.max(...losses.map(({ value, high }) => Math.max(high ?? value, 0))) || 1;
  const share = (loss) => `${(100 * Math.max(loss, 0)) / max}%`;
  return losses.map(({ value, low, high }) => {
    return graphic("gauge", { "--to": share(value), "--low": share(low ?? value), "--high": share(high ?? value) });
  });
}
