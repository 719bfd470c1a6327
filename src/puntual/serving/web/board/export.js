// A schedule as CSV: the file's own columns and rows, each with its answer, as `puntual predict` writes them.

const ADDED = ["delay_probability", "delayed", "risk", "unknown"];
/** What a spreadsheet would take for a formula; plain numbers and dashes are none. */
const FORMULA = /^[=+\-@\t\r]/;
const HARMLESS = /^([+-]?[\d.,]+|-+)$/;

/**
 * @param schedule as readSchedule returns it
 * @param predictions one a flight
 * @param kept the rows of the flights that are written; others are left out
 */
export function exportCsv({ names, separator, rows, flights, duplicates }, predictions, kept) {
  const answers = new Map(flights.map(({ row }, index) => [row, kept.has(row) ? predictions[index] : null]));
  const own = names.map((_, index) => index).filter((index) => !ADDED.includes(names[index]));
  const line = (cells) => cells.map((cell) => quote(cell, separator)).join(separator);
  const lines = [line([...own.map((index) => names[index]), ...ADDED])];
  for (const { row, cells } of rows) {
    const answer = answers.get(duplicates.get(row) ?? row);
    if (!answer) continue;
    const { delay_probability: probability, delayed, risk, unknown } = answer;
    const added = [String(probability), String(delayed), risk, unknown.join(" ")];
    lines.push(line([...own.map((index) => cells[index]), ...added]));
  }
  // The byte order mark tells a spreadsheet that the text is UTF-8.
  return new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" });
}

/** A cell as CSV, which no spreadsheet takes for a formula. */
export function quote(cell, separator) {
  const safe = FORMULA.test(cell) && !HARMLESS.test(cell) ? `'${cell}` : cell;
  return safe.includes(separator) || /["\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
