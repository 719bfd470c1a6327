// The key of the API, where the server asks for one: it is kept for this tab, never in the address.

import { element } from "./elements.js";
import { loadStyle } from "./parts.js";

const NAME = "puntual-key";
let kept = read();
let asking = null;

/** The header that a request carries; none without a key. */
const authorization = () => (kept ? { Authorization: `Bearer ${kept}` } : {});

/**
 * Fetch, with the key; where the server wants one, ask the reader for it and fetch again.
 *
 * @param words gives what the question says: { title, label, wrong, confirm, cancel }
 * @param options gives those of a fetch, anew for each
 */
export async function fetchWithKey(words, path, options = () => ({})) {
  for (;;) {
    const used = kept;
    const { headers, ...others } = options();
    const response = await fetch(path, { ...others, headers: { ...headers, ...authorization() } });
    if (response.status !== 401) return response;
    if (kept !== used) continue; // meanwhile one was given
    asking ??= askForKey(words);
    if (!(await asking)) return response;
  }
}

/** Ask in a dialog; whether a key was given. After a refusal nothing is asked until the page is loaded again. */
async function askForKey(words) {
  const [{ title, label, wrong, confirm, cancel }] = await Promise.all([words(), loadStyle("key.css").catch(() => {})]);
  const input = element("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: "" });
  const refuse = element("button", { type: "button" }, cancel);
  const form = element(
    "form",
    {},
    element("h2", {}, title),
    ...(kept ? [element("p", { role: "alert" }, wrong)] : []),
    element("label", { for: "key" }, label),
    input,
    element("p", { class: "choices" }, element("button", { type: "submit", class: "primary" }, confirm), refuse),
  );
  const dialog = element("dialog", { class: "key", "aria-label": title }, form);
  document.body.append(dialog);
  dialog.showModal();
  const given = await new Promise((resolve) => {
    form.addEventListener("submit", (event) => (event.preventDefault(), resolve(input.value.trim())));
    refuse.addEventListener("click", () => resolve(""));
    dialog.addEventListener("close", () => resolve(""));
  });
  dialog.remove();
  if (given) {
    keep(given);
    asking = null;
  }
  return Boolean(given);
}

function read() {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return ""; // the browser keeps nothing for this page: the key lives as long as the page
  }
}

function keep(key) {
  kept = key;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // as above
  }
}
