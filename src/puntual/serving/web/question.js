// The form: reads and writes a question, and shows what is wrong with it at its fields. A question as the address and the
// API have it.

import { homeOf, rankByFlights, toChoice } from "./choices.js";
import { Combobox } from "./combobox.js";
import { clock, twoDigits } from "./dates.js";
import { byId } from "./elements.js";
import { fullDay, listOr, plural, text } from "./messages.js";

const AIRLINE_CODE = /^[A-Z0-9]{2,3}$/;
const AIRPORT_CODE = /^[A-Z0-9]{3,4}$/;
/** Of those that an unclear name can be. */
const MAX_NAMED = 4;
/** Fields of the API that the form calls otherwise. */
const FORM_FIELDS = { scheduled_departure: "time" };

/**
 * @param status live region for the lists
 * @param changed called with the name of the field after every change of the question
 * @param submitted called when an answer is wanted
 */
export function createQuestion({ status, changed, submitted }) {
  let names = ["destination", "airline"];
  let routes = null;
  const box = (name, pattern) => {
    const settled = () => {
      markUnresolved(name);
      if (name !== "airline") rankAirlines();
      changed(name);
    };
    return new Combobox(name, { pattern, status, changed: settled });
  };
  const boxes = {
    origin: box("origin", AIRPORT_CODE),
    destination: box("destination", AIRPORT_CODE),
    airline: box("airline", AIRLINE_CODE),
  };
  const fields = () => [...names, "date", "time"];
  const missing = (question) => fields().filter((name) => !question[name]);

  function markUnresolved(name) {
    const { unresolved, possible } = boxes[name];
    const key = possible.length ? "unresolved.several" : name === "airline" ? "unresolved.airline" : "unresolved.airport";
    const listed = possible.slice(0, MAX_NAMED).map(({ title, tile }) => `${title} (${tile})`);
    setError(name, unresolved && text(key, { text: unresolved, names: listOr(listed) }));
  }

  /** The airlines that fly the route come first, then the others, each by their flights. */
  function rankAirlines() {
    const route = { origin: boxes.origin.chosen?.code, destination: boxes.destination.chosen?.code };
    const onRoute = new Map(routes.onRoute(route).map(({ airline, flights }) => [airline, flights]));
    const total = routes.flightsOf({});
    const flightsOf = ({ code }) => total * (onRoute.get(code) ?? 0) + routes.flightsOf({ airline: code });
    boxes.airline.choices = rankByFlights(boxes.airline.choices, flightsOf);
    boxes.airline.remarkOf = ({ code }) => {
      if (onRoute.size) return onRoute.has(code) ? plural("list.on_route", onRoute.get(code)) : text("list.not_on_route");
      return plural("list.flights", routes.flightsOf({ airline: code }));
    };
  }

  for (const name of ["date", "time"]) {
    byId(name).addEventListener("input", () => {
      setError(name, "");
      writeDate();
      changed(name);
    });
  }
  /** The day written out: fields of browsers leave open which of 11/12 is the month. */
  function writeDate() {
    const { value, validity } = byId("date");
    byId("date-hint").textContent = value && validity.valid ? fullDay(value) : "";
  }

  byId("question").addEventListener("submit", (event) => {
    event.preventDefault();
    submitted();
  });

  return {
    setCatalogue({ airlines, destinations, model, routes: flown }) {
      routes = flown;
      for (const [name, entries] of Object.entries({ origin: model.origins, destination: destinations, airline: airlines })) {
        const choices = entries.map((entry) => toChoice(entry, homeOf(model)));
        boxes[name].choices = rankByFlights(choices, ({ code }) => routes.flightsOf({ [name]: code }));
      }
      rankAirlines();
      const several = model.origins.length > 1;
      names = several ? ["origin", "destination", "airline"] : ["destination", "airline"];
      byId("origin-field").hidden = !several;
      byId("question").classList.toggle("with-origin", several);
      byId("fields").disabled = false;
    },

    /** Fill the form; a question without a time gets the next full hour of today. */
    write(question) {
      for (const name of names) boxes[name].set(question[name]);
      rankAirlines();
      const soon = nextHour();
      byId("date").value = question.date || soon.date;
      byId("time").value = question.time || soon.time;
      byId("number").value = question.number ?? "";
      writeDate();
      names.forEach(markUnresolved);
    },

    /** The question with what was typed but names nothing, for `write`. */
    readTyped() {
      const typed = names.map((name) => [name, boxes[name].chosen?.code ?? boxes[name].unresolved]);
      return { ...this.read(), ...Object.fromEntries(typed) };
    },

    /** The question as it stands; a part that is missing is "". */
    read() {
      const codes = names.map((name) => [name, boxes[name].chosen?.code ?? ""]);
      const date = byId("date").validity.valid ? byId("date").value : "";
      const [time, number] = [byId("time").value.slice(0, 5), byId("number").value.trim()];
      return { ...Object.fromEntries(codes), date, time, number };
    },

    /** The codes of airline and airports as people know them, by field. */
    codes: () => Object.fromEntries(names.map((name) => [name, boxes[name].chosen?.tile ?? ""])),

    /** The airline and the airports of a question by name, and by code where there is none. */
    namesOf: (question) => Object.fromEntries(names.map((name) => [name, boxes[name].nameOf(question[name] ?? "")])),

    isComplete: (question) => missing(question).length === 0,

    /** Say at each field what is missing, and go to the first. */
    markMissing(question) {
      const wrong = missing(question);
      for (const name of wrong) if (!boxes[name]?.unresolved) setError(name, text(`missing.${name}`));
      byId(wrong[0])?.focus();
    },

    /** Show what the server says of fields, by the API's names; true if one of them is in the form. */
    markErrors(errors) {
      const own = Object.entries(errors).map(([name, message]) => [FORM_FIELDS[name] ?? name, message]);
      const shown = own.filter(([name]) => fields().includes(name));
      for (const [name, message] of shown) setError(name, message);
      return shown.length > 0;
    },

    clearErrors() {
      for (const name of fields()) setError(name, "");
    },
  };
}

/** The question in the address; a part that is not there is "". */
export function fromAddress({ origin = "", destination = "", airline = "", departure = "", number = "" }) {
  const [date, time = ""] = departure.split("T");
  return { origin, destination, airline, date, time, number };
}

/** A question of the form as the API takes it. */
export function toFlight({ date, time, number, ...codes }) {
  return { ...codes, scheduled_departure: `${date}T${time}:00` };
}

/** A question as the address has it; an empty one leaves it clean. */
export function toAddress({ date, time, number, ...codes }) {
  const departure = Object.values(codes).some(Boolean) && date && time ? `${date}T${time}` : "";
  return { ...codes, departure, number };
}

function setError(name, message) {
  byId(`${name}-error`).textContent = message;
  byId(name).ariaInvalid = message ? "true" : null;
}

function nextHour() {
  const moment = new Date(Date.now() + 3_600_000);
  const date = [moment.getFullYear(), twoDigits(moment.getMonth() + 1), twoDigits(moment.getDate())].join("-");
  return { date, time: clock(moment.getHours()) };
}
