// The model's card in short: whether its chances came true, its cut, what it reads, where it is weak, its limits.

import { nameOf } from "../choices.js";
import { element, item, span } from "../elements.js";
import { day, list, month, monthOf, number, percent, plural, text } from "../messages.js";
import { drawTruth } from "./calibration.js";

/** Weak slices that are told at once; the others can be opened. */
const SHOWN = 5;

const part = (id) => document.getElementById(id);

/** @param known { model, airlines, destinations } */
export function showCard({ model, airlines, destinations }) {
  const { card } = model;
  const [measured] = card.protocols;
  showTruth(card.alone, measured);
  showCut(model, measured);
  showImportance(card.importance);
  showWeak(model.weak_slices, card.slices.length, namesOf(airlines, destinations));
  showLimits(model.limits, model.origins);
}

function showTruth({ bins, calibration_error: error, without_shift: without }, measured) {
  const sum = (count) => bins.reduce((total, bin) => total + count(bin), 0);
  const mean = (name) => sum((bin) => bin.flights * bin[name]) / sum((bin) => bin.flights);
  const told = { expected: percent(mean("expected"), 1), rate: percent(mean("rate"), 1) };
  const gaps = { error: number(error, 3), without: number(without, 3) };
  const level = text("card.calibration_level", { ...told, ...gaps });
  const words = { label: level, told: text("card.axis_predicted"), came: text("card.axis_observed") };
  part("calibration-chart").replaceChildren(drawTruth(bins, words));
  const flights = number(measured.flights);
  part("calibration-caption").textContent = text("card.calibration_caption", { count: number(bins.length), flights });
  part("calibration-summary").textContent = level;
}

function showCut(model, measured) {
  const { cut, card } = model;
  const said = [cutRule(model), text("card.decision_threshold_summary", { percent: percent(cut, 1) })];
  part("decision-threshold-summary").textContent = said.filter(Boolean).join(" ");
  const { called, precision, recall } = atCut(cut, card, measured);
  const share = (value) => percent(value, 1);
  const lines = [
    text("card.decision_threshold_flagged", { called: share(called), flights: number(measured.flights), late: share(measured.base_rate) }),
    precision === null ? "" : text("card.decision_threshold_precision", { share: share(precision) }),
    text("card.decision_threshold_recall", { share: share(recall) }),
  ];
  part("decision-threshold-metrics").replaceChildren(...lines.filter(Boolean).map(item));
}

/** Why the cut is where it is; the server may have been given another than the model's. */
function cutRule({ cut, card, training }) {
  const { cost_of_a_missed_delay: cost, protocols } = card;
  const rules = [];
  if (cut !== protocols[0].cut) rules.push(text("card.decision_threshold_given"));
  else if (cost === null) rules.push(text("card.decision_threshold_rule"));
  else rules.push(text("card.decision_threshold_cost", { cost: number(cost) }));
  if (cut < training.base_rate) rules.push(text("card.decision_threshold_below", { percent: percent(training.base_rate, 1) }));
  return rules.join(" ");
}

/** What the cut meant with the timetable: as measured, or where the server was given another, at the nearest cut that was. */
function atCut(cut, card, { cut: own, with_timetable: within }) {
  if (cut === own) return { called: within.called.value, precision: within.precision.value, recall: within.recall.value };
  const distance = (point) => Math.abs(point.cut - cut);
  return card.operating_points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}

