// Why: from the usual probability, reason by reason, to this flight's. Each line is a sentence with its contribution as a bar.

import { byId, element, graphic } from "./elements.js";
import { percent, text } from "./messages.js";

/** @param list the element that the lines stand in */
export function renderReasons({ base_rate: baseRate, delay_probability: probability, reasons, words }, list = byId("reasons")) {
  // The last sentence is of one reason, or of all the small ones together.
  const points = reasons.map((reason) => reason.points);
  const last = words.length - 1;
  const contributions = [...points.slice(0, last), points.slice(last).reduce((sum, one) => sum + one, 0)];
  const ends = contributions.reduce((reached, one) => [...reached, reached.at(-1) + one], [baseRate]);
  const position = scaleOf([0, probability, ...ends]);
  const line = (sentence, kind, start, end) => {
    const lengths = { "--from": position(Math.min(start, end)), "--to": position(Math.max(start, end)) };
    return element("li", { class: kind }, element("span", {}, sentence), graphic("bar", lengths));
  };
  list.replaceChildren(
    line(text("reasons.usual", { percent: percent(baseRate, 1) }), "whole", 0, baseRate),
    ...words.map((sentence, index) => line(sentence, kindOf(contributions[index]), ends[index], ends[index + 1])),
    line(text("reasons.answer", { percent: percent(probability, 1) }), "whole total", 0, probability),
  );
}

function kindOf(points) {
  if (Math.abs(points) < 0.0005) return "none";
  return points > 0 ? "more" : "fewer";
}

/** Where a probability lies between the lowest and the highest of some. */
function scaleOf(probabilities) {
  const low = Math.min(...probabilities);
  const high = Math.max(...probabilities);
  return (probability) => `${(100 * (probability - low)) / (high - low || 1)}%`;
}
