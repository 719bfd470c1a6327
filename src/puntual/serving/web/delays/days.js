// The days that hold most of the late minutes, and the rate of each day.

import { day, number, percent, plural, text } from "../messages.js";
import { draw } from "./charts.js";
import { cell, extremes, rowOf } from "./tables.js";

/** Days that are listed; the report's chart has as many. */
const MOST = 20;

const part = (id) => document.getElementById(id);

/**
 * @param days of GET /v1/days
 * @param charts of fetchCharts
 */
export function createDays(days, charts) {
  const named = days.map((one) => ({ ...one, date: one.day, day: day(one.day) }));
  const worst = named.toSorted((a, b) => b.late_minutes - a.late_minutes).slice(0, MOST);
  const share = worst.reduce((sum, one) => sum + one.share, 0);
  const counts = { count: number(worst.length), all: number(days.length) };
  part("days-note").textContent = text("delays.days_note", { ...counts, share: percent(share, 1) });
  part("days-rows").replaceChildren(...worst.map(tableRow));

  async function show() {
    if (!charts || !days.length) return;
    const [first] = worst;
    await draw(
      part("days-chart"),
      charts,
      "worst_days",
      {
        datasets: { rows: worst.map((one) => ({ ...one, share_of_minutes: one.share })) },
        count: worst.length,
      },
      {
        label: text("delays.days_label", { count: counts.count, day: first.day, share: percent(first.share, 1) }),
        select: (one) => (part("days-summary").textContent = said(one)),
      },
    );
    const rows = named.map((one) => ({
      ...one,
      month: one.date.slice(0, 7),
      day_of_month: Number(one.date.slice(8)),
    }));
    const window = { first: named[0].day, last: named.at(-1).day };
    await draw(
      part("calendar-chart"),
      charts,
      "calendar_rate",
      { datasets: { rows }, count: new Set(rows.map((one) => one.month)).size },
      {
        label: text("delays.calendar_label", { ...window, ...extremes(rows, (one) => one.day) }),
        select: (one) => (part("calendar-summary").textContent = said(one)),
      },
    );
  }

  return { show };
}

function tableRow(one) {
  const mean = text("delays.mean_delay", { minutes: number(one.mean_delay, 1) });
  const about = [plural("delays.flights", one.flights), mean];
  if (one.holiday) about.push(text("delays.holiday"));
  return rowOf(one.day, about.join(" · "), [cell(percent(one.share, 1)), cell(percent(one.rate, 1))]);
}

function said(one) {
  return text("delays.day_summary", {
    day: one.day,
    flights: plural("delays.flights", one.flights),
    rate: percent(one.rate, 1),
    minutes: number(one.mean_delay, 1),
    share: percent(one.share, 1),
  });
}
