// A flight: the question in the address and the form, and its answer.

import { readAddress, writeAddress } from "./address.js";
import { createAnswer } from "./answer.js";
import { predict, Problem } from "./api.js";
import { spoken } from "./chance.js";
import { alternatives, language, number, text } from "./messages.js";
import { createQuestion } from "./question.js";

/** Long enough to let someone type a time, short enough to feel immediate. */
const PAUSE_MS = 60;

/**
 * @param fetchKnown promises { airlines, destinations, model }
 * @param shown whether this view is the one that is shown
 */
export function createFlight(fetchKnown, shown) {
  let known = false;
  let pause = 0;
  let asking = new AbortController();
  let title = text("page.title");

  const status = document.getElementById("list-status");
  const question = createQuestion({ status, changed, submitted });
  const answer = createAnswer({ retry: () => (known ? ask() : load()) });

  async function load() {
    answer.load();
    try {
      const found = await fetchKnown();
      question.know(found);
      answer.know(found.model);
      lead(found.model);
      known = true;
    } catch (error) {
      answer.fail(error);
      return;
    }
    reopen();
  }

  /** Take up the question that the address holds. */
  function reopen() {
    if (!known || !shown()) return;
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
    const { date, time, ...codes } = asked;
    const { signal } = (asking = new AbortController());
    answer.ask();
    try {
      const flight = { ...codes, scheduled_departure: `${date}T${time}:00` };
      const prediction = await predict(flight, language, signal);
      question.accept();
      const names = Object.fromEntries(Object.keys(codes).map((name) => [name, question.tile(name)]));
      answer.show(prediction, asked, names);
      entitle(text("page.answer_title", { ...names, percent: spoken(prediction.delay_probability) }));
    } catch (error) {
      if (signal.aborted) return;
      answer.fail(error, error instanceof Problem && question.refuse(error.fields));
    }
  }

  function entitle(now) {
    title = now;
    if (shown()) document.title = title;
  }

  load();
  return { show: reopen, title: () => title };
}

function lead({ origins, threshold_minutes: minutes, training }) {
  const from = origins.map((origin) => `${origin.city ?? origin.name} (${origin.iata ?? origin.code})`);
  const values = { origins: alternatives(from), minutes, flights: number(training.flights) };
  document.getElementById("lead").textContent = text("page.lead", values);
}

/** The question in the address; a part that is not there is "". */
function fromAddress({ origin = "", destination = "", airline = "", departure = "" }) {
  const [date, time = ""] = departure.split("T");
  return { origin, destination, airline, date, time };
}

/** The date and the time stand there only beside a code: an empty question leaves the address clean. */
function toAddress({ date, time, ...codes }) {
  const departure = Object.values(codes).some(Boolean) && date && time ? `${date}T${time}` : "";
  return { ...codes, departure };
}
