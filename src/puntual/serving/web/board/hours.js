// The strip above the board: how many late flights to expect in each hour of the day; an hour filters.

import { clock, twoDigits } from "../dates.js";
import { element, graphic, span } from "../elements.js";
import { number, plural } from "../messages.js";

/** @param chosen called with the hour that the reader chose, or "" */
export function createHours(root, { chosen }) {
  const buttons = Array.from({ length: 24 }, (_, hour) => {
    const parts = [graphic("expected"), graphic("column"), graphic("clock", {}, twoDigits(hour)), span("visually-hidden")];
    const button = element("button", { type: "button", class: "hour" }, ...parts);
    button.addEventListener("click", () => chosen(button.ariaPressed === "true" ? "" : String(hour)));
    return button;
  });
  root.replaceChildren(...buttons);

  return {
    /**
     * @param sums of each hour, { flights, expected }
     * @param chosenHour the one that filters, or ""
     */
    show(sums, chosenHour) {
      const max = Math.max(1, ...sums.map(({ expected }) => expected));
      buttons.forEach((button, hour) => {
        const { flights, expected } = sums[hour];
        const isChosen = String(hour) === chosenHour;
        const late = formatExpected(expected);
        const label = plural("board.hour", flights, { from: clock(hour), to: clock((hour + 1) % 24), late });
        button.style.setProperty("--share", `${(100 * expected) / max}%`);
        button.firstChild.textContent = flights ? late : "";
        button.disabled = !flights && !isChosen;
        button.ariaPressed = String(isChosen);
        button.lastChild.textContent = label;
        button.title = label;
      });
      root.classList.toggle("filtered", chosenHour !== "");
    },
  };
}

/** An expected number of flights: with a decimal if it is small. */
export function formatExpected(expected) {
  return number(expected, expected < 9.95 ? 1 : 0);
}
