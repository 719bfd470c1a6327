// A text of flights -> its flights, and what is wrong with the other rows, as puntual.data.reading does it.

import { code, flightNumber, isTooFar, number, timeOfNumbers, timeParser } from "./cells.js";
import { guessColumns, headerOf, missingFields } from "./columns.js";
import { Refused, readCsv } from "./csv.js";

const ISO_EXAMPLE = "2017-01-31T18:05:00";
const MAX_CHARACTERS = 40;
const MINUTE_MS = 60_000;

/** The columns without which a schedule of a source cannot be read. */
export function requiredColumns({ scheduled_departure: departure, airline, origin, destination }) {
  return [...departure, airline, origin, destination];
}

/**
 * Read a schedule: { source, columns, names, separator, rows, flights, problems, duplicates, arrivals }.
 *
 * `rows` are all of the file's, by the number that a spreadsheet shows; a flight is { row, at, airline, origin,
 * destination, operator, type, number, delay }, `at` in milliseconds of its own clock, `delay` in minutes, null unless the file
 * says when it left; `duplicates` maps the row of each flight
 * that equals an earlier one to the row of that. `arrivals` are the flights from elsewhere to where the model's flights leave
 * from, and from there to the same airport: { row, origin, destination }.
 *
 * A header that no source has is guessed; `columns` then says which column holds what, see FIELDS of columns.js.
 *
 * @param formats of GET /board/schedules.json: headers, headings, separators and limits; `home` has every code of the model's
 *   origins, `airports` the model's own, `codes` and `names` those of airlines and airports
 * @param given the columns as the reader said, by the names of a header
 */
export function readSchedule(text, formats, given = {}) {
  const csv = readCsv(text, formats.separators);
  const { names, rows } = csv;
  const own = given[names.join("\t")];
  if (own) return readRows(csv, headerOf(own, names, rows, formats), formats);
  let refused = null;
  try {
    const known = inKnownCase(names, formats.headers);
    return readRows(csv, detectSource(known, formats.headers), formats, known);
  } catch (error) {
    if (!formats.codes || !["columns_missing", "columns_unknown", "mostly_bad"].includes(error.kind)) throw error;
    refused = error;
  }
  const columns = guessColumns(names, rows, formats);
  if (!missingFields(columns, formats).length) {
    try {
      return readRows(csv, headerOf(columns, names, rows, formats), formats);
    } catch (error) {
      if (error.kind !== "mostly_bad") throw error;
      if (refused.kind !== "mostly_bad") refused = error;
    }
  }
  throw new Refused(refused.kind, { ...refused.values, header: { names, columns } });
}

/** The names of a header as the sources write them, which differ from them in capitals only. */
function inKnownCase(names, headers) {
  const columns = headers.flatMap((header) => Object.values(header).flat()).filter(Boolean);
  const known = new Map(columns.map((name) => [name.toLowerCase(), name]));
  return names.map((name) => (columns.includes(name) ? name : (known.get(name.toLowerCase()) ?? name)));
}

/** @param known the names as the header has them, if the file writes them otherwise */
function readRows({ names, separator, rows }, header, formats, known = names) {
  const parse = flightParser(header, known, rows, formats);
  const flights = [];
  const problems = [];
  const seen = new Map();
  const duplicates = new Map();
  const arrivals = [];
  const isHome = (airport) => formats.home?.includes(airport) ?? false;
  for (const { row, cells, problem: malformed } of rows) {
    const { flight, problem } = malformed ? { problem: malformed } : parse(cells);
    const content = cells.join("\n");
    if (problem) {
      problems.push({ row, ...problem });
    } else if (seen.has(content)) {
      duplicates.set(row, seen.get(content));
    } else if (isHome(flight.destination) && (!isHome(flight.origin) || flight.origin === flight.destination)) {
      arrivals.push({ row, origin: flight.origin, destination: flight.destination });
    } else {
      seen.set(content, row);
      flights.push({ row, ...flight });
    }
  }
  if (2 * problems.length > rows.length) {
    throw new Refused("mostly_bad", { bad: problems.length, rows: rows.length, first: problems[0] });
  }
  if (arrivals.length && !flights.length) throw new Refused("arrivals", arrivals[0]);
  const { source, columns = null } = header;
  return { source, columns, names, separator, rows, flights, problems, duplicates, arrivals };
}

/** The first source all of whose columns are there. */
function detectSource(names, headers) {
  const missing = (header) => requiredColumns(header).filter((name) => !names.includes(name));
  const found = headers.find((header) => !missing(header).length);
  if (found) return found;
  const share = (header) => missing(header).length / requiredColumns(header).length;
  const nearest = headers.reduce((near, one) => (share(one) < share(near) ? one : near));
  if (share(nearest) < 1) {
    const { source } = nearest;
    throw new Refused("columns_missing", { missing: missing(nearest), wanted: requiredColumns(nearest), source });
  }
  throw new Refused("columns_unknown", { found: names.slice(0, 5), more: names.length > 5 });
}

