// The lower half of the board: the chance in large flaps, the usual one beside it, remarks, and a strip of 100 flights.

import { PATIENCE_SECONDS, Problem, TooSlow, Unreachable } from "./api.js";
import { digits, inHundred, spoken } from "./probability.js";
import { item, span } from "./elements.js";
import { showLadder } from "./exceedance.js";
import { day, dayOfAnyYear, number, percent, plural, text } from "./messages.js";
import { showReasons } from "./reasons.js";

/** Waits shorter than this are not worth a word. */
const UNNOTICED_MS = 150;

const part = (id) => document.getElementById(id);

/** @param retry called when the reader wants to try again */
export function createAnswer({ retry }) {
  const root = part("answer");
  let model = null;
  let slow = 0;

  part("retry").addEventListener("click", retry);
  part("copy").addEventListener("click", copyAddress);
  part("copy").hidden = !navigator.clipboard; // only over HTTPS, or on this machine

  function become(state, busy = false) {
    clearTimeout(slow);
    root.dataset.state = state;
    root.setAttribute("aria-busy", String(busy));
    root.classList.remove("slow");
    part("failure").hidden = state !== "failed";
    part("copied").textContent = "";
  }

  function say(remark, frequency, comparison = "", notes = []) {
    part("remark").textContent = remark;
    part("frequency").textContent = frequency;
    part("comparison").textContent = comparison;
    part("notes").replaceChildren(...notes.map(item));
  }

  function blank() {
    flap(part("probability"), null);
    if (model) drawStrip(model.training.base_rate, null);
  }

  return {
    /** Before anything is known. */
    load() {
      become("loading", true);
      say(text("answer.loading"), "");
      flap(part("probability"), null);
      flap(part("base-rate"), null);
    },

    /** What every answer is seen against. */
    know(known) {
      model = known;
      root.classList.add("known");
      const usual = model.training.base_rate;
      flap(part("base-rate"), usual);
      part("base-rate-label").textContent = text("answer.base_rate", { percent: spoken(usual) });
      part("decision-threshold-label").textContent = text("answer.decision_threshold", { percent: percent(model.cut, 1) });
      part("scale-low").textContent = percent(0);
      part("scale-high").textContent = percent(1);
      part("strip").style.setProperty("--usual", position(usual));
      part("strip").style.setProperty("--cut", position(model.cut));
    },

    /** No question yet. */
    wait() {
      become("waiting");
      blank();
      const count = inHundred(model.training.base_rate);
      const minutes = model.threshold_minutes;
      say(
        text("answer.waiting"),
        text("answer.waiting_detail"),
        plural("answer.usual_frequency", count, { minutes }),
      );
      part("announcement").textContent = "";
    },

    /** A question is under way; the last answer stays until the next one comes, faded if that takes long. */
    ask() {
      become(root.dataset.state === "answered" ? "answered" : "asking", true);
      slow = setTimeout(() => {
        root.classList.add("slow");
        part("remark").textContent = text("answer.asking");
        part("announcement").textContent = text("answer.asking");
      }, UNNOTICED_MS);
    },

    /** Bring the answer into view, where the form fills the screen. */
    reveal() {
      root.scrollIntoView({ block: "nearest" });
    },

    /** @param names how the question's airline and airports are called, by field */
    show(prediction, question, names) {
      become("answered");
      const chance = prediction.delay_probability;
      const usual = model.training.base_rate;
      const count = inHundred(chance);
      const frequency = plural("answer.frequency", count, { minutes: model.threshold_minutes });
      const comparison = compared(count - inHundred(usual));
      const remark = prediction.delayed ? text("answer.delayed") : text("answer.on_time");
      const notes = remarks(prediction, question, names, model.training);
      root.classList.toggle("delayed", prediction.delayed);
      root.classList.toggle("likelier", count > inHundred(usual));
      flap(part("probability"), chance, model.cut);
      drawStrip(usual, chance);
      showLadder(prediction, model);
      showReasons(prediction);
      part("reliability").textContent = cameTrue(model.card.alone.bins, chance);
      say(remark, frequency, comparison, notes);
      const said = { remark, percent: spoken(chance, model.cut), frequency, comparison, notes: notes.join(" ") };
      part("announcement").textContent = text("answer.announcement", said);
    },

    /** @param atField whether a field already says what is wrong */
    fail(error, atField = false) {
      become("failed");
      blank();
      say("", "");
      const { title, remedy, again } = told(error, atField);
      part("failure-title").textContent = title;
      part("failure-remedy").textContent = remedy;
      part("retry").hidden = !again;
      part("announcement").textContent = "";
    },
  };
}

