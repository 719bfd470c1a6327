// A flight by its number: airline, route and time from the timetable of the training flights, and what became of it there.

import { fetchFlightNumber } from "./api.js";
import { byId, element, item } from "./elements.js";
import { day, listAnd, percent, plural, shortDay, shortWeekday, text, weekday } from "./messages.js";

const DAYS = [1, 2, 3, 4, 5, 6, 7];

/**
 * @param question the form
 * @param found called when a number has filled in the form, or was taken out of it
 */
export function createFlightNumber({ question, found }) {
  const field = byId("number");
  /** Of the number that was asked for last. */
  let records = [];
  let asked = "";
  let model = null;
  let airlines = new Map();

  const nameOf = ({ airline, number }) => `${airlines.get(airline) ?? airline} ${number}`;
  const recordOf = (values) => records.find((record) => isRoute(record, values));

  field.addEventListener("change", look);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    look();
  });

  async function look() {
    const number = field.value.trim();
    if (number === asked) return;
    say("");
    if (!(await load(number))) return;
    if (records.length) take(records[0]);
    else if (number) sayUnknown(number);
    else found();
  }

  const sayUnknown = (number) => say(text("number.none", { number, last: day(model.training.last) }), true);

  /** Fetch the records of a number; false if another one is wanted by then, or they cannot be fetched. */
  async function load(number) {
    asked = number;
    records = [];
    try {
      const fetched = number ? (await fetchFlightNumber(number)).records : [];
      if (asked !== number) return false;
      records = fetched;
      return true;
    } catch (error) {
      if (asked === number) {
        asked = "";
        say(text("number.failed", { detail: error.message }), true);
      }
      return false;
    }
  }

  function take(record) {
    const { date } = question.read();
    const { airline, origin, destination } = record;
    asked = nameOf(record);
    question.write({ airline, origin, destination, date, time: timeOn(record, date), number: asked });
    found();
  }

  function say(message, isError = false) {
    byId("number-hint").textContent = isError ? "" : message || text("number.hint");
    byId("number-error").textContent = isError ? message : "";
    field.ariaInvalid = isError ? "true" : null;
  }

  return {
    setModel(fetched, named) {
      model = fetched;
      airlines = new Map(named.map(({ code, iata }) => [code, iata ?? code]));
      byId("number-field").hidden = !model.flight_numbers;
      say("");
    },

    /** The field `name` of the question was changed: its time follows its date, and another route has no number. */
    follow(name) {
      const values = question.read();
      const record = recordOf(values);
      if (name === "date" && record && values.date) byId("time").value = timeOn(record, values.date);
      else if (values.number === asked && records.length && !record) {
        field.value = asked = "";
        records = [];
        say("");
      }
    },

    /** What became of the flight of a question, if it has a number. */
    async show(values) {
      if (values.number !== asked && !(await load(values.number))) return;
      const record = recordOf(values);
      byId("flight-number").hidden = !record;
      if (record) {
        const on = weekdayOf(values.date);
        say(record.times[on - 1] ? "" : text("number.not_on", { number: nameOf(record), weekday: weekday(on) }));
        render(record);
      } else if (values.number) sayUnknown(values.number);
      else say("");
    },
  };

  function render(record) {
    const { flights, delayed, first, last, recent } = record;
    const { threshold_minutes: minutes, training } = model;
    byId("flight-number-title").textContent = text("number.title", { number: nameOf(record) });
    byId("flight-number-note").textContent = text("number.note", { first: day(first), last: day(last), end: day(training.last) });
    const others = records.filter((one) => one !== record);
    byId("flight-number-facts").replaceChildren(
      item(plural("number.departures", flights, { minutes, percent: percent(delayed / flights) })),
      item(text("number.delay", { median: describeDelay(record.median_delay), most: describeDelay(record.p90_delay) })),
      item(text("number.times", { times: describeTimes(record.times) })),
      item(text("number.recent", { delays: recent.map(describeDeparture).join(" · ") })),
      ...others.map((other) => item(button(other))),
    );
  }

  /** Another route of the same number. */
  function button(record) {
    const { airline, origin, destination } = question.namesOf(record);
    const values = { number: nameOf(record), airline, origin: origin ?? "", destination, last: day(record.last) };
    const made = element("button", { type: "button", class: "copy" }, text("number.another_route", values));
    made.addEventListener("click", () => take(record));
    return made;
  }
}

function isRoute({ airline, origin, destination }, question) {
  return airline === question.airline && destination === question.destination && origin === (question.origin ?? origin);
}

/** From Monday, which is 1; NaN without a date. */
function weekdayOf(date) {
  return new Date(date).getUTCDay() || 7;
}

/** The time of a number by schedule on a day of the week; where it did not leave on it, its most frequent one. */
function timeOn({ times }, date) {
  const known = times.filter(Boolean);
  const count = (time) => known.filter((one) => one === time).length;
  return times[weekdayOf(date) - 1] ?? known.toSorted((a, b) => count(b) - count(a))[0];
}

/** The times of departure, each with its days of the week. */
function describeTimes(times) {
  const days = Map.groupBy(DAYS.filter((one) => times[one - 1]), (one) => times[one - 1]);
  const named = [...days].map(([time, on]) => {
    return on.length === DAYS.length ? text("number.daily", { time }) : text("number.on_days", { time, days: listAnd(on.map(shortWeekday)) });
  });
  return named.join(" · ");
}

function describeDeparture({ date, delay }) {
  return text("number.departure", { day: shortDay(date), delay: describeDelay(delay) });
}

function describeDelay(delay) {
  const minutes = Math.round(delay);
  if (!minutes) return text("number.on_time");
  return plural(minutes > 0 ? "number.late" : "number.early", Math.abs(minutes));
}
