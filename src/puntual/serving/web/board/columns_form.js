// A small form for which column holds what: as it was guessed or said before, for the reader to correct.

import { element } from "../elements.js";
import { listAnd, text } from "../messages.js";
import { FIELDS } from "./columns.js";

/**
 * @param root the details that it stands in
 * @param changed called with { names, columns } as the reader wants them
 */
export function createColumnsForm(root, { changed }) {
  const form = root.querySelector("form");
  const fields = form.querySelector(".filters");
  let names = [];

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed({ names, columns: Object.fromEntries(FIELDS.map((field) => [field, form.elements[field].value])) });
  });

  return {
    /**
     * @param header { names, columns }, or null: the columns are those of a source, and there is nothing to say
     * @param open whether something has to be said
     */
    show(header, open) {
      root.hidden = !header;
      root.open = Boolean(header && open);
      if (!header) return;
      ({ names } = header);
      fields.replaceChildren(...FIELDS.map((field) => {
        const select = element("select", { id: `${root.id}-${field}`, name: field });
        select.append(new Option(text("board.column_none"), ""), ...names.map((name) => new Option(name, name)));
        select.value = header.columns[field];
        const label = element("label", { for: select.id }, text(`board.column_${field}`));
        return element("div", { class: "filter" }, label, element("div", { class: "cell" }, select));
      }));
    },
    focus: () => form.elements[FIELDS[0]]?.focus(),
  };
}

/** Which columns were read, in words. */
export function describeColumns(columns) {
  const read = new Set(FIELDS.map((field) => columns[field]).filter(Boolean));
  return text("board.columns_taken", { columns: listAnd([...read]) });
}
