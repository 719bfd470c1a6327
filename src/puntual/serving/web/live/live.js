// The live board: an origin's day whose rows change as what happens becomes known.

import { flightKey, readFlightKey } from "../address.js";
import { fetchBoards } from "../api.js";
import { createFilters, labelled } from "../board/filters.js";
import { renderFlaps } from "../board/flaps.js";
import { createHours, formatExpected } from "../board/hours.js";
import { createTable } from "../board/table.js";
import { findByCode, homeOf, sortChoices, toChoice, unknownChoice } from "../choices.js";
import { MINUTE_MS, isoDay } from "../dates.js";
import { byId, isPlainClick } from "../elements.js";
import { number, percent, plural, text, weekdayAndDay } from "../messages.js";
import { edgesOf } from "../risk.js";
import { createConnection } from "./connection.js";
import { RISKS, SORTS, STATUSES, createDay } from "./day.js";
import { createNews } from "./news.js";
import { createOpened } from "./opened.js";
import { fillFlight, pointAt } from "./row.js";
import { describeDay, phaseOf } from "./words.js";

const FILTERS = { hour: "", airline: "", destination: "", status: "", risk: "", left: "", search: "" };
const DEFAULTS = { origin: "", date: "", sort: "time", ...FILTERS, open: "" };
/** Between two looks whether another day has begun. */
const DAYS_SECONDS = 60;
/** Flights of the past above the first that is to come, where the board begins. */
const ROWS_BEFORE = 2;

/**
 * @param boards of /v1/board: the origins and days whose flights the service knows
 * @param catalogue { airlines, destinations, model }
 * @param write puts the state into the address
 */
