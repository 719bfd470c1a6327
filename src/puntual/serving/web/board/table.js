// The departures as a virtual grid: only the rows in sight exist, so 10,000 scroll like ten.

import { addressOf } from "../address.js";
import { text } from "../messages.js";
import { formatDigits, formatProbability } from "../probability.js";

/** Rows kept beyond each edge. */
const SPARE_ROWS = 6;
/** What is remarked if the model has never seen it. */
const REMARKED = ["airline", "destination", "origin"];

/**
 * @param root the element that scrolls; it holds the grid
 * @param template a row
 * @param sorted called with what the reader wants to sort by
 */
export function createTable(root, template, { sorted }) {
  const [head, body] = root.querySelectorAll("[role=rowgroup]");
  const rows = new Map(); // place -> element
  const unused = [];
  let shown = null;
  let active = 0;
  // Kept, since reading them makes the browser lay everything out.
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
  body.addEventListener("focusin", ({ target }) => activate(Number(target.closest("[role=row]").dataset.place)));

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
      for (const [place, row] of rows) position(row, place);
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
    const first = Math.max(0, Math.floor(top / height) - SPARE_ROWS);
    const last = Math.min(length, Math.ceil((top + room) / height) + SPARE_ROWS);
    for (const [place, row] of rows) {
      if ((place < first || place >= last) && place !== active) release(place, row);
    }
    for (let place = first; place < last; place += 1) if (!rows.has(place)) put(place);
    if (active < length && !rows.has(active)) put(active);
  }

  function release(place, row) {
    rows.delete(place);
    row.remove();
    unused.push(row);
  }

  /** Make the row of a place, among the others in their order: what is read aloud follows it. */
  function put(place) {
    const row = unused.pop() ?? template.content.firstElementChild.cloneNode(true);
    fill(row, shown.departures[place], shown.options);
    row.dataset.place = place;
    row.setAttribute("aria-rowindex", place + 2);
    row.querySelector("a").tabIndex = place === active ? 0 : -1;
    position(row, place);
    let next = null;
    for (const other of rows.keys()) if (other > place && (next === null || other < next)) next = other;
    body.insertBefore(row, next === null ? null : rows.get(next));
    rows.set(place, row);
  }

  function position(row, place) {
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
    scrollToRow(active);
    render();
    rows.get(active).querySelector("a").focus({ preventScroll: true });
    rows.get(active).scrollIntoView({ block: "nearest" }); // the page, where the board reaches beyond it
  }

  function scrollToRow(place) {
    const start = place * height;
    if (start < top) root.scrollTop = start;
    else if (start + height > top + room) root.scrollTop = start + height - room;
    top = root.scrollTop;
  }

  return {
    /**
     * @param departures in their order
     * @param options { choiceOf, dates, withOrigins, formHasOrigin, threshold }: how codes are shown, the dates of days if
     *   these are shown, whether origins are, whether the form of a flight asks for one, and the decision threshold
     * @param sort what they are sorted by
     */
    show(departures, options, sort) {
      shown = { departures, options };
      if (top) root.scrollTop = top = 0;
      activate(0);
      const last = Math.min(departures.length, room / height + SPARE_ROWS);
      for (const [place, row] of rows) {
        if (place < last) fill(row, departures[place], options);
        else release(place, row);
      }
      root.classList.toggle("several", options.withOrigins);
      root.firstElementChild.setAttribute("aria-rowcount", departures.length + 1);
      for (const button of head.querySelectorAll("button")) markSort(button, sort);
      stretch();
      if (height) render();
      else measure();
    },
  };
}

/** What increases along the column: every sort but that by probability does, unless it is reversed. */
function markSort(button, sort) {
  const by = button.dataset.sort;
  const increases = (by === "probability") === sort.startsWith("-");
  const order = increases ? "ascending" : "descending";
  button.parentElement.ariaSort = sort.replace("-", "") === by ? order : "none";
}

function fill(row, departure, { choiceOf, dates, withOrigins, formHasOrigin, threshold }) {
  const { probability, delayed, day, time, number } = departure;
  const part = (name) => row.querySelector(`.${name}`);
  const airline = choiceOf("airline", departure.airline);
  const destination = choiceOf("destination", departure.destination);
  const origin = withOrigins ? choiceOf("origin", departure.origin).tile : "";
  const date = dates.get(day) ?? "";
  const remark = delayed ? text("board.warned") : "";
  const unknown = departure.unknown.filter((name) => REMARKED.includes(name)).map((name) => text(`board.new_${name}`));
  const company = airline.title === airline.tile ? "" : airline.title;
  const link = part("to").querySelector("a");
  const label = text("board.row", {
    destination: destination.title,
    when: [date, time].filter(Boolean).join(" "),
    flight: [airline.title, number].filter(Boolean).join(" "),
    percent: formatProbability(probability, threshold),
    remark: [remark, ...unknown].filter(Boolean).join(", "),
  });
  row.classList.toggle("late", delayed);
  part("time").textContent = time;
  part("date").textContent = date;
  part("from").textContent = origin;
  part("to").querySelector(".tile").textContent = destination.tile;
  link.textContent = destination.title;
  link.href = addressOf("flight", {
    origin: formHasOrigin ? departure.origin : "",
    destination: departure.destination,
    airline: departure.airline,
    departure: `${day}T${time}`,
  });
  link.ariaLabel = label.trim();
  part("leaving").textContent = origin;
  part("flight-number").textContent = [airline.tile, number].filter(Boolean).join(" ");
  part("airline").textContent = [company, ...unknown].filter(Boolean).join(", ");
  part("bar").style.setProperty("--to", `${probability * 100}%`);
  part("share").textContent = `${formatDigits(probability, threshold)}\u00a0%`;
  part("warning").textContent = remark;
}
