// A text field that offers a list: the combobox of the ARIA Authoring Practices, with automatic selection.

import { findByCode, findByPrefix, search, unknownChoice } from "./choices.js";
import { byId, element, span } from "./elements.js";
import { plural, text } from "./messages.js";

const MAX_MATCHES = 60;
const PAGE_STEPS = 8;

export class Combobox {
  /** What can be chosen, in the order in which it is listed. */
  choices = [];
  /** What the list says of a choice, besides its name. */
  remarkOf = () => "";
  #input;
  #list;
  #tile;
  #hint;
  #status;
  #pattern;
  #changed;
  #chosen = null;
  #moved = false;
  #options = [];
  #active = -1;

  /**
   * @param name id of the input; its parts are `${name}-list`, `${name}-hint` and the tile before it
   * @param pattern of a code that is not in the list
   * @param status the live region that says how many match
   * @param changed called when another choice, or none, is made
   */
  constructor(name, { pattern, status, changed }) {
    this.#input = byId(name);
    this.#list = byId(`${name}-list`);
    this.#hint = byId(`${name}-hint`);
    this.#tile = this.#input.previousElementSibling;
    this.#pattern = pattern;
    this.#status = status;
    this.#changed = changed;
    this.#declare(name);
    this.#listen();
  }

  /** What is chosen, or null. */
  get chosen() {
    return this.#chosen;
  }

  /** What was typed but matches nothing. */
  get unresolved() {
    return this.#chosen ? "" : this.#input.value.trim();
  }

  /** What is called by a code. */
  nameOf(code) {
    return findByCode(this.choices, code)?.title ?? code;
  }

  /** Those that what was typed can be, although it is not clear which. */
  get possible() {
    return this.unresolved ? search(this.choices, this.unresolved) : [];
  }

  /** Choose by code, as the address gives it, without calling `changed`. */
  set(code) {
    this.#chosen = code ? this.#resolve(code) : null;
    if (!this.#chosen) this.#input.value = code;
    this.#render();
  }

  #declare(name) {
    const attributes = {
      role: "combobox",
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
    this.#list.role = "listbox";
    this.#list.setAttribute("aria-labelledby", `${name}-label`);
    this.#list.hidden = true;
  }

  #listen() {
    this.#input.addEventListener("focus", () => this.#input.select());
    this.#input.addEventListener("click", () => this.#open());
    this.#input.addEventListener("input", () => this.#open(this.#input.value));
    this.#input.addEventListener("blur", () => this.#leave());
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    // The list must not take the focus from the input.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const choice = this.#options[[...this.#list.children].indexOf(target.closest("[role=option]"))];
      if (choice) this.#choose(choice);
    });
  }

  #press(event) {
    const chooseActive = () => this.#isOpen && this.#active >= 0 && this.#choose(this.#options[this.#active]);
    const act = {
      ArrowDown: () => (this.#isOpen ? this.#move(1) : this.#open()),
      ArrowUp: () => (this.#isOpen ? this.#move(-1) : this.#open()),
      PageDown: () => this.#isOpen && this.#move(PAGE_STEPS),
      PageUp: () => this.#isOpen && this.#move(-PAGE_STEPS),
      Escape: () => (this.#isOpen ? this.#close() : this.#clear()),
      Enter: chooseActive,
    }[event.key];
    if (act && act() !== false) event.preventDefault();
    if (event.key === "Tab" && (this.#moved || this.#options.length === 1)) chooseActive();
  }

  get #isOpen() {
    return !this.#list.hidden;
  }

  /** Open the list of what matches `typed`; nothing typed: of all, at what is chosen. */
  #open(typed = "") {
    const matches = search(this.choices, typed).slice(0, typed ? MAX_MATCHES : Infinity);
    const code = typed.trim().toUpperCase();
    const usable = this.#pattern.test(code) && !findByCode(this.choices, code);
    this.#options = usable ? [...matches, unknownChoice(code, text("list.use_code"))] : matches;
    const { length } = this.#options;
    this.#list.replaceChildren(...this.#options.map((choice, index) => this.#option(choice, index)));
    if (!length) {
      const none = { class: "nothing", role: "option", "aria-disabled": "true" };
      this.#list.append(element("li", none, text("list.none")));
    }
    this.#list.hidden = false;
    this.#input.ariaExpanded = "true";
    this.#moved = false;
    this.#activate(typed ? Math.min(0, length - 1) : this.#options.indexOf(this.#chosen));
    if (typed) this.#status.textContent = length ? plural("list.matches", length) : text("list.none");
  }

  #option(choice, index) {
    const { code, tile, title, detail } = choice;
    const about = [detail, choice.known && this.remarkOf(choice)].filter(Boolean).join(" · ");
    return element(
      "li",
      { id: `${this.#list.id}-${index}`, role: "option", "aria-selected": code === this.#chosen?.code },
      span("tile", tile),
      span("title", title),
      span("about", about),
    );
  }

  #move(steps) {
    if (!this.#options.length) return;
    this.#moved = true;
    const last = this.#options.length - 1;
    const next = this.#active + steps;
    if (next > last) this.#activate(0);
    else this.#activate(next < 0 ? last : next);
  }

  #activate(index) {
    this.#list.children[this.#active]?.classList.remove("active");
    this.#active = index;
    const option = this.#list.children[index];
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #choose(choice) {
    this.#close();
    this.#replace(choice.known ? choice : unknownChoice(choice.code));
  }

  #clear() {
    this.#input.value = "";
    this.#leave();
  }

  /** Choose what the typed text names, if it names one. */
  #leave() {
    this.#close();
    const typed = this.#input.value.trim();
    if (this.#chosen && typed === this.#chosen.title) return;
    this.#replace(typed ? this.#resolve(typed) : null);
  }

  #replace(choice) {
    const before = this.#chosen?.code;
    this.#chosen = choice;
    this.#render();
    if (before !== choice?.code || this.unresolved) this.#changed();
  }

  #resolve(typed) {
    const known = findByCode(this.choices, typed) ?? findByPrefix(this.choices, typed);
    if (known) return known;
    const code = typed.trim().toUpperCase();
    return this.#pattern.test(code) ? unknownChoice(code) : null;
  }

  #close() {
    this.#list.hidden = true;
    this.#input.ariaExpanded = "false";
    this.#activate(-1);
  }

  #render() {
    const chosen = this.#chosen;
    if (chosen) this.#input.value = chosen.title;
    this.#tile.textContent = chosen?.tile ?? "";
    const detail = chosen?.known === false ? text("form.unseen") : chosen?.detail;
    this.#hint.replaceChildren();
    this.#hint.classList.toggle("visually-hidden", !detail);
    if (chosen) this.#hint.append(span("visually-hidden", `${chosen.tile} `), detail);
  }
}
