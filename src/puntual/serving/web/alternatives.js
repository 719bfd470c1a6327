// When else: the same flight at the other hours of its day, and on the days around it, so that one can choose.

import { addressOf } from "./address.js";
import { predictAll } from "./api.js";
import { spoken } from "./probability.js";
import { span } from "./elements.js";
import { text, weekdayAndDay, weekdayOf } from "./messages.js";
import { toAddress, toFlight } from "./question.js";

const DAYS = 7;
const HOURS = 24;
const DAY_MS = 86_400_000;

const part = (id) => document.getElementById(id);
const two = (value) => String(value).padStart(2, "0");

/** Nothing to choose from, while another flight is asked about. */
export function hideAround() {
  part("alternatives").hidden = true;
}

/**
 * @param question as the form has it; its flight was answered
 * @param usual the base rate
 */
export async function showAround(question, usual, signal) {
  const hours = Array.from({ length: HOURS }, (_, hour) => ({ ...question, time: two(hour) + question.time.slice(2) }));
  const days = Array.from({ length: 2 * DAYS + 1 }, (_, index) => ({ ...question, date: later(question.date, index - DAYS) }));
  const chances = await predictAll([...hours, ...days].map(toFlight), signal);
  const most = Math.max(usual, ...chances);
  draw("alternatives-hours", hours, chances.slice(0, HOURS), most, question, ({ time }) => [time, time.slice(0, 2)]);
  draw("alternatives-days", days, chances.slice(HOURS), most, question, ({ date }) => [weekdayAndDay(date), weekdayOf(date)]);
  part("alternatives").style.setProperty("--usual", `${(100 * usual) / most}%`);
  part("alternatives").hidden = false;
}

function later(date, days) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

function draw(id, questions, chances, most, asked, name) {
  const least = Math.min(...chances);
  part(id).replaceChildren(
    ...questions.map((question, index) => {
      const chance = chances[index];
      const [said, label] = name(question);
      const link = document.createElement("a");
      link.href = addressOf("flight", toAddress(question));
      link.title = text("alternatives.moment", { when: said, percent: spoken(chance) });
      link.setAttribute("aria-label", link.title);
      link.classList.toggle("least", spoken(chance) === spoken(least));
      if (question.time === asked.time && question.date === asked.date) link.setAttribute("aria-current", "true");
      const column = span("column");
      column.style.setProperty("--to", `${(100 * chance) / most}%`);
      link.append(span("share", spoken(chance)), column, span("label", label));
      const line = document.createElement("li");
      line.append(link);
      return line;
    }),
  );
}
