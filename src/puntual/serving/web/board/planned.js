// A schedule that the reader gives, as departures with their probabilities; its file stays in the browser.

import { flightKey, readAddress, readFlightKey } from "../address.js";
import { byId, element, isPlainClick } from "../elements.js";
import { number, percent, plural, shortDay, text, weekdayAndDay } from "../messages.js";
import { edgesOf, metricsAt } from "../risk.js";
import { createCalendar } from "./calendar.js";
import { createColumnsForm } from "./columns_form.js";
import { Refused } from "./csv.js";
import { fillDeparture } from "./departure.js";
import { SORTS, createDepartures, sumDepartures } from "./departures.js";
import { MAX_FLIGHTS } from "./errors.js";
import { createFilters, labelled } from "./filters.js";
import { renderFlaps } from "./flaps.js";
import { createHours, formatExpected } from "./hours.js";
import { createInput } from "./input.js";
import { createOpened } from "./opened.js";
import { predictSchedule } from "./requests.js";
import { generateDay, sampleDate } from "./sample.js";
import { createSource, rememberColumns } from "./source.js";
import { describeOutcome, describeSchedule } from "./summary.js";
import { createTable } from "./table.js";

const TEMPLATE_ROWS = 3;
/** What stands above the departures, open from the beginning where these still begin on the first screen. */
const PARTS = {
  "hours-part": "(min-width: 60rem) and (min-height: 56rem)",
  "filters-part": "(min-width: 60rem) and (min-height: 45rem)",
};
const FILTERS = { day: "", hour: "", airline: "", destination: "", warn: "", warned: "", search: "" };
const DEFAULTS = { sort: "time", ...FILTERS, open: "" };

/**
 * @param root the whole view: a file may be dropped anywhere
 * @param catalogue { airlines, destinations, model, routes }
 * @param fetchFormats promises how schedules are written
 * @param write puts the state into the address, if asked as a step that Back undoes
 * @param opened called when a schedule comes in
 */
