// What the model is and on what it was measured, as GET /v1/model tells it.

import { showBeside } from "./comparison.js";
import { figure, showCard, written } from "./card.js";
import { element } from "../elements.js";
import { day, number, percent, text } from "../messages.js";

const part = (id) => document.getElementById(id);

/**
 * @param root where model.html stands
 * @param known { model, airlines, destinations }
 */
export function create(root, known) {
  const { model } = known;
  const { card, training, threshold_minutes: minutes } = model;
  part("model-learned").textContent = text("model.learned", { trees: number(card.chosen.trees) });
  part("model-usual").textContent = text("model.usual", { percent: percent(training.base_rate, 1) });
  part("model-name").textContent = model.name;
  part("model-late").textContent = text("model.late_value", { minutes });
  part("model-window").textContent = text("model.window_value", window_(training));
  part("model-flights").textContent = number(training.flights);
  const [first, ...others] = card.protocols;
  part("interval-note").textContent = intervalNote(first, card.alone.noise_floor);
  const how = measured(first);
  part("model-measured").textContent = training.refitted ? `${how} ${text("model.refitted")}` : how;
  part("model-metrics").replaceChildren(...rows(first));
  part("model-others").replaceChildren(...others.flatMap((other) => [heading(measured(other)), ...figures(other)]));
  if (card.seeds) showSeeds(card.seeds);
  showCard(known);
  showBeside(card);
  return { show() {}, title: () => text("page.view_title", { view: text("view.model") }) };
}

function showSeeds({ seeds, log_loss: within, log_loss_alone: alone, timetable }) {
  const write = (value) => number(value, 4);
  const spread = ({ mean, deviation }) => `${write(mean)} ± ${write(deviation)}`;
  const worth = `${write(timetable.value)} (${written(timetable, write)})`;
  const line = part("model-seeds");
  line.textContent = text("model.seeds", { seeds, alone: spread(alone), within: spread(within), worth });
  line.hidden = false;
}

function window_({ first, last }) {
  return { first: day(first), last: day(last) };
}

function measured(protocol) {
  const values = { flights: number(protocol.flights), ...window_(protocol) };
  if (protocol.split !== "random") return text("model.measured_time", values);
  return `${text("model.measured_random", values)} ${text("model.random_warning")}`;
}

function rows(protocol) {
  const usual = percent(protocol.learned_base_rate, 1);
  const constant = number(protocol.alone.plain_log_loss.value, 3);
  const meanings = [
    text("model.auc_meaning", { guessing: number(0.5, 3) }),
    text("model.log_loss_meaning", { percent: usual, constant }),
    text("model.gain_meaning", { percent: usual }),
    text("model.calibration_error_meaning"),
    text("model.base_rate_meaning"),
  ];
  return figures(protocol, meanings);
}

/** One row a measure: alone, and with the timetable. */
function figures({ alone, with_timetable: within, base_rate: usual }, meanings = []) {
  const write = (value) => number(value, 3);
  const score = (name) => [alone, within].map((metrics) => figure(metrics[name], write));
  const gains = [alone, within].map(({ gain }) => [...figure(gain, write), " ", element("small", "interval", verdict(gain))]);
  const share = percent(usual, 1);
  return [
    row(text("model.auc"), meanings[0], score("auc")),
    row(text("model.log_loss"), meanings[1], score("log_loss")),
    row(text("model.gain"), meanings[2], gains),
    row(text("model.calibration_error"), meanings[3], score("calibration_error")),
    row(text("model.base_rate"), meanings[4], [[share], [share]]),
  ];
}

/** How the intervals were made, and what chance alone makes of the calibration error; null: of too few days. */
function intervalNote({ block_days: block }, floor) {
  const days = number(block);
  if (!floor) return text("card.interval_note_few", { days });
  return text("card.interval_note", { days, expected: number(floor.expected, 3), most: number(floor.most, 3) });
}

/** What the interval of a gain over always saying the usual chance says. */
function verdict({ low, high }) {
  if (low === null) return text("model.undecided");
  if (low > 0) return text("model.better");
  return high < 0 ? text("model.worse") : text("model.no_better");
}

function row(name, meaning, cells) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(name);
  if (meaning) {
    const explanation = document.createElement("small");
    explanation.textContent = meaning;
    head.append(explanation);
  }
  line.append(head);
  for (const content of cells) line.insertCell().append(...content);
  return line;
}

function heading(content) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "rowgroup";
  head.colSpan = 3;
  head.className = "others";
  head.textContent = content;
  line.append(head);
  return line;
}
