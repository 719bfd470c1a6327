// The model compared: with other families, month by month in a backtest, and at each number of minutes.

import { byId, element, tableRow } from "../elements.js";
import { number, percent, plural, shortMonth, text, textOr } from "../messages.js";
import { drawBacktest } from "./backtest.js";
import { formatEstimate, formatInterval, gaugesOf, three } from "./estimates.js";

export function renderExceedance({ ladder, delay }) {
  const lines = ladder.map(({ minutes, base_rate: baseRate, auc, log_loss: loss, plain_log_loss: baseLoss }) =>
    tableRow(plural("exceedance.over", minutes), "", [
      percent(baseRate, 1),
      auc === null ? "–" : three(auc),
      [three(loss), element("small", {}, three(baseLoss))],
    ]),
  );
  byId("model-exceedance").replaceChildren(...lines);
  const means = { expected: number(delay.mean_expected, 1), observed: number(delay.mean_observed, 1) };
  byId("model-exceedance-summary").textContent = [
    text("card.exceedance_expected", means),
    text("card.exceedance_bound", { share: percent(delay.within_bound_90, 1) }),
  ].join(" ");
}

export function renderFamilies(families) {
  byId("families-none").hidden = families.length > 0;
  byId("families-content").hidden = families.length === 0;
  const gauges = gaugesOf(families.map(({ difference }) => difference));
  const lines = families.map(({ family, difference, metrics, fit_seconds: fit, servable }, index) => {
    const behind = { loss: three(difference.value), interval: formatInterval(difference, three) };
    const details = [
      index ? text("card.families_behind", behind) : text("card.families_best"),
      fit >= 0.05 ? text("card.families_seconds", { seconds: number(fit, fit < 10 ? 1 : 0) }) : "",
      servable ? text("card.families_served") : "",
    ];
    const estimates = [metrics.log_loss, metrics.auc].map((one) => formatEstimate(one, three));
    const line = tableRow(textOr(`card.family_${family}`, family), details.filter(Boolean).join(" "), estimates);
    if (index) line.querySelector("small").before(gauges[index]);
    return line;
  });
  byId("families").replaceChildren(...lines);
}

export function renderBacktest(months) {
  byId("backtest").hidden = months.length === 0;
  if (!months.length) return;
  const losses = months.map((month) => [month.with_timetable.log_loss, month.alone.log_loss, month.plain_log_loss]);
  const mean = (series) => three(losses.reduce((sum, month) => sum + month[series].value, 0) / months.length);
  const better = losses.filter(([withTimetable, , baseRate]) => withTimetable.value < baseRate.value).length;
  const summary = [
    text("card.backtest_mean", { with_timetable: mean(0), without_timetable: mean(1), base_rate: mean(2) }),
    plural("card.backtest_better", months.length, { better: number(better) }),
  ].join(" ");
  byId("backtest-summary").textContent = summary;
  const named = months.map(({ month }, index) => ({ name: shortMonth(month), estimates: losses[index] }));
  const labels = { label: summary, axis: text("card.backtest_axis") };
  const series = ["with-timetable", "without-timetable", "base-rate"];
  byId("backtest-chart").replaceChildren(drawBacktest(named, series, labels));
}
