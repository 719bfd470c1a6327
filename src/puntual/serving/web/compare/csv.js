// The flights of two plans as CSV, as `puntual compare` writes them.

import { quote } from "../board/export.js";

const COLUMNS = [
  "kind",
  "airline",
  "origin",
  "destination",
  "flight_number",
  "before",
  "after",
  "before_probability",
  "after_probability",
  "change",
  "unknown",
];

/** @param flights of POST /v1/comparisons */
export function changesCsv(flights) {
  const lines = flights.map((one) => COLUMNS.map((name) => quote(cellOf(one[name]), ",")).join(","));
  // The byte order mark tells a spreadsheet that the text is UTF-8.
  return new Blob(["\ufeff", [COLUMNS.join(","), ...lines].join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" });
}

function cellOf(value) {
  if (value === null) return "";
  return Array.isArray(value) ? value.join(" ") : String(value).replace("T", " ");
}
