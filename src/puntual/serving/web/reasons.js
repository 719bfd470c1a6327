// Why: from the usual chance, reason by reason, to this flight's. Each line is a sentence with its step beside it.

import { percent, text } from "./messages.js";

const part = (id) => document.getElementById(id);

export function showReasons({ base_rate: usual, delay_probability: chance, reasons, words }) {
  // The last sentence is of one reason, or of all the small ones together.
  const points = reasons.map((reason) => reason.points);
  const last = words.length - 1;
  const steps = [...points.slice(0, last), points.slice(last).reduce((sum, one) => sum + one, 0)];
  const ends = steps.reduce((reached, one) => [...reached, reached.at(-1) + one], [usual]);
  const scale = scaleOf([0, chance, ...ends]);
  part("reasons").replaceChildren(
    line(text("reasons.usual", { percent: percent(usual, 1) }), "whole", scale, 0, usual),
    ...words.map((sentence, index) => {
      return line(sentence, kindOf(steps[index]), scale, ends[index], ends[index + 1]);
    }),
    line(text("reasons.answer", { percent: percent(chance, 1) }), "whole total", scale, 0, chance),
  );
}

function kindOf(points) {
  if (Math.abs(points) < 0.0005) return "none";
  return points > 0 ? "more" : "fewer";
}

/** Where a chance lies between the least and the most of some. */
function scaleOf(chances) {
  const least = Math.min(...chances);
  const most = Math.max(...chances);
  return (chance) => `${(100 * (chance - least)) / (most - least || 1)}%`;
}

function line(sentence, kind, scale, start, end) {
  const element = document.createElement("li");
  element.className = kind;
  const words = document.createElement("span");
  words.textContent = sentence;
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.setAttribute("aria-hidden", "true");
  bar.style.setProperty("--from", scale(Math.min(start, end)));
  bar.style.setProperty("--to", scale(Math.max(start, end)));
  element.append(words, bar);
  return element;
}
