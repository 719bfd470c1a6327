// How late it may be: a bar for each chance of leaving later than so many minutes, and the delay in words.

import { spoken } from "./probability.js";
import { span } from "./elements.js";
import { plural, text } from "./messages.js";

const part = (id) => document.getElementById(id);

/** @param model whose threshold in minutes decides whether a flight counts as delayed */
export function showLadder({ ladder, delay_minutes: delay }, { threshold_minutes: threshold, cut }) {
  part("exceedance").replaceChildren(...ladder.map((rung) => step(rung, rung.minutes === threshold, cut)));
  part("delay").textContent = [
    told(delay.expected, text("delay.expected_late"), text("delay.expected_early"), text("delay.expected_on_time")),
    told(delay.median, text("delay.median_late"), text("delay.median_early"), text("delay.median_on_time")),
    told(delay.bound_90, text("delay.bound_late"), text("delay.bound_early"), text("delay.bound_on_time")),
  ].join(" ");
}

function step({ minutes, probability }, decides, cut) {
  const line = document.createElement("li");
  line.classList.toggle("decides", decides);
  const bar = span("bar");
  bar.setAttribute("aria-hidden", "true");
  bar.style.setProperty("--to", `${probability * 100}%`);
  const share = decides ? spoken(probability, cut) : spoken(probability);
  line.append(span("over", plural("exceedance.over", minutes)), " ", bar, span("share", share));
  return line;
}

/** Whole minutes in the text for late, early, or neither. */
function told(minutes, late, early, onTime) {
  const whole = Math.round(minutes);
  if (whole === 0) return onTime;
  return (whole > 0 ? late : early).replace("{minutes}", plural("delay.minutes", Math.abs(whole)));
}
