// A text of flights -> the flights of it, and what is wrong with the other rows: as puntual.data.reading does it.

import { Refused, readDelimited } from "./csv.js";
import { code, flightNumber, number, timeOfNumbers, timeReader, tooFar } from "./cells.js";

const ISO_SHOWN = "2017-01-31T18:05:00";
const SHOWN_CHARACTERS = 40;

/**
 * Read a schedule: { source, names, separator, rows, flights, problems, duplicates }.
 *
 * `rows` are all of the file's, by the number that a spreadsheet shows; a flight is { row, at, airline, origin,
 * destination, operator, type, number }, `at` in milliseconds of its own clock; `duplicates` gives for the row of each
 * flight that equals an earlier one the row of that.
 *
 * @param known what the server tells: headers, separators and limits
 */
export function readSchedule(text, known) {
  const { names, separator, rows } = readDelimited(text, known.separators);
  const header = recognise(names, known.headers);
  const read = flightReader(header, names, rows, known);
  const flights = [];
  const problems = [];
  const seen = new Map();
  const duplicates = new Map();
  for (const { row, cells, problem } of rows) {
    const { flight, wrong } = problem ? { wrong: problem } : read(cells);
    if (wrong) {
      problems.push({ row, ...wrong });
      continue;
    }
    const own = cells.join("\n");
    if (seen.has(own)) {
      duplicates.set(row, seen.get(own));
      continue;
    }
    seen.set(own, row);
    flights.push({ row, ...flight });
  }
  if (2 * problems.length > rows.length) {
    throw new Refused("mostly_bad", { bad: problems.length, rows: rows.length, first: problems[0] });
  }
  return { source: header.source, names, separator, rows, flights, problems, duplicates };
}

const needed = (header) => [...header.scheduled_departure, header.airline, header.origin, header.destination];

/** The first source all of whose columns are there. */
function recognise(names, headers) {
  const missing = (header) => needed(header).filter((name) => !names.includes(name));
  const found = headers.find((header) => !missing(header).length);
  if (found) return found;
  const share = (header) => missing(header).length / needed(header).length;
  const nearest = headers.reduce((near, one) => (share(one) < share(near) ? one : near));
  if (share(nearest) < 1) {
    const { source } = nearest;
    throw new Refused("columns_missing", { missing: missing(nearest), wanted: needed(nearest), source });
  }
  throw new Refused("columns_unknown", { found: names.slice(0, 5), more: names.length > 5 });
}

/** Reads the cells of a row as { flight } or { wrong }. */
function flightReader(header, names, rows, known) {
  const places = new Map(names.map((name, index) => [name, index]));
  const cellOf = (cells, name) => (places.has(name) ? cells[places.get(name)] : "");
  const blank = (cells, name) => !code(cellOf(cells, name), header.missing);
  const notDeparted = (cells) => header.departure.every((name) => blank(cells, name));
  const readTime = header.form === "numbers" ? null : timeReader(header.form);
  const wantedTime = header.form || ISO_SHOWN;
  const codeForm = new RegExp(known.code);
  const marked = header.cancelled && rows.some(({ cells }) => !blank(cells, header.cancelled));
  const cancelled = (cells) => {
    return marked && known.cancelled.includes(cellOf(cells, header.cancelled).trim().toLowerCase());
  };

  function time(cells) {
    const label = header.scheduled_departure.join(", ");
    const told = header.scheduled_departure.map((name) => cellOf(cells, name));
    const absent = header.scheduled_departure.find((_, index) => !told[index].trim());
    if (absent) return { wrong: { kind: "missing", column: absent } };
    const at = readTime ? readTime(told[0].trim()) : timeOfNumbers(told, known.years);
    const value = told.join(" ");
    if (Number.isNaN(at)) {
      return { wrong: readTime ? wrong("time", label, value, { form: wantedTime }) : wrong("numbers", label, value) };
    }
    const [first, last] = known.years;
    const year = new Date(at).getUTCFullYear();
    return year < first || year > last ? { wrong: wrong("year", label, value, { first, last }) } : { at };
  }

  function codes(cells) {
    for (const name of [header.airline, header.origin, header.destination]) {
      const value = code(cellOf(cells, name), header.missing);
      if (!value) return { kind: "missing", column: name };
      if (!codeForm.test(value)) return wrong("code", name, cellOf(cells, name));
    }
    return null;
  }

  function others(cells) {
    const strange = (name) => name && !blank(cells, name) && !codeForm.test(code(cellOf(cells, name), []));
    if (strange(header.operator)) return wrong("code", header.operator, cellOf(cells, header.operator));
    const told = cellOf(cells, header.flight_type);
    if (told.trim() && !["N", "I"].includes(code(told, []))) return wrong("type", header.flight_type, told);
    const name = header.codes.find(strange);
    return name ? wrong("code", name, cellOf(cells, name)) : null;
  }

  /** What became of a flight plays no part, but a row that tells nonsense of it is not trusted. */
  function outcome(cells, at) {
    const name = header.delay || header.actual_departure;
    const told = cellOf(cells, name);
    if (!told || notDeparted(cells) || cancelled(cells)) return null;
    const late = header.delay ? number(told) * 60_000 : readTime(told.trim()) - at;
    if (Number.isNaN(late)) {
      return header.delay ? wrong("minutes", name, told) : wrong("time", name, told, { form: wantedTime });
    }
    const hours = known.largest_delay_hours;
    return tooFar(late, hours) ? wrong("absurd", name, told, { hours }) : null;
  }

  return (cells) => {
    const { at, wrong: untimely } = time(cells);
    const problem = untimely ?? codes(cells) ?? others(cells) ?? outcome(cells, at);
    if (problem) return { wrong: problem };
    const flight = {
      at,
      airline: code(cellOf(cells, header.airline), header.missing),
      origin: code(cellOf(cells, header.origin), header.missing),
      destination: code(cellOf(cells, header.destination), header.missing),
      operator: code(cellOf(cells, header.operator), header.missing),
      type: code(cellOf(cells, header.flight_type), header.missing),
      number: flightNumber(cellOf(cells, header.flight_number), header.missing),
    };
    return { flight };
  };
}

function wrong(kind, column, value, values = {}) {
  return { kind, column, value: value.slice(0, SHOWN_CHARACTERS).replace(/\s/g, " "), ...values };
}
