// A row of the board: a departure of a schedule with its probability.

import { addressOf } from "../address.js";
import { text } from "../messages.js";
import { formatProbability, formatShare } from "../probability.js";
import { formatDelay } from "../times.js";

/** What is remarked if the model has never seen it. */
const REMARKED = ["airline", "destination", "origin"];

/** @param options { choiceOf, dates, withOrigins, formHasOrigin, edges, minutes, opened } as the table has them */
export function fillDeparture(row, departure, { choiceOf, dates, withOrigins, formHasOrigin, edges, minutes, opened }) {
  const { probability, risk, day, time, number, delay } = departure;
  const part = (name) => row.querySelector(`.${name}`);
  const airline = choiceOf("airline", departure.airline);
  const destination = choiceOf("destination", departure.destination);
  const origin = withOrigins ? choiceOf("origin", departure.origin).tile : "";
  const date = dates.get(day) ?? "";
  const remark = text(`live.risk_${risk}`);
  const unknown = departure.unknown.filter((name) => REMARKED.includes(name)).map((name) => text(`board.new_${name}`));
  if (departure.neverFlown) unknown.push(text(`board.new_${departure.neverFlown}`));
  const company = airline.title === airline.tile ? "" : airline.title;
  const link = part("to").querySelector("a");
  const outcome = delay === null ? "" : formatDelay(Math.round(delay));
  const label = text("board.row", {
    destination: destination.title,
    when: [date, time].filter(Boolean).join(" "),
    flight: [airline.title, number].filter(Boolean).join(" "),
    percent: formatProbability(probability, edges),
    remark: [text(`risk.${risk}`), ...unknown, outcome].filter(Boolean).join(", "),
  });
  row.dataset.risk = risk;
  part("time").textContent = time;
  part("date").textContent = date;
  part("from").textContent = origin;
  part("to").querySelector(".tile").textContent = destination.tile;
  link.textContent = destination.title;
  link.href = addressOf("flight", {
    origin: formHasOrigin ? departure.origin : "",
    destination: departure.destination,
    airline: departure.airline,
    departure: `${day}T${time}`,
  });
  link.ariaLabel = label.trim();
  link.ariaCurrent = departure === opened ? "true" : null;
  part("leaving").textContent = origin;
  part("flight-number").textContent = [airline.tile, number].filter(Boolean).join(" ");
  part("airline").textContent = [company, ...unknown].filter(Boolean).join(", ");
  part("bar").style.setProperty("--to", `${probability * 100}%`);
  part("share").textContent = formatShare(probability, edges);
  part("level").textContent = remark;
  part("outcome").textContent = outcome;
  part("outcome").classList.toggle("late", delay !== null && delay > minutes);
}
