// Elements of the page: found by id, or made from their attributes and children.

export const byId = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const span = (name, ...children) => element("span", { class: name }, ...children);

export const item = (...children) => element("li", {}, ...children);

/** Put items into a list; if the reader was in it, the current one has the focus. */
export function replaceItems(list, items) {
  const hadFocus = list.contains(document.activeElement);
  list.replaceChildren(...items);
  if (hadFocus) (list.querySelector("[aria-current]") ?? list.querySelector("a"))?.focus({ preventScroll: true });
}

/** A span that only the eye needs; `lengths` are custom properties that its style draws. */
export function graphic(name, lengths = {}, ...children) {
  const made = element("span", { class: name, "aria-hidden": "true" }, ...children);
  for (const [property, length] of Object.entries(lengths)) made.style.setProperty(property, length);
  return made;
}

/** A row of a table: its heading, details in small letters below it, and what each cell contains. */
export function tableRow(heading, details, cells) {
  const head = element("th", { scope: "row" }, heading);
  if (details) head.append(element("small", {}, details));
  return element("tr", {}, head, ...cells.map((content) => element("td", {}, ...[content].flat())));
}

/** Whether a click on a link is for the page to follow, not for the browser to open elsewhere. */
export function isPlainClick({ ctrlKey, metaKey, shiftKey, button }) {
  return !ctrlKey && !metaKey && !shiftKey && !button;
}
