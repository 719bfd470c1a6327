// The lower half of the board: the probability in large flaps, next to the usual one, remarks, and a strip of 100 flights.

import { Problem, TIMEOUT_SECONDS } from "./api.js";
import { DAY_MS, MINUTE_MS, wallClock } from "./dates.js";
import { byId, graphic, item, span } from "./elements.js";
import { renderExceedance } from "./exceedance.js";
import { describeFailure } from "./failures.js";
import { day, dayAndMonth, number, percent, plural, text, textOr } from "./messages.js";
import { formatDigits, formatProbability, inHundred } from "./probability.js";
import { renderReasons } from "./reasons.js";
import { edgesOf } from "./risk.js";
import { describeMoment, formatDuration } from "./times.js";

/** Shorter waits are not announced. */
const UNNOTICED_MS = 150;
const ONE_YEAR_DAYS = 400;
/** Smaller reasons are not told by themselves. */
const NOTABLE_POINTS = 0.005;

/** @param retry called when the reader wants to try again */
export function createAnswer({ retry }) {
  const root = byId("answer");
  let model = null;
  let slow = 0;

  byId("retry").addEventListener("click", retry);
  byId("copy").addEventListener("click", copyAddress);
  byId("copy").hidden = !navigator.clipboard; // only over HTTPS, or on this machine

  function setState(state, busy = false) {
    clearTimeout(slow);
    root.dataset.state = state;
    root.ariaBusy = String(busy);
    root.classList.remove("slow");
    byId("failure").hidden = state !== "failed";
    byId("copied").textContent = "";
  }

  function setRemarks(remark, frequency, comparison = "", notes = [], announcement = "") {
    byId("remark").textContent = remark;
    byId("frequency").textContent = frequency;
    byId("comparison").textContent = comparison;
    byId("latest").textContent = "";
    byId("notes").replaceChildren(...notes.map((note) => item(note)));
    byId("announcement").textContent = announcement;
  }

  function clear() {
    renderFlaps(byId("probability"), null);
    if (model) renderStrip(model.training.base_rate, null);
  }

  return {
    /** Before the model is known. */
    showLoading() {
      setState("loading", true);
      setRemarks(text("answer.loading"), "");
      renderFlaps(byId("probability"), null);
      renderFlaps(byId("base-rate"), null);
    },

    /** The model whose base rate and threshold every answer is compared with. */
    setModel(fetched) {
      model = fetched;
      root.classList.add("has-model");
      const baseRate = model.training.base_rate;
      renderFlaps(byId("base-rate"), baseRate);
      byId("base-rate-label").textContent = text("answer.base_rate", { percent: formatProbability(baseRate) });
      byId("decision-threshold-label").textContent = text("answer.raised_from", { percent: percent(edgesOf(model)[0], 1) });
      byId("scale-low").textContent = percent(0);
      byId("scale-high").textContent = percent(1);
      setLengths(byId("strip"), { "--usual": baseRate, "--threshold": edgesOf(model)[0] });
    },

    /** No question yet. */
    showWaiting() {
      setState("waiting");
      clear();
      const values = { minutes: model.threshold_minutes };
      const usual = plural("answer.usual_frequency", inHundred(model.training.base_rate), values);
      setRemarks(text("answer.waiting"), text("answer.waiting_detail"), usual);
    },

    /** A question is under way; the last answer stays until the next one comes, faded if that takes long. */
    showPending() {
      setState(root.dataset.state === "answered" ? "answered" : "asking", true);
      slow = setTimeout(() => {
        root.classList.add("slow");
        byId("remark").textContent = text("answer.asking");
        byId("announcement").textContent = text("answer.asking");
      }, UNNOTICED_MS);
    },

    /** Bring the answer into view, where the form fills the screen. */
    reveal() {
      root.scrollIntoView({ block: "nearest" });
    },

    /**
     * @param codes of the question's airline and airports as people know them, by field
     * @param remarks that come before the answer's own notes
     */
    show(prediction, question, codes, remarks = []) {
      setState("answered");
      const probability = prediction.delay_probability;
      const baseRate = model.training.base_rate;
      const count = inHundred(probability);
      const frequency = plural("answer.frequency", count, { minutes: model.threshold_minutes });
      const comparison = compareCounts(count - inHundred(baseRate));
      const remark = text(`risk.${prediction.risk}`);
      const notes = [...remarks, ...notesOf(prediction, question, codes, model)];
      root.dataset.risk = prediction.risk;
      renderFlaps(byId("probability"), probability, edgesOf(model));
      renderStrip(baseRate, probability);
      renderExceedance(prediction, model);
      renderReasons(prediction);
      byId("reliability").textContent = describeReliability(model.card.alone.bins, probability);
      const shown = formatProbability(probability, edgesOf(model));
      const values = { remark, percent: shown, frequency, comparison, notes: notes.join(" ") };
      setRemarks(remark, frequency, comparison, notes, text("answer.announcement", values));
      byId("latest").textContent = describeLatest(prediction.delay_minutes, question);
    },

    /** @param atField whether a field already says what is wrong */
    showFailure(error, atField = false) {
      setState("failed");
      clear();
      setRemarks("", "");
      const { title, remedy, retryable } = failureOf(error, atField);
      byId("failure-title").textContent = title;
      byId("failure-remedy").textContent = remedy;
      byId("retry").hidden = !retryable;
    },
  };
}

