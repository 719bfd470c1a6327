// How good the model is by time before departure, from what had happened by then, beside the timetable's answers.

import { drawChart, fetchCharts } from "../delays/charts.js";
import { byId, tableRow } from "../elements.js";
import { number, text } from "../messages.js";
import { formatEstimate, three } from "./estimates.js";

/** Rows that the chart is as high as. */
const HEIGHT = 12;
const UNITS = [
  [1440, "d"],
  [60, "h"],
  [1, "min"],
];

/**
 * @param leads metrics by lead time, the longest first; none: the model answers from the timetable alone
 * @param schedule metrics of the timetable's answers about the same flights
 */
export async function renderLeads(leads, schedule) {
  byId("model-leads").hidden = leads.length === 0;
  if (leads.length === 0) return;
  const { every } = leads[0];
  const sampled = every > 1 ? ` ${text("card.leads_sampled", { every })}` : "";
  byId("model-leads-since").textContent = describeSince(leads) + sampled;
  const cells = (metrics, gain) => [metrics.auc, metrics.calibration_error, gain].map((one) => formatEstimate(one, three));
  byId("model-leads-metrics").replaceChildren(
    ...leads.map(({ lead_minutes: lead, metrics, gain }) => tableRow(nameLead(lead), undefined, cells(metrics, gain))),
    tableRow(text("card.leads_schedule"), undefined, cells(schedule, null)),
  );
  const figure = byId("model-leads-figure");
  const charts = await fetchCharts().catch(() => null);
  const shown = leads.filter(({ metrics }) => metrics.gain);
  if (!charts?.leads || shown.length === 0 || !figure.isConnected) return; // the view may have been made anew meanwhile
  figure.hidden = false;
  const rows = shown.flatMap(({ lead_minutes: lead, metrics }) => [
    { lead: charts.leads[lead], series: charts.series.operations, ...metrics.gain },
    { lead: charts.leads[lead], series: charts.series.schedule, value: schedule.gain.value, low: null, high: null },
  ]);
  const data = { datasets: { rows: rows.map(({ value, ...row }) => ({ ...row, gain: value })) }, count: HEIGHT };
  await drawChart("model-leads-chart", charts, "leads", data, describeChart(shown, schedule), () => {});
}

function nameLead(minutes) {
  const [size, unit] = minutes === 1440 ? UNITS[1] : UNITS.find(([one]) => minutes % one === 0);
  return `${number(minutes / size)}\u00a0${unit}`;
}

/** From which time on what had happened is worth more than chance. */
function describeSince(leads) {
  if (leads.some(({ gain }) => gain.low === null)) return text("card.leads_few");
  const last = leads.findLastIndex(({ gain }) => gain.low <= 0);
  if (last === leads.length - 1) return text("card.leads_never");
  return text("card.leads_since", { lead: nameLead(leads[last + 1].lead_minutes) });
}

function describeChart(leads, schedule) {
  const [first, last] = [leads[0], leads.at(-1)];
  return text("card.leads_label", {
    first: nameLead(first.lead_minutes),
    early: three(first.metrics.gain.value),
    last: nameLead(last.lead_minutes),
    late: three(last.metrics.gain.value),
    schedule: three(schedule.gain.value),
  });
}
