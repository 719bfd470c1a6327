// The form: a question out of it, and what is wrong with it back at its fields; and a question as the address and the API
// have it.

import { sorted, toChoice } from "./choices.js";
import { Combobox } from "./combobox.js";
import { text } from "./messages.js";

const AIRLINE_CODE = /^[A-Z0-9]{2,3}$/;
const AIRPORT_CODE = /^[A-Z0-9]{3,4}$/;
/** The API's names of what the form calls otherwise. */
const FORM_FIELDS = { scheduled_departure: "time" };

const field = (name) => document.getElementById(name);

/**
 * @param status live region for the lists
 * @param changed called after every change of the question
 * @param submitted called when an answer is asked for
 */
export function createQuestion({ status, changed, submitted }) {
  let names = ["destination", "airline"];
  const box = (name, pattern, placeholder) =>
    new Combobox(name, { pattern, placeholder, status, changed: () => settle(name) });
  const boxes = {
    origin: box("origin", AIRPORT_CODE, text("form.airport_placeholder")),
    destination: box("destination", AIRPORT_CODE, text("form.airport_placeholder")),
    airline: box("airline", AIRLINE_CODE, text("form.airline_placeholder")),
  };

  function settle(name) {
    markUnresolved(name);
    changed();
  }

  function markUnresolved(name) {
    const values = { text: boxes[name].unresolved };
    if (!values.text) mark(name, "");
    else if (name === "airline") mark(name, text("unresolved.airline", values));
    else mark(name, text("unresolved.airport", values));
  }

  for (const name of ["date", "time"]) {
    field(name).addEventListener("input", () => {
      mark(name, "");
      changed();
    });
  }
  field("question").addEventListener("submit", (event) => {
    event.preventDefault();
    submitted();
  });

  return {
    /** What there is to choose from. */
    know({ airlines, destinations, model }) {
      const home = model.origins[0]?.country;
      const choices = (entries) => sorted(entries.map((entry) => toChoice(entry, home)));
      boxes.airline.choices = choices(airlines);
      boxes.destination.choices = choices(destinations);
      boxes.origin.choices = choices(model.origins);
      const several = model.origins.length > 1;
      names = several ? ["origin", "destination", "airline"] : ["destination", "airline"];
      field("origin-field").hidden = !several;
      field("question").classList.toggle("with-origin", several);
      field("fields").disabled = false;
    },

    /** Fill the form; a question without a time gets the next full hour of today. */
    write(question) {
      for (const name of names) boxes[name].set(question[name]);
      const soon = nextHour();
      field("date").value = question.date || soon.date;
      field("time").value = question.time || soon.time;
      for (const name of names) markUnresolved(name);
    },

    /** The question as it stands; a part that is missing is "". */
    read() {
      const codes = names.map((name) => [name, boxes[name].chosen?.code ?? ""]);
      const date = field("date").validity.valid ? field("date").value : "";
      return { ...Object.fromEntries(codes), date, time: field("time").value.slice(0, 5) };
    },

    /** How the chosen airline or airport is called. */
    title: (name) => boxes[name].chosen?.title ?? "",

    /** Their codes, by field, as people know them. */
    tiles: () => Object.fromEntries(names.map((name) => [name, boxes[name].chosen?.tile ?? ""])),

    complete(question) {
      return [...names, "date", "time"].every((name) => question[name]);
    },

    /** Say at each field what is missing, and go to the first. */
    demand(question) {
      const demands = {
        origin: text("missing.origin"),
        destination: text("missing.destination"),
        airline: text("missing.airline"),
        date: text("missing.date"),
        time: text("missing.time"),
      };
      const wrong = [...names, "date", "time"].filter((name) => !question[name]);
      for (const name of wrong) if (!boxes[name]?.unresolved) mark(name, demands[name]);
      field(wrong[0])?.focus();
    },

    /** Show what the server says of fields, by the API's names; true if there was one to show it at. */
    refuse(fields) {
      let shown = false;
      for (const [name, message] of Object.entries(fields)) {
        const own = FORM_FIELDS[name] ?? name;
        if (![...names, "date", "time"].includes(own)) continue;
        mark(own, message);
        shown = true;
      }
      return shown;
    },

    accept() {
      for (const name of [...names, "date", "time"]) mark(name, "");
    },
  };
}

/** The question in the address; a part that is not there is "". */
export function fromAddress({ origin = "", destination = "", airline = "", departure = "" }) {
  const [date, time = ""] = departure.split("T");
  return { origin, destination, airline, date, time };
}

/** What is asked of the API for a question of the form. */
export function toFlight({ date, time, ...codes }) {
  return { ...codes, scheduled_departure: `${date}T${time}:00` };
}

/** What the address says of a question; an empty one leaves it clean. */
export function toAddress({ date, time, ...codes }) {
  const departure = Object.values(codes).some(Boolean) && date && time ? `${date}T${time}` : "";
  return { ...codes, departure };
}

function mark(name, message) {
  field(`${name}-error`).textContent = message;
  if (message) field(name).setAttribute("aria-invalid", "true");
  else field(name).removeAttribute("aria-invalid");
}

function nextHour() {
  const moment = new Date(Date.now() + 3_600_000);
  const two = (value) => String(value).padStart(2, "0");
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return { date, time: `${two(moment.getHours())}:00` };
}
