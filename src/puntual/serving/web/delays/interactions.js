// Month by hour: a heat map, and a table of every cell.

import { byId, element } from "../elements.js";
import { clock } from "../dates.js";
import { month, number, percent, plural, text } from "../messages.js";
import { drawChart } from "./charts.js";
import { describeExtremes, formatInterval } from "./estimates.js";

/**
 * @param interactions of GET /v1/crossings
 * @param charts of fetchCharts
 */
export function createInteractions(interactions, charts) {
  const cells = interactions.map((one) => ({ ...one, month: month(one.first_value), hour: clock(one.second_value) }));
  fillTable(cells);

  async function show() {
    if (!charts) return;
    const rows = cells.filter(({ small }) => !small);
    const label = text("delays.interactions_label", describeExtremes(rows, nameOf));
    const data = { datasets: { rows }, count: new Set(rows.map((cell) => cell.month)).size };
    const selected = (cell) => (byId("interactions-summary").textContent = describe(cell));
    await drawChart("interactions-chart", charts, "pair_month_hour", data, label, selected);
  }

  return { show };
}

function fillTable(cells) {
  const byPlace = new Map(cells.map((cell) => [`${cell.month} ${cell.hour}`, cell]));
  const months = new Set(cells.map((cell) => cell.month));
  const hours = [...new Set(cells.map((cell) => cell.hour))].sort();
  const headings = hours.map((hour) => element("th", { scope: "col" }, hour.slice(0, 2)));
  byId("interactions-head").replaceChildren(element("tr", {}, element("td"), ...headings));
  const lines = [...months].map((name) => {
    const figures = hours.map((hour) => tableCell(byPlace.get(`${name} ${hour}`)));
    return element("tr", {}, element("th", { scope: "row" }, name), ...figures);
  });
  byId("interactions-rows").replaceChildren(...lines);
}

function tableCell(cell) {
  if (!cell) return element("td");
  const made = element("td", { title: describe(cell) }, number(100 * cell.rate));
  if (cell.small) {
    made.className = "small";
    made.append(" ", element("span", { class: "visually-hidden" }, text("delays.small")));
  }
  return made;
}

function nameOf({ month, hour }) {
  return text("delays.interaction_name", { month, hour });
}

function describe(cell) {
  return text("delays.interaction_summary", {
    name: nameOf(cell),
    flights: plural("delays.flights", cell.flights),
    rate: percent(cell.rate, 1),
    interval: formatInterval(cell.low, cell.high),
    expected: percent(cell.expected, 1),
  });
}
