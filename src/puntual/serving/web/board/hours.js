// The strip above the board: how many late flights are to be expected in each hour of the day; an hour filters.

import { span } from "../elements.js";
import { number, plural } from "../messages.js";

/** @param chosen called with the hour that the reader chose, or "" */
export function createHours(root, { chosen }) {
  const buttons = Array.from({ length: 24 }, (_, hour) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hour";
    const [expected, column, clock, said] = ["expected", "column", "clock", "visually-hidden"].map((name) => span(name));
    for (const seen of [expected, column, clock]) seen.setAttribute("aria-hidden", "true");
    clock.textContent = String(hour).padStart(2, "0");
    button.append(expected, column, clock, said);
    button.addEventListener("click", () => {
      chosen(button.getAttribute("aria-pressed") === "true" ? "" : String(hour));
    });
    return button;
  });
  root.replaceChildren(...buttons);

  return {
    /**
     * @param sums of each hour, { flights, expected }
     * @param hour the one that filters, or ""
     */
    show(sums, hour) {
      const most = Math.max(1, ...sums.map(({ expected }) => expected));
      buttons.forEach((button, index) => {
        const { flights, expected } = sums[index];
        const clock = (value) => `${String(value).padStart(2, "0")}:00`;
        const late = rounded(expected);
        const values = { from: clock(index), to: clock((index + 1) % 24), late };
        button.style.setProperty("--share", `${(100 * expected) / most}%`);
        button.firstChild.textContent = flights ? late : "";
        button.disabled = !flights && String(index) !== hour;
        button.setAttribute("aria-pressed", String(String(index) === hour));
        const label = plural("board.hour", flights, values);
        button.lastChild.textContent = label;
        button.title = label;
      });
      root.classList.toggle("filtered", hour !== "");
    },
  };
}

/** A sum of chances: with a decimal where it is small. */
export function rounded(expected) {
  return number(expected, expected < 9.95 ? 1 : 0);
}
