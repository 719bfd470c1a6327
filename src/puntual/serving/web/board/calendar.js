// The days of a schedule as a calendar: how many late flights to expect on each of them; a day filters.

import { DAY_MS, isoDay } from "../dates.js";
import { element, graphic, span } from "../elements.js";
import { monthAndYear, plural, shortWeekday, weekday, weekdayAndDay } from "../messages.js";
import { formatExpected } from "./hours.js";

const numberOf = (day) => String(Number(day.slice(8)));

/** @param chosen called with the day that the reader chose, or "" */
export function createCalendar(root, { chosen }) {
  let buttons = new Map();

  function makeButton(day) {
    const parts = [graphic("day", {}, numberOf(day)), graphic("expected"), span("visually-hidden")];
    const button = element("button", { type: "button" }, ...parts);
    button.addEventListener("click", () => chosen(button.ariaPressed === "true" ? "" : day));
    return button;
  }

  return {
    /** @param days of a schedule, in order, as 2017-07-14 */
    offer(days) {
      buttons = new Map(days.map((day) => [day, makeButton(day)]));
      const months = [...new Set(days.map((day) => day.slice(0, 7)))];
      root.replaceChildren(...months.map((month) => monthTable(month, (day) => buttons.get(day) ?? numberOf(day))));
    },
    /**
     * @param sums of each day, { flights, expected }
     * @param chosenDay the one that filters, or ""
     */
    show(sums, chosenDay) {
      for (const [day, button] of buttons) {
        const { flights, expected } = sums.get(day) ?? { flights: 0, expected: 0 };
        const late = formatExpected(expected);
        const [, shown, label] = button.children;
        shown.textContent = flights ? late : "";
        label.textContent = plural("board.calendar_day", flights, { day: weekdayAndDay(day), late });
        button.ariaPressed = String(day === chosenDay);
        button.disabled = !flights && day !== chosenDay;
      }
    },
  };
}

/** @param content what stands in the cell of a day */
function monthTable(month, content) {
  const first = new Date(`${month}-01T00:00:00Z`);
  const blanks = (first.getUTCDay() + 6) % 7; // weeks begin on Monday
  const next = new Date(first);
  next.setUTCMonth(first.getUTCMonth() + 1);
  const cells = Array.from({ length: blanks }, () => element("td"));
  for (let at = first.getTime(); at < next.getTime(); at += DAY_MS) cells.push(element("td", {}, content(isoDay(at))));
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(7 * week, 7 * week + 7));
  const heads = [1, 2, 3, 4, 5, 6, 7].map((of) => element("th", { scope: "col", abbr: weekday(of) }, shortWeekday(of)));
  return element(
    "table",
    {},
    element("caption", {}, monthAndYear(month)),
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...weeks.map((week) => element("tr", {}, ...week))),
  );
}
