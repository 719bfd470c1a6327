// The flight of a row, open beside the board: estimated within its day, as its row is, with its reasons.

import { addressOf } from "../address.js";
import { predict, predictAll } from "../api.js";
import { byId } from "../elements.js";
import { describeDelay } from "../exceedance.js";
import { day, language, plural, text } from "../messages.js";
import { formatDigits, formatProbability } from "../probability.js";
import { renderReasons } from "../reasons.js";
import { edgesOf } from "../risk.js";
import { describeError } from "./errors.js";
import { renderFlaps } from "./flaps.js";
import { askPatiently } from "../patience.js";
import { toFlight } from "./requests.js";

/**
 * @param catalogue { model }
 * @param closed called when the reader closes it
 */
export function createOpened(root, { model }, { closed }) {
  const edges = edgesOf(model);
  let shown = null;
  let pending = new AbortController();

  byId("opened-close").addEventListener("click", closed);
  byId("opened-retry").addEventListener("click", () => show(...shown));

  /**
   * @param departure of the board
   * @param departures all of the schedule, as createDepartures has them
   */
  async function show(departure, departures) {
    shown = [departure, departures];
    pending.abort();
    const { signal } = (pending = new AbortController());
    const nameOf = (field) => departures.choiceOf(field, departure[field]);
    const { title: city, tile } = nameOf("origin");
    const origin = `${city} (${tile})`;
    root.hidden = false;
    root.ariaBusy = "true";
    byId("opened-failure").hidden = true;
    byId("opened-title").textContent = text("board.opened_title", {
      destination: nameOf("destination").title,
      day: day(departure.day),
      time: departure.time,
    });
    const airline = nameOf("airline");
    const number = [airline.tile, departure.number].filter(Boolean).join(" ");
    byId("opened-flight").textContent = [number, airline.title === airline.tile ? "" : airline.title].filter(Boolean).join(" · ");
    byId("opened-page").href = addressOf("flight", {
      origin: model.origins.length > 1 ? departure.origin : "",
      destination: departure.destination,
      airline: departure.airline,
      departure: `${departure.day}T${departure.time}`,
    });
    showChance(departure.probability, departure.risk);
    const flights = departures.all.filter((one) => one.day === departure.day);
    const others = flights.filter((one) => one.origin === departure.origin).length - 1;
    byId("opened-day").textContent = others ? plural("board.opened_day", others, { origin }) : text("board.opened_only", { origin });
    byId("opened-alone").textContent = "";
    try {
      const waiting = (seconds) => (byId("opened-alone").textContent = seconds ? plural("board.queued", seconds) : "");
      const [prediction, [alone]] = await askPatiently(() => Promise.all([
        predict(toFlight(departure), language, signal, { timetable: flights.map(toFlight) }),
        predictAll([toFlight(departure)], signal),
      ]), signal, waiting);
      showAnswer(prediction, alone);
    } catch (error) {
      if (signal.aborted) return;
      const { title, remedy } = describeError(error);
      byId("opened-failure").hidden = false;
      byId("opened-failure-words").textContent = `${title}. ${remedy}`;
    }
    root.ariaBusy = "false";
  }

  function showChance(probability, risk) {
    root.dataset.risk = risk;
    renderFlaps(byId("opened-chance"), formatDigits(probability, edges));
    byId("opened-risk").textContent = text(`risk.${risk}`);
  }

  function showAnswer(prediction, alone) {
    showChance(prediction.delay_probability, prediction.risk);
    const percent = formatProbability(alone.delay_probability, edges);
    byId("opened-alone").textContent = text("board.opened_alone", { percent });
    byId("opened-delay").textContent = describeDelay(prediction.delay_minutes);
    renderReasons(prediction, byId("opened-reasons"));
  }

  return {
    show,
    focus() {
      byId("opened-title").focus({ preventScroll: true });
      root.scrollIntoView({ block: "nearest" });
    },
    hide() {
      pending.abort();
      root.hidden = true;
      byId("opened-reasons").replaceChildren();
      byId("opened-delay").textContent = "";
    },
  };
}