export function createLive(boards, catalogue, { write }) {
  const { model } = catalogue;
  let { days } = boards;
  let today = todayOf(boards);
  const origins = model.origins.map((entry) => ({ ...toChoice(entry, homeOf(model)), zone: entry.timezone }));
  const filters = createFilters(byId("live-filters"), { changed: change });
  const hours = createHours(byId("live-hours"), { chosen: (hour) => change({ hour }), whole: true });
  const table = createTable(byId("live-sheet"), byId("live-flight"), {
    fill: fillFlight,
    sorted: (by) => change({ sort: state.sort === by ? `-${by}` : by }),
  });
  const flightPanel = createOpened(catalogue, { closed: closeFlight });
  const news = createNews();
  const connection = createConnection(byId("live-panel"), { board: takeBoard, changes: takeChanges });
  let state = DEFAULTS;
  let day = null; // null: not known yet
  let summary = null; // of the service
  let followed = null; // how far it is scrolled if it follows the day
  let waiting = null; // changes that the next frame shows
  let isToday = false; // whether it goes on to the next day by itself
  let options = {}; // how the table shows flights

  byId("live-lead").textContent = text("live.lead", { minutes: model.threshold_minutes });
  filters.offer("status", text("live.every_status"), STATUSES.map((one) => [one, text(`live.status_${one}`)]));
  filters.offer("risk", text("live.every_risk"), RISKS.map((one) => [one, text(`live.risk_${one}`)]));
  byId("live-where").addEventListener("change", ({ target: { name, value } }) => go({ ...state, [name]: value }));
  byId("live-all").addEventListener("click", () => {
    change(FILTERS);
    filters.focus();
  });
  byId("live-sheet").addEventListener("click", (event) => {
    const row = event.target.closest(".departure");
    if (!row || !isPlainClick(event) || document.documentElement.dataset.layout) return;
    event.preventDefault(); // the link itself leads to the flight, as another tab would show it
    openFlight(table.departureOf(row));
  });
  byId("live-spread").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && options.opened) closeFlight();
  });

  const originOf = (code) => findByCode(origins, code) ?? unknownChoice(code);
  const datesOf = (code) => days.filter(({ origin }) => origin === code).map(({ date }) => date).sort();

  /** Show what an address asks for, as far as there is such a board. */
  function go(values) {
    const asked = { ...DEFAULTS, ...values };
    const origin = datesOf(asked.origin).length ? asked.origin : nearest(days, today).origin;
    const date = datesOf(origin).includes(asked.date)
      ? asked.date
      : nearest(days.filter((one) => one.origin === origin), today).date;
    const isOther = origin !== state.origin || date !== state.date;
    if (isOther) forget();
    state = {
      origin,
      date,
      sort: SORTS.includes(asked.sort.replace("-", "")) ? asked.sort : "time",
      hour: /^([0-9]|1[0-9]|2[0-3])$/.test(asked.hour) ? asked.hour : "",
      airline: asked.airline,
      destination: asked.destination,
      status: STATUSES.includes(asked.status) ? asked.status : "",
      risk: RISKS.includes(asked.risk) ? asked.risk : "",
      left: asked.left ? "1" : "",
      search: asked.search.trim(),
      open: readFlightKey(asked.open)?.day === date ? asked.open : "",
    };
    offerPlaces();
    write(state);
    filters.write(state);
    connection.open(origin, date);
    if (!day || isOther) return;
    renderWhole();
    showOpened();
  }

  function openFlight(flight) {
    const isStep = !state.open;
    state = { ...state, open: flightKey({ ...flight, origin: state.origin }) };
    write(state, isStep);
    showOpened();
    flightPanel.focus();
  }

  function closeFlight() {
    const flight = options.opened;
    state = { ...state, open: "" };
    write(state);
    showOpened();
    table.focus(flight);
  }

  /** Show the flight that the state names, or none. */
  function showOpened() {
    const flight = day.find(state.open);
    const marked = new Set([options.opened, flight].filter(Boolean));
    options.opened = flight;
    byId("live-spread").classList.toggle("with-opened", Boolean(flight));
    if (flight) flightPanel.show(flight, { choiceOf: day.choiceOf, origin: state.origin });
    else flightPanel.hide();
    table.update(day.select(state), marked);
  }

  function offerPlaces() {
    const codes = [...new Set(days.map(({ origin }) => origin))];
    const choices = sortChoices(codes.map((code) => ({ ...originOf(code), own: code })));
    fill("live-origin", labelled(choices), state.origin);
    fill("live-date", datesOf(state.origin).map((date) => [date, weekdayAndDay(date)]), state.date);
  }

  function forget() {
    day = summary = waiting = null;
    options = {};
    flightPanel.hide();
    byId("live-spread").classList.remove("with-opened");
    byId("live-day").hidden = byId("live-empty").hidden = true;
    news.clear();
  }

  function takeBoard(document) {
    if (day) {
      collect(document, day.replace(document));
      return offerFilters();
    }
    day = createDay(document, catalogue, originOf(state.origin).zone);
    summary = document.day;
    byId("live-day").hidden = !day.size();
    byId("live-empty").hidden = day.size() > 0;
    connection.settle(document, day.asOf(), state.date);
    if (!day.size()) return;
    offerFilters();
    renderWhole();
    showOpened();
    revealNext(day.select(state));
  }

  function takeChanges(document) {
    if (day) collect(document, day.change(document));
  }

  /** Keep changes for the next frame, which shows all that came before it. */
  function collect(document, { rows, notable }) {
    summary = document.day;
    connection.settle(document, day.asOf(), state.date);
    if (!waiting) requestAnimationFrame(renderChanges);
    waiting ??= { rows: new Set(), notable: [] };
    for (const row of rows) waiting.rows.add(row);
    waiting.notable.push(...notable);
  }

  function renderChanges() {
    if (!waiting || !day) return;
    const { rows, notable } = waiting;
    waiting = null;
    const isNew = byId("live-day").hidden && day.size();
    byId("live-day").hidden = !day.size();
    byId("live-empty").hidden = day.size() > 0;
    if (isNew) return renderWhole();
    const selected = day.select(state);
    const elements = table.update(selected, rows);
    if (rows.has(options.opened)) flightPanel.show(options.opened, { choiceOf: day.choiceOf, origin: state.origin });
    if (table.scrolledTo() === followed && !table.hasFocus()) revealNext(selected);
    for (const one of notable) if (elements.has(one.row)) pointAt(elements.get(one.row), one);
    renderSums(selected);
    news.add(notable, day);
  }

  function offerFilters() {
    filters.offer("airline", text("board.every_airline"), labelled(day.choices("airline")));
    filters.offer("destination", text("board.every_destination"), labelled(day.choices("destination")));
    filters.mark(state);
  }

  function change(changes) {
    state = { ...state, ...changes };
    write(state);
    filters.mark(state);
    renderWhole();
  }

  function renderWhole() {
    if (!day) return;
    options = {
      opened: options.opened,
      choiceOf: day.choiceOf,
      formHasOrigin: model.origins.length > 1,
      origin: state.origin,
      edges: edgesOf(model),
    };
    const selected = day.select(state);
    byId("live-sheet").classList.toggle("with-cancellations", day.hasCancellations());
    table.show(selected, options, state.sort);
    followed = null;
    renderSums(selected);
  }

  function renderSums(selected) {
    const sum = day.sum();
    const asOf = day.asOf();
    const { date } = state;
    const minutes = day.threshold;
    setText("live-words", describeDay(sum, { date, asOf, minutes, summary }));
    renderFlaps(byId("live-departed"), number(sum.departed));
    renderFlaps(byId("live-late"), number(sum.lateDeparted));
    renderFlaps(byId("live-coming"), formatExpected(sum.coming));
    renderFlaps(byId("live-cancelled"), number(sum.cancelled));
    setText("live-explanation", text("live.explanation", { minutes, raised: percent(edgesOf(model)[0], 1), high: percent(edgesOf(model)[1], 1) }));
    setText("live-count", plural("board.shown", day.size(), { shown: number(selected.length) }));
    byId("live-all").hidden = selected.length === day.size();
    byId("live-none").hidden = selected.length > 0;
    hours.show(day.hours(state), state.hour, phaseOf(date, asOf) === "during" ? Number(asOf.time.slice(0, 2)) : undefined);
  }

  /** Scroll to where the day is; from then on the board follows it, until the reader scrolls, sorts or filters. */
  function revealNext(selected) {
    if (state.sort !== "time" || phaseOf(state.date, day.asOf()) !== "during") return;
    const place = selected.findIndex(day.isToCome);
    if (place >= 0) followed = table.reveal(Math.max(0, place - ROWS_BEFORE));
  }

  /** Days come and go while the page is open. */
  async function refreshBoards() {
    const found = await fetchBoards().catch(() => null);
    if (!found?.days.length) return;
    ({ days } = found);
    today = todayOf(found);
    if (datesOf(state.origin).includes(state.date)) offerPlaces();
    if (isToday && nearest(days.filter(({ origin }) => origin === state.origin), today)?.date !== state.date) go({ ...state, date: "" });
  }

  const panel = byId("live-panel");
  const turning = setInterval(() => {
    if (!panel.isConnected) clearInterval(turning); // the view was made anew
    else if (isToday && panel.checkVisibility()) refreshBoards();
  }, DAYS_SECONDS * 1000);

  return {
    show(values) {
      isToday = values.view === "wall";
      const asked = Object.fromEntries(Object.entries(values).filter(([name]) => name in DEFAULTS));
      const isSame = state.origin && Object.keys(DEFAULTS).every((name) => (asked[name] ?? DEFAULTS[name]) === state[name]);
      if (isSame) connection.open(state.origin, state.date);
      else go(state.origin && !Object.keys(asked).length ? state : asked);
      refreshBoards();
    },
    hide: () => connection.close(),
  };
}

/** The day that it is for the service, which a replay lets be another one than it is here. */
function todayOf({ as_of: asOf }) {
  const now = asOf ? Date.parse(asOf) : Date.now();
  return isoDay(now - new Date(now).getTimezoneOffset() * MINUTE_MS);
}

/** The board of today, or of the day that is nearest: rather one that was than one that will be. */
function nearest(days, today) {
  const dates = days.map(({ date }) => date).sort();
  const wanted = dates.findLast((date) => date <= today) ?? dates[0];
  return days.find(({ date }) => date === wanted);
}

function fill(id, entries, value) {
  byId(id).replaceChildren(...entries.map(([own, label]) => new Option(label, own)));
  byId(id).value = value;
}

/** What is the same is not written again. */
function setText(id, shown) {
  if (byId(id).textContent !== shown) byId(id).textContent = shown;
}