export function createPlanned(root, catalogue, { fetchFormats, write, opened }) {
  const { model, routes } = catalogue;
  const source = createSource(catalogue);
  const input = createInput(root, { opened: open, sampled: openSample, retried: () => retry?.() });
  const columnsForm = createColumnsForm(byId("columns"), {
    changed({ names, columns }) {
      rememberColumns(names, columns);
      open(last);
    },
  });
  const filters = createFilters(byId("filters"), { changed: change });
  const calendar = createCalendar(byId("board-calendar"), { chosen: (date) => change({ day: date }) });
  const hours = createHours(byId("hours"), { chosen: (hour) => change({ hour }) });
  const table = createTable(byId("sheet"), byId("departure"), {
    fill: fillDeparture,
    sorted: (by) => change({ sort: state.sort === by ? `-${by}` : by }), // sorted by it already: the other way round
  });
  const flightPanel = createOpened(byId("opened"), catalogue, { closed: closeFlight });
  let formats = null;
  let state = DEFAULTS;
  let departures = null;
  let listed = []; // those of them that the table shows
  let options = {}; // how it shows them
  let schedule = 0; // its number in the reader
  let predictions = null;
  let dates = new Map(); // its days in short
  let name = "";
  let last = null; // what was given last
  let retry = null;
  let pending = new AbortController();

  const edges = edgesOf(model);
  byId("filter-warn").defaultValue = String(Math.round(100 * edges[0]));
  byId("board-lead").textContent = text("board.lead", { minutes: model.threshold_minutes });
  byId("download").addEventListener("click", download);
  byId("template").addEventListener("click", saveTemplate);
  byId("all").addEventListener("click", () => {
    change(FILTERS);
    filters.focus();
  });
  byId("sheet").addEventListener("click", (event) => {
    const row = event.target.closest(".departure");
    if (!row || !isPlainClick(event)) return;
    event.preventDefault(); // the link itself leads to the flight alone, as another tab would show it
    openFlight(table.departureOf(row));
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && options.opened && !event.target.matches("input, select")) closeFlight();
  });
  for (const [part, roomy] of Object.entries(PARTS)) byId(part).open = matchMedia(roomy).matches;
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
      if (!signal.aborted) fail(error);
    }
  }

  function fail(error) {
    input.showFailure(error);
    if (!error.values?.header) return;
    columnsForm.show(error.values.header, true); // the reader says what could not be guessed
    columnsForm.focus();
  }

  /** Read a file or a text, predict its flights, and show them. What has no name of its own is `named` "pasted" or "sample". */
  function open(given) {
    const { named, ...content } = given;
    const title = { pasted: text("board.pasted_name"), sample: text("board.sample_name") }[named] ?? given.name;
    const note = named === "sample" ? text("board.sample_note") : "";
    opened();
    last = given;
    return run(async (signal) => {
      input.showProgress(text("board.reading", { name: title }));
      columnsForm.show(null);
      const queued = (otherwise) => (seconds) => input.showProgress(seconds ? plural("board.queued", seconds) : otherwise);
      const reading = queued(text("board.reading", { name: title }));
      const read = await source.read(content, await loadFormats(), signal, reading);
      signal.throwIfAborted();
      last = { ...given, ...(read.text && { text: read.text, file: null }) };
      const { flights } = read;
      if (flights.length > MAX_FLIGHTS) throw new Refused("too_many", { flights: flights.length });
      const requesting = plural("board.requesting", flights.length);
      input.showProgress(requesting);
      const found = await predictSchedule(flights, formats, signal, {
        progress(answered) {
          if (answered === flights.length) return;
          input.showProgress(plural("board.progress", flights.length, { answered: number(answered) }));
        },
        waiting: queued(requesting),
      });
      signal.throwIfAborted();
      predictions = found;
      schedule = read.schedule;
      source.keep(schedule);
      name = title;
      departures = createDepartures(flights, predictions, catalogue);
      dates = new Map(departures.days.map((date) => [date, shortDay(date)]));
      retry = null;
      showSchedule(read, note);
    });
  }

  function openSample() {
    const made = generateDay(model, routes.all, sampleDate(model));
    return open({ text: made, named: "sample" });
  }

  /** @param note what else is said of it */
  function showSchedule(read, note) {
    const { open = "" } = readAddress();
    const missing = open && !departures.find(open) ? text("board.open_missing") : "";
    input.showSummary(describeSchedule(read, departures, model, name, [note, missing]));
    input.listProblems(read.problems);
    columnsForm.show(read.columns && read);
    byId("departures").hidden = false;
    byId("board-panel").classList.add("filled");
    offerFilters();
    apply(readAddress());
    write(state);
  }

  function offerFilters() {
    byId("day-filter").hidden = byId("board-calendar-part").hidden = departures.days.length < 2;
    calendar.offer(departures.days);
    const byDay = Map.groupBy(departures.all, ({ day }) => day);
    filters.offer("day", text("board.every_day"), departures.days.map((date) => [date, describeDay(date, byDay.get(date))]));
    filters.offer("airline", text("board.every_airline"), labelled(departures.choices("airline")));
    filters.offer("destination", text("board.every_destination"), labelled(departures.choices("destination")));
  }

  /** Take over what the address says, as far as the schedule has it. */
  function apply(values) {
    const { sort, day: date, hour, airline, destination, warn, warned, search, open } = { ...DEFAULTS, ...values };
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
      open: departures.find(open) ? open : "",
    };
    filters.write(state);
    render();
    showOpened(departures.find(state.open));
  }

  function change(changes) {
    state = { ...state, ...changes };
    write(state);
    filters.mark(state);
    render();
  }

  function openFlight(departure) {
    const isStep = !state.open;
    state = { ...state, open: flightKey(departure) };
    write(state, isStep);
    showOpened(departure);
    flightPanel.focus();
  }

  function closeFlight() {
    const departure = options.opened;
    state = { ...state, open: "" };
    write(state);
    showOpened();
    table.focus(departure);
  }

  /** @param departure undefined: none is open */
  function showOpened(departure) {
    const marked = [options.opened, departure].filter(Boolean);
    options.opened = departure;
    byId("spread").classList.toggle("with-opened", Boolean(departure));
    if (departure) flightPanel.show(departure, departures);
    else flightPanel.hide();
    table.update(listed, new Set(marked));
  }

  function render() {
    const from = state.warn ? Number(state.warn) / 100 : edges[0];
    const asked = { ...state, from };
    listed = departures.select(asked);
    const sum = sumDepartures(listed, from, model.threshold_minutes);
    const { flights, expected, warned } = sum;
    renderFlaps(byId("total-flights"), number(flights));
    renderFlaps(byId("total-expected"), formatExpected(expected));
    renderFlaps(byId("total-warned"), number(warned));
    byId("outcome").textContent = describeOutcome(sum, formatExpected);
    byId("outcome").hidden = !sum.known;
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
    if (departures.days.length > 1) calendar.show(departures.sumsByDay(asked), state.day);
    hours.show(departures.hours(asked), state.hour);
    options = {
      choiceOf: departures.choiceOf,
      dates: departures.days.length > 1 && !state.day ? dates : new Map(),
      withOrigins: departures.choices("origin").length > 1,
      formHasOrigin: model.origins.length > 1,
      edges,
      minutes: model.threshold_minutes,
      opened: options.opened,
    };
    table.show(listed, options, state.sort);
  }

  /** From which probability on the reader is warned: what that means here, and what it has meant. */
  function showThreshold(from, warned, flights) {
    const shown = percent(from, state.warn ? 0 : 1);
    const measured = metricsAt(from, model.card);
    const rates = measured && Object.fromEntries(
      ["called", "precision", "recall"].map((name) => [name, measured[name] === null ? "" : percent(measured[name], 1)]),
    );
    byId("total-warned-title").textContent = text("board.warnings", { percent: shown });
    byId("warn-meaning").textContent = [
      plural("board.warn_here", flights, { percent: shown, warned: number(warned) }),
      rates?.precision ? text("board.warn_measured", rates) : text("board.warn_unmeasured"),
    ].join(" ");
  }

  /** The flights that are shown, as the file has them, with their answers. */
  async function download() {
    try {
      const shown = new Set(listed.map(({ row }) => row));
      save(await source.write(schedule, predictions, shown), `${name.replace(/\.\w+$/, "")}-puntual.csv`);
    } catch (error) {
      input.showFailure(error);
    }
  }

  /** A few rows of the kind that the page reads best, to be filled in. */
  function saveTemplate() {
    const [head, ...rows] = generateDay(model, routes.all, sampleDate(model)).split("\n");
    const lines = [head, ...rows.slice(0, TEMPLATE_ROWS)].map((line) => `${line}\r\n`);
    save(new Blob(["\ufeff", ...lines], { type: "text/csv;charset=utf-8" }), text("board.template_name"));
  }

  return {
    open,
    /** What `open` was given last. */
    kept: () => last,
    show(values) {
      const wanted = Object.fromEntries(Object.entries(values).filter(([key]) => key in DEFAULTS));
      const none = Object.keys(wanted).length === 0;
      if (!departures) return input.showEmpty(!none, readFlightKey(wanted.open ?? ""));
      if (none) return write(state);
      const changed = Object.keys(DEFAULTS).filter((key) => (wanted[key] ?? "") !== state[key]);
      if (changed.join() !== "open") return changed.length && apply(values);
      state = { ...state, open: wanted.open ?? "" };
      showOpened(departures.find(state.open));
    },
  };
}

/** A day with its number of flights. */
function describeDay(date, flights) {
  return text("board.day_flights", { day: weekdayAndDay(date), flights: number(flights.length) });
}

function save(blob, name) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
