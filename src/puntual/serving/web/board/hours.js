// The strip above a board: how many late flights to expect in each hour of the day; an hour filters.

import { clock, twoDigits } from "../dates.js";
import { element, graphic, span } from "../elements.js";
import { number, plural } from "../messages.js";

/**
 * @param chosen called with the hour that the reader chose, or ""
 * @param whole whether the columns are as high as an hour has flights, those expected late being a part of them
 */
export function createHours(root, { chosen, whole = false }) {
  const buttons = Array.from({ length: 24 }, (_, hour) => {
    const parts = [graphic("expected"), graphic("column"), graphic("clock", {}, twoDigits(hour)), span("visually-hidden")];
    const button = element("button", { type: "button", class: "hour" }, ...parts);
    button.addEventListener("click", () => chosen(button.ariaPressed === "true" ? "" : String(hour)));
    return button;
  });
  root.replaceChildren(...buttons);
  root.classList.toggle("whole", whole);

  return {
    /**
     * @param sums of each hour, { flights, expected }
     * @param chosenHour the one that filters, or ""
     * @param currentHour the one that it is, if it is of this day
     */
    show(sums, chosenHour, currentHour) {
      const max = Math.max(1, ...sums.map(({ flights, expected }) => (whole ? flights : expected)));
      buttons.forEach((button, hour) => {
        const { flights, expected } = sums[hour];
        const isChosen = String(hour) === chosenHour;
        const late = formatExpected(expected);
        const label = plural("board.hour", flights, { from: clock(hour), to: clock((hour + 1) % 24), late });
        button.style.setProperty("--share", `${(100 * expected) / max}%`);
        button.firstChild.textContent = flights ? late : "";
        if (whole) button.style.setProperty("--whole", `${(100 * flights) / max}%`);
        button.classList.toggle("current", hour === currentHour);
        button.disabled = !flights && !isChosen;
        button.ariaPressed = String(isChosen);
        if (button.title === label) return;
        button.lastChild.textContent = label;
        button.title = label;
      });
      root.classList.toggle("filtered", chosenHour !== "");
    },
  };
}

/** An expected number of flights: with a decimal if it is small and not whole. */
export function formatExpected(expected) {
  return number(expected, expected < 9.95 && !Number.isInteger(expected) ? 1 : 0);
}
