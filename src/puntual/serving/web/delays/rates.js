// The rates of the groups of one dimension: as counted, and adjusted for everything else.

import { byId, element, tableRow } from "../elements.js";
import { compare, number, percent, plural, text } from "../messages.js";
import { drawChart } from "./charts.js";
import { describeExtremes, describeGroup, formatInterval } from "./estimates.js";
import { dimensionName } from "./names.js";

/** Dimensions whose groups have an order of their own. */
const ORDERED = ["season", "month", "weekday", "hour", "period"];

/**
 * @param response of GET /v1/rates
 * @param nameOf of groupNames
 * @param charts of fetchCharts
 * @param changed called with { by, sort } that the reader chose
 */
export function createRates({ rates, base_rate: baseRate }, nameOf, charts, changed) {
  const named = rates.map((one) => ({
    ...one,
    label: nameOf(one.dimension, one.value),
    confounder: one.confounder && nameOf(one.confounder, one.confounder_value),
  }));
  const groups = Object.groupBy(named, ({ dimension }) => dimension);
  const dimensions = informativeDimensions(groups);
  byId("by").replaceChildren(...dimensions.map((one) => new Option(dimensionName(one), one)));
  for (const id of ["by", "sort"]) {
    byId(id).onchange = () => changed({ by: byId("by").value, sort: byId("sort").value });
  }

  async function show({ by: wanted, sort }) {
    const by = dimensions.includes(wanted) ? wanted : dimensions[0];
    byId("by").value = by;
    offerOrders(by, sort);
    const shown = sortGroups(groups[by], byId("sort").value);
    const dimension = dimensionName(by);
    byId("rates-caption").textContent = text("delays.table_caption", { dimension });
    byId("rates-rows").replaceChildren(...shown.map(toTableRow));
    byId("rates-summary").textContent = "";
    if (!charts) return;
    const largest = mostFlights(shown, charts.most_rows);
    const counts = { count: number(largest.length), all: number(shown.length) };
    byId("most-rows").hidden = largest.length === shown.length;
    byId("most-rows").textContent = text("delays.most_rows", counts);
    const isLarge = ({ small }) => !small;
    const extremes = describeExtremes(shown.filter(isLarge), ({ label }) => label);
    const ends = largest.filter(isLarge).flatMap((one) => [one.high ?? one.rate, one.adjusted_high ?? one.adjusted ?? 0]);
    const data = {
      datasets: { rows: chartRows(largest, by, charts.series), average: [{ rate: baseRate }] },
      count: largest.length,
      longest: ends.length ? Math.min(1, Math.max(...ends) * 1.05) : 1,
    };
    const selected = ({ value }) => {
      byId("rates-summary").textContent = describe(shown.find((one) => one.value === value));
    };
    await drawChart("rates-chart", charts, `rates_${by}`, data, text("delays.rates_label", { dimension, ...extremes }), selected);
  }

  return { show };
}

/** Neither those of one group, nor those whose groups are another dimension's again. */
function informativeDimensions(groups) {
  const same = { route: "destination", operator: "airline" };
  const count = (name) => groups[name]?.length ?? 0;
  return Object.keys(groups).filter((name) => count(name) > 1 && count(name) !== count(same[name]));
}

function offerOrders(by, sort) {
  const orders = {
    "": ORDERED.includes(by) ? text("delays.sort_own") : text("delays.sort_ranked"),
    rate: text("delays.sort_rate"),
    adjusted: text("delays.sort_adjusted"),
    flights: text("delays.sort_flights"),
    name: text("delays.sort_name"),
  };
  byId("sort").replaceChildren(...Object.entries(orders).map(([value, name]) => new Option(name, value)));
  byId("sort").value = Object.hasOwn(orders, sort ?? "") ? sort : "";
}

/** Small groups stand last if rates decide. */
function sortGroups(groups, sort) {
  const byRate = (name) => (a, b) => a.small - b.small || (b[name] ?? -1) - (a[name] ?? -1);
  const orders = {
    rate: byRate("rate"),
    adjusted: byRate("adjusted"),
    flights: (a, b) => b.flights - a.flights,
    name: (a, b) => compare(a.label, b.label),
  };
  return orders[sort] ? groups.toSorted(orders[sort]) : groups;
}

function mostFlights(groups, max) {
  const largest = new Set(groups.toSorted((a, b) => b.flights - a.flights).slice(0, max));
  return groups.filter((one) => largest.has(one));
}

/** A row a group and series, as the report's chart has them. */
function chartRows(groups, by, series) {
  const row = ({ label, value, flights, small }, series, rate, low, high) => {
    return { [by]: label, value, flights, small, series, rate, low, high };
  };
  const adjusted = groups.filter((one) => one.adjusted !== null);
  return [
    ...groups.map((one) => row(one, series.raw, one.rate, one.low, one.high)),
    ...adjusted.map((one) => row(one, series.adjusted, one.adjusted, one.adjusted_low, one.adjusted_high)),
  ];
}

function toTableRow(one) {
  const { small, confounder } = one;
  const cell = (figure, details) => [figure, " ", element("small", {}, details)];
  const counted = cell(percent(one.rate, 1), formatInterval(one.low, one.high));
  const adjusted =
    one.adjusted === null
      ? cell("–", confounder ? text("delays.confounded", { name: confounder }) : text("delays.undefined"))
      : cell(percent(one.adjusted, 1), formatInterval(one.adjusted_low, one.adjusted_high));
  const row = tableRow(one.label, describeGroup(one, small && text("delays.small")), [counted, adjusted]);
  row.classList.toggle("small", small);
  return row;
}

function describe(one) {
  const values = (rate, low, high) => ({ rate: percent(rate, 1), interval: formatInterval(low, high) });
  const flights = plural("delays.flights", one.flights);
  const counted = text("delays.group_summary", { name: one.label, flights, ...values(one.rate, one.low, one.high) });
  if (one.confounder) return `${counted} ${text("delays.group_confounded", { name: one.confounder })}`;
  if (one.adjusted === null) return counted;
  return `${counted} ${text("delays.group_adjusted", values(one.adjusted, one.adjusted_low, one.adjusted_high))}`;
}
