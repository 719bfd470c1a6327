// The flight of a row of the live board, open beside it: as it is known now, with its reasons while it has not left.

import { addressOf } from "../address.js";
import { predict } from "../api.js";
import { describeError } from "../board/errors.js";
import { renderFlaps } from "../board/flaps.js";
import { byId } from "../elements.js";
import { describeDelay } from "../exceedance.js";
import { day, language, plural, text } from "../messages.js";
import { askPatiently } from "../patience.js";
import { formatDigits } from "../probability.js";
import { renderReasons } from "../reasons.js";
import { edgesOf } from "../risk.js";
import { formatDelay } from "../times.js";
import { isOpen } from "./day.js";

/**
 * @param catalogue { model }
 * @param closed called when the reader closes it
 */
export function createOpened({ model }, { closed }) {
  const root = byId("live-opened");
  const edges = edgesOf(model);
  let shown = null;
  let pending = new AbortController();

  byId("live-opened-close").addEventListener("click", closed);
  byId("live-opened-retry").addEventListener("click", () => show(...shown));

  /**
   * @param flight of the day
   * @param names { choiceOf, origin }: how its codes are shown, and where it leaves from
   */
  async function show(flight, { choiceOf, origin }) {
    shown = [flight, { choiceOf, origin }];
    pending.abort();
    const { signal } = (pending = new AbortController());
    const airline = choiceOf("airline", flight.airline);
    const company = airline.title === airline.tile ? "" : airline.title;
    const destination = choiceOf("destination", flight.destination).title;
    const isKnown = !isOpen(flight) || flight.probability === null;
    root.hidden = false;
    byId("live-opened-title").textContent = text("board.opened_title", { destination, day: day(flight.day), time: flight.time });
    const number = [airline.tile, flight.number].filter(Boolean).join(" ");
    byId("live-opened-flight").textContent = [number, company, flight.aircraft].filter(Boolean).join(" · ");
    byId("live-opened-state").textContent = describeState(flight);
    byId("live-opened-page").href = addressOf("flight", {
      origin: model.origins.length > 1 ? origin : "",
      destination: flight.destination,
      airline: flight.airline,
      departure: `${flight.day}T${flight.time}`,
    });
    for (const part of ["failure", "why"]) byId(`live-opened-${part}`).hidden = true;
    byId("live-opened-answer").hidden = isKnown;
    root.ariaBusy = String(!isKnown);
    if (isKnown) return;
    showChance(flight.probability, flight.risk);
    try {
      const asked = { airline: flight.airline, origin, destination: flight.destination, scheduled_departure: `${flight.day}T${flight.time}:00` };
      if (flight.number) asked.flight_number = flight.number;
      const waiting = (seconds) => {
        byId("live-opened-state").textContent = seconds ? plural("board.queued", seconds) : describeState(flight);
      };
      showAnswer(await askPatiently(() => predict(asked, language, signal), signal, waiting));
    } catch (error) {
      if (signal.aborted) return;
      const { title, remedy } = describeError(error);
      byId("live-opened-failure").hidden = false;
      byId("live-opened-failure-words").textContent = `${title}. ${remedy}`;
    }
    root.ariaBusy = "false";
  }

  function showChance(probability, risk) {
    root.dataset.risk = risk;
    renderFlaps(byId("live-opened-chance"), formatDigits(probability, edges));
    byId("live-opened-risk").textContent = text(`risk.${risk}`);
  }

  function showAnswer(prediction) {
    showChance(prediction.delay_probability, prediction.risk);
    byId("live-opened-delay").textContent = describeDelay(prediction.delay_minutes);
    renderReasons(prediction, byId("live-opened-reasons"));
    byId("live-opened-why").hidden = false;
  }

  return {
    show,
    focus() {
      byId("live-opened-title").focus({ preventScroll: true });
      root.scrollIntoView({ block: "nearest" });
    },
    hide() {
      pending.abort();
      root.hidden = true;
    },
  };
}

/** What is known of a flight: its status, when it left or is expected to, how late that is. */
function describeState({ status, expectedAt, delay }) {
  const when = expectedAt && status !== "departed" ? text("live.estimated_at", { time: expectedAt.time }) : expectedAt?.time;
  return [text(`live.status_${status}`), when, status === "cancelled" ? "" : formatDelay(delay)].filter(Boolean).join(", ");
}
