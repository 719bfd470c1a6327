// A schedule that the reader gives, as departures with their probabilities; its file stays in the browser.

import { readAddress } from "../address.js";
import { nameAndCode } from "../choices.js";
import { byId, element } from "../elements.js";
import { day, listAnd, listOr, number, percent, plural, shortDay, text } from "../messages.js";
import { edgesOf, metricsAt } from "../risk.js";
import { Refused } from "./csv.js";
import { fillDeparture } from "./departure.js";
import { SORTS, createDepartures, sumDepartures } from "./departures.js";
import { MAX_FLIGHTS } from "./errors.js";
import { createFilters, labelled } from "./filters.js";
import { renderFlaps } from "./flaps.js";
import { createHours, formatExpected } from "./hours.js";
import { createInput } from "./input.js";
import { createReader } from "./reader.js";
import { predictSchedule } from "./requests.js";
import { generateDay, sampleDate } from "./sample.js";
import { createTable } from "./table.js";

/** Arrivals that are named; the others are counted. */
const MAX_LISTED = 3;
const DEFAULTS = { sort: "time", day: "", hour: "", airline: "", destination: "", warn: "", warned: "", search: "" };

/**
 * @param root the whole view: a file may be dropped anywhere
 * @param catalogue { airlines, destinations, model, routes }
 * @param fetchFormats promises how schedules are written
 * @param write puts the state into the address
 * @param opened called when a schedule comes in
 */
