// The fields above the board that say which of its flights are shown.

import { day, text } from "../messages.js";

/** Typing is faster than a look at the board. */
const PAUSE_MS = 80;
const FIELDS = { day: "filter-day", airline: "filter-airline", destination: "filter-destination" };

const part = (id) => document.getElementById(id);

/**
 * @param changed called with what the reader changed of the state
 * @param cleared called when all flights are wanted
 */
export function createFilters({ changed, cleared }) {
  let pause = 0;

  part("search").placeholder = text("board.search_hint");
  for (const [name, id] of Object.entries(FIELDS)) {
    part(id).addEventListener("change", () => changed({ [name]: part(id).value }));
  }
  part("filter-warned").addEventListener("change", () => changed({ warned: part("filter-warned").checked ? "1" : "" }));
  part("search").addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => changed({ search: part("search").value.trim() }), PAUSE_MS);
  });
  part("filters").addEventListener("submit", (event) => event.preventDefault());
  part("all").addEventListener("click", () => {
    cleared();
    part("search").focus();
  });

  return {
    /** What there is to choose from. */
    know({ days, choices }) {
      part("day-filter").hidden = days.length < 2;
      fill("filter-day", text("board.every_day"), days.map((date) => [date, day(date)]));
      const named = (field) => choices(field).map((choice) => [choice.own, labelOf(choice)]);
      fill("filter-airline", text("board.every_airline"), named("airline"));
      fill("filter-destination", text("board.every_destination"), named("destination"));
    },

    /** Show a state in every field. */
    write(state) {
      part("search").value = state.search;
      this.mark(state);
    },

    /** The same but for what is being typed. */
    mark(state) {
      for (const [name, id] of Object.entries(FIELDS)) part(id).value = state[name];
      part("filter-warned").checked = Boolean(state.warned);
      if (!state.search && document.activeElement !== part("search")) part("search").value = "";
    },
  };
}

function labelOf({ title, tile }) {
  return title === tile ? title : `${title} (${tile})`;
}

function fill(id, every, entries) {
  const options = [["", every], ...entries].map(([value, label]) => new Option(label, value));
  part(id).replaceChildren(...options);
}