/** The address reproduces the answer. */
async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    part("copied").textContent = text("answer.copied");
  } catch {
    part("copied").textContent = text("answer.not_copied");
  }
}

/** What went wrong, what to do, and whether trying again may help. */
function told(error, atField) {
  if (error instanceof Unreachable) {
    return failure(text("failure.unreachable"), text("failure.unreachable_remedy"));
  }
  if (error instanceof TooSlow) {
    return failure(text("failure.slow"), text("failure.slow_remedy", { seconds: PATIENCE_SECONDS }));
  }
  if (error instanceof Problem && error.status === 503) {
    return failure(text("failure.busy"), text("failure.busy_remedy", { detail: error.message }));
  }
  if (error instanceof Problem && error.status >= 400 && error.status < 500) {
    const remedy = atField ? text("failure.field_remedy") : text("failure.refused_remedy", { detail: error.message });
    return failure(text("failure.refused"), remedy, false);
  }
  return failure(text("failure.broken"), text("failure.broken_remedy", { detail: error.message }));
}

function failure(title, remedy, again = true) {
  return { title, remedy, again };
}

function remarks(prediction, question, names, training) {
  const unseen = {
    airline: text("answer.unknown_airline", { code: names.airline }),
    destination: text("answer.unknown_destination", { code: names.destination }),
    origin: text("answer.unknown_origin", { code: names.origin }),
    season: text("answer.unknown_season", { day: dayOfAnyYear(question.date) }),
    date:
      question.date > training.last
        ? text("answer.far_after", { last: day(training.last) })
        : text("answer.far_before", { first: day(training.first) }),
  };
  const notes = prediction.unknown.map((name) => unseen[name]).filter(Boolean);
  if (prediction.horizon === "schedule") notes.push(text("answer.schedule"));
  return notes;
}

/** How many of the measured flights that were told about as much left late. */
function cameTrue(bins, chance) {
  const bin = bins.find(({ most }) => chance <= most) ?? bins.at(-1);
  return text("answer.reliability", {
    flights: number(bin.flights),
    least: percent(bin.least, 1),
    most: percent(bin.most, 1),
    rate: percent(bin.rate, 1),
    interval:
      bin.low === null
        ? text("delays.few_days")
        : text("answer.interval", { low: percent(bin.low, 1), high: percent(bin.high, 1) }),
  });
}

function compared(difference) {
  if (difference > 0) return plural("answer.more", difference);
  if (difference < 0) return plural("answer.fewer", -difference);
  return text("answer.as_usual");
}

function position(chance) {
  return `${inHundred(chance)}%`;
}

/** Turn the flaps of a <data> element to a chance, a decimal on one flap with its point; null: to blanks. */
function flap(element, chance, cut) {
  const shown = chance === null ? "" : digits(chance, cut);
  const characters = shown.padStart(2).match(/[.,]\d|./g);
  element.value = chance === null ? "" : String(chance);
  if (element.querySelectorAll(".flap").length !== characters.length) {
    element.replaceChildren(span("visually-hidden"), ...characters.map(() => span("flap")));
    for (const tile of element.querySelectorAll(".flap")) tile.setAttribute("aria-hidden", "true");
  }
  element.firstChild.textContent = chance === null ? "" : spoken(chance, cut);
  element.querySelectorAll(".flap").forEach((tile, index) => {
    tile.classList.toggle("tenth", characters[index].length > 1);
    turn(tile, characters[index].trim());
  });
}

function turn(tile, character) {
  if (tile.textContent === character) return;
  tile.textContent = character;
  tile.classList.remove("turning");
  void tile.offsetWidth; // restarts the animation
  tile.classList.add("turning");
}

/** Of 100 ticks: lit up to the smaller of the two, then coloured by which way the answer differs. */
function drawStrip(usual, chance) {
  const strip = part("strip");
  const answer = chance ?? usual;
  strip.style.setProperty("--low", position(Math.min(usual, answer)));
  strip.style.setProperty("--high", position(Math.max(usual, answer)));
  strip.classList.toggle("more", chance !== null && answer > usual);
  strip.classList.toggle("fewer", chance !== null && answer < usual);
}
