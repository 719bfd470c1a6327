// Which column holds what, in a file whose header no source has: guessed from headings and values, by the same headings as
// `puntual check --write-mapping` does; the reader may correct it.

import { number, parseClock, timeParser } from "./cells.js";

/** What a mapping names a column for; "" where there is none. */
export const FIELDS = ["scheduled", "time", "airline", "origin", "destination", "number", "actual"];
const NEEDED = ["scheduled", "airline", "destination"];
const DATES = [
  ...["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d"],
  ...["%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d.%m.%y"],
];
/** Share of a column's values that have to be of a kind. */
const MIN_SHARE = 0.8;
const MAX_SAMPLE = 300;
/** An airline and a number, as in LA 199. */
const DESIGNATOR = /^([A-Z][A-Z0-9]|[0-9][A-Z]|[A-Z]{3})\s*0*(\d{1,4}[A-Z]?)$/;
const DAY_MS = 86_400_000;

/** Lower case without accents, with one blank between words. */
function normalise(words) {
  const apart = words.replace(/(?<=[a-z])(?=[A-Z])/g, " ").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return (apart.match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}

/** What a column probably holds by its heading; "" if that says nothing. */
export function detectRole(heading, { headings, other_words: others, any_words: any }) {
  const name = ` ${normalise(heading)} `;
  const found = Object.entries(headings).flatMap(([role, known]) => {
    return known.filter((one) => name.includes(` ${one} `)).map((one) => ({ role, length: [...one].length }));
  });
  if (!found.length) return "";
  const { role } = found.reduce((best, one) => {
    return one.length > best.length || (one.length === best.length && one.role > best.role) ? one : best;
  });
  const isOther = !any.includes(role) && name.split(" ").some((word) => others.includes(word));
  return isOther ? "" : role;
}

/**
 * The columns of a file by what they hold, see FIELDS.
 *
 * @param rows of readCsv
 * @param formats of GET /board/schedules.json, with `names`: the codes of airlines and airports by name
 */
export function guessColumns(names, rows, formats) {
  const roles = Object.groupBy(names, (name) => detectRole(name, formats) || "none");
  const of = (...wanted) => wanted.flatMap((role) => roles[role] ?? []);
  const valuesOf = sampler(names, rows, formats);
  const times = new Map(names.map((name) => [name, detectTimes(valuesOf(name), formats.years)]));
  const ofKind = (columns, kind) => columns.find((name) => times.get(name)?.kind === kind) ?? "";
  const day = ofKind(of("date", "scheduled", "time"), "date");
  const joined = (clock) => (day && clock ? { scheduled: day, time: clock } : null);
  const whole = (columns) => (ofKind(columns, "datetime") ? { scheduled: ofKind(columns, "datetime"), time: "" } : null);
  const departure =
    whole(of("scheduled")) ??
    joined(ofKind(of("scheduled"), "time")) ??
    whole(of("time")) ??
    joined(ofKind(of("time"), "time")) ??
    whole(of("date")) ?? { scheduled: "", time: "" };
  const resolve = resolver(formats);
  const shareOf = (field, name) => shareWhere(valuesOf(name), (value) => formats.codes[field].has(resolve(field, value)));
  const best = (field) => of(field).toSorted((a, b) => shareOf(field, b) - shareOf(field, a))[0] ?? "";
  const flight = of("flight_number")[0] ?? "";
  const isDesignator = flight && shareWhere(valuesOf(flight), (value) => DESIGNATOR.test(value.toUpperCase())) >= 0.9;
  const late = of("delay").find((name) => shareWhere(valuesOf(name), (value) => !Number.isNaN(number(value))) >= MIN_SHARE);
  return {
    ...departure,
    airline: best("airline") || (isDesignator ? flight : ""),
    origin: best("origin"),
    destination: best("destination"),
    number: flight,
    actual: ofKind(of("actual"), "datetime") || ofKind(of("actual"), "time") || late || "",
  };
}

/** What a mapping has no column for, and needs one. */
export function missingFields(columns, { home, airports }) {
  const needed = airports.length > 1 || !home.length ? [...NEEDED, "origin"] : NEEDED;
  return needed.filter((field) => !columns[field]);
}

/** The header of a mapping, as flightParser takes it: with functions in place of the forms that a source has. */
export function headerOf(columns, names, rows, formats) {
  const { scheduled, time, airline, origin, destination, number: flight, actual } = columns;
  const valuesOf = sampler(names, rows, formats);
  const departure = detectTimes(valuesOf(scheduled), formats.years) ?? { form: "", kind: "" };
  const left = actual ? detectTimes(valuesOf(actual), formats.years) : null;
  const parse = dateParser(departure.form);
  const resolve = resolver(formats);
  const parts = time ? [scheduled, time] : [scheduled];
  return {
    source: "own",
    columns,
    scheduled_departure: parts,
    form: parts.map((name) => valuesOf(name)[0] ?? "").join(" "),
    parseTimes: ([date, clock]) => (clock === undefined ? parse(date) : dateOf(parse, date) + parseClock(clock)),
    airline,
    origin,
    destination,
    flight_number: flight,
    flight_type: "",
    operator: "",
    actual_departure: left ? actual : "",
    parseActual: left ? actualParser(left) : null,
    delay: actual && !left ? actual : "",
    departure: actual ? [actual] : [],
    cancelled: "",
    codes: [],
    missing: formats.missing.map((cell) => cell.toUpperCase()),
    numberOf: (value) => DESIGNATOR.exec(value.toUpperCase())?.[2] ?? value,
    constants: origin ? {} : { origin: formats.airports[0] },
    resolve(field, cell) {
      const designator = field === "airline" && airline === flight ? DESIGNATOR.exec(cell.trim().toUpperCase()) : null;
      return resolve(field, designator ? designator[1] : cell);
    },
  };
}

/** Parses a date, with a time of day if there is one. */
function dateParser(form) {
  const parse = timeParser(form);
  return (cell) => {
    const [, date, clock = ""] = /^(\S+?)(?:(?:[Tt]|,? +)(\d.*))?$/.exec(cell.trim()) ?? [];
    return date ? parse(date) + (clock ? parseClock(clock) : 0) : NaN;
  };
}

function dateOf(parse, cell) {
  return startOfDay(parse(cell));
}

const startOfDay = (at) => Math.floor(at / DAY_MS) * DAY_MS;

/** Parses when a flight left; a time of day alone is of the day that is nearest to its departure. */
function actualParser({ kind, form }) {
  const parse = dateParser(form);
  if (kind !== "time") return parse;
  return (cell, at) => {
    const left = startOfDay(at) + parseClock(cell);
    return left + DAY_MS * Math.round((at - left) / DAY_MS);
  };
}

/**
 * What the values of a column are: { kind: "datetime" | "date" | "time", form }; null if they are no times. Where no value
 * shows which is the day and which the month, the shorter period is taken.
 */
export function detectTimes(values, [first, last]) {
  if (!values.length) return null;
  if (shareWhere(values, (value) => !Number.isNaN(parseClock(value))) >= MIN_SHARE) return { kind: "time", form: "" };
  const isYear = (at) => within(new Date(at).getUTCFullYear(), first, last);
  const readings = DATES.map((form) => {
    const parse = dateParser(form);
    const moments = values.map(parse).filter((at) => !Number.isNaN(at) && isYear(at));
    return { form, moments, span: Math.max(...moments) - Math.min(...moments) };
  });
  const best = readings.reduce((a, b) => {
    const [more, fewer] = [b.moments.length, a.moments.length];
    return more > fewer || (more === fewer && more && b.span < a.span) ? b : a;
  });
  if (best.moments.length < MIN_SHARE * values.length) return null;
  const isDate = best.moments.every((at) => at % DAY_MS === 0);
  return { kind: isDate ? "date" : "datetime", form: best.form };
}

const within = (value, first, last) => value >= first && value <= last;

function shareWhere(values, holds) {
  return values.length ? values.filter(holds).length / values.length : 0;
}

/** Gives the first values of a column that are not blank. */
function sampler(names, rows, { missing }) {
  const isBlank = (cell) => !cell || missing.includes(cell.toLowerCase());
  return (name) => {
    const place = names.indexOf(name);
    const found = [];
    for (const { cells, problem } of rows) {
      if (found.length === MAX_SAMPLE) break;
      const cell = problem ? "" : (cells[place] ?? "").trim();
      if (!isBlank(cell)) found.push(cell);
    }
    return found;
  };
}

/** Gives the code of a cell that holds one, or the name of an airline or airport that the model knows. */
function resolver({ codes, names }) {
  const kindOf = (field) => (field === "airline" ? "airline" : "airport");
  return (field, cell) => {
    const value = cell.trim().toUpperCase();
    return codes[field].has(value) ? value : (names[kindOf(field)][normalise(cell)] ?? value);
  };
}

/** The codes of airlines and airports by their names; a name that several have is left out. */
export function namesOf(entries) {
  const found = new Map();
  for (const { code, name, city, city_es: spanish } of entries) {
    for (const one of new Set([name, city, spanish].filter(Boolean).map(normalise))) {
      found.set(one, found.has(one) && found.get(one) !== code ? undefined : code);
    }
  }
  return Object.fromEntries([...found].filter(([, code]) => code));
}
