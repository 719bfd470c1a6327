// Two plans of the same days: which flights gain and lose by the change, and how many late flights it makes of each day.

import { cached, compareSchedules, fetchFormats } from "../api.js";
import { describeError } from "../board/errors.js";
import { renderFlaps } from "../board/flaps.js";
import { formatExpected } from "../board/hours.js";
import { toFlight } from "../board/requests.js";
import { createColumnsForm } from "../board/columns_form.js";
import { createSource, rememberColumns } from "../board/source.js";
import { byId, element, tableRow } from "../elements.js";
import { day, number, percent, plural, shortDay, text } from "../messages.js";
import { changesCsv } from "./csv.js";

const SIDES = ["before", "after"];
/** Rows that are shown; the file has all. */
const MAX_ROWS = 50;
/** A chance that changes by less is taken for the same. */
const POINT = 0.005;

/**
 * @param catalogue { airlines, destinations, model }
 * @param kept the files that were open when the view is made anew, by side
 */
export function create(root, catalogue, kept) {
  const { model } = catalogue;
  const formats = cached(fetchFormats);
  const source = createSource(catalogue);
  const plans = {};
  const given = {}; // the file of each side, as it was given last
  let columnsOf = ""; // the side whose columns the form is about
  const columnsForm = createColumnsForm(byId("compare-columns"), {
    changed({ names, columns }) {
      rememberColumns(names, columns);
      open({ [columnsOf]: given[columnsOf] });
    },
  });
  let found = null;
  let retry = null;
  let last = Promise.resolve();

  for (const side of SIDES) {
    byId(`choose-${side}`).addEventListener("click", () => byId(`file-${side}`).click());
    byId(`file-${side}`).addEventListener("change", ({ target }) => {
      const [file] = target.files;
      target.value = ""; // the same file can be chosen again
      if (file) open({ [side]: file });
    });
  }
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    mark(sideOf(event));
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) mark("");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    mark("");
    const { files } = event.dataTransfer;
    if (files.length > 1) open({ before: files[0], after: files[1] });
    else if (files.length) open({ [sideOf(event)]: files[0] });
  });
  byId("compare-retry").addEventListener("click", () => retry?.());
  byId("compare-download").addEventListener("click", download);
  byId("only-changed").addEventListener("click", ({ target }) => {
    target.ariaPressed = String(target.ariaPressed !== "true");
    showFlights();
  });
  showNames();
  if (kept) open(kept);

  /** Which plan a file is dropped on: beside both, the one that is missing. */
  function sideOf({ target }) {
    const over = target.closest?.("[data-side]")?.dataset.side;
    return over ?? SIDES.find((side) => !plans[side]) ?? "after";
  }

  function mark(over) {
    for (const plan of root.querySelectorAll("[data-side]")) plan.classList.toggle("over", plan.dataset.side === over);
  }

  /** Take one plan or both, after what is under way: a plan that is being read is not lost. */
  function open(files) {
    retry = () => open(files);
    byId("compare-panel").ariaBusy = "true";
    return (last = last.then(async () => {
      byId("compare-failure").hidden = true;
      try {
        await read(files);
        if (SIDES.every((side) => plans[side])) await compare();
      } catch (error) {
        showFailure(error);
      }
      byId("compare-panel").ariaBusy = "false";
    }));
  }

  async function read(files) {
    const { signal } = new AbortController(); // what has begun is finished
    for (const [side, file] of Object.entries(files)) {
      const tell = (words) => (byId(`plan-${side}`).textContent = words);
      const reading = text("board.reading", { name: file.name });
      tell(reading);
      given[side] = file;
      columnsOf = side;
      columnsForm.show(null);
      const waiting = (seconds) => tell(seconds ? plural("board.queued", seconds) : reading);
      const read = await source.read({ file }, await formats(), signal, waiting);
      plans[side] = { name: file.name, flights: read.flights, problems: read.problems };
      offerColumns(read.columns && read, false);
      showNames();
    }
  }

  /** Of the file that was read last, if its columns are its own: which holds what. */
  function offerColumns(header, isOpen) {
    columnsForm.show(header, isOpen);
    const name = given[columnsOf]?.name ?? "";
    root.querySelector("#compare-columns summary").textContent = text("compare.columns", { name });
    if (isOpen) columnsForm.focus();
  }

  async function compare() {
    const [before, after] = SIDES.map((side) => plans[side].flights.map(toNumbered));
    found = await compareSchedules({ before, after });
    showTotals();
    showDays();
    showFlights();
    byId("compared").hidden = false;
    byId("compare-panel").classList.add("filled");
  }

  function showNames() {
    for (const side of SIDES) byId(`plan-${side}`).textContent = plans[side] ? describePlan(plans[side]) : text(`compare.drop_${side}`);
  }

  function describePlan({ name, flights, problems }) {
    const read = plural("compare.plan", flights.length, { name });
    return problems.length ? `${read} ${plural("compare.unread", problems.length)}` : read;
  }

  function showFailure(error) {
    const { title, remedy, retryable } = describeError(error);
    showNames();
    byId("compare-failure").hidden = false;
    byId("compare-failure-title").textContent = title;
    byId("compare-failure-remedy").textContent = remedy;
    byId("compare-retry").hidden = !retryable;
    if (error.values?.header) offerColumns(error.values.header, true);
  }

  function showTotals() {
    const [before, after] = SIDES.map((side) => found.days.reduce((sum, one) => sum + one[`late_${side}`], 0));
    renderFlaps(byId("late-before"), formatExpected(before));
    renderFlaps(byId("late-after"), formatExpected(after));
    const kinds = Object.groupBy(found.flights, ({ kind }) => kind);
    const count = (kind) => number(kinds[kind]?.length ?? 0);
    byId("compare-summary").textContent = [
      describeDifference(after - before),
      text("compare.kinds", { kept: count("kept"), retimed: count("retimed"), added: count("added"), removed: count("removed") }),
    ].join(" ");
  }

  function describeDifference(difference) {
    const values = { change: number(Math.abs(difference), 1), minutes: found.threshold_minutes };
    if (values.change === number(0, 1)) return text("compare.same", values);
    return difference > 0 ? text("compare.more", values) : text("compare.fewer", values);
  }

  function showDays() {
    byId("compared-days").hidden = found.days.length < 2;
    const rows = found.days.map((one) => {
      const cells = SIDES.map((side) => number(one[`flights_${side}`]));
      const late = SIDES.map((side) => number(one[`late_${side}`], 1));
      return tableRow(day(one.date), model.origins.length > 1 ? one.origin : "", [...cells, ...late]);
    });
    byId("compared-days-rows").replaceChildren(...rows);
  }

  function showFlights() {
    const onlyChanged = byId("only-changed").ariaPressed === "true";
    const shown = found.flights.filter((one) => !onlyChanged || one.kind !== "kept" || Math.abs(one.change) >= POINT);
    shown.sort((a, b) => weight(b) - weight(a));
    byId("changes-caption").textContent = plural("compare.flights", shown.length, { of: number(found.flights.length) });
    byId("changes").replaceChildren(...shown.slice(0, MAX_ROWS).map(describeFlight));
    const rest = shown.length - MAX_ROWS;
    byId("changes-rest").textContent = rest > 0 ? plural("compare.rest", rest) : "";
  }

  function describeFlight(one) {
    const name = [one.airline, one.flight_number].filter(Boolean).join(" ");
    const times = [one.before, one.after].map((time) => time && describeTime(time));
    const chances = [one.before_probability, one.after_probability].map((chance) => chance !== null && percent(chance, 1));
    const change = one.change === null ? text(`compare.${one.kind}`) : signed(100 * one.change, 1);
    const told = element("span", { class: `change ${directionOf(one)}` }, change);
    return tableRow(name, text("compare.route", one), [describePair(...times), describePair(...chances), told]);
  }

  function describeTime(time) {
    const clock = time.slice(11, 16);
    return found.days.length > 1 ? `${shortDay(time.slice(0, 10))} ${clock}` : clock;
  }

  function download() {
    const href = URL.createObjectURL(changesCsv(found.flights));
    element("a", { href, download: "puntual-compare.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  return { show() {}, keep: () => (Object.keys(given).length ? { ...given } : undefined) };
}

const toNumbered = (flight) => ({ ...toFlight(flight), flight_number: flight.number || undefined });

/** How far up the list a flight stands: by what it changes, or by what it adds or takes away. */
const weight = ({ change, before_probability: before, after_probability: after }) => Math.abs(change ?? after ?? before);

/** What a flight has after the change, and in small letters what it had before, if that is something else. */
function describePair(before, after) {
  if (!before || !after || before === after) return before || after;
  return [element("small", {}, text("compare.was", { before })), after];
}

function directionOf({ change }) {
  if (change === null || Math.abs(change) < POINT) return "none";
  return change > 0 ? "more" : "fewer";
}

/** A number with its sign. */
function signed(value, decimals) {
  const shown = number(Math.abs(value), decimals);
  if (shown === number(0, decimals)) return shown;
  return `${value > 0 ? "+" : "−"}${shown}`;
}
