// The model's card in short: calibration, decision threshold, importance, weak slices, limits.

import { nameAndCode } from "../choices.js";
import { byId, item, span } from "../elements.js";
import { day, listAnd, month, monthAndYear, number, percent, plural, text, textOr } from "../messages.js";
import { metricsAt } from "../risk.js";
import { drawCalibration } from "./calibration.js";
import { formatEstimate, formatInterval, gaugesOf } from "./estimates.js";

/** Weak slices that are shown at once; the others can be opened. */
const MAX_SHOWN = 5;

export function renderCalibration({ bins, calibration_error: error, without_shift: without }, { flights }) {
  const sum = (count) => bins.reduce((total, bin) => total + count(bin), 0);
  const mean = (name) => percent(sum((bin) => bin.flights * bin[name]) / sum((bin) => bin.flights), 1);
  const gaps = { error: number(error, 3), without: number(without, 3) };
  const summary = text("card.calibration_level", { expected: mean("expected"), rate: mean("rate"), ...gaps });
  const counts = { count: number(bins.length), flights: number(flights) };
  const axes = { predicted: text("card.axis_predicted"), observed: text("card.axis_observed") };
  byId("calibration-chart").replaceChildren(drawCalibration(bins, { label: summary, ...axes }));
  byId("calibration-caption").textContent = text("card.calibration_caption", counts);
  byId("calibration-summary").textContent = summary;
}

export function renderThreshold(model, evaluation) {
  const { cut, card, training } = model;
  const share = (value) => percent(value, 1);
  const rules = [
    ruleOf(model, evaluation.cut),
    cut < training.base_rate ? text("card.decision_threshold_below", { percent: share(training.base_rate) }) : "",
    text("card.decision_threshold_summary", { percent: share(cut) }),
  ];
  byId("decision-threshold-summary").textContent = rules.filter(Boolean).join(" ");
  const { called, precision, recall } = metricsAt(cut, card);
  const rates = { called: share(called), flights: number(evaluation.flights), late: share(evaluation.base_rate) };
  const lines = [
    text("card.decision_threshold_flagged", rates),
    precision === null ? "" : text("card.decision_threshold_precision", { share: share(precision) }),
    text("card.decision_threshold_recall", { share: share(recall) }),
    describeHigh(model, share),
  ];
  byId("decision-threshold-metrics").replaceChildren(...lines.filter(Boolean).map((line) => item(line)));
}

/** How the threshold was chosen; the server may have been given another than the model's own. */
function ruleOf({ cut, card: { cost_of_a_missed_delay: cost } }, own) {
  if (cut !== own) return text("card.decision_threshold_given");
  if (cost === null) return text("card.decision_threshold_rule");
  return text("card.decision_threshold_cost", { cost: number(cost) });
}

/** What a high risk means. */
function describeHigh({ risk_levels: levels }, share) {
  const high = levels.find(({ risk }) => risk === "high");
  if (!high) return "";
  const [from, called, recall] = [high.cut, high.called, high.recall].map(share);
  if (high.precision === null) return text("card.risk_high_none", { from });
  return text("card.risk_high", { from, called, precision: share(high.precision), recall });
}

export function renderImportance(importance) {
  const format = (loss) => number(Number(loss.toFixed(3)) + 0, 3); // adding 0 makes -0 a 0
  const gauges = gaugesOf(importance.map(({ loss }) => loss));
  const lines = importance.map(({ group, loss }, index) => {
    const value = span("value", ...formatEstimate(loss, format));
    return item(span("name", textOr(`card.group_${group}`, group)), " ", gauges[index], " ", value);
  });
  byId("importance").replaceChildren(...lines);
  byId("model-importance").hidden = importance.length === 0;
}

export function renderWeakSlices(slices, count, { airlines, destinations }) {
  const entries = { airline: airlines, destination: destinations };
  const nameOf = ({ dimension, value }) => {
    if (dimension === "month") return monthAndYear(value);
    const entry = entries[dimension]?.find(({ code }) => code === value);
    return entry ? nameAndCode(entry) : value;
  };
  const lines = slices.map((slice) => {
    const values = {
      name: nameOf(slice),
      expected: percent(slice.expected),
      rate: percent(slice.rate),
      interval: formatInterval(slice, percent),
      flights: number(slice.flights),
    };
    return item(text(`card.weak_${slice.weakness}`, values));
  });
  const off = slices.filter(({ weakness }) => weakness !== "no_better").length;
  const counts = {
    count: number(count),
    chance: number(Math.round(count * 0.05)),
    weak: number(slices.length),
    off: number(off),
    no_better: number(slices.length - off),
  };
  byId("weak-summary").textContent = slices.length ? text("card.weak_summary", counts) : text("card.weak_none", counts);
  const rest = lines.slice(MAX_SHOWN);
  byId("weak").replaceChildren(...lines.slice(0, MAX_SHOWN));
  byId("weak-rest").replaceChildren(...rest);
  byId("weak-more").hidden = rest.length === 0;
  byId("weak-count").textContent = plural("card.weak_more", rest.length);
}

export function renderLimits(limits, origins) {
  const valuesOf = {
    airports: () => ({ airports: listAnd(origins.map(nameAndCode)) }),
    season: (months) => ({ months: listAnd(months.map(month)) }),
    later: ([last]) => ({ last: day(last) }),
    few_days: ([found, least]) => ({ found, least }),
    few_late: ([found, least]) => ({ found, least }),
  };
  const sentence = ({ name, about, text: own }) => textOr(`card.limit_${name}`, own, valuesOf[name]?.(about));
  const lines = (chosen) => chosen.map((limit) => item(sentence(limit)));
  const isFew = ({ name }) => ["few_days", "few_late"].includes(name);
  byId("few").replaceChildren(...lines(limits.filter(isFew)));
  byId("few").hidden = !limits.some(isFew);
  byId("limits").replaceChildren(...lines(limits.filter((limit) => !isFew(limit))));
}
