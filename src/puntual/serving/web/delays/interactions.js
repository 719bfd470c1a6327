// Month by hour: a heat map, and a table of every cell.

import { month, number, percent, plural, text } from "../messages.js";
import { draw } from "./charts.js";
import { hourOf } from "./names.js";
import { extremes, interval } from "./tables.js";

const part = (id) => document.getElementById(id);

/**
 * @param cells of GET /v1/crossings
 * @param charts of fetchCharts
 */
export function createCrossing(cells, charts) {
  const named = cells.map((one) => ({ ...one, month: month(one.first_value), hour: hourOf(one.second_value) }));
  const months = [...new Set(named.map((one) => one.month))];
  const hours = [...new Set(named.map((one) => one.hour))].sort();
  tabulate(named, months, hours);

  async function show() {
    if (!charts) return;
    const rows = named.filter(({ small }) => !small);
    const label = text("delays.interactions_label", extremes(rows, nameOf));
    const count = new Set(rows.map((one) => one.month)).size;
    const select = (one) => (part("interactions-summary").textContent = said(one));
    await draw(part("interactions-chart"), charts, "pair_month_hour", { datasets: { rows }, count }, { label, select });
  }

  return { show };
}

function tabulate(cells, months, hours) {
  const found = new Map(cells.map((one) => [`${one.month} ${one.hour}`, one]));
  const head = document.createElement("tr");
  head.append(document.createElement("td"), ...hours.map((hour) => heading(hour, "col")));
  part("interactions-head").replaceChildren(head);
  const lines = months.map((name) => {
    const line = document.createElement("tr");
    line.append(heading(name, "row"), ...hours.map((hour) => shade(found.get(`${name} ${hour}`))));
    return line;
  });
  part("interactions-rows").replaceChildren(...lines);
}

function shade(one) {
  const element = document.createElement("td");
  if (!one) return element;
  element.textContent = number(100 * one.rate);
  element.title = said(one);
  if (!one.small) return element;
  element.className = "small";
  const mark = document.createElement("small");
  mark.textContent = text("delays.small");
  element.append(" ", mark);
  return element;
}

function heading(content, scope) {
  const element = document.createElement("th");
  element.scope = scope;
  element.textContent = content;
  return element;
}

function nameOf(one) {
  return text("delays.interaction_name", { month: one.month, hour: one.hour });
}

function said(one) {
  return text("delays.interaction_summary", {
    name: nameOf(one),
    flights: plural("delays.flights", one.flights),
    rate: percent(one.rate, 1),
    interval: interval(one.low, one.high),
    expected: percent(one.expected, 1),
  });
}
