// Wires the page: texts, what the model knows, the question in the address and the form, the answer.

import { readAddress, writeAddress } from "./address.js";
import { createAnswer } from "./answer.js";
import { fetchKnown, predict, Problem } from "./api.js";
import { spoken } from "./chance.js";
import { fillTexts, language, loadMessages, text } from "./messages.js";
import { showModel } from "./model.js";
import { createQuestion } from "./question.js";

/** Long enough to let someone type a time, short enough to feel immediate. */
const PAUSE_MS = 60;

async function start() {
  const knowledge = fetchKnown();
  knowledge.catch(() => {}); // load() tells it, once there are texts to tell it with
  try {
    await loadMessages();
  } catch {
    document.getElementById("boot-failure").hidden = false;
    return;
  }
  fillTexts(document);
  document.getElementById("boot").remove();
  document.getElementById("page").hidden = false;
  run(knowledge);
}

function run(knowledge) {
  let known = false;
  let pause = 0;
  let asking = new AbortController();

  const status = document.getElementById("list-status");
  const question = createQuestion({ status, changed, submitted });
  const answer = createAnswer({ retry: () => (known ? ask() : load(fetchKnown())) });

  async function load(coming) {
    answer.load();
    try {
      const found = await coming;
      question.know(found);
      answer.know(found.model);
      showModel(found);
      known = true;
    } catch (error) {
      answer.fail(error);
      return;
    }
    reopen();
  }

  /** Take up the question that the address holds. */
  function reopen() {
    question.write(readAddress());
    ask();
  }

  function changed() {
    writeAddress(question.read());
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
      document.title = text("page.title");
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
      document.title = text("page.answer_title", { ...names, percent: spoken(prediction.delay_probability) });
    } catch (error) {
      if (signal.aborted) return;
      answer.fail(error, error instanceof Problem && question.refuse(error.fields));
    }
  }

  addEventListener("popstate", () => known && reopen());
  load(knowledge);
}

start();
