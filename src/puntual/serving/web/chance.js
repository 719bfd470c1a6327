// A probability as it is told: whole flights in a hundred, and never none or all of them.

import { percent, text } from "./messages.js";

/** Flights in a hundred, from 1 to 99. */
export function inHundred(chance) {
  return Math.min(99, Math.max(1, Math.round(chance * 100)));
}

/** In digits, as they stand on the board. */
export function digits(chance) {
  if (chance < 0.005) return "<1";
  if (chance >= 0.995) return ">99";
  return String(Math.round(chance * 100));
}

/** In words and figures, as it is read out. */
export function spoken(chance) {
  const shown = percent(inHundred(chance) / 100);
  if (chance < 0.005) return text("chance.under", { percent: shown });
  if (chance >= 0.995) return text("chance.over", { percent: shown });
  return shown;
}
