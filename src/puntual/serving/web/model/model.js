// What the model is and on what it was evaluated, from GET /v1/model.

import { byId, element, tableRow } from "../elements.js";
import { day, number, percent, text } from "../messages.js";
import { renderCancellation } from "./cancellation.js";
import { renderCalibration, renderImportance, renderLimits, renderThreshold, renderWeakSlices } from "./card.js";
import { renderBacktest, renderExceedance, renderFamilies } from "./comparison.js";
import { formatEstimate, formatInterval, three } from "./estimates.js";
import { renderLeads } from "./leads.js";

/**
 * @param root where model.html stands
 * @param catalogue { model, airlines, destinations }
 */
export function create(root, catalogue) {
  const { model } = catalogue;
  const { card, training, threshold_minutes: minutes } = model;
  const [first, ...others] = card.protocols;
  byId("model-learned").textContent = text("model.learned", { trees: number(card.chosen.trees) });
  byId("model-usual").textContent = text("model.usual", { percent: percent(training.base_rate, 1) });
  byId("model-name").textContent = model.name;
  byId("model-late").textContent = text("model.late_value", { minutes });
  byId("model-window").textContent = text("model.window_value", datesOf(training));
  byId("model-flights").textContent = number(training.flights);
  byId("interval-note").textContent = describeIntervals(first, card.alone.noise_floor);
  const evaluated = describeEvaluation(first);
  byId("model-measured").textContent = training.refitted ? `${evaluated} ${text("model.refitted")}` : evaluated;
  byId("model-metrics").replaceChildren(...metricRows(first, meaningsOf(first)));
  byId("model-others").replaceChildren(...others.flatMap((other) => [heading(describeEvaluation(other)), ...metricRows(other)]));
  if (card.seeds) renderSeeds(card.seeds);
  renderCalibration(card.alone, first);
  renderThreshold(model, first);
  renderImportance(card.importance);
  renderWeakSlices(model.weak_slices, card.slices.length, catalogue);
  renderLimits(model.limits, model.origins);
  renderExceedance(card);
  renderCancellation(card.cancellation);
  renderFamilies(card.families);
  renderBacktest(card.rolling);
  renderLeads(card.leads, first.with_timetable);
  return { show() {} };
}

function renderSeeds({ seeds, log_loss: withTimetable, log_loss_alone: withoutTimetable, timetable }) {
  const four = (value) => number(value, 4);
  const spread = ({ mean, deviation }) => `${four(mean)} ± ${four(deviation)}`;
  const worth = `${four(timetable.value)} (${formatInterval(timetable, four)})`;
  const line = byId("model-seeds");
  const losses = { with_timetable: spread(withTimetable), without_timetable: spread(withoutTimetable) };
  line.textContent = text("model.seeds", { seeds, worth, ...losses });
  line.hidden = false;
}

function datesOf({ first, last }) {
  return { first: day(first), last: day(last) };
}

function describeEvaluation(evaluation) {
  const values = { flights: number(evaluation.flights), ...datesOf(evaluation) };
  if (evaluation.split !== "random") return text("model.measured_time", values);
  return `${text("model.measured_random", values)} ${text("model.random_warning")}`;
}

function meaningsOf({ learned_base_rate: baseRate, alone: withoutTimetable }) {
  const usual = percent(baseRate, 1);
  return [
    text("model.auc_meaning", { guessing: three(0.5) }),
    text("model.log_loss_meaning", { percent: usual, constant: three(withoutTimetable.plain_log_loss.value) }),
    text("model.gain_meaning", { percent: usual }),
    text("model.calibration_error_meaning"),
    text("model.base_rate_meaning"),
  ];
}

/** One row a metric: without the timetable, and with it. */
function metricRows({ alone, with_timetable: withTimetable, base_rate: baseRate }, meanings = []) {
  const modes = [alone, withTimetable];
  const estimates = (name) => modes.map((metrics) => formatEstimate(metrics[name], three));
  const gains = modes.map(({ gain }) => [...formatEstimate(gain, three), " ", element("small", {}, verdictOf(gain))]);
  return [
    tableRow(text("model.auc"), meanings[0], estimates("auc")),
    tableRow(text("model.log_loss"), meanings[1], estimates("log_loss")),
    tableRow(text("model.gain"), meanings[2], gains),
    tableRow(text("model.calibration_error"), meanings[3], estimates("calibration_error")),
    tableRow(text("model.base_rate"), meanings[4], [percent(baseRate, 1), percent(baseRate, 1)]),
  ];
}

/** How the intervals were made, and the calibration error that chance alone causes; null: of too few days. */
function describeIntervals({ block_days: block }, noise) {
  const days = number(block);
  if (!noise) return text("card.interval_note_few", { days });
  return text("card.interval_note", { days, expected: three(noise.expected), most: three(noise.most) });
}

/** Whether the interval of the gain over the base rate excludes 0. */
function verdictOf({ low, high }) {
  if (low === null) return text("model.undecided");
  if (low > 0) return text("model.better");
  return high < 0 ? text("model.worse") : text("model.no_better");
}

function heading(content) {
  return element("tr", {}, element("th", { scope: "rowgroup", colspan: 3, class: "others" }, content));
}
