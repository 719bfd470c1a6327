// The cells of a source: times, codes and numbers of minutes, as puntual.data reads them.

const DIRECTIVES = {
  "%Y": "\\s*\\+?(?<Y>\\d{1,4})",
  "%y": "(?<y>\\d\\d)",
  "%m": "\\s*(?<m>\\d{1,2})",
  "%d": "\\s*(?<d>\\d{1,2})",
  "%H": "\\s*(?<H>\\d{1,2})",
  "%M": "\\s*(?<M>\\d{1,2})",
  "%S": "\\s*(?<S>\\d{1,2})",
  "%.f": "(?:\\.(?<f>\\d{1,9}))?",
  " ": "\\s*",
};
const ISO_FORMS = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const CLOCK = /^(\d{1,2})[:.h](\d\d)(?:[:.](\d\d)(?:\.\d+)?)?\s*(?:([ap])\.?\s*m\.?)?$/i;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The last year of the century that two digits mean, as strptime has it. */
const LAST_SHORT_YEAR = 68;

/** Parses times of a form (blank: ISO 8601) as milliseconds of a clock without a zone; NaN if there is none. */
export function timeParser(form) {
  if (form) return formParser(form);
  const parsers = ISO_FORMS.map(formParser);
  return (cell) => {
    const blank = cell.replace("T", " ").replace("t", " ");
    return parsers.reduce((found, parse) => (Number.isNaN(found) ? parse(blank) : found), NaN);
  };
}

function formParser(form) {
  const source = form.replace(/%\.f|%\w|[\s\S]/g, (one) => DIRECTIVES[one] ?? one.replace(/[^\w]/g, "\\$&"));
  const pattern = new RegExp(`^${source}$`);
  return (cell) => {
    const found = pattern.exec(cell.replace(" 24:00", " 00:00"))?.groups;
    if (!found) return NaN;
    const { y, Y = fullYear(+y), m, d, H = 0, M = 0, S = 0, f = "" } = found;
    const nextDay = cell.includes(" 24:00") ? 24 * HOUR_MS : 0;
    return moment(+Y, +m, +d, +H, +M, +S) + nextDay + Math.floor(+`0.${f || 0}` * 1000);
  };
}

const fullYear = (year) => year + (year > LAST_SHORT_YEAR ? 1900 : 2000);

/** A time of day, as 18:35, 6.05, 0605 or 6:05 pm, in milliseconds; NaN if it is none. */
export function parseClock(cell) {
  const value = cell.trim();
  const found = CLOCK.exec(value) ?? (/^\d{3,4}$/.test(value) ? /^(\d\d)(\d\d)$/.exec(value.padStart(4, "0")) : null);
  if (!found) return NaN;
  const [, hours, minutes, seconds = 0, half = ""] = found;
  if (half && !(hours >= 1 && hours <= 12)) return NaN;
  const hour = half ? (hours % 12) + (half.toLowerCase() === "p" ? 12 : 0) : +hours;
  return hour > 23 || minutes > 59 || seconds > 59 ? NaN : hour * HOUR_MS + minutes * MINUTE_MS + seconds * 1000;
}

/** A date and a time; NaN if the calendar or the clock has none such. A leap second is the next minute's first. */
function moment(year, month, day, hour, minute, second) {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return NaN;
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN;
  return date.setUTCHours(hour, minute, second);
}

/** A time of four numbers: year, month, day, and HHMM. */
export function timeOfNumbers(cells, [first, last]) {
  const [year, month, day, clock] = cells.map(number);
  const within = (value, min, max) => value >= min && value <= max;
  if (!within(year, first, last) || !within(month, 1, 12) || !within(day, 1, 31) || !within(clock, 0, 2359)) return NaN;
  const digits = String(Math.trunc(year * 1e8 + month * 1e6 + day * 1e4 + clock));
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits);
  return moment(...parts.map(Number), 0);
}

/** A finite number; NaN if a cell has none. */
export function number(cell) {
  const value = NUMBER.test(cell) ? Number(cell) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** A code: upper case, no outer spaces; "" if there is none. */
export function code(cell, missing) {
  const value = cell.trim().toUpperCase();
  return missing.includes(value) ? "" : value;
}

/** A flight number without spaces, nor the `.0` that a spreadsheet leaves. */
export function flightNumber(cell, missing) {
  return code(cell, missing) ? cell.trim().replace(/\s|\.0$/g, "") : "";
}

export function isTooFar(difference, hours) {
  return Math.abs(difference) > hours * HOUR_MS;
}
