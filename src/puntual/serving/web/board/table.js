// The departures as a grid of which only the rows in sight exist: 10,000 scroll like ten.

import { addressOf } from "../address.js";
import { digits, spoken } from "../probability.js";
import { text } from "../messages.js";

/** Rows kept beyond each edge. */
const SPARE = 6;
/** What the model never saw. */
const UNSEEN = {
  airline: () => text("board.new_airline"),
  destination: () => text("board.new_destination"),
  origin: () => text("board.new_origin"),
};

/**
 * @param root the element that scrolls; it holds the table
 * @param template a row
 * @param sorted called with what the reader wants to sort by
 */
export function createTable(root, template, { sorted }) {
  const table = root.querySelector("table");
  const body = table.tBodies[0];
  const head = table.tHead;
  const rows = new Map(); // place -> element
  const unused = [];
  let shown = null;
  let active = 0;
  // Kept, since asking the browser makes it lay everything out.
  let height = 0; // of a row
  let room = 0; // for rows
  let top = 0; // how far it is scrolled

  root.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(measure).observe(root);
  head.addEventListener("click", ({ target }) => {
    const by = target.closest("button")?.dataset.sort;
    if (by) sorted(by);
  });
  body.addEventListener("keydown", press);
  body.addEventListener("focusin", ({ target }) => activate(Number(target.closest("tr").dataset.place)));

  /** How high a row is, which depends on the width and the size of letters. */
  function measure() {
    if (!shown?.departures.length || !root.clientHeight) return;
    room = root.clientHeight - head.offsetHeight;
    top = root.scrollTop;
    if (!rows.size) put(0);
    const now = rows.values().next().value.offsetHeight;
    if (now !== height) {
      height = now;
      stretch();
      for (const [place, row] of rows) lay(row, place);
    }
    render();
  }

  function stretch() {
    body.style.height = `${height * shown.departures.length}px`;
  }

  function scrolled() {
    top = root.scrollTop;
    render();
  }

  function render() {
    if (!height || !shown) return;
    const { length } = shown.departures;
    const first = Math.max(0, Math.floor(top / height) - SPARE);
    const last = Math.min(length, Math.ceil((top + room) / height) + SPARE);
    for (const [place, row] of rows) {
      if ((place < first || place >= last) && place !== active) leave(place, row);
    }
    for (let place = first; place < last; place += 1) if (!rows.has(place)) put(place);
    if (active < length && !rows.has(active)) put(active);
  }

  function leave(place, row) {
    rows.delete(place);
    row.remove();
    unused.push(row);
  }

  /** Make the row of a place, among the others in their order: what is read aloud follows it. */
  function put(place) {
    const row = unused.pop() ?? template.content.firstElementChild.cloneNode(true);
    fill(row, shown.departures[place], shown);
    row.dataset.place = place;
    row.setAttribute("aria-rowindex", place + 2);
    row.querySelector("a").tabIndex = place === active ? 0 : -1;
    lay(row, place);
    let next = null;
    for (const other of rows.keys()) if (other > place && (next === null || other < next)) next = other;
    body.insertBefore(row, next === null ? null : rows.get(next));
    rows.set(place, row);
  }

  function lay(row, place) {
    row.style.transform = `translateY(${place * height}px)`;
  }

  function activate(place) {
    const before = rows.get(active)?.querySelector("a");
    if (before) before.tabIndex = -1;
    active = place;
    const now = rows.get(place)?.querySelector("a");
    if (now) now.tabIndex = 0;
  }

  function press(event) {
    const page = Math.max(1, Math.floor(room / height) - 1);
    const last = shown.departures.length - 1;
    const place = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: last,
    }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    activate(Math.min(last, Math.max(0, place)));
    bringIntoView(active);
    render();
    rows.get(active).querySelector("a").focus({ preventScroll: true });
    rows.get(active).scrollIntoView({ block: "nearest" }); // the page, where the board reaches beyond it
  }

  function bringIntoView(place) {
    const start = place * height;
    if (start < top) root.scrollTop = start;
    else if (start + height > top + room) root.scrollTop = start + height - room;
    top = root.scrollTop;
  }

  return {
    /**
     * @param departures in their order
     * @param look { called, dated, origins, asked, cut } how they are called, their dates if these are shown, whether
     *   their origins are, whether the view of a flight asks for them, and the chance from which it warns
     * @param sort what they are sorted by
     */
    show(departures, look, sort) {
      shown = { departures, ...look };
      if (top) root.scrollTop = top = 0;
      activate(0);
      const last = Math.min(departures.length, room / height + SPARE);
      for (const [place, row] of rows) {
        if (place < last) fill(row, departures[place], shown);
        else leave(place, row);
      }
      root.classList.toggle("several", look.origins);
      table.setAttribute("aria-rowcount", departures.length + 1);
      for (const button of head.querySelectorAll("button")) mark(button, sort);
      stretch();
      if (height) render();
      else measure();
    },
    measure,
  };
}

/** What goes up along the column: every sort but that by probability does, unless it is turned round. */
function mark(button, sort) {
  const by = sort.replace("-", "");
  const cell = button.closest("th");
  if (button.dataset.sort !== by) return cell.setAttribute("aria-sort", "none");
  const rises = (by === "probability") === sort.startsWith("-");
  cell.setAttribute("aria-sort", rises ? "ascending" : "descending");
}

function fill(row, departure, { called, dated, origins, asked, cut }) {
  const part = (name) => row.querySelector(`.${name}`);
  const airline = called("airline", departure.airline);
  const destination = called("destination", departure.destination);
  const origin = called("origin", departure.origin);
  const share = shareOf(departure.chance, cut);
  const date = dated ? dated(departure.day) : "";
  const remark = departure.delayed ? text("board.warned") : "";
  const strange = departure.unknown.filter((name) => name in UNSEEN).map((name) => UNSEEN[name]());
  const company = airline.title === airline.tile ? "" : airline.title;
  const link = part("to").querySelector("a");
  const told = {
    destination: destination.title,
    when: [date, departure.time].filter(Boolean).join(" "),
    flight: [airline.title, departure.number].filter(Boolean).join(" "),
    percent: share.said,
    remark: [remark, ...strange].filter(Boolean).join(", "),
  };
  row.classList.toggle("late", departure.delayed);
  part("time").textContent = departure.time;
  part("date").textContent = date;
  part("from").textContent = origins ? origin.tile : "";
  part("to").querySelector(".tile").textContent = destination.tile;
  link.textContent = destination.title;
  link.href = addressOf("flight", questionOf(departure, asked));
  link.setAttribute("aria-label", text("board.row", told).trim());
  part("leaving").textContent = origins ? origin.tile : "";
  part("flight-number").textContent = [airline.tile, departure.number].filter(Boolean).join(" ");
  part("airline").textContent = [company, ...strange].filter(Boolean).join(", ");
  part("bar").style.setProperty("--to", `${departure.chance * 100}%`);
  part("share").textContent = share.shown;
  part("remark").textContent = remark;
}

/** The question that the view of a flight asks. */
function questionOf({ origin, destination, airline, day, time }, withOrigin) {
  return { origin: withOrigin ? origin : "", destination, airline, departure: `${day}T${time}` };
}

function shareOf(chance, cut) {
  return { shown: `${digits(chance, cut)} %`, said: spoken(chance, cut) };
}
