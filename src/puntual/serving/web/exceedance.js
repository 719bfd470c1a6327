// How late it may be: a bar for each probability of leaving later than so many minutes, and the delay in words.

import { byId, graphic, item, span } from "./elements.js";
import { plural, text } from "./messages.js";
import { formatProbability, formatRare } from "./probability.js";
import { edgesOf } from "./risk.js";

/**
 * Also how likely it is to be cancelled, if the prediction says so.
 *
 * @param model whose `threshold_minutes` decide whether a flight counts as delayed
 */
export function renderExceedance(prediction, model) {
  const { threshold_minutes: delayMinutes, card } = model;
  const { ladder, delay_minutes: delay, cancellation_probability: cancellation = null } = prediction;
  const lines = ladder.map(({ minutes, probability }) => {
    const decides = minutes === delayMinutes;
    const bar = graphic("bar", { "--to": `${probability * 100}%` });
    const share = span("share", formatProbability(probability, decides ? edgesOf(model) : []));
    const line = item(span("over", plural("exceedance.over", minutes)), " ", bar, share);
    line.classList.toggle("decides", decides);
    return line;
  });
  byId("exceedance").replaceChildren(...lines);
  byId("delay").textContent = describeDelay(delay);
  byId("cancellation").hidden = cancellation === null;
  byId("cancellation").textContent = cancellation === null ? "" : describeCancellation(cancellation, card.cancellation);
}

/** @param measured of the model's card, for the share that is usual; null where the answer is of another model */
function describeCancellation(probability, measured) {
  const sentence = text("delay.cancellation", { percent: formatRare(probability) });
  if (!measured) return sentence;
  return `${sentence} ${text("delay.cancellation_usual", { percent: formatRare(measured.learned_base_rate) })}`;
}

/** The delay to expect: on average, of half the flights, and of nine in ten. */
export function describeDelay({ expected, median, bound_90: bound }) {
  return [describeMinutes("expected", expected), describeMinutes("median", median), describeMinutes("bound", bound)].join(" ");
}

/** Whole minutes in the text for late, early, or neither. */
function describeMinutes(kind, minutes) {
  const whole = Math.round(minutes);
  const side = whole > 0 ? "late" : whole < 0 ? "early" : "on_time";
  return text(`delay.${kind}_${side}`, { minutes: plural("delay.minutes", Math.abs(whole)) });
}
