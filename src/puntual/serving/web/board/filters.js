// The fields above the board that filter its flights.

import { byId } from "../elements.js";
import { day, text } from "../messages.js";

/** Typing is faster than rendering. */
const DEBOUNCE_MS = 80;
const SELECTS = { day: "filter-day", airline: "filter-airline", destination: "filter-destination" };

/**
 * @param changed called with what the reader changed of the state
 * @param cleared called when all flights are wanted
 */
export function createFilters({ changed, cleared }) {
  const search = byId("search");
  const warned = byId("filter-warned");
  let timer = 0;

  search.placeholder = text("board.search_hint");
  for (const [name, id] of Object.entries(SELECTS)) {
    byId(id).addEventListener("change", ({ target }) => changed({ [name]: target.value }));
  }
  warned.addEventListener("change", () => changed({ warned: warned.checked ? "1" : "" }));
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed({ search: search.value.trim() }), DEBOUNCE_MS);
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("all").addEventListener("click", () => {
    cleared();
    search.focus();
  });

  return {
    /** Offer the days, airlines and destinations of a schedule. */
    setDepartures({ days, choices }) {
      byId("day-filter").hidden = days.length < 2;
      fill("filter-day", text("board.every_day"), days.map((date) => [date, day(date)]));
      const named = (field) => choices(field).map((choice) => [choice.own, labelOf(choice)]);
      fill("filter-airline", text("board.every_airline"), named("airline"));
      fill("filter-destination", text("board.every_destination"), named("destination"));
    },

    /** Show a state in every field. */
    write(state) {
      search.value = state.search;
      this.mark(state);
    },

    /** The same except for what is being typed. */
    mark(state) {
      for (const [name, id] of Object.entries(SELECTS)) byId(id).value = state[name];
      warned.checked = Boolean(state.warned);
      if (!state.search && document.activeElement !== search) search.value = "";
    },
  };
}

function labelOf({ title, tile }) {
  return title === tile ? title : `${title} (${tile})`;
}

function fill(id, every, entries) {
  byId(id).replaceChildren(...[["", every], ...entries].map(([value, label]) => new Option(label, value)));
}
