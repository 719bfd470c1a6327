// How a probability is shown: as whole flights in a hundred, never none or all; near an edge of a level of risk, to a decimal.

import { number, percent, text } from "./messages.js";

/** Flights in a hundred, from 1 to 99. */
export function inHundred(probability) {
  return Math.min(99, Math.max(1, Math.round(probability * 100)));
}

/** In digits, as they stand on the board; `edges` of the levels of risk, if the probability decides which it is. */
export function formatDigits(probability, edges = []) {
  const edge = edges.find(isNear(probability));
  if (edge !== undefined) return number(100 * roundAside(probability, edge), 1);
  if (probability < 0.005) return "<1";
  if (probability >= 0.995) return ">99";
  return String(Math.round(probability * 100));
}

/** In a column of figures: as `formatDigits`, with the sign of the language. */
export function formatShare(probability, edges = []) {
  return percent(0).replace("0", formatDigits(probability, edges));
}

/** In words and figures, as it is read out; `edges` as in `formatDigits`. */
export function formatProbability(probability, edges = []) {
  const edge = edges.find(isNear(probability));
  if (edge !== undefined) return percent(roundAside(probability, edge), 1);
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

/** Whether an edge and a probability are the same whole number. */
const isNear = (probability) => (edge) => inHundred(edge) === inHundred(probability);

/** Rounded to a tenth of a percent, but never up to an edge that it lies below. */
function roundAside(probability, edge) {
  const [own, least] = [probability, edge].map((share) => Math.round(share * 1000));
  return (probability < edge ? Math.min(own, least - 1) : own) / 1000;
}
