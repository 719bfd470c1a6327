// The model's card in short: whether its chances came true, its cut, what it reads, where it is weak, its limits.

import { element, item, span } from "../elements.js";
import { day, list, month, monthOf, number, percent, plural, text } from "../messages.js";
import { drawTruth } from "./picture.js";

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
  const level = text("card.truth_level", { ...told, ...gaps });
  const words = { label: level, told: text("card.axis_told"), came: text("card.axis_came") };
  part("truth-picture").replaceChildren(drawTruth(bins, words));
  const flights = number(measured.flights);
  part("truth-caption").textContent = text("card.truth_caption", { count: number(bins.length), flights });
  part("truth-level").textContent = level;
}

function showCut({ cut, card }, { flights }) {
  part("cut-said").textContent = text("card.cut_said", { percent: percent(cut, 1) });
  const distance = (point) => Math.abs(point.cut - cut);
  const nearest = card.operating_points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
  const hundred = (share) => Math.round(share * 100);
  const lines = [plural("card.cut_called", hundred(nearest.called), { flights: number(flights) })];
  if (nearest.precision !== null) lines.push(plural("card.cut_precision", hundred(nearest.precision)));
  lines.push(plural("card.cut_recall", hundred(nearest.recall)));
  part("cut-meant").replaceChildren(...lines.map(item));
}

function showImportance(importance) {
  const most = Math.max(...importance.map(({ loss }) => Math.max(loss.high, 0))) || 1;
  const names = {
    airline: text("card.reads_airline"),
    operator: text("card.reads_operator"),
    destination: text("card.reads_destination"),
    origin: text("card.reads_origin"),
    flight_type: text("card.reads_flight_type"),
    weekday: text("card.reads_weekday"),
    season: text("card.reads_season"),
    holiday: text("card.reads_holiday"),
    hour: text("card.reads_hour"),
    congestion: text("card.reads_congestion"),
  };
  const write = (loss) => number(Number(loss.toFixed(3)) + 0, 3); // adding 0 makes -0 a 0
  const place = (loss) => `${(100 * Math.max(loss, 0)) / most}%`;
  const lines = importance.map(({ group, loss }) => {
    const line = document.createElement("li");
    const measure = span("gauge");
    measure.setAttribute("aria-hidden", "true");
    measure.style.setProperty("--to", place(loss.value));
    measure.style.setProperty("--low", place(loss.low));
    measure.style.setProperty("--high", place(loss.high));
    const value = span("value", write(loss.value));
    value.append(" ", interval(loss, write));
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
      low: percent(slice.low),
      high: percent(slice.high),
      flights: number(slice.flights),
    }),
  );
  const chance = number(Math.round(count * 0.05));
  const off = number(slices.filter(({ weakness }) => weakness !== "no_better").length);
  part("weak-said").textContent = slices.length
    ? text("card.weak_said", { count: number(count), off, chance })
    : text("card.weak_none", { count: number(count) });
  const rest = sentences.slice(SHOWN);
  part("weak").replaceChildren(...sentences.slice(0, SHOWN).map(item));
  part("weak-rest").replaceChildren(...rest.map(item));
  part("weak-more").hidden = rest.length === 0;
  part("weak-count").textContent = plural("card.weak_more", rest.length);
}

function showLimits(limits, origins) {
  const airports = origins.map(({ city, name, iata, code }) => `${city ?? name} (${iata ?? code})`);
  const told = {
    decisions: () => text("card.limit_decisions"),
    airports: () => text("card.limit_airports", { airports: list(airports) }),
    season: (about) => text("card.limit_season", { months: list(about.map((number) => month(Number(number)))) }),
    later: ([last]) => text("card.limit_later", { last: day(last) }),
    cause: () => text("card.limit_cause"),
    day: () => text("card.limit_day"),
  };
  part("limits").replaceChildren(...limits.map((limit) => item(told[limit.name]?.(limit.about) ?? limit.text)));
}

/** Gives what the reader calls a slice. */
function namesOf(airlines, destinations) {
  const named = (known) => new Map(known.map((one) => [one.code, `${one.city ?? one.name} (${one.iata ?? one.code})`]));
  const names = { airline: named(airlines), destination: named(destinations) };
  return ({ dimension, value }) => (dimension === "month" ? monthOf(value) : names[dimension]?.get(value) ?? value);
}

/** The ends of a 95 % interval, as they stand beside a number. */
export function interval({ low, high }, write) {
  return element("small", "interval", text("card.interval", { low: write(low), high: write(high) }));
}
