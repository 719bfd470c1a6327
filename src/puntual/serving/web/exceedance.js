// How late it may be: a bar for each probability of leaving later than so many minutes, and the delay in words.

import { byId, graphic, item, span } from "./elements.js";
import { plural, text } from "./messages.js";
import { formatProbability } from "./probability.js";

/** @param model whose `threshold_minutes` decide whether a flight counts as delayed */
export function renderExceedance({ ladder, delay_minutes: delay }, { threshold_minutes: delayMinutes, cut: threshold }) {
  const lines = ladder.map(({ minutes, probability }) => {
    const decides = minutes === delayMinutes;
    const bar = graphic("bar", { "--to": `${probability * 100}%` });
    const share = span("share", formatProbability(probability, decides ? threshold : undefined));
    const line = item(span("over", plural("exceedance.over", minutes)), " ", bar, share);
    line.classList.toggle("decides", decides);
    return line;
  });
  byId("exceedance").replaceChildren(...lines);
  byId("delay").textContent = [
    describeDelay("expected", delay.expected),
    describeDelay("median", delay.median),
    describeDelay("bound", delay.bound_90),
  ].join(" ");
}

/** Whole minutes in the text for late, early, or neither. */
function describeDelay(kind, minutes) {
  const whole = Math.round(minutes);
  const side = whole > 0 ? "late" : whole < 0 ? "early" : "on_time";
  return text(`delay.${kind}_${side}`, { minutes: plural("delay.minutes", Math.abs(whole)) });
}