/** Parses the cells of a row as { flight } or { problem }. */
function flightParser(header, names, rows, formats) {
  const places = new Map(names.map((name, index) => [name, index]));
  const cellOf = (cells, name) => (places.has(name) ? cells[places.get(name)] : "");
  const codeOf = (cells, name) => code(cellOf(cells, name), header.missing);
  const placeOf = (cells, field) => {
    if (header.constants?.[field]) return header.constants[field];
    const value = codeOf(cells, header[field]);
    return value && header.resolve ? header.resolve(field, value) : value;
  };
  const parseTime = header.parseTimes || header.form === "numbers" ? null : timeParser(header.form);
  const parseTimes =
    header.parseTimes ?? (parseTime ? ([value]) => parseTime(value.trim()) : (values) => timeOfNumbers(values, formats.years));
  const numberOf = header.numberOf ?? ((value) => value);
  const parseActual = header.parseActual ?? ((value) => parseTime(value));
  const timeForm = { form: header.form || ISO_EXAMPLE };
  const codePattern = new RegExp(formats.code);
  const marksCancelled = header.cancelled && rows.some(({ cells }) => codeOf(cells, header.cancelled));
  const isCancelled = (cells) => {
    return marksCancelled && formats.cancelled.includes(cellOf(cells, header.cancelled).trim().toLowerCase());
  };
  const hasDeparted = (cells) => header.departure.some((name) => codeOf(cells, name));

  function departureOf(cells) {
    const label = header.scheduled_departure.join(", ");
    const values = header.scheduled_departure.map((name) => cellOf(cells, name));
    const absent = header.scheduled_departure.find((_, index) => !values[index].trim());
    if (absent) return { problem: { kind: "missing", column: absent } };
    const at = parseTimes(values);
    const value = values.join(" ");
    if (Number.isNaN(at)) {
      return { problem: header.form === "numbers" ? problem("numbers", label, value) : problem("time", label, value, timeForm) };
    }
    const [first, last] = formats.years;
    const year = new Date(at).getUTCFullYear();
    return year < first || year > last ? { problem: problem("year", label, value, { first, last }) } : { at };
  }

  function codeProblem(cells) {
    for (const field of ["airline", "origin", "destination"]) {
      const name = header[field];
      const value = placeOf(cells, field);
      if (!value) return { kind: "missing", column: name };
      if (!codePattern.test(value)) return problem("code", name, cellOf(cells, name));
    }
    const isBad = (name) => name && codeOf(cells, name) && !codePattern.test(code(cellOf(cells, name), []));
    if (isBad(header.operator)) return problem("code", header.operator, cellOf(cells, header.operator));
    const type = cellOf(cells, header.flight_type);
    if (type.trim() && !["N", "I"].includes(code(type, []))) return problem("type", header.flight_type, type);
    const name = header.codes.find(isBad);
    return name ? problem("code", name, cellOf(cells, name)) : null;
  }

  /** How late a flight left, { delay } in minutes, null if that is not said; a row with an impossible outcome is not trusted. */
  function outcomeOf(cells, at) {
    const name = header.delay || header.actual_departure;
    const value = cellOf(cells, name);
    if (!value || !hasDeparted(cells) || isCancelled(cells)) return { delay: null };
    const delay = header.delay ? number(value) * MINUTE_MS : parseActual(value.trim(), at) - at;
    if (Number.isNaN(delay)) {
      return { problem: header.delay ? problem("minutes", name, value) : problem("time", name, value, timeForm) };
    }
    const hours = formats.largest_delay_hours;
    return isTooFar(delay, hours) ? { problem: problem("absurd", name, value, { hours }) } : { delay: delay / MINUTE_MS };
  }

  return (cells) => {
    const { at, problem: departureProblem } = departureOf(cells);
    const outcome = departureProblem ? {} : outcomeOf(cells, at);
    const wrong = departureProblem ?? codeProblem(cells) ?? outcome.problem;
    if (wrong) return { problem: wrong };
    const flight = {
      at,
      airline: placeOf(cells, "airline"),
      origin: placeOf(cells, "origin"),
      destination: placeOf(cells, "destination"),
      operator: codeOf(cells, header.operator),
      type: codeOf(cells, header.flight_type),
      number: numberOf(flightNumber(cellOf(cells, header.flight_number), header.missing)),
      delay: outcome.delay,
    };
    return { flight };
  };
}

function problem(kind, column, value, values = {}) {
  return { kind, column, value: value.slice(0, MAX_CHARACTERS).replace(/\s/g, " "), ...values };
}
