// The address holds the view and what it shows, so that reload, back and sharing work.

/** What the address says, by name. */
export function readAddress() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** The address of a view in the state that `values` describe; an empty value is left out. */
export function addressOf(view, values = {}) {
  const { lang } = readAddress();
  const entries = Object.entries({ lang, view: view === "flight" ? "" : view, ...values });
  const search = encodeQuery(entries.filter(([, value]) => value));
  return search ? `?${search}` : location.pathname;
}

/** Put the state of a view into the address, as a step of the history or without one. */
export function writeAddress(view, values, isStep = false) {
  const address = addressOf(view, values);
  if (isStep && address !== (location.search || location.pathname)) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** A flight as an address names it: `number` and `origin` may be left out. */
export function flightKey({ airline, origin = "", destination, day, time, number = "" }) {
  return [airline, origin, destination, `${day}T${time}`, number].join(".");
}

/** The flight that an address names; null if it names none. */
export function readFlightKey(key) {
  const [airline, origin, destination, departure = "", ...rest] = key.split(".");
  const [day, time] = departure.split("T");
  if (!airline || !destination || !/^\d{4}-\d\d-\d\d$/.test(day) || !/^\d\d:\d\d$/.test(time)) return null;
  return { airline, origin, destination, day, time, number: rest.join(".") };
}

/** A query string in which times stay readable. */
export function encodeQuery(entries) {
  return new URLSearchParams(entries).toString().replaceAll("%3A", ":");
}
