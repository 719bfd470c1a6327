// The rows of a CSV text, each with the number that a spreadsheet shows: as puntual.data does it.

/** The first bytes of files that are no CSV, and their kind. */
const OTHER_KINDS = [
  ["PAR1", "parquet"],
  ["\x1f\x8b", "packed"],
  ["PK", "packed"],
  ["BZh", "packed"],
  ["\xfd7zXZ", "packed"],
  ["7z\xbc\xaf", "packed"],
  ["\x28\xb5\x2f\xfd", "packed"],
  ["Rar!", "packed"],
  ["\xd0\xcf\x11\xe0", "workbook"],
  ["%PDF", "document"],
  ["\x89PNG", "document"],
  ["\xff\xd8\xff", "document"],
  ["GIF8", "document"],
  ["\xff\xfe", "utf16"],
  ["\xfe\xff", "utf16"],
];
/** What the directory at the end of a packed workbook names, or its first part. */
const WORKBOOK_PARTS = ["xl/worksheets/", "opendocument.spreadsheet"];
const DIRECTORY_BYTES = 65_536;

/** A schedule that cannot be read as a whole; `kind` and `values` say why. */
export class Refused extends Error {
  constructor(kind, values = {}) {
    super(kind);
    this.kind = kind;
    this.values = values;
  }
}

/** The text of a file's bytes: UTF-8, or Latin-1 if it is not. */
export function decode(bytes) {
  const head = String.fromCharCode(...bytes.subarray(0, 4096));
  if (head.startsWith("PK") && isWorkbook(head, bytes)) throw new Refused("workbook");
  const other = OTHER_KINDS.find(([magic]) => head.startsWith(magic));
  if (other) throw new Refused(other[1]);
  if (head.includes("\0")) throw new Refused("document");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

function isWorkbook(head, bytes) {
  const directory = new TextDecoder("latin1").decode(bytes.subarray(-DIRECTORY_BYTES));
  return WORKBOOK_PARTS.some((part) => head.includes(part) || directory.includes(part));
}

/**
 * The rows of a text: { names, separator, rows }; a row is { row, cells }, with a `problem` if it is malformed.
 *
 * @param separators those that a header may have
 */
export function readCsv(text, separators) {
  const lines = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  if (!lines.trim()) throw new Refused("empty");
  if (/^\s*(<|\{|\[\s*[[{"])/.test(lines)) throw new Refused("document");
  const above = /^\n*/.exec(lines)[0].length;
  const end = lines.indexOf("\n", above);
  const heading = lines.slice(above, end < 0 ? undefined : end);
  const body = end < 0 ? "" : lines.slice(end + 1);
  const { names, separator } = readHeader(heading, separators);
  const records = body.includes('"') ? readQuoted(body, names.length, separator) : readUnquoted(body, separator);
  const rows = [];
  records.forEach((record, index) => {
    const row = toRow(record, above + 2 + index, names.length);
    if (row.cells.some((cell) => cell.trim())) rows.push(row);
  });
  if (!rows.length) throw new Refused("no_rows");
  return { names, separator, rows };
}

function readHeader(heading, separators) {
  if ((heading.split('"').length - 1) % 2) throw new Refused("header");
  const count = (separator) => heading.split(separator).length;
  const separator = [...separators].reduce((best, one) => (count(one) > count(best) ? one : best));
  const [cells] = parse(heading, separator, false);
  const names = cells.map((name, index) => name.trim() || `column ${index + 1}`);
  if (names.length === 1) throw new Refused("one_column", { column: names[0].slice(0, 40) });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Refused("twice", { column: twice });
  return { names, separator };
}

function toRow(record, row, wanted) {
  const { length } = record.cells;
  const cells = Array.from({ length: wanted }, (_, index) => record.cells[index] ?? "");
  if (record.unpaired) return { row, cells, problem: { kind: "quotes" } };
  if (length === wanted) return { row, cells };
  return { row, cells, problem: { kind: "fields", found: length, count: wanted } };
}

function readUnquoted(body, separator) {
  return linesOf(body).map((line) => ({ cells: line.split(separator) }));
}

function linesOf(body) {
  return body.replace(/\n$/, "").split("\n");
}

/** A quote that is not closed would silently take the lines below it into its cell: then each line is read by itself. */
function readQuoted(body, wanted, separator) {
  const records = parse(body, separator, true);
  const unclosed = records?.some((cells) => cells.lines > 1 && cells.length !== wanted);
  if (records && !unclosed) return records.map((cells) => ({ cells }));
  return linesOf(body).map((line) => {
    const [cells] = parse(line, separator, true) ?? [];
    return cells ? { cells } : { cells: [line], unpaired: true };
  });
}

/** Records of a text, each an array of cells with `lines`, how many it runs over; null if quotes do not pair. */
function parse(text, separator, strict) {
  const records = [];
  let cells = [];
  let lines = 1;
  let at = 0;
  const ends = (index) => index >= text.length || text[index] === "\n" || text[index] === separator;
  while (at <= text.length) {
    if (text[at] === '"') {
      let cell = "";
      for (at += 1; ; at += 2) {
        const close = text.indexOf('"', at);
        if (close < 0 && strict) return null;
        cell += text.slice(at, close < 0 ? undefined : close);
        at = close < 0 ? text.length : close;
        if (text[at + 1] !== '"') break;
        cell += '"';
      }
      at += 1;
      if (!ends(at) && strict) return null;
      const rest = at;
      while (!ends(at)) at += 1;
      cells.push(cell + text.slice(rest, at));
      lines += cell.split("\n").length - 1;
    } else {
      const start = at;
      while (!ends(at)) at += 1;
      cells.push(text.slice(start, at));
    }
    if (text[at] !== separator) {
      records.push(Object.assign(cells, { lines }));
      cells = [];
      lines = 1;
      if (at === text.length - 1) break; // a line end ends the last record; it begins none
    }
    at += 1;
  }
  return records;
}
