// A probability as it is told: whole flights in a hundred, and never none or all of them; near the cut, to a decimal.

import { number, percent, text } from "./messages.js";

/** Flights in a hundred, from 1 to 99. */
export function inHundred(chance) {
  return Math.min(99, Math.max(1, Math.round(chance * 100)));
}

/** In digits, as they stand on the board; `cut`: of the model, where the chance decides whether it warns. */
export function digits(chance, cut) {
  if (isNear(chance, cut)) return number(100 * onItsSide(chance, cut), 1);
  if (chance < 0.005) return "<1";
  if (chance >= 0.995) return ">99";
  return String(Math.round(chance * 100));
}

/** In words and figures, as it is read out; `cut` as in `digits`. */
export function spoken(chance, cut) {
  if (isNear(chance, cut)) return percent(onItsSide(chance, cut), 1);
  const shown = percent(inHundred(chance) / 100);
  if (chance < 0.005) return text("probability.under", { percent: shown });
  if (chance >= 0.995) return text("probability.over", { percent: shown });
  return shown;
}

/** Whether whole numbers would not tell a chance from the cut. */
function isNear(chance, cut) {
  return inHundred(chance) === inHundred(cut);
}

/** Rounded to a tenth of a percent, but never up to a cut that it lies below. */
function onItsSide(chance, cut) {
  const [own, edge] = [chance, cut].map((share) => Math.round(share * 1000));
  return (chance < cut ? Math.min(own, edge - 1) : own) / 1000;
}
