// A flight: the question in the address and the form, and its answer.

import { readAddress, writeAddress } from "./address.js";
import { createAnswer } from "./answer.js";
import { hideAround, showAround } from "./alternatives.js";
import { predict, Problem } from "./api.js";
import { spoken } from "./probability.js";
import { nameOf } from "./choices.js";
import { alternatives, language, number, text } from "./messages.js";
import { createQuestion, fromAddress, toAddress, toFlight } from "./question.js";

/** Long enough to let someone type a time, short enough to feel immediate. */
const PAUSE_MS = 60;

/**
 * @param fetchKnown promises { airlines, destinations, model }
 * @param shown whether this view is the one that is shown
 */
export function createFlight(fetchKnown, shown) {
  let model = null;
  let pause = 0;
  let asking = new AbortController();
  let title = text("page.title");

  const status = document.getElementById("list-status");
  const question = createQuestion({ status, changed, submitted });
  const answer = createAnswer({ retry: () => (model ? ask() : load()) });

  async function load() {
    answer.load();
    try {
      const found = await fetchKnown();
      question.know(found);
      answer.know(found.model);
      lead(found.model);
      model = found.model;
    } catch (error) {
      answer.fail(error);
      return;
    }
    reopen();
  }

  /** Take up the question that the address holds. */
  function reopen() {
    if (!model || !shown()) return;
    question.write(fromAddress(readAddress()));
    ask();
  }

  function changed() {
    writeAddress("flight", toAddress(question.read()));
    clearTimeout(pause);
    pause = setTimeout(ask, PAUSE_MS);
  }

  function submitted() {
    clearTimeout(pause);
    const asked = question.read();
    if (!question.complete(asked)) return question.demand(asked);
    answer.reveal();
    ask();
  }

  async function ask() {
    asking.abort();
    const asked = question.read();
    if (!question.complete(asked)) {
      entitle(text("page.title"));
      return answer.wait();
    }
    const { signal } = (asking = new AbortController());
    answer.ask();
    try {
      const prediction = await predict(toFlight(asked), language, signal);
      question.accept();
      const names = question.tiles();
      answer.show(prediction, asked, names);
      entitle(text("page.answer_title", { ...names, percent: spoken(prediction.delay_probability, model.cut) }));
    } catch (error) {
      if (signal.aborted) return;
      answer.fail(error, error instanceof Problem && question.refuse(error.fields));
      return;
    }
    showAround(asked, model.training.base_rate, signal).catch(hideAround); // the answer stands without it
  }

  function entitle(now) {
    title = now;
    if (shown()) document.title = title;
  }

  document.getElementById("alternatives").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    reopen();
  });
  load();
  return { show: reopen, title: () => title };
}

function lead({ origins, threshold_minutes: minutes, training }) {
  const from = origins.map((origin) => `${nameOf(origin)} (${origin.iata ?? origin.code})`);
  const values = { origins: alternatives(from), minutes, flights: number(training.flights) };
  document.getElementById("lead").textContent = text("page.lead", values);
}
