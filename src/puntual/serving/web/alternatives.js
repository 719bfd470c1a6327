// The same flight at the other hours of its day, and on the days before and after it.

import { addressOf } from "./address.js";
import { predictAll } from "./api.js";
import { DAY_MS, isoDay, twoDigits } from "./dates.js";
import { byId, element, graphic, item, replaceItems, span } from "./elements.js";
import { text, weekdayAndDay, weekdayAndNumber } from "./messages.js";
import { formatProbability } from "./probability.js";
import { toAddress, toFlight } from "./question.js";

const DAYS = 7;
const HOURS = 24;

/** Nothing to choose from while another flight is predicted. */
export function hideAlternatives() {
  byId("alternatives").hidden = true;
}

/** @param question as the form has it; its flight was predicted */
export async function showAlternatives(question, baseRate, signal) {
  const hours = Array.from({ length: HOURS }, (_, hour) => ({ ...question, time: twoDigits(hour) + question.time.slice(2) }));
  const days = Array.from({ length: 2 * DAYS + 1 }, (_, index) => {
    return { ...question, date: isoDay(Date.parse(question.date) + (index - DAYS) * DAY_MS) };
  });
  const predictions = await predictAll([...hours, ...days].map(toFlight), signal);
  const probabilities = predictions.map((prediction) => prediction.delay_probability);
  const max = Math.max(baseRate, ...probabilities);
  render("hours", hours, probabilities.slice(0, HOURS), max, question, ({ time }) => [time, time.slice(0, 2)]);
  render("days", days, probabilities.slice(HOURS), max, question, ({ date }) => [weekdayAndDay(date), weekdayAndNumber(date)]);
  byId("alternatives").style.setProperty("--usual", `${(100 * baseRate) / max}%`);
  byId("alternatives").hidden = false;
}

/** @param nameOf gives a question's moment in full, and as short as its column */
function render(kind, questions, probabilities, max, current, nameOf) {
  const lowest = formatProbability(Math.min(...probabilities));
  const columns = questions.map((question, index) => {
    const shown = formatProbability(probabilities[index]);
    const [when, label] = nameOf(question);
    const title = text("alternatives.moment", { when, percent: shown });
    const link = element(
      "a",
      { href: addressOf("flight", toAddress(question)), title, "aria-label": title },
      span("share", shown),
      graphic("column", { "--to": `${(100 * probabilities[index]) / max}%` }),
      span("label", label),
    );
    link.classList.toggle("lowest", shown === lowest);
    if (question.time === current.time && question.date === current.date) link.ariaCurrent = "true";
    return item(link);
  });
  replaceItems(byId(`alternatives-${kind}`), columns);
}
