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
    describeDelay(delay.expected, text("delay.expected_late"), text("delay.expected_early"), text("delay.expected_on_time")),
    describeDelay(delay.median, text("delay.median_late"), text("delay.median_early"), text("delay.median_on_time")),
    describeDelay(delay.bound_90, text("delay.bound_late"), text("delay.bound_early"), text("delay.bound_on_time")),
  ].join(" ");
}

/** Whole minutes in the text for late, early, or neither. */
function describeDelay(minutes, late, early, onTime) {
  const whole = Math.round(minutes);
  if (whole === 0) return onTime;
  return (whole > 0 ? late : early).replace("{minutes}", plural("delay.minutes", Math.abs(whole)));
}
