// The days with most of the late minutes, and the rate of each day.

import { byId, tableRow } from "../elements.js";
import { day, number, percent, plural, text } from "../messages.js";
import { drawChart } from "./charts.js";
import { describeExtremes, describeGroup } from "./estimates.js";

/** Days that are listed; the report's chart has as many. */
const MAX_DAYS = 20;

/**
 * @param days of GET /v1/days
 * @param charts of fetchCharts
 */
export function createDays(days, charts) {
  const rows = days.map((one) => ({
    ...one,
    day: day(one.day),
    month: one.day.slice(0, 7),
    day_of_month: Number(one.day.slice(8)),
    share_of_minutes: one.share,
  }));
  const worst = rows.toSorted((a, b) => b.late_minutes - a.late_minutes).slice(0, MAX_DAYS);
  const share = percent(worst.reduce((sum, one) => sum + one.share, 0), 1);
  const count = number(worst.length);
  byId("days-note").textContent = text("delays.days_note", { count, all: number(days.length), share });
  byId("days-rows").replaceChildren(...worst.map(toTableRow));

  async function show() {
    if (!charts || !days.length) return;
    const [first] = worst;
    const worstLabel = text("delays.days_label", { count, day: first.day, share: percent(first.share, 1) });
    await draw("days", "worst_days", worst, worst.length, worstLabel);
    const values = { first: rows[0].day, last: rows.at(-1).day, ...describeExtremes(rows, (one) => one.day) };
    const months = new Set(rows.map(({ month }) => month));
    await draw("calendar", "calendar_rate", rows, months.size, text("delays.calendar_label", values));
  }

  function draw(kind, name, rows, count, label) {
    const selected = (one) => (byId(`${kind}-summary`).textContent = describe(one));
    return drawChart(`${kind}-chart`, charts, name, { datasets: { rows }, count }, label, selected);
  }

  return { show };
}

function toTableRow(one) {
  const details = describeGroup(one, one.holiday && text("delays.holiday"));
  return tableRow(one.day, details, [percent(one.share, 1), percent(one.rate, 1)]);
}

function describe(one) {
  return text("delays.day_summary", {
    day: one.day,
    flights: plural("delays.flights", one.flights),
    rate: percent(one.rate, 1),
    minutes: number(one.mean_delay, 1),
    share: percent(one.share, 1),
  });
}
