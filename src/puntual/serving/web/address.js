// The address holds the question, so that reload, back and sharing work.

const CODES = ["origin", "destination", "airline"];

/** The question in the address; a part that is not there is "". */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  const [date, time] = (query.get("departure") ?? "").split("T");
  const codes = CODES.map((name) => [name, query.get(name) ?? ""]);
  return { ...Object.fromEntries(codes), date: date ?? "", time: time ?? "" };
}

/** Put a question into the address; an empty one leaves it clean. */
export function writeAddress(question) {
  const query = new URLSearchParams(location.search);
  for (const name of [...CODES, "departure"]) query.delete(name);
  for (const name of CODES) if (question[name]) query.set(name, question[name]);
  if (CODES.some((name) => question[name]) && question.date && question.time) {
    query.set("departure", `${question.date}T${question.time}`);
  }
  const search = query.toString().replaceAll("%3A", ":");
  history.replaceState(null, "", search ? `?${search}` : location.pathname);
}
