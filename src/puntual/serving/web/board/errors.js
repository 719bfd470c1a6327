// What is wrong with a file, a row of it, or a request: in the reader's words, and what to do.

import { TIMEOUT_SECONDS } from "../api.js";
import { describeFailure } from "../failures.js";
import { day, listAnd, number, plural, text } from "../messages.js";
import { Refused } from "./csv.js";
import { DayTooLarge } from "./requests.js";

/** Flights that a page can show; more are for `puntual predict`. */
export const MAX_FLIGHTS = 100_000;

const ROWS = {
  fields: ({ found, count }) => text("board.row_fields", { found: number(found), count: number(count) }),
  quotes: () => text("board.row_quotes"),
  missing: (problem) => text("board.row_missing", problem),
  time: (problem) => text("board.row_time", problem),
  numbers: (problem) => text("board.row_numbers", problem),
  year: (problem) => text("board.row_year", problem),
  code: (problem) => text("board.row_code", problem),
  type: (problem) => text("board.row_type", problem),
  minutes: (problem) => text("board.row_minutes", problem),
  absurd: (problem) => text("board.row_absurd", problem),
};

/** What is wrong with a row, by the number that a spreadsheet shows. */
export function describeProblem(problem) {
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
  one_column: (values) => text("board.file_one_column", values),
  twice: (values) => text("board.file_twice", values),
  no_rows: () => text("board.file_no_rows"),
  unreadable: (values) => text("board.file_unreadable", values),
  too_many: ({ flights }) => text("board.file_too_many", { flights: number(flights), most: number(MAX_FLIGHTS) }),
  columns_missing: ({ missing, wanted, source }) => {
    const values = { missing: listAnd(missing), wanted: listAnd(wanted), source };
    return plural("board.file_columns_missing", missing.length, values);
  },
  columns_unknown: ({ found, more }) => {
    return text("board.file_columns_unknown", { found: found.join(", ") + (more ? ", …" : "") });
  },
  mostly_bad: ({ bad, rows, first }) => {
    return text("board.file_mostly_bad", { bad: number(bad), rows: number(rows), first: describeProblem(first) });
  },
};

/** What went wrong: { title, remedy, retryable }. */
export function describeError(error) {
  const refused = (remedy) => ({ title: text("board.refused"), remedy, retryable: false });
  if (error instanceof Refused) return refused(FILES[error.kind](error.values));
  if (error instanceof DayTooLarge) {
    const values = { day: day(error.day), flights: number(error.flights), most: number(error.max) };
    return refused(text("board.file_day_too_large", values));
  }
  return describeFailure(error, {
    unreachable: text("board.unreachable_remedy"),
    slow: text("board.slow_remedy", { seconds: TIMEOUT_SECONDS }),
    busy: text("board.busy_remedy", { detail: error.message }),
  });
}
