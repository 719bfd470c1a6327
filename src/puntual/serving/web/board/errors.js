// What is wrong with a file, a row of it, or the asking: in the reader's words, and what to do.

import { PATIENCE_SECONDS, Problem, TooSlow, Unreachable } from "../api.js";
import { day, list, number, plural, text } from "../messages.js";
import { DayTooLarge } from "./requests.js";
import { Refused } from "./csv.js";

/** Flights that a page can show; more are for `puntual predict`. */
export const MOST_FLIGHTS = 100_000;

const ROWS = {
  fields: ({ found, count }) => text("board.row_fields", { found: number(found), count: number(count) }),
  quotes: () => text("board.row_quotes"),
  missing: (found) => text("board.row_missing", found),
  time: (found) => text("board.row_time", found),
  numbers: (found) => text("board.row_numbers", found),
  year: (found) => text("board.row_year", found),
  code: (found) => text("board.row_code", found),
  type: (found) => text("board.row_type", found),
  minutes: (found) => text("board.row_minutes", found),
  absurd: (found) => text("board.row_absurd", found),
};

/** What is wrong with a row, by the number that a spreadsheet shows. */
export function rowMistake(problem) {
  return text("board.row_problem", { row: number(problem.row), problem: ROWS[problem.kind](problem) });
}

const FILES = {
  parquet: () => text("board.file_parquet"),
  packed: () => text("board.file_packed"),
  spreadsheet: () => text("board.file_spreadsheet"),
  document: () => text("board.file_document"),
  utf16: () => text("board.file_utf16"),
  empty: () => text("board.file_empty"),
  header: () => text("board.file_header"),
  one_column: (found) => text("board.file_one_column", found),
  twice: (found) => text("board.file_twice", found),
  no_rows: () => text("board.file_no_rows"),
  unreadable: (found) => text("board.file_unreadable", found),
  too_many: ({ flights }) => text("board.file_too_many", { flights: number(flights), most: number(MOST_FLIGHTS) }),
  columns_missing: ({ missing, wanted, source }) => {
    const values = { missing: list(missing), wanted: list(wanted), source };
    return plural("board.file_columns_missing", missing.length, values);
  },
  columns_unknown: ({ found, more }) => {
    return text("board.file_columns_unknown", { found: found.join(", ") + (more ? ", …" : "") });
  },
  mostly_bad: ({ bad, rows, first }) => {
    return text("board.file_mostly_bad", { bad: number(bad), rows: number(rows), first: rowMistake(first) });
  },
};

/** What went wrong: { title, remedy, again }, the last whether trying again may help. */
export function failure(error) {
  if (error instanceof Refused) return told(text("board.refused"), FILES[error.kind](error.values), false);
  if (error instanceof DayTooLarge) {
    const values = { day: day(error.day), flights: number(error.flights), most: number(error.most) };
    return told(text("board.refused"), text("board.file_day_too_large", values), false);
  }
  if (error instanceof Unreachable) return told(text("failure.unreachable"), text("board.unreachable_remedy"));
  if (error instanceof TooSlow) {
    return told(text("failure.slow"), text("board.slow_remedy", { seconds: PATIENCE_SECONDS }));
  }
  if (error instanceof Problem && error.status === 503) {
    return told(text("failure.busy"), text("board.busy_remedy", { detail: error.message }));
  }
  return told(text("failure.broken"), text("failure.broken_remedy", { detail: error.message }));
}

function told(title, remedy, again = true) {
  return { title, remedy, again };
}
