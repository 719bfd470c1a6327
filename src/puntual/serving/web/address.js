// The address holds the view and what it shows, so that reload, back and sharing work.

/** What the address says, by name. */
export function readAddress() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

/** The address of a view that shows what `values` say; an empty value is left out. */
export function addressOf(view, values = {}) {
  const { lang } = readAddress();
  const told = Object.entries({ lang, view: view === "flight" ? "" : view, ...values });
  const query = new URLSearchParams(told.filter(([, value]) => value));
  const search = query.toString().replaceAll("%3A", ":");
  return search ? `?${search}` : location.pathname;
}

/** Put what a view shows into the address, without a step in the history. */
export function writeAddress(view, values) {
  history.replaceState(null, "", addressOf(view, values));
}
