// What the model is and on what it was measured, as GET /v1/model tells it.

import { alternatives, day, number, percent, text } from "./messages.js";

const part = (id) => document.getElementById(id);

export function showModel(model) {
  const { card, training, evaluation, threshold_minutes: minutes } = model;
  const origins = model.origins.map((origin) => `${origin.city ?? origin.name} (${origin.iata ?? origin.code})`);
  const lead = { origins: alternatives(origins), minutes, flights: number(training.flights) };
  part("lead").textContent = text("page.lead", lead);
  part("model-learned").textContent = text("model.learned", { trees: number(card.chosen.trees) });
  part("model-usual").textContent = text("model.usual", { percent: percent(training.base_rate, 1) });
  part("model-name").textContent = model.name;
  part("model-late").textContent = text("model.late_value", { minutes });
  part("model-window").textContent = text("model.window_value", window_(training));
  part("model-flights").textContent = number(training.flights);
  part("model-measured").textContent = measured(evaluation, training);
  part("model-metrics").replaceChildren(...rows(evaluation));
  part("model").hidden = false;
}

function window_({ first, last }) {
  return { first: day(first), last: day(last) };
}

function measured(evaluation, training) {
  const values = { flights: number(evaluation.alone.flights), ...window_(evaluation) };
  const how = evaluation.split === "time" ? text("model.measured_time", values) : text("model.measured_random", values);
  return training.refitted ? `${how} ${text("model.refitted")}` : how;
}

function rows({ alone, with_timetable: within }) {
  const usual = alone.base_rate;
  const constant = surprise(usual) + surprise(1 - usual);
  const against = { percent: percent(usual), constant: number(constant, 3) };
  const score = (value) => (value === null ? "–" : number(value, 3));
  const share = (value) => percent(value, 1);
  return [
    row(text("model.auc"), text("model.auc_meaning", { guessing: score(0.5) }), score(alone.auc), score(within.auc)),
    row(
      text("model.log_loss"),
      text("model.log_loss_meaning", against),
      score(alone.log_loss),
      score(within.log_loss),
    ),
    row(
      text("model.calibration_error"),
      text("model.calibration_error_meaning"),
      score(alone.calibration_error),
      score(within.calibration_error),
    ),
    row(text("model.base_rate"), text("model.base_rate_meaning"), share(alone.base_rate), share(within.base_rate)),
  ];
}

/** A share's part in the log loss of always answering it. */
function surprise(share) {
  return share > 0 ? -share * Math.log(share) : 0;
}

function row(name, meaning, ...values) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  const explanation = document.createElement("small");
  explanation.textContent = meaning;
  head.append(name, explanation);
  line.append(head);
  for (const value of values) line.insertCell().textContent = value;
  return line;
}
