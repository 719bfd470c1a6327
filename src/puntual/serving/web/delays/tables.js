// What the tables of this view are made of, and what a chart's highest and lowest are.

import { percent, text } from "../messages.js";

/** A row: what it is about, more of it in small letters, and its cells. */
export function rowOf(name, about, cells) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(name, small(about));
  row.append(head, ...cells);
  return row;
}

/** A figure, and beneath it what is told in small letters. */
export function cell(figure, about = "") {
  const element = document.createElement("td");
  element.append(figure);
  if (about) element.append(" ", small(about));
  return element;
}

/** The ends of a 95 % interval; null: the group's days are too few. */
export function interval(low, high) {
  if (low === null) return text("delays.few_days");
  return text("delays.interval", { low: percent(low, 1), high: percent(high, 1) });
}

/** Who has the highest and the lowest rate, for those who do not see the chart. */
export function extremes(all, nameOf) {
  const ranked = all.toSorted((a, b) => b.rate - a.rate);
  const told = (one) => (one ? [nameOf(one), percent(one.rate, 1)] : ["–", "–"]);
  const [high, highRate] = told(ranked[0]);
  const [low, lowRate] = told(ranked.at(-1));
  return { high, high_rate: highRate, low, low_rate: lowRate };
}

function small(content) {
  const element = document.createElement("small");
  element.textContent = content;
  return element;
}