export function createPlanned(root, catalogue, { fetchFormats, write, opened }) {
  const { model, routes } = catalogue;
  const home = model.origins.flatMap(({ code, iata, icao }) => [code, iata, icao]).filter(Boolean);
  const reader = createReader();
  const input = createInput(root, { opened: open, sampled: openSample, retried: () => retry?.() });
  const filters = createFilters(byId("filters"), { changed: change });
  const hours = createHours(byId("hours"), { chosen: (hour) => change({ hour }) });
  const table = createTable(byId("sheet"), byId("departure"), {
    fill: fillDeparture,
    sorted: (by) => change({ sort: state.sort === by ? `-${by}` : by }), // sorted by it already: the other way round
  });
  let formats = null;
  let state = DEFAULTS;
  let departures = null;
  let schedule = 0; // its number in the reader
  let predictions = null;
  let dates = new Map(); // its days in short
  let name = "";
  let retry = null;
  let pending = new AbortController();

  const edges = edgesOf(model);
  byId("filter-warn").defaultValue = String(Math.round(100 * edges[0]));
  byId("board-lead").textContent = text("board.lead", { minutes: model.threshold_minutes });
  byId("download").addEventListener("click", download);
  byId("all").addEventListener("click", () => {
    change({ ...DEFAULTS, sort: state.sort });
    filters.focus();
  });
  loadFormats().catch(() => {}); // opening a file tries again, and shows the failure

  async function loadFormats() {
    formats = await fetchFormats();
    input.setFormats(formats);
    return formats;
  }

  /** Do something instead of what is under way; if it fails, the reader can try it again. */
  async function run(task) {
    pending.abort();
    const { signal } = (pending = new AbortController());
    retry = () => run(task);
    try {
      await task(signal);
    } catch (error) {
      if (!signal.aborted) input.showFailure(error);
    }
  }

  /** Read a file or a text, predict its flights, and show them. */
  function open({ name: title, note = "", ...content }) {
    opened();
    return run(async (signal) => {
      input.showProgress(text("board.reading", { name: title }));
      const read = await reader.read(content, { ...(await loadFormats()), home });
      signal.throwIfAborted();
      const { flights } = read;
      if (flights.length > MAX_FLIGHTS) throw new Refused("too_many", { flights: flights.length });
      input.showProgress(plural("board.requesting", flights.length));
      const progress = (answered) => {
        if (answered === flights.length) return;
        input.showProgress(plural("board.progress", flights.length, { answered: number(answered) }));
      };
      const found = await predictSchedule(flights, formats, signal, progress);
      signal.throwIfAborted();
      predictions = found;
      schedule = read.schedule;
      reader.keep(schedule);
      name = title;
      departures = createDepartures(flights, predictions, catalogue);
      dates = new Map(departures.days.map((date) => [date, shortDay(date)]));
      retry = null;
      showSchedule(read, note);
    });
  }

  function openSample() {
    const made = generateDay(model, routes.all, sampleDate(model));
    return open({ text: made, name: text("board.sample_name"), note: text("board.sample_note") });
  }

  /** @param note what else is said of it */
  function showSchedule({ flights, problems, duplicates, arrivals, rows }, note) {
    const { days } = departures;
    const values = { name, first: day(days[0]), last: day(days.at(-1)) };
    const training = { learned_first: day(model.training.first), learned_last: day(model.training.last) };
    const unknown = (what) => departures.all.filter((one) => one.unknown.includes(what)).length;
    const [farDates, newSeasons] = [unknown("date"), unknown("season")];
    const sentences = [
      days.length > 1
        ? plural("board.read_days", flights.length, values)
        : plural("board.read_day", flights.length, values),
      note,
      arrivals.length ? describeArrivals(arrivals) : "",
      duplicates ? plural("board.duplicates", duplicates) : "",
      problems.length ? plural("board.unread", problems.length, { rows: number(rows) }) : "",
      farDates ? plural("board.far_date", farDates, training) : "",
      newSeasons ? plural("board.new_season", newSeasons) : "",
    ];
    input.showSummary(sentences.filter(Boolean).join(" "));
    input.listProblems(problems);
    byId("departures").hidden = false;
    byId("board-panel").classList.add("filled");
    offerFilters();
    apply(readAddress());
    write(state);
  }

  /** The rows that are left out since they land here. */
  function describeArrivals(arrivals) {
    const listed = arrivals.slice(0, MAX_LISTED).map(({ row, origin, destination }) => {
      return text("board.arrival", { row: number(row), origin, destination });
    });
    const airports = listOr(model.origins.map(nameAndCode));
    return plural("board.arrivals", arrivals.length, { airports, rows: listAnd(listed) });
  }

  function offerFilters() {
    byId("day-filter").hidden = departures.days.length < 2;
    filters.offer("day", text("board.every_day"), departures.days.map((date) => [date, day(date)]));
    filters.offer("airline", text("board.every_airline"), labelled(departures.choices("airline")));
    filters.offer("destination", text("board.every_destination"), labelled(departures.choices("destination")));
  }

  /** Take over what the address says, as far as the schedule has it. */
  function apply(values) {
    const { sort, day: date, hour, airline, destination, warn, warned, search } = { ...DEFAULTS, ...values };
    const has = (field, code) => departures.choices(field).some(({ own }) => own === code);
    state = {
      sort: SORTS.includes(sort.replace("-", "")) ? sort : "time",
      day: departures.days.includes(date) ? date : "",
      hour: /^([0-9]|1[0-9]|2[0-3])$/.test(hour) ? hour : "",
      airline: has("airline", airline) ? airline : "",
      destination: has("destination", destination) ? destination : "",
      warn: /^[1-9]\d?$/.test(warn) ? warn : "",
      warned: warned ? "1" : "",
      search: search.trim(),
    };
    filters.write(state);
    render();
  }

  function change(changes) {
    state = { ...state, ...changes };
    write(state);
    filters.mark(state);
    render();
  }

  function render() {
    const from = state.warn ? Number(state.warn) / 100 : edges[0];
    const asked = { ...state, from };
    const found = departures.select(asked);
    const { flights, expected, warned } = sumDepartures(found, from);
    renderFlaps(byId("total-flights"), number(flights));
    renderFlaps(byId("total-expected"), formatExpected(expected));
    renderFlaps(byId("total-warned"), number(warned));
    byId("explanation").textContent = text("board.explanation", {
      minutes: model.threshold_minutes,
      raised: percent(edges[0], 1),
      high: percent(edges[1], 1),
      model: model.name,
    });
    byId("count").textContent = plural("board.shown", departures.all.length, { shown: number(flights) });
    byId("all").hidden = flights === departures.all.length;
    byId("none").hidden = flights > 0;
    showThreshold(from, warned, flights);
    hours.show(departures.hours(asked), state.hour);
    const options = {
      choiceOf: departures.choiceOf,
      dates: departures.days.length > 1 && !state.day ? dates : new Map(),
      withOrigins: departures.choices("origin").length > 1,
      formHasOrigin: model.origins.length > 1,
      edges,
    };
    table.show(found, options, state.sort);
  }

  /** From which probability on the reader is warned: what that means here, and what it has meant. */
  function showThreshold(from, warned, flights) {
    const shown = percent(from, state.warn ? 0 : 1);
    const measured = metricsAt(from, model.card.operating_points);
    const rates = measured && Object.fromEntries(
      ["called", "precision", "recall"].map((name) => [name, measured[name] === null ? "" : percent(measured[name], 1)]),
    );
    byId("total-warned-title").textContent = text("board.warnings", { percent: shown });
    byId("warn-meaning").textContent = [
      plural("board.warn_here", flights, { percent: shown, warned: number(warned) }),
      rates?.precision ? text("board.warn_measured", rates) : text("board.warn_unmeasured"),
    ].join(" ");
  }

  async function download() {
    try {
      const href = URL.createObjectURL(await reader.write(schedule, predictions));
      element("a", { href, download: `${name.replace(/\.\w+$/, "")}-puntual.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000);
    } catch (error) {
      input.showFailure(error);
    }
  }

  return {
    show(values) {
      const wanted = Object.fromEntries(Object.entries(values).filter(([key]) => key in DEFAULTS));
      const none = Object.keys(wanted).length === 0;
      if (!departures) return input.showEmpty(!none);
      if (none) return write(state);
      if (Object.keys(DEFAULTS).some((key) => (wanted[key] ?? "") !== state[key])) apply(values);
    },
  };
}
