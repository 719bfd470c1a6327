// The departures as a virtual grid: only the rows in sight exist, so 10,000 scroll like ten.

/** Rows kept beyond each edge. */
const SPARE_ROWS = 6;

/**
 * @param root the element that scrolls; it holds the grid
 * @param template a row
 * @param sorted called with what the reader wants to sort by
 * @param fill called with a row's element, its departure and the options that are shown
 */
export function createTable(root, template, { sorted, fill }) {
  const [head, body] = root.querySelectorAll("[role=rowgroup]");
  const rows = new Map(); // place -> element
  const unused = [];
  let shown = null;
  let active = 0;
  // Kept, since reading them makes the browser lay everything out.
  let height = 0; // of a row
  let room = 0; // for rows
  let top = 0; // how far it is scrolled
  let isPrinted = false;

  root.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(measure).observe(root);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
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

  function resize() {
    root.firstElementChild.setAttribute("aria-rowcount", shown.departures.length + 1);
    stretch();
    if (height) render();
    else measure();
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
    const places = inSight();
    for (const [place, row] of rows) if (!places.has(place)) release(place, row);
    for (const place of places) if (!rows.has(place)) put(place);
  }

  /** Paper has all rows. */
  function print(begins) {
    if (begins === isPrinted || (begins && !root.checkVisibility())) return;
    isPrinted = begins;
    render();
    if (begins) arrange();
  }

  /** The places whose rows exist. */
  function inSight() {
    const { length } = shown.departures;
    if (isPrinted) return new Set(shown.departures.keys());
    const first = Math.max(0, Math.floor(top / (height || 1)) - SPARE_ROWS);
    const last = Math.min(length, Math.ceil((top + room) / (height || 1)) + SPARE_ROWS);
    const places = new Set(Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index));
    return active < length ? places.add(active) : places;
  }

  /** Rows stand in the order of their places: what is read aloud follows it. */
  function arrange() {
    let last = null;
    for (const place of [...rows.keys()].sort((a, b) => a - b)) {
      const row = rows.get(place);
      const next = last ? last.nextElementSibling : body.firstElementChild;
      if (row !== next) body.insertBefore(row, next);
      last = row;
    }
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
    settle(row, place);
    let next = null;
    for (const other of rows.keys()) if (other > place && (next === null || other < next)) next = other;
    body.insertBefore(row, next === null ? null : rows.get(next));
    rows.set(place, row);
  }

  function settle(row, place) {
    row.dataset.place = place;
    row.setAttribute("aria-rowindex", place + 2);
    row.querySelector("a").tabIndex = place === active ? 0 : -1;
    position(row, place);
  }

  function position(row, place) {
    row.style.transform = `translateY(${place * height}px)`;
  }

  /** Make a row the one that Tab leads to. */
  function activate(place) {
    if (place !== active) mark(active, -1);
    active = place;
    mark(active, 0);
  }

  function mark(place, tabIndex) {
    const link = rows.get(place)?.querySelector("a");
    if (link && link.tabIndex !== tabIndex) link.tabIndex = tabIndex;
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
     * @param options { choiceOf, dates, withOrigins, formHasOrigin, edges, minutes, opened }: how codes are shown, the dates of days if
     *   these are shown, whether origins are, whether the form of a flight asks for one, the edges of risk, from how many
     *   minutes on a flight is late, and which departure is open
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
      for (const button of head.querySelectorAll("button")) markSort(button, sort);
      resize();
    },

    /**
     * The same departures, some of which have changed or moved: rows that stay as they are stay untouched, and the reader
     * stays where they were.
     *
     * @param departures in their order
     * @param changed those whose rows are filled anew
     * @returns the elements of the changed rows in sight, by departure
     */
    update(departures, changed) {
      const focused = body.contains(document.activeElement);
      const before = new Map([...rows].map(([place, row]) => [shown.departures[place], row]));
      const place = departures.indexOf(shown.departures[active]);
      active = place < 0 ? Math.max(0, Math.min(active, departures.length - 1)) : place;
      shown = { ...shown, departures };
      rows.clear();
      const found = new Map();
      for (const at of inSight()) {
        const departure = departures[at];
        const row = before.get(departure);
        if (!row) continue;
        before.delete(departure);
        if (changed.has(departure)) {
          fill(row, departure, shown.options);
          found.set(departure, row);
        }
        if (Number(row.dataset.place) !== at) settle(row, at);
        rows.set(at, row);
      }
      for (const row of before.values()) {
        row.remove();
        unused.push(row);
      }
      resize();
      mark(active, 0);
      arrange();
      if (focused && !body.contains(document.activeElement)) rows.get(active)?.querySelector("a").focus({ preventScroll: true });
      return found;
    },

    /** Bring the row of a place to the top; returns how far the board is scrolled then. */
    reveal(place) {
      root.scrollTop = place * height;
      top = root.scrollTop;
      activate(Math.min(place, shown.departures.length - 1));
      render();
      return top;
    },

    /** The departure of a row. */
    departureOf: (row) => shown.departures[Number(row.dataset.place)],

    /** Go to the row of a departure, if it is among them. */
    focus(departure) {
      const place = shown.departures.indexOf(departure);
      if (place < 0) return;
      activate(place);
      scrollToRow(place);
      render();
      rows.get(place).querySelector("a").focus({ preventScroll: true });
      rows.get(place).scrollIntoView({ block: "nearest" });
    },

    /** How far the board is scrolled. */
    scrolledTo: () => top,

    /** Whether the reader is in one of its rows. */
    hasFocus: () => body.contains(document.activeElement),
  };
}

/** What increases along the column: every sort but that by probability does, unless it is reversed. */
function markSort(button, sort) {
  const by = button.dataset.sort;
  const increases = (by === "probability") === sort.startsWith("-");
  const order = increases ? "ascending" : "descending";
  button.parentElement.ariaSort = sort.replace("-", "") === by ? order : "none";
}
