// The board: a schedule as departures with their chances, sorted, filtered and searched; its file stays in the browser.

import { readAddress, writeAddress } from "../address.js";
import { fetchRates, fetchSchedules } from "../api.js";
import { day, number, percent, plural, shortDay, text } from "../messages.js";
import { askAbout } from "./requests.js";
import { Refused } from "./csv.js";
import { SORTS, createDepartures, totals } from "./departures.js";
import { createFilters } from "./filters.js";
import { showFlaps } from "./flaps.js";
import { createHours, rounded } from "./hours.js";
import { createIntake } from "./input.js";
import { MOST_FLIGHTS } from "./errors.js";
import { createReader } from "./reader.js";
import { madeUpDay, tomorrow } from "./sample.js";
import { createTable } from "./table.js";

const NOTHING = { sort: "time", day: "", hour: "", airline: "", destination: "", warned: "", search: "" };

const part = (id) => document.getElementById(id);

/** @param known { airlines, destinations, model } */
export function create(root, known) {
  const { model } = known;
  const reader = createReader();
  const intake = createIntake(root, { given, sampled, retried: () => last?.() });
  const filters = createFilters({ changed: change, cleared: () => change({ ...NOTHING, sort: state.sort }) });
  const hours = createHours(part("hours"), { chosen: (hour) => change({ hour }) });
  const table = createTable(part("sheet"), part("departure"), {
    sorted: (by) => change({ sort: turned(state.sort, by) }),
  });
  let schedules = null;
  let state = NOTHING;
  let departures = null;
  let schedule = 0; // its number in the reader
  let predictions = null;
  let dates = new Map(); // of its days, in short
  let name = "";
  let last = null; // what is tried again
  let asking = new AbortController();

  part("board-lead").textContent = text("board.lead", { minutes: model.threshold_minutes });
  part("download").addEventListener("click", take);
  fetchKnown().catch(() => {}); // a file that is given asks again, and tells it

  async function fetchKnown() {
    schedules ??= await fetchSchedules();
    intake.know(schedules);
    return schedules;
  }

  /** Read a file or a text, ask about its flights, and show them. */
  async function given({ name: called, ...content }) {
    asking.abort();
    const { signal } = (asking = new AbortController());
    last = () => given({ name: called, ...content });
    try {
      intake.wait(text("board.reading", { name: called }));
      const read = await reader.read(content, await fetchKnown());
      if (signal.aborted) return;
      const { flights } = read;
      if (flights.length > MOST_FLIGHTS) throw new Refused("too_many", { flights: flights.length });
      const progress = (answered) => {
        if (answered < flights.length) intake.wait(asked(flights.length, answered));
      };
      intake.wait(asked(flights.length, 0));
      const told = await askAbout(flights, schedules, signal, progress);
      if (signal.aborted) return;
      predictions = told;
      schedule = read.schedule;
      reader.keep(schedule);
      name = called;
      departures = createDepartures(flights, predictions, known);
      dates = new Map(departures.days.map((date) => [date, shortDay(date)]));
      last = null;
      arrive(read);
    } catch (error) {
      if (!signal.aborted) intake.fail(error);
    }
  }

  async function sampled() {
    asking.abort();
    const { signal } = (asking = new AbortController());
    last = sampled;
    try {
      intake.wait(text("board.generating"));
      const rates = await fetchRates();
      if (signal.aborted) return;
      given({ text: madeUpDay(model, rates, tomorrow()), name: text("board.sample_name") });
    } catch (error) {
      if (!signal.aborted) intake.fail(error);
    }
  }

  function arrive({ flights, problems, duplicates, rows }) {
    const days = departures.days;
    const values = { name, first: day(days[0]), last: day(days.at(-1)) };
    const learned = { learned_first: day(model.training.first), learned_last: day(model.training.last) };
    const unknown = (what) => departures.all.filter((one) => one.unknown.includes(what)).length;
    const [far, strange] = [unknown("date"), unknown("season")];
    const said = [
      days.length > 1
        ? plural("board.read_days", flights.length, values)
        : plural("board.read_day", flights.length, values),
      duplicates ? plural("board.duplicates", duplicates) : "",
      problems.length ? plural("board.unread", problems.length, { rows: number(rows) }) : "",
      far ? plural("board.far_date", far, learned) : "",
      strange ? plural("board.new_season", strange) : "",
    ];
    intake.done(said.filter(Boolean).join(" "));
    part("board-status").textContent = said.filter(Boolean).join(" ");
    intake.list(problems);
    part("departures").hidden = false;
    part("board-panel").classList.add("filled");
    filters.know(departures);
    apply(readAddress());
    writeAddress("board", state);
  }

  /** Take over what the address, or the reader, asks for, as far as the schedule has it. */
  function apply(values) {
    const { sort = "", day: date = "", hour = "", airline = "", destination = "", warned = "", search = "" } = values;
    const has = (field, code) => (departures.choices(field).some(({ own }) => own === code) ? code : "");
    state = {
      sort: SORTS.includes(sort.replace("-", "")) ? sort : "time",
      day: departures.days.includes(date) ? date : "",
      hour: /^([0-9]|1[0-9]|2[0-3])$/.test(hour) ? hour : "",
      airline: has("airline", airline),
      destination: has("destination", destination),
      warned: warned ? "1" : "",
      search: search.trim(),
    };
    filters.write(state);
    render();
  }

  function change(changes) {
    state = { ...state, ...changes };
    writeAddress("board", state);
    filters.mark(state);
    render();
  }

  function render() {
    const found = departures.select(state);
    const { flights, expected, warned } = totals(found);
    const origins = departures.choices("origin").length > 1;
    const dated = departures.days.length > 1 && !state.day ? (date) => dates.get(date) : null;
    showFlaps(part("total-flights"), number(flights));
    showFlaps(part("total-expected"), rounded(expected));
    showFlaps(part("total-warned"), number(warned));
    part("explanation").textContent = text("board.explanation", {
      minutes: model.threshold_minutes,
      cut: percent(model.cut, 1),
      model: model.name,
    });
    part("count").textContent = plural("board.shown", departures.all.length, { shown: number(flights) });
    part("all").hidden = flights === departures.all.length;
    part("none").hidden = flights > 0;
    hours.show(departures.hours(state), state.hour);
    const look = { called: departures.called, dated, origins, asked: model.origins.length > 1, cut: model.cut };
    table.show(found, look, state.sort);
  }

  async function take() {
    try {
      const url = URL.createObjectURL(await reader.write(schedule, predictions));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${name.replace(/\.\w+$/, "")}-puntual.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      intake.fail(error);
    }
  }

  return {
    show(values) {
      const told = Object.fromEntries(Object.entries(values).filter(([key]) => key in NOTHING));
      if (!departures) return intake.empty(Object.keys(told).length > 0);
      if (!Object.keys(told).length) return writeAddress("board", state);
      const same = Object.keys(NOTHING).every((key) => (told[key] ?? "") === state[key]);
      if (!same) apply(values);
    },
    title: () => text("page.view_title", { view: text("view.board") }),
  };
}

function asked(flights, answered) {
  const counts = { answered: number(answered) };
  return answered ? plural("board.progress", flights, counts) : plural("board.requesting", flights);
}

/** Sorted by what is sorted by already: the other way round. */
function turned(sort, by) {
  return sort === by ? `-${by}` : by;
}
