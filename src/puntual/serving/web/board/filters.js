// The fields above a board that filter its flights: a form whose fields are named as what they filter by.

import { element } from "../elements.js";
import { text } from "../messages.js";

/** Typing is faster than rendering. */
const DEBOUNCE_MS = 80;

/**
 * @param form with a field `search`, lists to choose from, boxes to tick, whose value is "1" or "", and sliders, whose
 *   value is "" where they were at first
 * @param changed called with what the reader changed of the state
 */
export function createFilters(form, { changed }) {
  const { search } = form.elements;
  const fields = [...form.elements].filter(({ name, type }) => name && type !== "search");
  let timer = 0;

  search.placeholder = text("board.search_hint");
  for (const field of fields) {
    const event = field.type === "range" ? "input" : "change";
    field.addEventListener(event, () => changed({ [field.name]: read(field) }));
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed({ search: search.value.trim() }), DEBOUNCE_MS);
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  return {
    focus: () => search.focus(),

    /**
     * Offer what a list chooses from; what is chosen stays so.
     *
     * @param every the label of no choice
     * @param entries values with their labels
     */
    offer(name, every, entries) {
      const field = form.elements[name];
      const { value } = field;
      field.replaceChildren(...[["", every], ...entries].map(([own, label]) => element("option", { value: own }, label)));
      field.value = value;
      if (field.selectedIndex < 0) field.value = "";
    },

    /** Show a state in every field. */
    write(state) {
      search.value = state.search;
      this.mark(state);
    },

    /** The same except for what is being typed. */
    mark(state) {
      for (const field of fields) {
        if (field.type === "checkbox") field.checked = Boolean(state[field.name]);
        else field.value = state[field.name] || field.defaultValue || "";
      }
      if (!state.search && document.activeElement !== search) search.value = "";
    },
  };
}

function read({ type, checked, value, defaultValue }) {
  if (type === "checkbox") return checked ? "1" : "";
  if (type === "range" && value === defaultValue) return "";
  return value;
}

/** Choices as a list offers them. */
export const labelled = (choices) => choices.map(({ own, title, tile }) => [own, title === tile ? title : `${title} (${tile})`]);
