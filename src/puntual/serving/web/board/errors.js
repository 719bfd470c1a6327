// What is wrong with a file, a row of it, or a request: in the reader's words, and what to do.

import { Problem, TIMEOUT_SECONDS } from "../api.js";
import { describeFailure } from "../failures.js";
import { day, listAnd, number, plural, text } from "../messages.js";
import { Refused } from "./csv.js";
import { DayTooLarge } from "./requests.js";

/** Flights that a page can show; more are for `puntual predict`. */
export const MAX_FLIGHTS = 100_000;

/** What is wrong with a row, by the number that a spreadsheet shows. */
export function describeProblem(problem) {
  return text("board.row_problem", { row: number(problem.row), problem: text(`board.row_${problem.kind}`, problem) });
}

/** The values of a text about a file, where they are not shown as they are. */
const FILE_VALUES = {
  too_many: ({ flights }) => ({ flights: number(flights), most: number(MAX_FLIGHTS) }),
  workbook_large: ({ most }) => ({ most: number(most / 2 ** 20, 1) }),
  columns_unknown: ({ found, more }) => ({ found: found.join(", ") + (more ? ", …" : "") }),
  mostly_bad: ({ bad, rows, first }) => ({ bad: number(bad), rows: number(rows), first: describeProblem(first) }),
};

function describeFile({ kind, values }) {
  if (kind !== "columns_missing") return text(`board.file_${kind}`, FILE_VALUES[kind]?.(values) ?? values);
  const { missing, wanted, source } = values;
  return plural("board.file_columns_missing", missing.length, { missing: listAnd(missing), wanted: listAnd(wanted), source });
}

/** What went wrong: { title, remedy, retryable }. */
export function describeError(error) {
  const refused = (remedy) => ({ title: text("board.refused"), remedy, retryable: false });
  if (error instanceof Refused) return refused(describeFile(error));
  if (error instanceof DayTooLarge) {
    const values = { day: day(error.day), flights: number(error.flights), most: number(error.max) };
    return refused(text("board.file_day_too_large", values));
  }
  if (error instanceof Problem && error.retryAfter) {
    return { title: text("board.busy"), remedy: text("board.busy_remedy"), retryable: true };
  }
  return describeFailure(error, {
    unreachable: text("board.unreachable_remedy"),
    slow: text("board.slow_remedy", { seconds: TIMEOUT_SECONDS }),
    busy: text("board.not_ready_remedy"),
  });
}
