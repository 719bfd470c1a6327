// How a probability is shown: as whole flights in a hundred, never none or all; near the decision threshold, to a decimal.

import { number, percent, text } from "./messages.js";

/** Flights in a hundred, from 1 to 99. */
export function inHundred(probability) {
  return Math.min(99, Math.max(1, Math.round(probability * 100)));
}

/** In digits, as they stand on the board; `threshold` of the model, if the probability decides whether it warns. */
export function formatDigits(probability, threshold) {
  if (isNear(probability, threshold)) return number(100 * roundAside(probability, threshold), 1);
  if (probability < 0.005) return "<1";
  if (probability >= 0.995) return ">99";
  return String(Math.round(probability * 100));
}

/** In words and figures, as it is read out; `threshold` as in `formatDigits`. */
export function formatProbability(probability, threshold) {
  if (isNear(probability, threshold)) return percent(roundAside(probability, threshold), 1);
  const shown = percent(inHundred(probability) / 100);
  if (probability < 0.005) return text("probability.under", { percent: shown });
  if (probability >= 0.995) return text("probability.over", { percent: shown });
  return shown;
}

/** As `formatProbability` of what is rare: below a tenth, in tenths of a percent. */
export function formatRare(probability) {
  if (probability < 0.0005) return text("probability.under", { percent: percent(0.001, 1) });
  return probability < 0.0995 ? percent(probability, 1) : formatProbability(probability);
}

/** Whether a probability and the threshold are the same whole number. */
function isNear(probability, threshold) {
  return inHundred(probability) === inHundred(threshold);
}

/** Rounded to a tenth of a percent, but never up to a threshold that it lies below. */
function roundAside(probability, threshold) {
  const [own, edge] = [probability, threshold].map((share) => Math.round(share * 1000));
  return (probability < threshold ? Math.min(own, edge - 1) : own) / 1000;
}
