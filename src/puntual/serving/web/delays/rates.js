// The rates of the groups of one dimension: counted, and with all else equal.

import { compare, number, percent, plural, text } from "../messages.js";
import { draw } from "./charts.js";
import { dimensionName } from "./names.js";
import { cell, extremes, interval, rowOf } from "./tables.js";

/** Dimensions whose groups have an order of their own. */
const ORDERED = ["season", "month", "weekday", "hour"];

const part = (id) => document.getElementById(id);

/**
 * @param told of GET /v1/rates
 * @param nameOf of namesOf
 * @param charts of fetchCharts
 * @param changed called with { by, sort } that the reader chose
 */
export function createRates({ rates, base_rate: average }, nameOf, charts, changed) {
  const groups = Object.groupBy(
    rates.map((one) => ({
      ...one,
      label: nameOf(one.dimension, one.value),
      confounder: one.confounder && nameOf(one.confounder, one.confounder_value),
    })),
    ({ dimension }) => dimension,
  );
  const dimensions = telling(groups);
  part("by").replaceChildren(...dimensions.map((one) => new Option(dimensionName(one), one)));
  for (const id of ["by", "sort"]) {
    part(id).onchange = () => changed({ by: part("by").value, sort: part("sort").value });
  }

  async function show({ by: asked, sort }) {
    const by = dimensions.includes(asked) ? asked : dimensions[0];
    part("by").value = by;
    offerOrders(by, sort);
    const shown = ordered(groups[by], part("sort").value);
    const dimension = dimensionName(by);
    part("rates-caption").textContent = text("delays.table_caption", { dimension });
    part("rates-rows").replaceChildren(...shown.map(tableRow));
    part("rates-summary").textContent = "";
    if (!charts) return;
    const largest = mostFlights(shown, charts.most_rows);
    const counts = { count: number(largest.length), all: number(shown.length) };
    part("most-rows").hidden = largest.length === shown.length;
    part("most-rows").textContent = text("delays.most_rows", counts);
    const enough = shown.filter(({ small }) => !small);
    const label = text("delays.rates_label", { dimension, ...extremes(enough, ({ label }) => label) });
    const ends = largest.filter(({ small }) => !small).flatMap((one) => [one.high ?? one.rate, one.adjusted_high ?? one.adjusted ?? 0]);
    const data = {
      datasets: { rows: chartRows(largest, by, charts.series), average: [{ rate: average }] },
      count: largest.length,
      longest: ends.length ? Math.min(1, Math.max(...ends) * 1.05) : 1,
    };
    const select = ({ value }) => (part("rates-summary").textContent = said(shown.find((one) => one.value === value)));
    await draw(part("rates-chart"), charts, `rates_${by}`, data, { label, select });
  }

  return { show };
}

/** Those that say something of their own: not one group, nor the groups of another dimension again. */
function telling(groups) {
  const same = { route: "destination", operator: "airline" };
  const count = (name) => groups[name]?.length ?? 0;
  return Object.keys(groups).filter((name) => count(name) > 1 && count(name) !== count(same[name]));
}

function offerOrders(by, sort) {
  const own = ORDERED.includes(by) ? text("delays.sort_own") : text("delays.sort_ranked");
  const orders = {
    "": own,
    rate: text("delays.sort_rate"),
    adjusted: text("delays.sort_adjusted"),
    flights: text("delays.sort_flights"),
    name: text("delays.sort_name"),
  };
  part("sort").replaceChildren(...Object.entries(orders).map(([value, name]) => new Option(name, value)));
  part("sort").value = Object.hasOwn(orders, sort ?? "") ? sort : "";
}

/** Groups of few flights stand last where rates decide. */
function ordered(groups, sort) {
  const byRate = (name) => (a, b) => a.small - b.small || (b[name] ?? -1) - (a[name] ?? -1);
  const orders = {
    rate: byRate("rate"),
    adjusted: byRate("adjusted"),
    flights: (a, b) => b.flights - a.flights,
    name: (a, b) => compare(a.label, b.label),
  };
  return orders[sort] ? groups.toSorted(orders[sort]) : groups;
}

function mostFlights(groups, most) {
  const largest = new Set(groups.toSorted((a, b) => b.flights - a.flights).slice(0, most));
  return groups.filter((one) => largest.has(one));
}

/** A row a group and series, as the report's chart has them. */
function chartRows(groups, by, series) {
  const row = ({ label, value, flights, small }) => ({ [by]: label, value, flights, small });
  const counted = groups.map((one) => {
    return { ...row(one), series: series.raw, rate: one.rate, low: one.low, high: one.high };
  });
  const adjusted = groups
    .filter((one) => one.adjusted !== null)
    .map((one) => {
      const rate = { rate: one.adjusted, low: one.adjusted_low, high: one.adjusted_high };
      return { ...row(one), series: series.adjusted, ...rate };
    });
  return [...counted, ...adjusted];
}

function tableRow(one) {
  const { label, small, flights, mean_delay: minutes, adjusted, confounder } = one;
  const about = [plural("delays.flights", flights), text("delays.mean_delay", { minutes: number(minutes, 1) })];
  if (small) about.push(text("delays.small"));
  const counted = cell(percent(one.rate, 1), interval(one.low, one.high));
  const equal =
    adjusted === null
      ? cell("–", confounder ? text("delays.confounded", { name: confounder }) : text("delays.undefined"))
      : cell(percent(adjusted, 1), interval(one.adjusted_low, one.adjusted_high));
  const row = rowOf(label, about.join(" · "), [counted, equal]);
  row.classList.toggle("small", small);
  return row;
}

function said(one) {
  const written = (rate, low, high) => ({ rate: percent(rate, 1), interval: interval(low, high) });
  const flights = plural("delays.flights", one.flights);
  const counted = text("delays.group_summary", { name: one.label, flights, ...written(one.rate, one.low, one.high) });
  if (one.confounder) return `${counted} ${text("delays.group_confounded", { name: one.confounder })}`;
  if (one.adjusted === null) return counted;
  const equal = written(one.adjusted, one.adjusted_low, one.adjusted_high);
  return `${counted} ${text("delays.group_adjusted", equal)}`;
}
