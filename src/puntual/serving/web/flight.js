// A flight: the question in the address and the form, and its answer.

import { addressOf, flightKey, readAddress, writeAddress } from "./address.js";
import { hideAlternatives, showAlternatives } from "./alternatives.js";
import { createAnswer } from "./answer.js";
import { predict, Problem } from "./api.js";
import { nameAndCode, nameOf } from "./choices.js";
import { byId, isPlainClick } from "./elements.js";
import { language, listOr, number, percent, plural, shortDay, text } from "./messages.js";
import { askPatiently } from "./patience.js";
import { formatProbability } from "./probability.js";
import { createFlightNumber } from "./number.js";
import { createQuestion, fromAddress, toAddress, toFlight } from "./question.js";
import { createRecent } from "./recent.js";
import { edgesOf } from "./risk.js";
import { hideRouteAirlines, showRouteAirlines } from "./route_airlines.js";

/** Long enough to let someone type a time, short enough to feel immediate. */
const DEBOUNCE_MS = 60;

/**
 * @param fetchCatalogue promises { airlines, destinations, model }
 * @param isShown whether this view is the one that is shown
 */
export function createFlight(fetchCatalogue, isShown) {
  let model = null;
  let routes = null;
  let timer = 0;
  let pending = new AbortController();
  let catalogue = null;
  let title = text("page.title");
  /** Whether the question in the address is one that was begun since the last one was asked. */
  let isEditing = false;

  const question = createQuestion({ status: byId("list-status"), changed, submitted });
  const flightNumber = createFlightNumber({ question, found: () => changed("number") });
  const recent = createRecent(question.namesOf);
  const answer = createAnswer({ retry: () => (model ? ask() : load()) });

  async function load() {
    answer.showLoading();
    try {
      catalogue = await fetchCatalogue();
      learn();
    } catch (error) {
      answer.showFailure(error);
      return;
    }
    reopen();
  }

  function learn() {
    ({ model, routes } = catalogue);
    question.setCatalogue(catalogue);
    answer.setModel(model);
    flightNumber.setModel(model, catalogue.airlines);
    renderLead(model);
    recent.render();
  }

  /** Take up the question that the address holds. */
  function reopen() {
    if (!model || !isShown()) return;
    isEditing = false;
    question.write(fromAddress(readAddress()));
    ask();
  }

  /** Say all of it in another language; what is typed stays. */
  function translate() {
    if (!model) return load();
    const typed = question.readTyped();
    const isAddressed = addressOf("flight", toAddress(question.read())) === location.search;
    learn();
    byId("list-status").textContent = "";
    question.write(isAddressed ? typed : fromAddress(readAddress()));
    ask();
  }

  function changed(name) {
    flightNumber.follow(name);
    writeAddress("flight", toAddress(question.read()), !isEditing);
    isEditing = true;
    clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE_MS);
  }

  function submitted() {
    clearTimeout(timer);
    isEditing = false;
    const values = question.read();
    if (!question.isComplete(values)) return question.markMissing(values);
    answer.reveal();
    ask();
  }

  async function ask() {
    pending.abort();
    const values = question.read();
    if (!question.isComplete(values)) {
      setTitle(text("page.title"));
      return answer.showWaiting();
    }
    const { signal } = (pending = new AbortController());
    answer.showPending();
    try {
      const waiting = (seconds) => (byId("remark").textContent = seconds ? plural("board.queued", seconds) : text("answer.asking"));
      const prediction = await askPatiently(() => predict(toFlight(values), language, signal), signal, waiting);
      question.clearErrors();
      const codes = question.codes();
      answer.show(prediction, values, codes, [...remarkNeverFlown(values), ...remarkWeakness(values)]);
      offerDay(prediction, values);
      recent.add(values);
      const shown = formatProbability(prediction.delay_probability, edgesOf(model));
      const names = question.namesOf(values);
      setTitle(text("page.answer_title", { ...names, percent: shown, day: shortDay(values.date), time: values.time }));
    } catch (error) {
      if (signal.aborted) return;
      answer.showFailure(error, error instanceof Problem && question.markErrors(error.fields));
      return;
    }
    const nameOfAirline = (airline) => question.namesOf({ airline }).airline;
    showRouteAirlines(values, routes.onRoute(values), nameOfAirline, signal).catch(hideRouteAirlines);
    flightNumber.show(values);
    showAlternatives(values, model.training.base_rate, signal).catch(hideAlternatives); // the answer stands without them
  }

  /** That the airline did not fly the route, or nobody did, while the model learned. */
  function remarkNeverFlown(values) {
    const never = routes.neverFlown(values);
    if (!never) return [];
    const names = question.namesOf({ origin: model.origins[0].code, ...values });
    return [text(`answer.never_flown_${never}`, { origin: nameOf(model.origins[0]), ...names })];
  }

  /** That the model was wrong about the airline's test flights, where its interval shows it. */
  function remarkWeakness({ airline }) {
    const isIt = ({ dimension, value, weakness }) => dimension === "airline" && value === airline && weakness !== "no_better";
    const slice = model.weak_slices.find(isIt);
    if (!slice) return [];
    const [expected, rate, low, high] = [slice.expected, slice.rate, slice.low, slice.high].map((share) => percent(share));
    const values = { name: question.namesOf({ airline }).airline, flights: number(slice.flights), expected, rate };
    return [text(`answer.weak_${slice.weakness}`, { ...values, interval: text("answer.interval", { low, high }) })];
  }

  /** That the rest of the day is not counted, and where it can be. */
  function offerDay({ horizon }, { date: day, number: _, ...flight }) {
    byId("alone").hidden = horizon !== "schedule"; // else it is counted as far as it is known
    byId("add-day").href = addressOf("board", { of: "schedule", open: flightKey({ ...flight, day }) });
  }

  function setTitle(now) {
    title = now;
    if (isShown()) document.title = title;
  }

  for (const id of ["alternatives", "recent", "route-airlines"]) byId(id).addEventListener("click", follow);
  load();
  return { show: reopen, translate, title: () => title };

  function follow(event) {
    const link = event.target.closest("a");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    reopen();
  }
}

function renderLead({ origins, threshold_minutes: minutes, training }) {
  const values = { origins: listOr(origins.map(nameAndCode)), minutes, flights: number(training.flights) };
  byId("lead").textContent = text("page.lead", values);
}
