// What the model stands beside: other families of models, each month told by what came before it, the rungs of the ladder.

import { monthOf, number, percent, plural, text } from "../messages.js";
import { figure, written } from "./card.js";
import { drawMonths } from "./backtest.js";

const part = (id) => document.getElementById(id);
const three = (value) => number(value, 3);

/** @param card of GET /v1/model */
export function showBeside({ families, rolling, ladder, delay }) {
  showLadder(ladder, delay);
  showFamilies(families);
  showMonths(rolling);
}

function showLadder(ladder, delay) {
  const lines = ladder.map((rung) =>
    row(plural("exceedance.over", rung.minutes), "", [
      [percent(rung.base_rate, 1)],
      [rung.auc === null ? "–" : three(rung.auc)],
      [three(rung.log_loss), small(three(rung.plain_log_loss))],
    ]),
  );
  part("model-exceedance").replaceChildren(...lines);
  const minutes = (value) => number(value, 1);
  const told = { expected: minutes(delay.mean_expected), observed: minutes(delay.mean_observed) };
  part("model-exceedance-summary").textContent = [
    text("card.exceedance_expected", told),
    text("card.exceedance_bound", { share: percent(delay.within_bound_90, 1) }),
  ].join(" ");
}

function showFamilies(families) {
  part("families-none").hidden = families.length > 0;
  part("families-content").hidden = families.length === 0;
  const names = {
    boosting: text("card.family_boosting"),
    forest: text("card.family_forest"),
    mlp: text("card.family_mlp"),
    svm: text("card.family_svm"),
    logistic: text("card.family_logistic"),
    linear: text("card.family_linear"),
    history: text("card.family_history"),
    base_rate: text("card.family_base_rate"),
  };
  const most = Math.max(...families.map(({ difference }) => difference.high ?? difference.value)) || 1;
  const lines = families.map(({ family, difference, metrics, fit_seconds: fit, servable }, index) => {
    const behind = { loss: three(difference.value), interval: written(difference, three) };
    const about = [
      index ? text("card.families_behind", behind) : text("card.families_best"),
      fit >= 0.05 ? text("card.families_seconds", { seconds: number(fit, fit < 10 ? 1 : 0) }) : "",
      servable ? text("card.families_served") : "",
    ].filter(Boolean);
    const estimate = (one) => figure(one, three);
    const line = row(names[family] ?? family, about.join(" "), [estimate(metrics.log_loss), estimate(metrics.auc)]);
    if (index) line.cells[0].querySelector("small").before(gauge(difference, most));
    return line;
  });
  part("families").replaceChildren(...lines);
}

/** How far behind the best, as a bar with its interval. */
function gauge({ value, low, high }, most) {
  const element = document.createElement("span");
  const place = (loss) => `${(100 * Math.max(loss, 0)) / most}%`;
  element.className = "gauge";
  element.setAttribute("aria-hidden", "true");
  element.style.setProperty("--to", place(value));
  element.style.setProperty("--low", place(low ?? value));
  element.style.setProperty("--high", place(high ?? value));
  return element;
}

function showMonths(rolling) {
  part("backtest").hidden = rolling.length === 0;
  if (!rolling.length) return;
  const read = (month) => [month.with_timetable.log_loss, month.alone.log_loss, month.plain_log_loss];
  const mean = (at) => three(rolling.reduce((sum, month) => sum + read(month)[at].value, 0) / rolling.length);
  const better = rolling.filter((month) => read(month)[0].value < read(month)[2].value).length;
  const means = text("card.backtest_mean", { within: mean(0), alone: mean(1), plain: mean(2) });
  const counted = plural("card.backtest_better", rolling.length, { better: number(better) });
  part("backtest-summary").textContent = `${means} ${counted}`;
  const months = rolling.map((month) => ({ name: monthOf(month.month, { month: "short" }), estimates: read(month) }));
  const words = { label: `${means} ${counted}`, axis: text("card.backtest_axis"), write: (value) => number(value, 2) };
  part("backtest-chart").replaceChildren(drawMonths(months, ["within", "alone", "plain"], words));
}

function row(name, about, cells) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.append(name);
  if (about) head.append(small(about));
  line.append(head);
  for (const content of cells) line.insertCell().append(...content);
  return line;
}

function small(content) {
  const element = document.createElement("small");
  element.textContent = content;
  return element;
}