function showImportance(importance) {
  const most = Math.max(...importance.map(({ loss }) => Math.max(loss.high ?? loss.value, 0))) || 1;
  const names = {
    airline: text("card.group_airline"),
    operator: text("card.group_operator"),
    destination: text("card.group_destination"),
    origin: text("card.group_origin"),
    flight_type: text("card.group_flight_type"),
    weekday: text("card.group_weekday"),
    month: text("card.group_month"),
    season: text("card.group_season"),
    holiday: text("card.group_holiday"),
    hour: text("card.group_hour"),
    period: text("card.group_period"),
    congestion: text("card.group_congestion"),
  };
  const write = (loss) => number(Number(loss.toFixed(3)) + 0, 3); // adding 0 makes -0 a 0
  const place = (loss) => `${(100 * Math.max(loss, 0)) / most}%`;
  const lines = importance.map(({ group, loss }) => {
    const line = document.createElement("li");
    const measure = span("gauge");
    measure.setAttribute("aria-hidden", "true");
    measure.style.setProperty("--to", place(loss.value));
    measure.style.setProperty("--low", place(loss.low ?? loss.value));
    measure.style.setProperty("--high", place(loss.high ?? loss.value));
    const value = span("value");
    value.append(...figure(loss, write));
    line.append(span("name", names[group] ?? group), " ", measure, " ", value);
    return line;
  });
  part("importance").replaceChildren(...lines);
}

function showWeak(slices, count, name) {
  const told = {
    too_low: (values) => text("card.weak_too_low", values),
    too_high: (values) => text("card.weak_too_high", values),
    no_better: (values) => text("card.weak_no_better", values),
  };
  const sentences = slices.map((slice) =>
    told[slice.weakness]({
      name: name(slice),
      expected: percent(slice.expected),
      rate: percent(slice.rate),
      interval: written(slice, percent),
      flights: number(slice.flights),
    }),
  );
  const chance = number(Math.round(count * 0.05));
  const off = slices.filter(({ weakness }) => weakness !== "no_better").length;
  const counts = { weak: number(slices.length), off: number(off), plain: number(slices.length - off) };
  part("weak-summary").textContent = slices.length
    ? text("card.weak_summary", { count: number(count), chance, ...counts })
    : text("card.weak_none", { count: number(count) });
  const rest = sentences.slice(SHOWN);
  part("weak").replaceChildren(...sentences.slice(0, SHOWN).map(item));
  part("weak-rest").replaceChildren(...rest.map(item));
  part("weak-more").hidden = rest.length === 0;
  part("weak-count").textContent = plural("card.weak_more", rest.length);
}

function showLimits(limits, origins) {
  const airports = origins.map((one) => `${nameOf(one)} (${one.iata ?? one.code})`);
  const told = {
    decisions: () => text("card.limit_decisions"),
    airports: () => text("card.limit_airports", { airports: list(airports) }),
    season: (about) => text("card.limit_season", { months: list(about.map((number) => month(Number(number)))) }),
    no_cancellations: () => text("card.limit_no_cancellations"),
    later: ([last]) => text("card.limit_later", { last: day(last) }),
    cause: () => text("card.limit_cause"),
    day: () => text("card.limit_day"),
  };
  const ofFigures = {
    few_days: ([found, least]) => text("card.limit_few_days", { found, least }),
    few_late: ([found, least]) => text("card.limit_few_late", { found, least }),
  };
  const said = (words) => (limit) => item(words[limit.name]?.(limit.about) ?? limit.text);
  const few = limits.filter(({ name }) => name in ofFigures);
  part("few").replaceChildren(...few.map(said(ofFigures)));
  part("few").hidden = few.length === 0;
  part("limits").replaceChildren(...limits.filter((limit) => !few.includes(limit)).map(said(told)));
}

/** Gives what the reader calls a slice. */
function namesOf(airlines, destinations) {
  const named = (known) => new Map(known.map((one) => [one.code, `${nameOf(one)} (${one.iata ?? one.code})`]));
  const names = { airline: named(airlines), destination: named(destinations) };
  return ({ dimension, value }) => (dimension === "month" ? monthOf(value) : names[dimension]?.get(value) ?? value);
}

/** The ends of a 95 % interval, as they stand in a sentence. */
export function written({ low, high }, write) {
  return low === null ? text("delays.few_days") : text("card.interval", { low: write(low), high: write(high) });
}

/** A number and, beside it, the ends of its 95 % interval where it has them; a dash where it is not defined. */
export function figure(estimate, write) {
  if (!estimate) return ["–"];
  const { value, low } = estimate;
  return low === null ? [write(value)] : [write(value), " ", element("small", "interval", written(estimate, write))];
}