/** The address reproduces the answer. */
async function copyAddress() {
  try {
    await navigator.clipboard.writeText(location.href);
    byId("copied").textContent = text("answer.copied");
  } catch {
    byId("copied").textContent = text("answer.not_copied");
  }
}

function failureOf(error, atField) {
  const detail = error.message;
  if (error instanceof Problem && error.status >= 400 && error.status < 500) {
    const remedy = atField ? text("failure.field_remedy") : text("failure.refused_remedy", { detail });
    return { title: text("failure.refused"), remedy, retryable: false };
  }
  return describeFailure(error, {
    unreachable: text("failure.unreachable_remedy"),
    slow: text("failure.slow_remedy", { seconds: TIMEOUT_SECONDS }),
    busy: text("failure.busy_remedy", { detail }),
  });
}

function notesOf(prediction, question, codes, { training, origins, risk_levels: levels }) {
  const isAfter = question.date > training.last;
  const unknown = {
    season: text("answer.unknown_season", { day: dayAndMonth(question.date) }),
    date: isAfter
      ? text("answer.far_after", { last: day(training.last) })
      : text("answer.far_before", { first: day(training.first) }),
  };
  const describe = (name) => unknown[name] ?? textOr(`answer.unknown_${name}`, "", { code: codes[name] });
  const notes = [describeRisk(prediction.risk, levels), ...prediction.unknown.map(describe)].filter(Boolean);
  const isKnownTime = !prediction.unknown.some((name) => name in unknown);
  if (isKnownTime && isOfOneYear(training) && prediction.reasons.some(isNotableSeason)) {
    notes.push(text("answer.one_year", { first: day(training.first), last: day(training.last) }));
  }
  if (prediction.horizon === "schedule") notes.push(text("answer.schedule"));
  if (prediction.horizon === "operations") notes.push(describeKnowledge(prediction, question, origins));
  return notes;
}

/** Whether no time of the year was seen twice, or hardly any. */
const isOfOneYear = ({ first, last }) => Date.parse(last) - Date.parse(first) < ONE_YEAR_DAYS * DAY_MS;

const isNotableSeason = ({ group, points }) => group === "season" && Math.abs(points) >= NOTABLE_POINTS;

/** How often a risk that is more than low came true, and how many of the late flights had it. */
function describeRisk(risk, levels) {
  const level = levels.find((one) => one.risk === risk);
  if (!level || level.precision === null) return "";
  const [from, precision, recall] = [level.cut, level.precision, level.recall].map((share) => percent(share, 1));
  return text(`answer.risk_${risk}`, { from, precision, recall });
}

/** What was known when, and how long before the departure that was. */
function describeKnowledge({ as_of: asOf, lead_minutes: lead }, { origin, date }, origins) {
  const airport = origins.find(({ code }) => code === origin) ?? origins[0];
  const moment = describeMoment(wallClock(asOf, airport.timezone), date);
  const kind = lead >= 1 ? "before" : lead <= -1 ? "after" : "at";
  return text(`answer.known_${kind}`, { moment, lead: formatDuration(Math.abs(lead)) });
}

/** The time after which one flight in ten leaves. */
function describeLatest({ bound_90: minutes }, { date, time }) {
  const scheduled = Date.parse(`${date}T${time}Z`);
  const latest = scheduled + Math.round(minutes) * MINUTE_MS;
  const isNextDay = Math.floor(latest / DAY_MS) > Math.floor(scheduled / DAY_MS);
  return text(isNextDay ? "answer.latest_next_day" : "answer.latest", { time: wallClock(new Date(latest).toISOString()).time });
}

/** How many of the measured flights with about the same probability left late. */
function describeReliability(bins, probability) {
  const bin = bins.find(({ most }) => probability <= most) ?? bins.at(-1);
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

function compareCounts(difference) {
  if (difference > 0) return plural("answer.more", difference);
  if (difference < 0) return plural("answer.fewer", -difference);
  return text("answer.as_usual");
}

function setLengths(strip, probabilities) {
  for (const [name, probability] of Object.entries(probabilities)) {
    strip.style.setProperty(name, `${inHundred(probability)}%`);
  }
}

/** Turn the flaps of a <data> element to a probability, a decimal on one flap with its point; null: to blanks. */
function renderFlaps(data, probability, edges) {
  const shown = probability === null ? "" : formatDigits(probability, edges);
  const characters = shown.padStart(2).match(/[.,]\d|./g);
  data.value = probability === null ? "" : String(probability);
  if (data.querySelectorAll(".flap").length !== characters.length) {
    data.replaceChildren(span("visually-hidden"), ...characters.map(() => graphic("flap")));
  }
  data.firstChild.textContent = probability === null ? "" : formatProbability(probability, edges);
  data.querySelectorAll(".flap").forEach((flap, index) => {
    flap.classList.toggle("tenth", characters[index].length > 1);
    turn(flap, characters[index].trim());
  });
}

function turn(flap, character) {
  if (flap.textContent === character) return;
  flap.textContent = character;
  flap.classList.remove("turning");
  void flap.offsetWidth; // restarts the animation
  flap.classList.add("turning");
}

/** Of 100 ticks: lit up to the smaller of the two, then coloured by which way the answer differs. */
function renderStrip(baseRate, probability) {
  const strip = byId("strip");
  const answer = probability ?? baseRate;
  setLengths(strip, { "--low": Math.min(baseRate, answer), "--high": Math.max(baseRate, answer) });
  strip.classList.toggle("more", probability !== null && answer > baseRate);
  strip.classList.toggle("fewer", probability !== null && answer < baseRate);
}
