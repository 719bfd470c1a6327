// A flight: the question in the address and the form, and its answer.

import { readAddress, writeAddress } from "./address.js";
import { hideAlternatives, showAlternatives } from "./alternatives.js";
import { createAnswer } from "./answer.js";
import { predict, Problem } from "./api.js";
import { nameAndCode } from "./choices.js";
import { byId, isPlainClick } from "./elements.js";
import { language, listOr, number, text } from "./messages.js";
import { formatProbability } from "./probability.js";
import { createQuestion, fromAddress, toAddress, toFlight } from "./question.js";

/** Long enough to let someone type a time, short enough to feel immediate. */
const DEBOUNCE_MS = 60;

/**
 * @param fetchCatalogue promises { airlines, destinations, model }
 * @param isShown whether this view is the one that is shown
 */
export function createFlight(fetchCatalogue, isShown) {
  let model = null;
  let timer = 0;
  let pending = new AbortController();
  let title = text("page.title");

  const question = createQuestion({ status: byId("list-status"), changed, submitted });
  const answer = createAnswer({ retry: () => (model ? ask() : load()) });

  async function load() {
    answer.showLoading();
    try {
      const catalogue = await fetchCatalogue();
      question.setCatalogue(catalogue);
      answer.setModel(catalogue.model);
      renderLead(catalogue.model);
      model = catalogue.model;
    } catch (error) {
      answer.showFailure(error);
      return;
    }
    reopen();
  }

  /** Take up the question that the address holds. */
  function reopen() {
    if (!model || !isShown()) return;
    question.write(fromAddress(readAddress()));
    ask();
  }

  function changed() {
    writeAddress("flight", toAddress(question.read()));
    clearTimeout(timer);
    timer = setTimeout(ask, DEBOUNCE_MS);
  }

  function submitted() {
    clearTimeout(timer);
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
      const prediction = await predict(toFlight(values), language, signal);
      question.clearErrors();
      const codes = question.codes();
      answer.show(prediction, values, codes);
      setTitle(text("page.answer_title", { ...codes, percent: formatProbability(prediction.delay_probability, model.cut) }));
    } catch (error) {
      if (signal.aborted) return;
      answer.showFailure(error, error instanceof Problem && question.markErrors(error.fields));
      return;
    }
    showAlternatives(values, model.training.base_rate, signal).catch(hideAlternatives); // the answer stands without them
  }

  function setTitle(now) {
    title = now;
    if (isShown()) document.title = title;
  }

  byId("alternatives").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    reopen();
  });
  load();
  return { show: reopen, title: () => title };
}

function renderLead({ origins, threshold_minutes: minutes, training }) {
  const values = { origins: listOr(origins.map(nameAndCode)), minutes, flights: number(training.flights) };
  byId("lead").textContent = text("page.lead", values);
}
