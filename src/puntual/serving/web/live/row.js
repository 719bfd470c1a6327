// A row of the live board: a flight as it is known now.

import { addressOf } from "../address.js";
import { fillTexts, shortDay, text, textOr } from "../messages.js";
import { formatProbability, formatShare } from "../probability.js";
import { formatDelay } from "../times.js";
import { isOpen } from "./day.js";

const PARTS = [
  ...["time", "tile", "flight-number", "airline", "aircraft", "status", "estimate", "minutes"],
  ...["bar", "share", "risk", "cancel", "percent"],
];
/** Of each element, its parts: a row is filled often. */
const partsOf = new WeakMap();

/** The parts that show what has changed. */
const CHANGED = { status: ["status"], estimate: ["estimate", "minutes"], chance: ["chance"] };

/** @param options { choiceOf, formHasOrigin, origin, edges, opened } */
export function fillFlight(row, flight, { choiceOf, formHasOrigin, origin, edges, opened }) {
  if (!partsOf.has(row)) {
    fillTexts(row);
    const found = PARTS.map((name) => [name, row.querySelector(`.${name}`)]);
    partsOf.set(row, { ...Object.fromEntries(found), link: row.querySelector("a") });
  }
  const parts = partsOf.get(row);
  const airline = choiceOf("airline", flight.airline);
  const destination = choiceOf("destination", flight.destination);
  const open = isOpen(flight) && flight.probability !== null;
  const company = airline.title === airline.tile ? "" : airline.title;
  const code = [airline.tile, flight.number].filter(Boolean).join(" ");
  const shown = {
    time: flight.time,
    tile: destination.tile,
    "flight-number": code,
    airline: company,
    aircraft: flight.aircraft,
    status: text(`live.status_${flight.status}`),
    estimate: formatMoment(flight),
    minutes: flight.status === "cancelled" ? "" : formatDelay(flight.delay),
    share: open ? formatShare(flight.probability, edges) : "",
    risk: open ? textOr(`live.risk_${flight.risk}`, "") : "",
    percent: isOpen(flight) && flight.cancellation !== null ? formatProbability(flight.cancellation) : "",
  };
  for (const [name, value] of Object.entries(shown)) if (parts[name].textContent !== value) parts[name].textContent = value;
  parts.cancel.hidden = !shown.percent;
  parts.bar.style.setProperty("--to", `${open ? flight.probability * 100 : 0}%`);
  row.dataset.status = flight.status;
  row.dataset.risk = open ? flight.risk : "";
  row.classList.toggle("late", flight.isLate);
  parts.link.ariaCurrent = flight === opened ? "true" : null;
  parts.link.textContent = destination.title;
  parts.link.href = addressOf("flight", {
    origin: formHasOrigin ? origin : "",
    destination: flight.destination,
    airline: flight.airline,
    departure: `${flight.day}T${flight.time}`,
  });
  parts.link.ariaLabel = describe(flight, shown, [company, code].filter(Boolean).join(" "), destination.title, open && edges);
}

function describe(flight, shown, name, destination, edges) {
  const parts = [
    shown.status,
    flight.expectedAt && flight.status !== "departed" ? text("live.estimated_at", { time: shown.estimate }) : shown.estimate,
    shown.minutes,
    edges ? text("live.chance", { percent: formatProbability(flight.probability, edges), risk: shown.risk }) : "",
    shown.percent ? text("live.cancel_chance", { percent: shown.percent }) : "",
  ];
  return text("live.row", { destination, when: flight.time, flight: name, state: parts.filter(Boolean).join(", ") });
}

/** When it left or is expected to leave; the date too, if it is another day. */
function formatMoment({ expectedAt, day }) {
  if (!expectedAt) return "";
  return expectedAt.day === day ? expectedAt.time : `${expectedAt.time} · ${shortDay(expectedAt.day)}`;
}

/** Let the parts of a row that changed stand out for a moment; without motion, for readers who want none. */
export function pointAt(row, change) {
  const easing = matchMedia("(prefers-reduced-motion: reduce)").matches ? "step-end" : "ease-in";
  const names = Object.keys(CHANGED).filter((name) => change[name]).flatMap((name) => CHANGED[name]);
  for (const name of names) {
    const part = row.querySelector(`[role="gridcell"].${name}`);
    part?.animate({ backgroundColor: ["var(--pointed)", "transparent"] }, { duration: 4000, easing });
  }
}
