// The estimates of this view in words.

import { number, percent, plural, text } from "../messages.js";

/** The ends of a 95 % interval; null: the group's days are too few. */
export function formatInterval(low, high) {
  if (low === null) return text("delays.few_days");
  return text("delays.interval", { low: percent(low, 1), high: percent(high, 1) });
}

/** Which group has the highest rate and which the lowest, for those who do not see the chart. */
export function describeExtremes(groups, nameOf) {
  const ranked = groups.toSorted((a, b) => b.rate - a.rate);
  const describe = (group) => (group ? [nameOf(group), percent(group.rate, 1)] : ["–", "–"]);
  const [high, highRate] = describe(ranked[0]);
  const [low, lowRate] = describe(ranked.at(-1));
  return { high, high_rate: highRate, low, low_rate: lowRate };
}

/** How many flights a group has and how late they were, with remarks. */
export function describeGroup({ flights, mean_delay: minutes }, ...remarks) {
  const mean = text("delays.mean_delay", { minutes: number(minutes, 1) });
  return [plural("delays.flights", flights), mean, ...remarks.filter(Boolean)].join(" · ");
}
