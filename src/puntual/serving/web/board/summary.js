// What a schedule was read as, in words.

import { nameAndCode } from "../choices.js";
import { day, listAnd, listOr, number, plural, text } from "../messages.js";
import { describeColumns } from "./columns_form.js";

/** Arrivals that are named; the others are counted. */
const MAX_LISTED = 3;

/**
 * @param read what the source gives
 * @param departures of its flights
 * @param name of the file
 * @param notes what else is said of it
 */
export function describeSchedule(read, departures, model, name, notes) {
  const { flights, problems, duplicates, arrivals, rows, columns, text: byServer } = read;
  const { days } = departures;
  const values = { name, first: day(days[0]), last: day(days.at(-1)) };
  const training = { learned_first: day(model.training.first), learned_last: day(model.training.last) };
  const unknown = (what) => departures.all.filter((one) => one.unknown.includes(what)).length;
  const [farDates, newSeasons] = [unknown("date"), unknown("season")];
  const sentences = [
    plural(days.length > 1 ? "board.read_days" : "board.read_day", flights.length, values),
    byServer === undefined ? "" : text("board.read_by_server"),
    columns ? describeColumns(columns) : "",
    arrivals.length ? describeArrivals(arrivals, model) : "",
    duplicates ? plural("board.duplicates", duplicates) : "",
    problems.length ? plural("board.unread", problems.length, { rows: number(rows) }) : "",
    farDates ? plural("board.far_date", farDates, training) : "",
    newSeasons ? plural("board.new_season", newSeasons) : "",
    ...notes,
  ];
  return sentences.filter(Boolean).join(" ");
}

/** The rows that are left out since they land here. */
function describeArrivals(arrivals, model) {
  const listed = arrivals.slice(0, MAX_LISTED).map(({ row, origin, destination }) => {
    return text("board.arrival", { row: number(row), origin, destination });
  });
  const airports = listOr(model.origins.map(nameAndCode));
  return plural("board.arrivals", arrivals.length, { airports, rows: listAnd(listed) });
}

/** How many of the flights that the file says it of left late, beside how many were to be expected; "" if it says it of none. */
export function describeOutcome({ known, came, expectedOfKnown }, formatExpected) {
  if (!known) return "";
  return plural("board.outcome", known, { expected: formatExpected(expectedOfKnown), came: number(came) });
}
