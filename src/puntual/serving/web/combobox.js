// A text field that offers a list: the combobox of the ARIA Authoring Practices, with automatic selection.

import { byCode, matching, meant, strange } from "./choices.js";
import { plural, text } from "./messages.js";

const MOST_SHOWN = 60;

export class Combobox {
  #input;
  #list;
  #tile;
  #hint;
  #status;
  #choices = [];
  #pattern;
  #changed;
  #chosen = null;
  #options = [];
  #active = -1;

  /**
   * @param name id of the input; its parts are `${name}-list`, `${name}-hint` and the tile before it
   * @param pattern what a code looks like that is not in the list
   * @param status the live region that says how many match
   * @param changed called when another choice, or none, is made
   */
  constructor(name, { pattern, placeholder, status, changed }) {
    this.#input = document.getElementById(name);
    this.#list = document.getElementById(`${name}-list`);
    this.#hint = document.getElementById(`${name}-hint`);
    this.#tile = this.#input.previousElementSibling;
    this.#pattern = pattern;
    this.#status = status;
    this.#changed = changed;
    this.#declare(name, placeholder);
    this.#listen();
  }

  /** What can be chosen, in the order in which it is listed. */
  set choices(choices) {
    this.#choices = choices;
  }

  /** What is chosen, or null. */
  get chosen() {
    return this.#chosen;
  }

  /** What was typed but fits nothing. */
  get unresolved() {
    return this.#chosen ? "" : this.#input.value.trim();
  }

  /** Choose by code, as the address gives it, without telling `changed`. */
  set(code) {
    this.#chosen = code ? this.#read(code) : null;
    if (!this.#chosen) this.#input.value = code;
    this.#show();
  }

  #declare(name, placeholder) {
    const attributes = {
      role: "combobox",
      placeholder,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-required": "true",
      "aria-controls": this.#list.id,
      "aria-describedby": `${name}-hint ${name}-error`,
    };
    for (const [attribute, value] of Object.entries(attributes)) this.#input.setAttribute(attribute, value);
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", this.#input.labels[0].textContent);
    this.#list.hidden = true;
  }

  #listen() {
    this.#input.addEventListener("focus", () => this.#input.select());
    this.#input.addEventListener("click", () => this.#open());
    this.#input.addEventListener("input", () => this.#open(this.#input.value));
    this.#input.addEventListener("blur", () => this.#leave());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    // The list must not take the focus from the input.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      const choice = this.#options[[...this.#list.children].indexOf(option)];
      if (choice) this.#choose(choice);
    });
  }

  #key(event) {
    const act = {
      ArrowDown: () => (this.#isOpen ? this.#move(1) : this.#open()),
      ArrowUp: () => (this.#isOpen ? this.#move(-1) : this.#open()),
      PageDown: () => this.#isOpen && this.#move(8),
      PageUp: () => this.#isOpen && this.#move(-8),
      Escape: () => (this.#isOpen ? this.#close() : this.#clear()),
      Enter: () => this.#isOpen && this.#active >= 0 && this.#choose(this.#options[this.#active]),
    }[event.key];
    if (act && act() !== false) event.preventDefault();
    if (event.key === "Tab" && this.#isOpen && this.#active >= 0) this.#choose(this.#options[this.#active]);
  }

  get #isOpen() {
    return !this.#list.hidden;
  }

  /** Open the list of what fits `typed`; nothing typed: of all, at what is chosen. */
  #open(typed = "") {
    const fitting = matching(this.#choices, typed).slice(0, typed ? MOST_SHOWN : Infinity);
    const code = typed.trim().toUpperCase();
    const usable = this.#pattern.test(code) && !byCode(this.#choices, code);
    this.#options = usable ? [...fitting, strange(code, text("list.use_code"))] : fitting;
    this.#list.replaceChildren(...this.#options.map((choice, index) => this.#option(choice, index)));
    if (!this.#options.length) this.#list.append(nothing());
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#activate(typed ? Math.min(0, this.#options.length - 1) : this.#options.indexOf(this.#chosen));
    if (typed) this.#status.textContent = this.#matches();
  }

  #matches() {
    return this.#options.length ? plural("list.matches", this.#options.length) : text("list.none");
  }

  #option(choice, index) {
    const option = document.createElement("li");
    option.id = `${this.#list.id}-${index}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(choice.code === this.#chosen?.code));
    option.append(part("tile", choice.tile), part("title", choice.title), part("detail", choice.detail));
    return option;
  }

  #move(steps) {
    if (!this.#options.length) return;
    const last = this.#options.length - 1;
    const wrapped = this.#active + steps > last ? 0 : last;
    const inside = this.#active + steps >= 0 && this.#active + steps <= last;
    this.#activate(inside ? this.#active + steps : wrapped);
  }

  #activate(index) {
    this.#list.children[this.#active]?.classList.remove("active");
    this.#active = index;
    const option = index >= 0 ? this.#list.children[index] : undefined;
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #choose(choice) {
    const before = this.#chosen?.code;
    this.#chosen = choice.known ? choice : strange(choice.code, "");
    this.#close();
    this.#show();
    if (before !== this.#chosen.code) this.#changed();
  }

  #clear() {
    this.#input.value = "";
    this.#leave();
  }

  /** Take what was typed for the choice that it names, if it names one. */
  #leave() {
    this.#close();
    const typed = this.#input.value.trim();
    if (this.#chosen && typed === this.#chosen.title) return;
    const before = this.#chosen?.code;
    this.#chosen = typed ? this.#read(typed) : null;
    this.#show();
    if (before !== this.#chosen?.code || this.unresolved) this.#changed();
  }

  #read(typed) {
    const known = byCode(this.#choices, typed) ?? meant(this.#choices, typed);
    if (known) return known;
    const code = typed.trim().toUpperCase();
    return this.#pattern.test(code) ? strange(code, "") : null;
  }

  #close() {
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
  }

  #show() {
    if (this.#chosen) this.#input.value = this.#chosen.title;
    this.#tile.textContent = this.#chosen?.tile ?? "";
    const detail = this.#chosen?.known === false ? text("form.unseen") : this.#chosen?.detail;
    this.#hint.replaceChildren();
    this.#hint.classList.toggle("visually-hidden", !detail);
    if (this.#chosen) this.#hint.append(part("visually-hidden", `${this.#chosen.tile} `), detail);
  }
}

function part(name, content) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = content;
  return span;
}

function nothing() {
  const item = document.createElement("li");
  item.className = "nothing";
  item.setAttribute("role", "option");
  item.setAttribute("aria-disabled", "true");
  item.textContent = text("list.none");
  return item;
}
