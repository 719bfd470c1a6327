// How good the probability of a cancellation was, beside the share that was cancelled.

import { byId, tableRow } from "../elements.js";
import { number, percent, text } from "../messages.js";
import { formatEstimate, three } from "./estimates.js";

const METRICS = ["auc", "log_loss", "gain", "average_precision", "calibration_error"];

/** @param found metrics on all scheduled flights of the test part; null: the model has no such probability */
export function renderCancellation(found) {
  byId("model-cancellation").hidden = !found;
  if (!found) return;
  const { flights, base_rate: rate, learned_base_rate: learned, trees, alone, with_timetable: withTimetable } = found;
  const shares = { flights: number(flights), rate: percent(rate, 1), learned: percent(learned, 1) };
  byId("model-cancellation-summary").textContent = [
    text("card.cancellation_summary", shares),
    trees ? "" : text("card.cancellation_constant"),
  ].join(" ");
  const constant = { percent: shares.learned, constant: three(alone.plain_log_loss.value) };
  const meanings = { log_loss: text("model.log_loss_meaning", constant) };
  const rows = METRICS.map((name) => {
    const estimates = [alone, withTimetable].map((metrics) => formatEstimate(metrics[name], three));
    return tableRow(text(`model.${name}`), meanings[name], estimates);
  });
  byId("model-cancellation-metrics").replaceChildren(...rows);
}
